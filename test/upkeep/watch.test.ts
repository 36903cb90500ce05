/** The watcher, minute after minute on a virtual clock. */

import { GetMetricStatisticsCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { expect, test, vi } from 'vitest';
import { commit, takeLock } from '../../src/state/authority.ts';
import { readCourse } from '../../src/state/course.ts';
import { acknowledge, readResolved } from '../../src/state/decisions.ts';
import { readWatch } from '../../src/state/looks.ts';
import { writeRamp } from '../../src/state/ramps.ts';
import { writeRun } from '../../src/state/runs.ts';
import { primary, recovery, third, watchWorld } from './watch-world.ts';

vi.setConfig({ testTimeout: 120_000 });

test('a dark primary is told of, failed over from once, and told as that', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  expect(world.subjects()).toEqual([]);
  world.sandbox.setDark(primary, true);
  await world.watched(180, watcher);
  expect(await world.executions()).toHaveLength(1);
  expect(world.subjects()).toEqual(['dev-photos: primary-region-dark', 'dev-photos: failing over']);
  expect(world.published[1]?.text).toMatch(/primary-balancer: failed \(no answer\)/);
  expect(await world.decision()).toMatchObject({ code: 'fail-over', finding: 'primary-region-dark', epoch: 1 });
  expect(world.problems()).toEqual([]);
});

test('a run that comes to nothing is started anew, and not for ever', async () => {
  const world = await watchWorld({}, {}, { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'No' } } });
  const watcher = await world.watched(60);
  world.sandbox.setDark(primary, true);
  await world.watched(15 * 60, watcher);
  expect((await world.executions()).map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'FAILED']);
  expect(world.subjects()).toEqual(['dev-photos: primary-region-dark', 'dev-photos: failing over']);
});

test('a watcher that starts anew in the dark goes on where the last one was', async () => {
  const world = await watchWorld();
  await world.watched(120);
  world.sandbox.setDark(primary, true);
  await world.watched(20);
  world.never('fail-over');
  await world.watched(120, world.watcher());
  expect(await world.executions()).toHaveLength(1);
  expect(world.problems()).toEqual([]);
  // And another one, that finds it all done.
  await world.watched(120, world.watcher());
  expect(await world.executions()).toHaveLength(1);
  expect(world.published).toHaveLength(2);
});

test('two watchers at a time do and tell everything once', async () => {
  const world = await watchWorld();
  const [one, other] = [world.watcher(), world.watcher()];
  await Promise.all([world.watched(60, one), world.watched(60, other)]);
  world.sandbox.setDark(primary, true);
  await Promise.all([world.watched(120, one), world.watched(120, other)]);
  expect(await world.executions()).toHaveLength(1);
  expect(world.subjects()).toEqual(['dev-photos: primary-region-dark', 'dev-photos: failing over']);
});

test('a recovery Region that is cut off fails nothing over, says so, and says when it is over', async () => {
  const hooks = { prepare: vi.fn(async () => {}), standDown: vi.fn(async () => {}) };
  const world = await watchWorld({}, hooks);
  const watcher = await world.watched(60);
  const mend = await world.partition();
  await world.watched(300, watcher);
  world.never('fail-over');
  world.never('ask');
  expect(await world.executions()).toEqual([]);
  expect(world.subjects()).toEqual(['dev-photos: recovery-blind']);
  expect([hooks.prepare.mock.calls.length, hooks.standDown.mock.calls.length]).toEqual([1, 1]);
  await mend();
  await world.watched(120, watcher);
  expect(world.subjects()).toEqual(['dev-photos: recovery-blind', 'dev-photos: all clear']);
});

test('event sources that a move switched on are seen to once a minute, until they are as declared', async () => {
  const hooks = { ramp: vi.fn(async () => {}) };
  const world = await watchWorld({ functions: { thumbnail: { entry: 'a.ts', queue: 'uploads' } } }, hooks);
  const { store } = world.base;
  const run = { id: 'r', plan: 'failover', version: 1, epoch: 2 } as const;
  await world.during(takeLock(store, run.id, 'primary').then(() => commit(store, run, 'recovery')));
  const watcher = await world.watched(60);
  expect(hooks.ramp).not.toHaveBeenCalled();
  const ramp = { side: 'recovery', epoch: 2, since: 0, open: [] } as const;
  await world.during(writeRamp(store, ramp));
  await world.watched(180, watcher);
  expect(hooks.ramp.mock.calls.length).toBeGreaterThanOrEqual(2);
  expect(hooks.ramp.mock.calls.length).toBeLessThanOrEqual(4);
  await world.during(writeRamp(store, { ...ramp, endedAt: 1 }));
  hooks.ramp.mockClear();
  await world.watched(180, watcher);
  expect(hooks.ramp).not.toHaveBeenCalled();
});

test('without a public name and a zone nobody outside can say: a person is asked', async () => {
  const world = await watchWorld({ traffic: { latch: 'none' } });
  const watcher = await world.watched(60);
  world.sandbox.setDark(primary, true);
  await world.watched(180, watcher);
  world.never('fail-over');
  expect(world.subjects()).toEqual(['dev-photos: primary-unreachable', 'dev-photos: a failover waits for a person']);
});

test('APIs that fail and a state that cannot be read end no round, and nothing is decided without the authority', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  const rounds = world.decisions().length;
  const fault = await world.board.raise({
    kind: 'api-error',
    service: 'dynamodb',
    operation: 'GetItem',
    share: 1,
    code: 'InternalServerError',
  });
  world.sandbox.setDark(primary, true);
  await world.watched(120, watcher);
  expect(world.decisions()).toHaveLength(rounds);
  expect(world.problems().length).toBeGreaterThan(5);
  await world.board.lift(fault.id);
  await world.watched(60, watcher);
  expect(await world.executions()).toHaveLength(1);
});

test('a notice and a start that fail are tried again, each by itself', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  const faults = await Promise.all(
    [{ service: 'sns' }, { service: 'states' }].map((of) =>
      world.board.raise({ kind: 'api-error', ...of, share: 1, code: 'InternalFailure' }),
    ),
  );
  world.sandbox.setDark(primary, true);
  await world.watched(120, watcher);
  expect(world.published).toEqual([]);
  for (const { id } of faults) await world.board.lift(id);
  await world.watched(60, watcher);
  expect(await world.executions()).toHaveLength(1);
  expect(world.subjects()).toEqual(['dev-photos: primary-region-dark', 'dev-photos: failing over']);
});

test.each([
  ['replica-broken', { applying: false }],
  ['replica-behind', { behind: 600 }],
  ['replica-broken', { status: 'storage-full' }],
] as const)('%s is warned of, and a dark primary then waits for a person', async (finding, change) => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  Object.assign(world.here, change);
  await world.watched(300, watcher);
  expect(world.subjects()).toEqual([`dev-photos: ${finding}`]);
  world.sandbox.setDark(primary, true);
  await world.watched(120, watcher);
  world.never('fail-over');
  expect(world.subjects().slice(1)).toEqual([
    'dev-photos: primary-region-dark',
    'dev-photos: a failover waits for a person',
  ]);
});

test('a recovery Region whose APIs fail, or that can not launch, is warned of and not gone over to', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  const fault = await world.board.raise({
    kind: 'api-error',
    service: 'rds',
    region: recovery,
    share: 1,
    code: 'InternalFailure',
  });
  await world.watched(180, watcher);
  expect(world.subjects()).toEqual(['dev-photos: recovery-impaired']);
  world.sandbox.setDark(primary, true);
  await world.watched(120, watcher);
  world.never('fail-over');
  await world.board.lift(fault.id);
  Object.assign(world.here, { desired: 2, launches: 'InsufficientInstanceCapacity' });
  await world.watched(60, watcher);
  world.never('fail-over');
  expect(await world.decision()).toMatchObject({ code: 'warn', finding: 'primary-region-dark' });
  // Each thing that stands in the way is told, with what shows it.
  expect(world.subjects().slice(1)).toEqual([
    'dev-photos: primary-region-dark',
    'dev-photos: nothing is failed over',
    'dev-photos: nothing is failed over',
  ]);
  expect(world.published.at(-1)?.text).toMatch(
    /can't launch[\s\S]*- recovery-capacity: failed \(web: InsufficientInstanceCapacity\)[\s\S]*pilot-light failover/,
  );
  // A few instances are enough to go over with: the rest is launched as there is room.
  world.here.inService = 1;
  await world.watched(60, watcher);
  expect(await world.executions()).toHaveLength(1);
});

test('without an image in the recovery Region nothing is failed over, until somebody has put it back', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  const Name = world.base.names.imageParameter('web');
  const ssm = await world.clientsIn(recovery).ssm();
  await world.during(ssm.send(new DeleteParameterCommand({ Name })));
  world.sandbox.setDark(primary, true);
  await world.watched(150, watcher);
  world.never('fail-over');
  expect(world.subjects()).toEqual(['dev-photos: primary-region-dark', 'dev-photos: nothing is failed over']);
  expect(world.published[1]?.text).toMatch(/- recovery-capacity: failed \(web has no image\)/);
  await world.during(ssm.send(new PutParameterCommand({ Name, Value: 'ami-1', Type: 'String' })));
  await world.watched(30, watcher);
  expect(await world.executions()).toHaveLength(1);
});

test('an application that is down is waited for, asked about once, and silent once a person knows', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  world.here.application = false;
  await world.watched(240, watcher);
  expect(world.subjects()).toEqual([]);
  await world.watched(120, watcher);
  const told = ['dev-photos: primary-application-down', 'dev-photos: a failover waits for a person'];
  expect(world.subjects()).toEqual(told);
  await world.during(
    acknowledge(world.base.store, {
      finding: 'primary-application-down',
      at: world.clock.now(),
      by: 'ann',
      why: 'rolling back',
    }),
  );
  await world.watched(120, watcher);
  expect(await world.decision()).toMatchObject({
    code: 'hold',
    sentence: expect.stringContaining('ann knows: rolling back') as string,
  });
  world.here.application = true;
  await world.watched(60, watcher);
  expect(world.subjects()).toEqual([...told, 'dev-photos: all clear']);
});

test('a database that is down is failed over from, once it had the time to mend itself', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  world.here.database = false;
  await world.watched(150, watcher);
  world.never('fail-over');
  await world.watched(90, watcher);
  expect(await world.executions()).toHaveLength(1);
});

test('a primary that comes back aborts the run the watcher started', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  const { store } = world.base;
  await world.during(takeLock(store, 'r1', 'primary'));
  await world.during(
    writeRun(store, {
      id: 'r1',
      plan: 'failover',
      version: 1,
      epoch: 2,
      execution: 'x',
      status: 'running',
      startedAt: 0,
      facts: {},
      trigger: { by: 'watcher', why: 'dark' },
      active: 'primary',
    }),
  );
  await world.watched(30, watcher);
  const { orders } = await world.during(readCourse(store, 'r1'));
  expect(orders.abort).toMatchObject({ by: 'watcher', why: expect.stringContaining('is back') as string });
});

test('what is calm costs little: a write a minute, however often it is looked', async () => {
  const world = await watchWorld();
  const puts = vi.spyOn(world.sandbox.dispatcher, 'invoke');
  await world.watched(600);
  const written = puts.mock.calls.filter(([{ operation }]) => operation === 'PutItem').length;
  // The memory, the captured capacity and the rate, each once a minute, and the first decisions.
  expect(written).toBeLessThanOrEqual(36);
  const record = await world.during(readWatch(world.base.store));
  expect(JSON.stringify(record).length).toBeLessThan(5000);
});

test('a primary that comes and goes is told of once, and not gone over from', async () => {
  const world = await watchWorld();
  const watcher = await world.watched(60);
  for (let turn = 0; turn < 6; turn++) {
    world.here.application = false;
    await world.watched(30, watcher);
    world.here.application = true;
    await world.watched(30, watcher);
  }
  world.never('fail-over');
  world.never('ask');
  expect(world.subjects()).toEqual(['dev-photos: flapping']);
});

test("a canary's alarm in a third Region is the word from outside where there is no zone", async () => {
  const arn = (name: string) => `arn:aws:cloudwatch:${third}:111122223333:alarm:${name}`;
  const world = await watchWorld({
    traffic: { latch: 'none' },
    watch: { alarms: [arn('canary')], resolvedBy: [arn('canary')] },
  });
  const set = async (state: 'OK' | 'ALARM') => {
    const client = await world.clientsIn(third).cloudWatch();
    await world.during(
      client.send(new SetAlarmStateCommand({ AlarmName: 'canary', StateValue: state, StateReason: 'test' })),
    );
  };
  const client = await world.clientsIn(third).cloudWatch();
  await world.during(
    client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'canary',
        Namespace: 'Canary',
        MetricName: 'Failed',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'ignore',
      }),
    ),
  );
  await set('OK');
  const watcher = await world.watched(60);
  world.sandbox.setDark(primary, true);
  await set('ALARM');
  await world.watched(90, watcher);
  expect(await world.executions()).toHaveLength(1);

  // Once the workload has moved, the alarm that is OK again ends the recovery's clock.
  const { store } = world.base;
  await world.during(takeLock(store, 'r1', 'primary'));
  await world.during(commit(store, { id: 'r1', plan: 'failover', version: 1, epoch: 2 }, 'recovery'));
  await world.watched(60, watcher);
  expect(await world.during(readResolved(store, 2))).toBeUndefined();
  await set('OK');
  await world.watched(60, watcher);
  expect(await world.during(readResolved(store, 2))).toMatchObject({ at: expect.any(Number) as number });
});

test('the primary Region hears each minute that it is watched, as long as it is', async () => {
  const world = await watchWorld();
  const client = await world.clientsIn(primary).cloudWatch();
  const { name, namespace, dimension } = world.base.names.watchMetric;
  const heard = async () => {
    const { Datapoints = [] } = await world.during(
      client.send(
        new GetMetricStatisticsCommand({
          Namespace: namespace,
          MetricName: name,
          Period: 60,
          Statistics: ['Sum'],
          Dimensions: [{ Name: 'Workload', Value: dimension }],
          StartTime: new Date(world.clock.now() - 3_600_000),
          EndTime: new Date(world.clock.now() + 60_000),
        }),
      ),
    );
    return Datapoints.length;
  };
  const watcher = await world.watched(300);
  const before = await heard();
  expect(before).toBeGreaterThanOrEqual(4);
  const mend = await world.partition();
  await world.watched(180, watcher);
  await mend();
  expect(await heard()).toBeLessThanOrEqual(before + 1);
});
