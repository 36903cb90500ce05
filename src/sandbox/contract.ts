/**
 * What every part of the sandbox is built against: places, calls, operations, services, tables, machines and the network.
 *
 * Invariants, cited by the parts:
 *  1. A service is reached in one way: an operation of AWS's own API, through `SandboxCore.invoke`. The wire, IAM, CloudFormation,
 *     Auto Scaling and event delivery all take that door, so there is one code path to be right.
 *  2. Models hold plain JSON in tables and change it only through `put`, `update` and `delete`: what is acknowledged can be kept.
 *  3. What a Region does by itself (timers, deliveries, reconcilers) runs on that Region's clock, which stands still while it is dark.
 *  4. Machines (processes) belong to a Region and die with it.
 */

import type { Socket } from 'node:net';
import type { Timing } from '../facts/timing.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids, Random } from '../kernel/ids.ts';
import type { FaultActors, StandingFaults } from './faults/board.ts';

/** Where something stands: a Region's name, or outside of all of them. */
export type Place = string;
export const outside: Place = 'outside';

export type ServiceName =
  | 'sts'
  | 'iam'
  | 'acm'
  | 'globalaccelerator'
  | 'cloudformation'
  | 'ec2'
  | 'autoscaling'
  | 'elasticloadbalancing'
  | 'rds'
  | 's3'
  | 'sqs'
  | 'lambda'
  | 'states'
  | 'events'
  | 'scheduler'
  | 'ssm'
  | 'dynamodb'
  | 'route53'
  | 'monitoring'
  | 'logs'
  | 'sns'
  | 'kms'
  | 'secretsmanager';

/** Who calls. An `internal` principal is AWS itself (`autoscaling.amazonaws.com`): IAM doesn't judge it. */
export type Principal =
  | { readonly kind: 'root'; readonly account: string; readonly arn: string }
  | { readonly kind: 'user'; readonly account: string; readonly arn: string; readonly userName: string }
  | {
      readonly kind: 'role';
      readonly account: string;
      /** The assumed-role session: arn:aws:sts::<account>:assumed-role/<role>/<session>. */
      readonly arn: string;
      readonly roleName: string;
      readonly sessionName: string;
    }
  | { readonly kind: 'internal'; readonly account: string; readonly arn: string; readonly service: string };

/** What the network knows of a call's sender. */
export interface Origin {
  /** Its private address when the call came through a VPC endpoint, else the public one. */
  readonly address: string;
  /** `policy` is the endpoint's own, as JSON text. */
  readonly endpoint?: { readonly id: string; readonly vpcId: string; readonly policy: string };
}

/** One call as a service sees it. `region` is the Region addressed; `from` is where the caller stands. */
export interface Call {
  readonly account: string;
  readonly region: string;
  readonly from: Place;
  readonly principal: Principal;
  readonly requestId: string;
  /** Absent for calls that didn't come over the network. */
  readonly origin?: Origin;
  /** The services that passed the call on in the principal's name, the first one first: `cloudformation`, `ssm`. */
  readonly calledVia?: readonly string[];
}

/** One question to IAM: may this principal do `action` on `resource`? `context` are condition keys beside the global ones. */
export interface Ask {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Operation<Input, Output> {
  handle(input: Input, call: Call): Output | Promise<Output>;
  /** What IAM is asked before `handle`. Without it: `<prefix>:<Operation>` on `*`. */
  authorize?(input: Input, call: Call): readonly Ask[];
}

// biome-ignore lint/suspicious/noExplicitAny: operations of many shapes stand in one table; each is typed where it is written.
export type AnyOperation = Operation<any, any>;

export interface Service {
  /** The SigV4 signing name. */
  readonly name: ServiceName;
  /** The prefix of its IAM actions; the signing name unless it differs (`monitoring` asks for `cloudwatch:`). */
  readonly iamPrefix?: string;
  readonly operations: Readonly<Record<string, AnyOperation>>;
  /** The resource policy (JSON text) attached to an ARN of this service, if any: bucket, queue, key, function, topic. */
  resourcePolicy?(arn: string, call: Call): string | undefined;
  /** What the service does about faults it carries out itself, beyond looking up those that stand. */
  readonly faults?: FaultActors;
  /** Called after every process of the Region was killed, and after it came back. */
  regionDark?(region: string): void | Promise<void>;
  regionBack?(region: string): void | Promise<void>;
  /**
   * Called once when a sandbox starts on tables kept from an earlier life, before anybody can call: what rows say is under way is taken
   * up again, as after an outage of every Region at once. A service that is started on empty tables isn't asked.
   */
  resume?(): void | Promise<void>;
  /**
   * Called in place of `resume` when kept tables are only looked at: what a person looks by is there again (names, servers), and nothing
   * that was under way goes on.
   */
  look?(): void | Promise<void>;
  /** Releases what the service holds outside tables and machines (sockets, intervals). */
  close?(): void | Promise<void>;
}

/** Inference helper: types an operation's input and output where it is written. */
export function operation<Input, Output>(
  handle: Operation<Input, Output>['handle'],
  authorize?: Operation<Input, Output>['authorize'],
): Operation<Input, Output> {
  return authorize === undefined ? { handle } : { handle, authorize };
}

/** An error as AWS answers it. `fields` are extra members of the modelled exception. Status 400 unless the model says otherwise. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { status?: number; fields?: Record<string, unknown> } = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status;
    this.fields = options.fields ?? {};
  }
}

/** The code of an AWS error, whether raised in process (`AwsError`) or by an SDK client. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof AwsError ? error.code : error instanceof Error ? error.name : undefined;

/** A keyed collection of plain JSON values: one per service, Region and name. Values are not to be changed in place. */
export interface Table<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  put(key: string, value: T): T;
  /** Replaces the value by what `change` answers; does nothing and answers undefined when the key is absent. */
  update(key: string, change: (value: T) => T): T | undefined;
  delete(key: string): boolean;
  values(): T[];
  entries(): [string, T][];
  /** All keys in the order of `compare`; put in order anew only after a key has come or gone. */
  sortedKeys(compare: (left: string, right: string) => number): readonly string[];
  readonly size: number;
}

/** The scope of tables that belong to no Region (IAM, Route 53, the names of buckets). */
export const globalScope = 'global';

export interface RegionRuntime {
  readonly name: string;
  readonly dark: boolean;
  /** AWS time for what this Region does by itself: while the Region is dark its timers don't fire; overdue ones fire on return, in order. */
  readonly clock: Clock;
  readonly machines: RegionMachines;
}

/** One process of a Region. */
export interface Machine {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process is gone, however it ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly alive: boolean;
  kill(signal?: NodeJS.Signals): void;
  /** The file that holds the process's stdout and stderr. */
  readonly log: string;
}

export interface MachineSpec {
  /** Unique among the Region's live machines: `db-photos`, `i-0abc`, `fn-thumbnail-1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The 127/8 address its connections count as coming from: they say nothing themselves (see `Network.sourceOf`). */
  readonly address?: string;
}

/** A Node program inside a Region: on AWS time, resolving names through the sandbox's DNS, calling from an address of its own. */
export interface NodeMachineSpec {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The 127/8 address outgoing connections come from. */
  readonly address?: string;
  /** The address a server that names none listens on; `address` unless said. */
  readonly listenAddress?: string;
  /** A program and its arguments that Node is started by, as what follows them. */
  readonly within?: readonly string[];
}

export interface RegionMachines {
  spawn(spec: MachineSpec): Promise<Machine>;
  spawnNode(spec: NodeMachineSpec): Promise<Machine>;
  list(): readonly Machine[];
}

/** A TCP address somewhere behind the relay. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a connection goes on to. */
export interface Onward extends Endpoint {
  /** The 127/8 address it goes on with; the client's own unless said. */
  readonly from?: string;
}

export interface Exposure {
  readonly address: string;
  /** The port asked for, as AWS's users know it (80, 3306). */
  readonly port: number;
  /** The port really bound: see `Network.boundPort`. */
  readonly boundPort: number;
  /** Points the exposure at another target; established connections stay where they are. */
  retarget(to: Endpoint | undefined): void;
  /** Ends established connections, as a quiesce or a failover of the target would. */
  dropConnections(): void;
  close(): Promise<void>;
}

export interface Network {
  /** An unused 127/8 address that belongs to a place. */
  allocate(place: Place): string;
  release(address: string): void;
  /** The place an address belongs to; outside for all others. */
  placeOf(address: string): Place;
  /**
   * Where an accepted connection comes from: its own address, or where that is the loopback's, which says nothing, the address of the
   * machine whose process opened it.
   */
  sourceOf(socket: Socket): string;
  /** Ports under 1024 are bound at port + 8000, so that no privilege is needed; the preload and the DNS-aware clients translate. */
  boundPort(port: number): number;
  /**
   * Relays TCP arriving at `address:port` in `place` to `to`, with the link's delay, and silently (connections hang, nothing is
   * refused) while the place is dark or partitioned from the caller. `from` fixes the caller's place where its address can't tell.
   * `admit` is the network's own judgement (security groups, routes): a caller it doesn't admit hangs, as on AWS. Where `to` is asked
   * for each connection, it is when that is opened.
   */
  expose(options: {
    place: Place;
    address: string;
    port: number;
    /** Where connections go; a function decides when one is opened, and `ledTo` remembers. */
    to: Endpoint | undefined | ((sourceAddress: string) => Onward | undefined);
    from?: Place;
    admit?: (sourceAddress: string) => boolean;
  }): Promise<Exposure>;
  /** Whether a packet sent now would arrive. */
  reachable(from: Place, to: Place): boolean;
  /** One-way delay of the link, in milliseconds of AWS time. */
  delay(from: Place, to: Place): number;
  /** Adds a name to the sandbox's DNS. The answer is asked for on every query; undefined is NXDOMAIN, an empty list is NODATA. */
  name(name: string, answer: (query: DnsQuestion) => DnsAnswer | undefined): void;
  /** Answers for every name under a suffix that `name` doesn't know (Route 53's hosted zones). */
  zone(suffix: string, answer: (query: DnsQuestion) => DnsAnswer | undefined): void;
  unname(name: string): void;
  /** Resolves as a program at `from` would, without caching. */
  resolve(name: string, type: DnsQuestion['type'], from: Place): DnsAnswer | undefined;
  /** host:port of the DNS server. */
  readonly dns: Endpoint;
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'NS' | 'SOA';
  readonly from: Place;
}

export interface DnsAnswer {
  /** Seconds of AWS time. */
  readonly ttl: number;
  /** Addresses, names or texts, by the question's type. */
  readonly values: readonly string[];
}

/** The sandbox's clock: AWS time, and the governor that slows it while real work is behind. */
export interface SandboxClock extends Clock {
  /** AWS seconds per real second right now: the ceiling, or less while the governor holds it. */
  readonly speed: number;
  readonly ceiling: number;
  setCeiling(speed: number): void;
  /**
   * Real work with a modelled duration: runs `work` at once and settles no earlier than `milliseconds` of AWS time from now. When the
   * work takes longer than that, AWS time stands still until it is done: the model absorbs the machine.
   */
  absorb<T>(milliseconds: number, work: () => Promise<T>): Promise<T>;
  /** Holds AWS time while real work with no modelled duration (a cold start) runs. */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

/** A call made in process. */
export interface InternalRequest {
  readonly service: ServiceName;
  readonly operation: string;
  readonly region: string;
  readonly input: unknown;
  readonly principal: Principal;
  /** Where the caller stands; the addressed Region unless said. */
  readonly from?: Place;
  /** As in `Call`. A service that takes the door again for its caller hands both on. */
  readonly origin?: Origin;
  readonly calledVia?: readonly string[];
  /** The id its caller is told; a new one unless said. */
  readonly requestId?: string;
  /** Whether a service of this process asks, and no client waits for the answer to be kept. */
  readonly inside?: true;
  /** Told of the output before what the call changed is kept: what this writes down is kept together with it, or not at all. */
  readonly onOutput?: (output: unknown) => void;
}

/** For a service that takes the door again to finish a call: the same caller, from the same place, over the same way. */
export const sameCaller = (call: Call): Pick<InternalRequest, 'principal' | 'from' | 'origin' | 'calledVia'> => ({
  principal: call.principal,
  from: call.from,
  ...(call.origin === undefined ? {} : { origin: call.origin }),
  ...(call.calledVia === undefined ? {} : { calledVia: call.calledVia }),
});

/** For a service that asks another in its caller's name, as RDS asks for the key it was told to use. */
export const inNameOf = (call: Call, service: string): Pick<InternalRequest, 'principal' | 'calledVia'> => ({
  principal: call.principal,
  calledVia: [...(call.calledVia ?? []), service],
});

export interface SandboxCore {
  readonly account: string;
  readonly clock: SandboxClock;
  readonly ids: Ids;
  readonly random: Random;
  readonly timing: Timing;
  /** The folder of what is kept as long as the sandbox is: data, objects, code, disks, logs. */
  readonly directory: string;
  /** The folder of what lives only as long as this process: sockets, pid files, the clock's. Its path is short. */
  readonly scratch: string;
  readonly regions: readonly string[];
  readonly network: Network;
  /** What is being made to go wrong, for whoever it concerns to look up. */
  readonly faults: StandingFaults;
  region(name: string): RegionRuntime;
  /** Opens (creates on first use) a table; `region` is a Region's name or `globalScope`. */
  table<T>(service: ServiceName, region: string, name: string): Table<T>;
  /**
   * Runs `action` once everything that tables hold now is kept (at once where nothing is kept): for destroying what rows named until a
   * moment ago, which a sandbox killed before that would still look for.
   */
  onceKept(action: () => void): void;
  /** Performs an operation: authorises, then hands to the service. Rejects with `AwsError`. Answers the operation's output shape. */
  invoke<Output = Record<string, unknown>>(request: InternalRequest): Promise<Output>;
  /** Asks IAM beside any operation: what a service has to know of a role before it relies on it. Throws the refusal. */
  ask(request: Pick<InternalRequest, 'region' | 'principal'>, asks: readonly Ask[]): void;
  /** An internal principal for a service acting by itself: `core.as('autoscaling')`. */
  as(service: string): Principal;
  /** The API endpoint programs inside a Region call: http://127.x.y.z:port. */
  endpoint(place: Place): string;
  /** A line in the sandbox's own log, for what would otherwise be swallowed. */
  log(line: {
    readonly service: string;
    readonly region?: string;
    readonly text: string;
    readonly error?: unknown;
  }): void;
}

/** Every service module exports `create…Service(core)`. Operations are thin; state and transitions live in its `model.ts`. */
export type ServiceFactory = (core: SandboxCore) => Service;
