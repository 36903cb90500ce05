/**
 * A watcher in the recovery Region on a virtual clock: DynamoDB, Step Functions, SSM and CloudWatch are the sandbox's own, called through
 * SDK clients and met by its faults; groups, load balancers, databases and what answers over HTTP are stand-ins told by `here`.
 */

import { expect } from 'vitest';
import { baseContext } from '../../src/engines/base.ts';
import type { DatabaseLook } from '../../src/engines/database/requests.ts';
import { seededIds, seededRandom } from '../../src/kernel/ids.ts';
import type { Senses } from '../../src/observe/senses.ts';
import { operation, type ServiceFactory, type ServiceName } from '../../src/sandbox/contract.ts';
import { apiOf } from '../../src/sandbox/protocols/api.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { createMonitoringService } from '../../src/sandbox/services/monitoring/operations.ts';
import { createSsmService } from '../../src/sandbox/services/ssm/service.ts';
import { createStatesService } from '../../src/sandbox/services/states/service.ts';
import { readDecision } from '../../src/state/decisions.ts';
import { nothingKept, watch } from '../../src/upkeep/watch.ts';
import type { Hooks } from '../../src/upkeep/watching/act.ts';
import type { WorkloadConfig } from '../../src/workload/config.ts';
import { arnsOf } from '../../src/workload/names.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { inProcessClients } from '../support/in-process-clients.ts';
import { testSandbox } from '../support/test-sandbox.ts';

// Schemas are read from files, which takes real time: before the virtual clock runs.
const services = [
  'dynamodb',
  'states',
  'ssm',
  'monitoring',
  'autoscaling',
  'elasticloadbalancing',
  'rds',
  'lambda',
  'sns',
] as const;
await Promise.all(services.map(apiOf));

export const primary = 'us-east-1';
export const recovery = 'us-west-2';
export const third = 'eu-west-1';

/** A failover that has yet to take the lock. */
const waiting = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 3600, End: true } } };

export async function watchWorld(change: Partial<WorkloadConfig> = {}, hooks: Hooks = {}, run: object = waiting) {
  const workload = parseWorkload({
    name: 'photos',
    primary: { region: primary },
    recovery: { region: recovery },
    policy: 'automatic',
    compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
    traffic: { zone: 'photos.example', name: 'www.photos.example' },
    ...change,
  });
  /** How things are in the world; a test changes them. */
  const here = {
    application: true,
    database: true,
    /** Seconds since the replica last applied anything; undefined while it keeps up. */
    behind: undefined as number | undefined,
    applying: true,
    status: 'available',
    launches: undefined as string | undefined,
    desired: 0,
    inService: 0,
  };
  const published: { subject: string; text: string }[] = [];
  let goneSince: number | undefined;

  const standIn =
    (name: ServiceName, operations: Record<string, (input: never, region: string) => unknown>): ServiceFactory =>
    () => ({
      name,
      operations: Object.fromEntries(
        Object.entries(operations).map(([called, answer]) => [
          called,
          operation((input, { region }) => answer(input as never, region) as object),
        ]),
      ),
    });
  const group = (region: string) => ({
    AutoScalingGroupName: 'dev-photos-web',
    MinSize: region === primary ? 2 : 0,
    DesiredCapacity: region === primary ? 2 : here.desired,
    MaxSize: 4,
    Instances: Array.from({ length: region === primary ? 2 : here.inService }, () => ({ LifecycleState: 'InService' })),
  });
  const sandbox = testSandbox(
    [
      createDynamoDbService,
      createStatesService,
      createSsmService,
      createMonitoringService,
      standIn('autoscaling', {
        DescribeAutoScalingGroups: (_, region) => ({ AutoScalingGroups: [group(region)] }),
        DescribeScalingActivities: () => ({
          Activities:
            here.launches === undefined
              ? []
              : [{ StatusCode: 'Failed', StatusMessage: here.launches, ActivityId: 'a' }],
        }),
      }),
      standIn('elasticloadbalancing', {
        DescribeLoadBalancers: (_, region) => ({ LoadBalancers: [{ DNSName: `front.${region}.elb` }] }),
      }),
      standIn('events', { PutEvents: () => ({ FailedEntryCount: 0, Entries: [] }) }),
      standIn('rds', {
        DescribeDBInstances: () => ({ DBInstances: [{ DBInstanceStatus: here.status }] }),
      }),
      standIn('sns', {
        Publish: ({ Message, Subject }: { Message: string; Subject: string }) => {
          published.push({ subject: Subject, text: Message });
          return { MessageId: 'm' };
        },
      }),
      standIn('lambda', {
        Invoke: () => ({ StatusCode: 200, Payload: Buffer.from(JSON.stringify(replica())) }),
      }),
    ],
    [primary, recovery, third],
    { checked: false },
  );
  const { board, clock, core } = sandbox;
  const reaches = (from: string, to: string) => core.network.reachable(from, to);

  /** A replica receives a transaction each second, as long as its source lives and is reached. */
  function replica(): DatabaseLook {
    const now = clock.now();
    const sends = here.database && reaches(recovery, primary) && reaches(primary, recovery);
    if (sends) goneSince = undefined;
    else goneSince ??= now;
    const received = Math.floor((goneSince ?? now) / 1000);
    return {
      dialect: 'mariadb',
      version: '10.11-MariaDB',
      readOnly: true,
      executed: '',
      now,
      serviceBeat: undefined,
      heartbeat: { at: 1000 * received - 1000 * (here.behind ?? 0), epoch: 1, beats: received },
      replica: {
        receiving: sends,
        applying: here.applying,
        received: `0-1-${received}`,
        applied: `0-1-${received}`,
        receivedAt: 1000 * received,
        stopped: false,
        drained: true,
        secondsBehind: 0,
        error: here.applying ? undefined : 'Duplicate entry',
        linkError: undefined,
      },
    };
  }

  let doubted: number | undefined;
  const serves = (from: string) => here.application && reaches(from, primary);
  const senses: Senses = {
    async get(url) {
      if (!reaches(recovery, primary)) {
        await new Promise<void>((resolve) => clock.after(3000, resolve));
        return { status: undefined, seen: 'no answer' };
      }
      if (!here.application) return { status: 503, seen: '503' };
      const ready = !url.endsWith('/ready') || here.database;
      return ready ? { status: 200, seen: '200' } : { status: 503, seen: '503' };
    },
    /** Route 53's checkers stand outside, and take a quarter of a minute to agree. */
    async text() {
      if (serves('outside')) doubted = undefined;
      else doubted ??= clock.now();
      return doubted !== undefined && clock.now() - doubted > 15_000 ? 'failed' : 'well';
    },
  };

  const clientsIn = inProcessClients(sandbox, recovery);
  const base = baseContext({ workload, clock, ids: seededIds(seededRandom(2)), clientsFor: clientsIn });
  const said: Record<string, unknown>[] = [];
  const watcher = (kept = nothingKept()) => ({
    base,
    kept,
    senses,
    hooks,
    say: (line: Record<string, unknown>) => said.push(line),
  });

  /** Lets virtual time pass while `work` is under way: what is asked in process takes a few turns. */
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    done.catch(() => {});
    while (!settled) {
      for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(200);
    }
    return done;
  };

  await during(
    (async () => {
      const { CreateTableCommand } = await import('@aws-sdk/client-dynamodb');
      const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
      const { CreateStateMachineCommand } = await import('@aws-sdk/client-sfn');
      await (await clientsIn(recovery).dynamoDb()).send(
        new CreateTableCommand({
          TableName: base.names.table,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['workload', 'item'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
          KeySchema: [
            { AttributeName: 'workload', KeyType: 'HASH' },
            { AttributeName: 'item', KeyType: 'RANGE' },
          ],
        }),
      );
      for (const Name of [base.names.roleParameter, base.names.imageParameter('web')]) {
        await (await clientsIn(recovery).ssm()).send(new PutParameterCommand({ Name, Value: 'x', Type: 'String' }));
      }
      await (await clientsIn(recovery).stepFunctions()).send(
        new CreateStateMachineCommand({
          name: base.names.machine('failover'),
          roleArn: 'arn:aws:iam::111122223333:role/machine',
          definition: JSON.stringify(run),
        }),
      );
    })(),
  );
  await clock.advance(60_000);

  const machine = arnsOf(workload).machine('failover');
  return {
    base,
    board,
    clock,
    here,
    published,
    said,
    sandbox,
    watcher,
    workload,
    /** Watches for so many seconds, minute by minute, as its schedule has it. */
    async watched(seconds: number, one = watcher()) {
      const end = clock.now() + 1000 * seconds;
      while (clock.now() < end) await during(watch(one, Math.min(end, clock.now() + 57_000)));
      return one;
    },
    during,
    clientsIn,
    async executions() {
      const { ListExecutionsCommand } = await import('@aws-sdk/client-sfn');
      const client = await clientsIn(recovery).stepFunctions();
      const { executions = [] } = await during(client.send(new ListExecutionsCommand({ stateMachineArn: machine })));
      return executions;
    },
    decision: () => during(readDecision(base.store)),
    decisions: () => said.flatMap(({ decision }) => (typeof decision === 'string' ? [decision] : [])),
    problems: () => said.flatMap(({ problem }) => (typeof problem === 'string' ? [problem] : [])),
    subjects: () => published.map(({ subject }) => subject),
    async partition() {
      const there = await board.raise({ kind: 'partition', from: primary, to: recovery });
      const back = await board.raise({ kind: 'partition', from: recovery, to: primary });
      return async () => {
        await board.lift(there.id);
        await board.lift(back.id);
      };
    },
    never: (code: string) => expect(said.map(({ decision }) => decision)).not.toContain(code),
  };
}
