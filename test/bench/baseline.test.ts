import { beforeAll, describe, expect, it } from 'vitest';
import { failover } from '../../bench/baseline/failover.ts';
import { settingPath } from '../../bench/baseline/settings.ts';
import type { Clients } from '../../src/aws/clients.ts';
import { VirtualClock } from '../../src/kernel/virtual-clock.ts';

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Record<string, unknown>;
}

/** Both Regions as one list of calls; `statuses` are what the database says in turn, and `primary` never answers. */
function world(statuses: string[]) {
  const clock = new VirtualClock();
  const calls: { at: number; call: string; input: Record<string, unknown> }[] = [];
  const states = [['Pending'], ['InService']];
  const answers: Record<string, (input: Record<string, unknown>) => unknown> = {
    GetParameter: ({ Name }) => ({ Parameter: { Value: String(Name).replace(settingPath('database'), 'the-db') } }),
    DescribeDBInstances: () => ({ DBInstances: [{ DBInstanceStatus: statuses.shift() }] }),
    DescribeImages: () => ({
      Images: [
        { ImageId: 'ami-old', CreationDate: '2026-01-01T00:00:00.000Z' },
        { ImageId: 'ami-new', CreationDate: '2026-02-01T00:00:00.000Z' },
      ],
    }),
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [{ Instances: (states.shift() ?? []).map((LifecycleState) => ({ LifecycleState })) }],
    }),
    PutBucketReplication: () => {
      throw new Error('Service is unable to handle request.');
    },
  };
  const recovery = clientsOf(async (command) => {
    const call = command.constructor.name.replace(/Command$/, '');
    calls.push({ at: clock.now() / 1000, call, input: command.input });
    return answers[call]?.(command.input) ?? {};
  });
  const primary = clientsOf(
    (_, options) =>
      new Promise((_, reject) => {
        const signal = options?.abortSignal;
        if (signal?.aborted === true) reject(new Error('aborted'));
        signal?.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  );
  const run = failover({ clock, primary, recovery, settings: { replication: { Role: 'role', Rules: [] } } });
  return { clock, calls, run };
}

function clientsOf(send: (command: Command, options?: { abortSignal?: AbortSignal }) => Promise<unknown>): Clients {
  return new Proxy({} as Clients, { get: () => async () => ({ send }) });
}

async function toItsEnd<Value>(clock: VirtualClock, run: Promise<Value>): Promise<Value> {
  let over = false;
  const ended = run.finally(() => {
    over = true;
  });
  ended.catch(() => {});
  while (!over) await clock.advance(1000);
  return ended;
}

describe('the baseline', () => {
  // The first run loads the SDK's clients, which takes real time while the virtual clock goes on.
  beforeAll(async () => {
    const { clock, run } = world(['available']);
    await toItsEnd(clock, run);
  });

  it('reads eight parameters, promotes, waits, scales, and turns parameter copying round at the end', async () => {
    const { clock, calls, run } = world(['modifying', 'rebooting', 'available']);
    const { statuses } = await toItsEnd(clock, run);
    const database = calls.filter(({ call }) => !/Parameter|Bucket/.test(call));
    expect(calls.filter(({ call }) => call === 'GetParameter')).toHaveLength(8);
    expect(statuses).toEqual(['modifying', 'rebooting', 'available']);
    expect(database.map(({ call }) => call)).toEqual([
      'PromoteReadReplica',
      'DescribeDBInstances',
      'DescribeDBInstances',
      'DescribeDBInstances',
      'DescribeImages',
      'CreateLaunchTemplateVersion',
      'UpdateAutoScalingGroup',
      'DescribeAutoScalingGroups',
      'DescribeAutoScalingGroups',
      'EnableRule',
    ]);
    expect(database[0]?.input).toEqual({ DBInstanceIdentifier: 'the-db' });
    expect(database[5]?.input).toMatchObject({
      SourceVersion: '$Latest',
      LaunchTemplateData: { ImageId: 'ami-new' },
    });
    expect(database[6]?.input).toMatchObject({ MinSize: 1, DesiredCapacity: 1, MaxSize: 2 });
  });

  it('waits 30 s before each look', async () => {
    const { clock, calls, run } = world(['modifying', 'available']);
    await toItsEnd(clock, run);
    const [promoted] = calls.filter(({ call }) => call === 'PromoteReadReplica');
    const looks = calls.filter(({ call }) => call === 'DescribeDBInstances').map(({ at }) => at - (promoted?.at ?? 0));
    expect(looks[0]).toBeGreaterThanOrEqual(30);
    expect((looks[1] ?? 0) - (looks[0] ?? 0)).toBeGreaterThanOrEqual(30);
  });

  it('is taken in by a status that is available before the promotion has begun', async () => {
    const { clock, calls, run } = world(['available', 'modifying', 'rebooting', 'available']);
    const { statuses } = await toItsEnd(clock, run);
    expect(statuses).toEqual(['available']);
    expect(calls.some(({ call }) => call === 'UpdateAutoScalingGroup')).toBe(true);
  });

  it('goes on after what a dark Region and its control plane refuse, and says so', async () => {
    const { clock, run } = world(['available']);
    const { ignored } = await toItsEnd(clock, run);
    expect(ignored).toEqual([
      'DeleteBucketReplication: no answer within 60 AWS s',
      'PutBucketReplication: Service is unable to handle request.',
    ]);
  });

  it('fails with what it depends on', async () => {
    const clock = new VirtualClock();
    const broken = clientsOf(() => Promise.reject(new Error('DBInstanceNotFound')));
    const run = failover({
      clock,
      primary: broken,
      recovery: broken,
      settings: { replication: { Role: '', Rules: [] } },
    });
    await expect(toItsEnd(clock, run)).rejects.toThrow('DBInstanceNotFound');
  });
});
