/**
 * A deployed workload without processes: the sandbox's own services on a virtual clock, the product's own clients over them, databases in
 * memory, and a service that customers see as it follows latch, load balancer and database. One world lives for one story.
 */

import { clientsFor } from '../../../src/aws/clients.ts';
import type { Base } from '../../../src/engines/base.ts';
import { baseContext } from '../../../src/engines/base.ts';
import { answer } from '../../../src/engines/database/answer.ts';
import type { SqlRequest } from '../../../src/engines/database/requests.ts';
import type { Sight } from '../../../src/engines/traffic/probe.ts';
import { sleep, wallClock } from '../../../src/kernel/clock.ts';
import { messageOf, notYet } from '../../../src/kernel/errors.ts';
import { seededIds, seededRandom } from '../../../src/kernel/ids.ts';
import type { Balancers } from '../../../src/sandbox/balancer/balancer-process.ts';
import type { BalancerConfiguration } from '../../../src/sandbox/balancer/configuration.ts';
import type { FunctionImage, FunctionRunner } from '../../../src/sandbox/functions/function-image.ts';
import { inProcessHandler } from '../../../src/sandbox/gateway/in-process.ts';
import { noMachinery } from '../../../src/sandbox/instances/machinery.ts';
import { apiOf } from '../../../src/sandbox/protocols/api.ts';
import { createAutoScalingService } from '../../../src/sandbox/services/autoscaling/service.ts';
import { createDynamoDbService } from '../../../src/sandbox/services/dynamodb/service.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createElasticLoadBalancingService } from '../../../src/sandbox/services/elasticloadbalancing/service.ts';
import { createEventsService } from '../../../src/sandbox/services/events/operations.ts';
import { createKmsService } from '../../../src/sandbox/services/kms/service.ts';
import { createLambdaService } from '../../../src/sandbox/services/lambda/operations.ts';
import { createMonitoringService } from '../../../src/sandbox/services/monitoring/operations.ts';
import { rdsTables } from '../../../src/sandbox/services/rds/rows.ts';
import { createRdsService } from '../../../src/sandbox/services/rds/service.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createSecretsManagerService } from '../../../src/sandbox/services/secretsmanager/service.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';
import { createStatesService } from '../../../src/sandbox/services/states/service.ts';
import { holdLease } from '../../../src/upkeep/hold-lease.ts';
import { reconcileAndNote } from '../../../src/upkeep/note-sync.ts';
import type { Workload, WorkloadConfig } from '../../../src/workload/config.ts';
import type { Side } from '../../../src/workload/judged.ts';
import { regionOf } from '../../../src/workload/judged.ts';
import { parseWorkload } from '../../../src/workload/parse.ts';
import { fakeSts } from '../../sandbox/functions/fake-sts.ts';
import type { TestSandbox } from '../test-sandbox.ts';
import { testSandbox } from '../test-sandbox.ts';
import type { MemoryDatabase } from './memory-database.ts';
import { MemoryDatabases } from './memory-database.ts';
import { queryOf } from './memory-sql.ts';
import { Processes } from './processes.ts';
import { createDatabase, createReplica, deploySide } from './resources.ts';

const account = '111122223333';
/** Milliseconds an answer may take. */
const patience = 3000;

// Schemas are read from files, which takes real time: before the virtual clock runs.
const services = [
  'autoscaling',
  'dynamodb',
  'ec2',
  'elasticloadbalancing',
  'events',
  'lambda',
  'monitoring',
  'rds',
  's3',
  'secretsmanager',
  'sqs',
  'ssm',
  'states',
] as const;
await Promise.all(services.map(apiOf));

export interface WorldOptions {
  readonly seed?: number;
  readonly config?: Partial<WorkloadConfig>;
  /** What AWS's durations are multiplied by: fewer askings to the same end. @default 1/20 */
  readonly scale?: number;
  /** Milliseconds by which the replica receives, and applies, late. */
  readonly lag?: { readonly receive: number; readonly apply: number };
  /** Called each time the clock has moved. */
  readonly watch?: (world: FailoverWorld) => void;
}

export interface FailoverWorld extends AsyncDisposable {
  readonly sandbox: TestSandbox;
  readonly clock: TestSandbox['clock'];
  readonly workload: Workload;
  readonly base: Base;
  readonly processes: Processes;
  readonly databases: MemoryDatabases;
  /** Calls that changed something, as AWS took them, and what was remembered of a run by its facts' names. */
  readonly took: string[];
  readonly remembered: Map<string, unknown[]>;
  /** What runs a step under Step Functions. */
  controlFunction: (event: unknown) => Promise<unknown>;
  /** The database a side's name leads to. */
  database(side: Side): MemoryDatabase | undefined;
  /** Whether a customer's write would be taken on that side. */
  writable(side: Side): boolean;
  /** The side customers are led to. */
  led(): Promise<Side>;
  /** A customer writes one row through the public name. @returns its GTID, or undefined when it wasn't acknowledged. */
  customerWrites(id: string): Promise<{ side: Side; gtid: string } | undefined>;
  goDark(side: Side): Promise<void>;
  comeBack(side: Side): Promise<void>;
  /** Lets virtual time pass until `work` has settled. @throws when it hasn't within `limit` milliseconds. */
  during<T>(work: Promise<T>, limit?: number): Promise<T>;
  /** Lets so many milliseconds pass. */
  pass(duration: number): Promise<void>;
}

const exampleConfig: WorkloadConfig = {
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  policy: 'automatic',
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080', capacity: { min: 2, desired: 2, max: 4 } } },
  database: { name: 'photos' },
  buckets: ['photos'],
  functions: { thumbnail: { entry: 'thumbnail.ts', queue: 'uploads', schedule: 'rate(1 day)' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
};

export async function failoverWorld(options: WorldOptions = {}): Promise<FailoverWorld> {
  const workload = parseWorkload({ ...exampleConfig, ...options.config });
  const processes = new Processes();
  const seed = options.seed ?? 1;
  const lag = options.lag ?? { receive: 200, apply: 3000 };
  const databases = new MemoryDatabases({
    now: () => sandbox.clock.now(),
    sourceOf: (id) =>
      sandbox.core.regions
        .flatMap((region) => rdsTables(sandbox.core, region).instances.values())
        .find(({ resourceId }) => resourceId === id)?.source?.resourceId,
    reachable: (from, to) => sandbox.core.network.reachable(from, to),
    lag,
  });
  const took: string[] = [];
  const remembered = new Map<string, unknown[]>();
  const told = new Map<string, BalancerConfiguration>();
  const sandbox = testSandbox(
    [
      fakeSts,
      createKmsService,
      createMonitoringService,
      createEventsService,
      createSqsService,
      createSecretsManagerService,
      createSsmService,
      createDynamoDbService,
      createS3Service,
      (core) => createRdsService(core, { databases }),
      (core) => createEc2Service(core, { images: {}, machinery: noMachinery }),
      (core) => createElasticLoadBalancingService(core, { balancers: balancersIn(told) }),
      createAutoScalingService,
      (core) => createLambdaService(core, functions()),
      createStatesService,
    ],
    [workload.primary.region, workload.recovery.region],
    { seed, scale: options.scale ?? 1 / 20, checked: false },
  );
  const { clock, core, dispatcher } = sandbox;
  const regionsDark = new Set<string>();
  let waiting: (() => void)[] = [];

  /** A call into the dark hangs until its caller has given it up. */
  const crossing = async (from: string, to: string, signal?: AbortSignal): Promise<void> => {
    while (from !== to && !(core.network.reachable(from, to) && core.network.reachable(to, from))) {
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
  };
  const behind = inProcessHandler(
    {
      core,
      dispatcher,
      credentials: () => ({
        secretAccessKey: 'secret',
        principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root` },
      }),
      wall: wallClock,
      crossing,
    },
    // All control runs in the recovery Region.
    workload.recovery.region,
  );
  type Request = Parameters<typeof behind.handle>[0];
  const handler = {
    ...behind,
    handle: (request: Request) =>
      processes.call(callOf(request), async () => {
        const given = new AbortController();
        const over = new AbortController();
        const late = sleep(clock, patience, over.signal).then(() => {
          const error = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
          given.abort(error);
          throw error;
        });
        late.catch(() => {});
        try {
          const answered = await Promise.race([behind.handle(request, { abortSignal: given.signal }), late]);
          if (answered.response.statusCode < 300) note(request);
          return answered;
        } finally {
          over.abort();
        }
      }),
  };

  function note(request: Request): void {
    const region = /\/(\w+-\w+-\d)\/[a-z0-9-]+\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const call = callOf(request);
    took.push(`${call} ${region}`);
    if (call !== 'dynamodb.PutItem') return;
    const { Item } = JSON.parse(new TextDecoder().decode(request.body as Uint8Array)) as {
      Item: Record<string, { S: string }>;
    };
    const [, , name] = /^fact#(.*)#([^#]+)$/.exec(Item.item?.S ?? '') ?? [];
    if (name === undefined) return;
    const { value } = JSON.parse(Item.document?.S ?? '{}') as { value: unknown };
    remembered.set(name, [...(remembered.get(name) ?? []), value]);
  }

  function functions(): FunctionRunner {
    const run = async (image: FunctionImage, payload: string): Promise<unknown> => {
      const event: unknown = JSON.parse(payload);
      if (image.name === base.names.controlFunction('sql')) return sqlFunction(image.region, event as SqlRequest);
      if (image.name === base.names.controlFunction('parameters'))
        return processes.apart(() =>
          reconcileAndNote(base, image.region === workload.primary.region ? 'primary' : 'recovery'),
        );
      if (image.name.startsWith(base.names.controlFunction(''))) return world.controlFunction(event);
      return null;
    };
    return {
      async invoke(image, { payload, requestId }) {
        const common = { log: `START RequestId: ${requestId}\nEND RequestId: ${requestId}\n`, duration: 5 };
        try {
          const result = await run(image, payload);
          return { ...common, payload: JSON.stringify(result) ?? 'null', functionError: false };
        } catch (error) {
          const errorType = error instanceof Error ? error.name : 'Error';
          const failure = { errorType, errorMessage: messageOf(error), trace: [] };
          return { ...common, payload: JSON.stringify(failure), functionError: true };
        }
      },
      retire: () => {},
      regionDark: () => {},
      close: async () => {},
    };
  }

  /** As `functions/sql.ts`, with the connection in memory. */
  async function sqlFunction(region: string, request: SqlRequest): Promise<unknown> {
    const side: Side = region === workload.primary.region ? 'primary' : 'recovery';
    const work = async () => {
      const found = world.database(side);
      if (found === undefined) throw notYet(`The database can't be reached: no such name.`);
      const query = queryOf(found, () => rowOf(side)?.open === true);
      try {
        return await answer(
          (statement, values) => processes.call(`sql ${wordsOf(statement)}`, () => query(statement, values)),
          { user: applicationUser, password: 'pass', schema: workload.database.name },
          request,
        );
      } catch (error) {
        if ((error as { fatal?: boolean }).fatal === true)
          throw notYet(`The database can't be reached: ${messageOf(error)}.`, { cause: error });
        throw error;
      }
    };
    const { current } = processes;
    if (current === undefined) return work();
    return processes.ask(current.process, current.step, (asking) => mortally(asking, work));
  }

  const rowOf = (side: Side) =>
    rdsTables(core, regionOf(workload, side))
      .instances.values()
      .find(({ id }) => id === base.names.database);

  const latchMetric = async (): Promise<number | undefined> => {
    const { namespace, name, dimension } = base.names.latchMetric;
    const { MetricDataResults } = await sandbox.call<{ MetricDataResults: { Values: number[] }[] }>(
      'monitoring',
      'GetMetricData',
      {
        StartTime: new Date(clock.now() - 86_400_000),
        EndTime: new Date(clock.now() + 120_000),
        ScanBy: 'TimestampDescending',
        MetricDataQueries: [
          {
            Id: 'm',
            MetricStat: {
              Metric: { Namespace: namespace, MetricName: name, Dimensions: [{ Name: 'Workload', Value: dimension }] },
              Period: 60,
              Stat: 'Maximum',
            },
          },
        ],
      },
      workload.recovery.region,
    );
    return MetricDataResults[0]?.Values[0];
  };

  const balancerHost = async (side: Side): Promise<string> => {
    const { LoadBalancers } = await sandbox.call<{ LoadBalancers: { DNSName: string }[] }>(
      'elasticloadbalancing',
      'DescribeLoadBalancers',
      { Names: [base.names.loadBalancer] },
      regionOf(workload, side),
    );
    return LoadBalancers[0]?.DNSName ?? '';
  };

  const serves = async (side: Side): Promise<boolean> => {
    const region = regionOf(workload, side);
    if (regionsDark.has(region)) return false;
    const { AutoScalingGroups } = await sandbox.call<{
      AutoScalingGroups: { Instances: { LifecycleState: string }[] }[];
    }>('autoscaling', 'DescribeAutoScalingGroups', {}, region);
    const { SecurityGroups } = await sandbox.call<{ SecurityGroups: { IpPermissions: unknown[] }[] }>(
      'ec2',
      'DescribeSecurityGroups',
      { Filters: [{ Name: 'group-name', Values: [base.names.securityGroups.balancer] }] },
      region,
    );
    return (
      (SecurityGroups[0]?.IpPermissions.length ?? 0) > 0 &&
      AutoScalingGroups.some(({ Instances }) => Instances.some(({ LifecycleState }) => LifecycleState === 'InService'))
    );
  };

  /** A customer's request: those that write, and the ready path, take a database that is written. */
  const ask = (url: string, method: string) =>
    processes.call(`customer ${method}`, async () => {
      const { hostname, pathname } = new URL(url);
      const [address] = await sight.addresses(hostname);
      const found = (['primary', 'recovery'] as const).find((side) => address === addressOf(side));
      const nothing = { status: undefined, seen: 'no answer' };
      if (found === undefined || regionsDark.has(regionOf(workload, found))) return nothing;
      if (!(await serves(found))) return { status: 503, seen: '503' };
      const writes = method !== 'GET';
      if ((writes || pathname === readyPath) && !world.writable(found)) return { status: 503, seen: '503' };
      return writes ? { status: 201, seen: '201' } : { status: 200, seen: '200' };
    });
  const sight: Sight = {
    get: (url) => ask(url, 'GET'),
    visit: async (url, { method = 'GET' }) => ({ ...(await ask(url, method)), text: '' }),
    async addresses(name) {
      if (name === workload.traffic.name) return [addressOf(await world.led())];
      for (const side of ['primary', 'recovery'] as const)
        if (name === (await balancerHost(side))) return [addressOf(side)];
      return [];
    },
  };
  const readyPath = Object.values(workload.compute).find(({ serves: what }) => what === 'all')?.readyPath;

  const base = baseContext({
    workload,
    clock: processes.mortal(clock),
    ids: seededIds(seededRandom(seed + 1000)),
    clientsFor: (region) =>
      clientsFor(region, {
        endpoint: 'http://127.0.0.1:4566',
        credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
        attempts: 1,
        requestHandler: handler as never,
      }),
    sight,
  });

  /** Lets everything run that doesn't wait for the clock. */
  const settle = async (): Promise<void> => {
    let seen = -1;
    for (let quiet = 0; quiet < (processes.underWay > 0 ? 40 : 6); quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (seen !== processes.turns) quiet = 0;
      seen = processes.turns;
    }
  };

  const world: FailoverWorld = {
    sandbox,
    clock,
    workload,
    base,
    processes,
    databases,
    took,
    remembered,
    controlFunction: () => Promise.reject(new Error('no state machine runs in this world')),
    database(side) {
      databases.catchUp();
      const row = rowOf(side);
      return row === undefined ? undefined : databases.all.get(row.resourceId);
    },
    writable(side) {
      const found = world.database(side);
      if (found === undefined || regionsDark.has(regionOf(workload, side))) return false;
      const mayWrite = found.data.users[applicationUser]?.locked === false && found.admits;
      return found.running && !found.readOnly && rowOf(side)?.open === true && mayWrite;
    },
    async led() {
      return (await latchMetric()) === 1 ? 'recovery' : 'primary';
    },
    async customerWrites(id) {
      const side = await world.led();
      if (!(await serves(side)) || !world.writable(side)) return undefined;
      const found = world.database(side);
      return found === undefined ? undefined : { side, gtid: found.write({ kind: 'row', id }) };
    },
    async goDark(side) {
      const region = regionOf(workload, side);
      databases.catchUp();
      regionsDark.add(region);
      sandbox.setDark(region, true);
      for (const one of databases.all.values()) if (one.identity.region === region) one.end();
      for (const service of dispatcher.services) await service.regionDark?.(region);
    },
    async comeBack(side) {
      const region = regionOf(workload, side);
      regionsDark.delete(region);
      sandbox.setDark(region, false);
      for (const wake of waiting.splice(0)) wake();
      for (const service of dispatcher.services) await service.regionBack?.(region);
    },
    async during(work, limit = 12 * 3_600_000) {
      const deadline = clock.now() + limit;
      let settled = false;
      const done = work.finally(() => {
        settled = true;
      });
      // Awaited below, once time has run.
      done.catch(() => {});
      for (;;) {
        await settle();
        if (settled) return done;
        const { next } = clock;
        if (next === undefined) throw new Error('Everybody waits, and no timer is set.');
        if (next > deadline) throw new Error(`Not settled after ${limit} ms.`);
        await clock.advance(Math.max(0, next - clock.now()));
        options.watch?.(world);
      }
    },
    async pass(duration) {
      const until = clock.now() + duration;
      for (;;) {
        await settle();
        const { next } = clock;
        if (next === undefined || next > until) break;
        await clock.advance(Math.max(0, next - clock.now()));
        options.watch?.(world);
      }
      await clock.advance(until - clock.now());
      await settle();
    },
    async [Symbol.asyncDispose]() {
      waiting = [];
      for (const service of [...dispatcher.services].reverse()) await service.close?.();
    },
  };

  const leased = workload.witness !== undefined;
  const deployment = {
    workload,
    names: base.names,
    call: <Output>(service: string, operation: string, input: object, region: string) =>
      sandbox.call<Output>(service, operation, input, region),
  };
  await world.during(
    (async () => {
      await sandbox.call('dynamodb', 'CreateTable', tableOf(base.names.table), workload.recovery.region);
      await Promise.all((['primary', 'recovery'] as const).map((side) => deploySide(deployment, side)));
      await createDatabase(deployment);
    })(),
  );
  await world.pass(60_000);
  await world.during(base.on('primary').sql.ask({ ask: 'install', epoch: 1, leased }));
  world.database('primary')?.connect(applicationUser);
  world.database('primary')?.connect(applicationUser);
  await createReplica(deployment);
  if (leased) processes.apart(() => guards(world));
  await world.pass(300_000);
  return world;
}

/** Each side's guard, once in a while; the dark one's asks nobody. */
function guards({ base, clock, sandbox, workload }: FailoverWorld): void {
  const round = async (side: Side): Promise<void> => {
    if (!sandbox.core.network.reachable(regionOf(workload, side), workload.recovery.region)) return;
    const { store } = base;
    const guard = { side, seconds: workload.fence.leaseSeconds, everySeconds: 5, store, clock, say: () => {} };
    await holdLease({ ...guard, sql: base.on(side).sql }, clock.now());
  };
  const tick = (): void => {
    for (const side of ['primary', 'recovery'] as const) round(side).catch(() => {});
    clock.after(5000, tick);
  };
  tick();
}

const applicationUser = 'application';

/** Runs what a function does until it is killed: Lambda then says that the runtime has exited. */
export const mortally = <T>({ killed }: { readonly killed: Promise<void> }, work: () => Promise<T>): Promise<T> =>
  Promise.race([
    work(),
    killed.then(() => {
      throw Object.assign(new Error('RequestId: 1 Error: Runtime exited with error: signal: killed'), {
        name: 'Runtime.ExitError',
      });
    }),
  ]);

const addressOf = (side: Side): string => (side === 'primary' ? '198.51.100.1' : '198.51.100.2');

const tableOf = (TableName: string) => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['workload', 'item'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: [
    { AttributeName: 'workload', KeyType: 'HASH' },
    { AttributeName: 'item', KeyType: 'RANGE' },
  ],
});

/** Finds every admitted target healthy. */
const balancersIn = (told: Map<string, BalancerConfiguration>): Balancers => ({
  configure: async (region, configuration) => {
    told.set(region, configuration);
    const arns = configuration.balancers.flatMap(({ listeners }) => listeners.map(({ arn }) => arn));
    return { ports: Object.fromEntries(arns.map((arn, index) => [arn, 10_000 + index])) };
  },
  health: async (region) =>
    (told.get(region)?.targetGroups ?? []).flatMap(({ arn, targets }) =>
      targets.map(({ id, port, admitted }) => ({
        targetGroup: arn,
        id,
        port,
        state: admitted ? ('healthy' as const) : ('unhealthy' as const),
      })),
    ),
  onLost: () => {},
  close: () => {},
});

/** `rds.PromoteReadReplica`, from a request as it goes out. */
function callOf(request: {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}): string {
  const service = /\/([a-z0-9-]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? 'unknown';
  const target = request.headers['x-amz-target']?.split('.').at(-1);
  const action = typeof request.body === 'string' ? /(?:^|&)Action=(\w+)/.exec(request.body)?.[1] : undefined;
  return `${service}.${target ?? action ?? `${request.method} ${request.path.split('/').slice(0, 3).join('/')}`}`;
}

const wordsOf = (statement: string): string => statement.split(/\s+/).slice(0, 3).join(' ');
