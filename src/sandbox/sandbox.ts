/** Starts a sandbox: AWS Regions on this machine, with their clock, network, machines and services, and the faults to try on them. */

import { join, resolve } from 'node:path';
import { type DurationName, type Timing, type TimingMode, timing } from '../facts/timing.ts';
import { messageOf, usageError } from '../kernel/errors.ts';
import { type Ids, type Random, seededIds, seededRandom, systemIds, systemRandom } from '../kernel/ids.ts';
import { AwsClock, patience } from './clock/aws-clock.ts';
import { publishClock } from './clock/clock-file.ts';
import { publishFaketime } from './clock/faketime.ts';
import { govern } from './clock/governor.ts';
import {
  type AnyOperation,
  AwsError,
  type Call,
  type InternalRequest,
  outside,
  type Place,
  type RegionMachines,
  type SandboxCore,
  type Service,
  type ServiceFactory,
} from './contract.ts';
import { Dispatcher } from './dispatch.ts';
import { FaultBoard, type StandingFault } from './faults/board.ts';
import { networkActors } from './faults/network-actors.ts';
import type { FaultKind } from './faults/specs.ts';
import type { GatewayListener, GatewayStarter } from './gateway-seam.ts';
import { trustedInside } from './machines/node-machine.ts';
import { Premises } from './machines/premises.ts';
import { sweepLeftovers } from './machines/runs.ts';
import type { LinkSettings, Links } from './network/links.ts';
import { SandboxNetwork } from './network/network.ts';
import { callersOf } from './regions/callers.ts';
import { type Faults, faultsOf } from './regions/faults.ts';
import { Region } from './regions/region.ts';
import type { Journal } from './state/journal.ts';
import { addressesIn, keepTime, keptRandom, Life } from './state/life.ts';
import { openStateDirectory } from './state/state-directory.ts';
import { Tables } from './tables.ts';

export interface SandboxOptions {
  readonly regions: readonly string[];
  /** Twelve digits. */
  readonly account?: string;
  /** An absent or empty folder, removed in the end; without it, one in the system's temporary folder. */
  readonly directory?: string;
  /** A directory to keep everything in, which a later sandbox goes on with; taken by one at a time. Without it nothing is kept. */
  readonly state?: string;
  /**
   * Only looks at what is kept in `state`, which must be there: the Regions' clocks stand still, so that nothing goes on by itself; calls
   * are answered and databases run. The next life goes on where this one began.
   */
  readonly look?: boolean;
  /** The ceiling of AWS time: AWS seconds per real second, or `max` to skip waits. */
  readonly speed: number | 'max';
  readonly timing: TimingMode | Timing;
  /** Durations that are at their 95th percentile, whatever the mode. */
  readonly slow?: readonly DurationName[];
  /**
   * AWS time to begin with, in milliseconds since the epoch. Now, unless said: clients outside sign with the wall clock. A kept sandbox
   * goes on from where its time was.
   */
  readonly start?: number;
  /** Makes ids and drawn durations repeatable. */
  readonly seed?: number;
  readonly factories: readonly ServiceFactory[];
  readonly gateway?: GatewayStarter;
  /** AWS's request rates, which bench and fuzzing turn off: they measure and try what lies behind. On, unless said. */
  readonly limits?: 'on' | 'off';
  /** Whether SIGINT, SIGTERM and SIGHUP end the sandbox and then the process. Yes, unless said. */
  readonly signals?: boolean;
  readonly onLog?: (line: Parameters<SandboxCore['log']>[0]) => void;
}

export interface RunningSandbox {
  readonly id: string;
  readonly core: SandboxCore;
  readonly dispatcher: Dispatcher;
  readonly clock: AwsClock;
  readonly network: SandboxNetwork;
  readonly faults: Faults;
  /** Every fault as data: the same board commands and scenarios use. */
  readonly board: FaultBoard;
  /** Programs that stand outside of all Regions: on AWS time, never killed with a Region. */
  readonly outside: RegionMachines;
  /** Leaves no process, no file and no socket; of a sandbox with a state directory, that. */
  stop(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  checkOptions(options);
  sweepLeftovers();
  const account = options.account ?? '111122223333';
  const undo: (() => unknown)[] = [];
  const stop = once(async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  });

  try {
    const state =
      options.state === undefined
        ? undefined
        : await openStateDirectory(options.state, {
            account,
            regions: options.regions,
            mustBeKept: options.look === true,
            onFailure: (error) =>
              log({
                service: 'state',
                text: 'The state directory can no longer be written: calls are refused.',
                error,
              }),
          });
    if (state !== undefined) undo.push(() => state.release());
    const life = state === undefined ? undefined : new Life(state.journal);
    const premises = new Premises(options.directory === undefined ? undefined : resolve(options.directory), state);
    undo.push(() => premises.clear());
    const log: SandboxCore['log'] = (line) => {
      premises.log(line);
      options.onLog?.(line);
    };
    const random = randomOf(options.seed, life, undo);
    const ids: Ids = options.seed === undefined ? systemIds : seededIds(random);
    if (options.signals !== false) undo.push(premises.clearOnSignals());

    const clock = new AwsClock({
      start: life?.get<number>('time') ?? options.start ?? Date.now(),
      ceiling: options.speed === 'max' ? Number.POSITIVE_INFINITY : options.speed,
      onImpatience: () =>
        log({
          service: 'clock',
          text: `AWS time has stood still for ${patience} ms for work that isn't done: it goes on.`,
        }),
    });
    undo.push(() => clock.close());
    if (life !== undefined) undo.push(keepTime(life, clock));
    undo.push(govern(clock));
    const clockFile = publishClock(clock, premises.scratch);
    undo.push(() => clockFile.close());
    const faketime = publishFaketime(clock, premises.scratch, premises.id);
    undo.push(() => faketime.close());

    const prefix = life?.get<string>('network');
    const known = life?.get<readonly GatewayListener[]>('listeners') ?? [];
    const network = await SandboxNetwork.start(
      options.regions,
      (span) => clock.realSpan(span),
      prefix === undefined || state === undefined
        ? undefined
        : { prefix, taken: addressesIn(state.journal, prefix, known) },
    );
    undo.push(() => network.close());
    const listeners = await Promise.all(
      [outside, ...options.regions].map((place) => listenerFor(network, place, known)),
    );
    life?.set('network', network.prefix);
    life?.set('listeners', listeners);

    const trust = join(premises.directory, trustedInside);
    const inside = { clock: clockFile.path, dns: network.dns, network: network.prefix, trust };
    premises.describe(inside);
    const regions = new Map(
      options.regions.map((name) => [
        name,
        new Region({
          name,
          sandbox: premises.id,
          directory: premises.directory,
          clock,
          inside,
          network,
          onGroup: (group) => premises.addGroup(name, group),
        }),
      ]),
    );
    undo.push(() => Promise.all([...regions.values()].map((region) => region.group.end())));
    const surroundings = new Region({
      name: outside,
      sandbox: premises.id,
      directory: premises.directory,
      clock,
      inside,
      network,
      onGroup: (group) => premises.addGroup(outside, group),
    });
    undo.push(() => surroundings.group.end());

    network.callers = callersOf([...regions.values(), surroundings]);

    const dispatcher = new CountingDispatcher(account, () => ids.uuid(), clock);
    const tables = state?.journal.tables ?? new Tables();
    if (state !== undefined) dispatcher.keep = () => keepOrRefuse(state.journal);
    const board = new FaultBoard(ids, () => clock.now(), options.regions);
    board.calls = () => dispatcher.calls();
    const core: SandboxCore = {
      account,
      clock,
      ids,
      random,
      timing: typeof options.timing === 'string' ? timing(options.timing, random, options.slow) : options.timing,
      directory: premises.directory,
      scratch: premises.scratch,
      regions: options.regions,
      network,
      faults: board,
      region: (name) => {
        const region = regions.get(name);
        if (region === undefined) throw noSuchRegion(name, options.regions);
        return region;
      },
      table: (service, region, name) => tables.open(service, region, name),
      onceKept: (action) => (state === undefined ? action() : state.journal.onceKept(action)),
      invoke: async <Output>(request: Parameters<SandboxCore['invoke']>[0]) => {
        // A global service may stand in a Region this sandbox doesn't have.
        const to = regions.has(request.region) ? request.region : outside;
        const { from = to } = request;
        const crosses = from !== to || !network.reachable(from, to);
        if (crosses) await network.crossing(from, to);
        const output = await dispatcher.invoke({ ...request, inside: true });
        if (crosses || !network.reachable(to, from)) await network.crossing(to, from);
        return output as Output;
      },
      ask: (request, asks) => dispatcher.ask(request, asks),
      as: (service) => ({ kind: 'internal', account, arn: `${service}.amazonaws.com`, service }),
      endpoint: (place) => {
        const listener = listeners.find((candidate) => candidate.place === place);
        if (listener === undefined) throw noSuchRegion(place, [outside, ...options.regions]);
        return `http://${listener.address}:${listener.port}`;
      },
      log,
    };

    // Services find what is kept as after an outage of every Region: time stands still, and what was dark is dark.
    const wasDark = life?.get<Outages>('outages')?.dark ?? [];
    if (state?.isKept === true) await goDarkAgain(regions, network.links, wasDark);

    dispatcher.guard(core, { limited: options.limits !== 'off' });
    for (const factory of options.factories) {
      const service = factory(core);
      if (dispatcher.service(service.name) !== undefined) throw new Error(`Two services are named ${service.name}.`);
      dispatcher.register(service);
      board.act(service.faults ?? {});
    }
    undo.push(() => closeAll(dispatcher.services));

    const resumed = gate();
    if (options.gateway !== undefined) {
      const gateway = await options.gateway({
        core,
        dispatcher,
        listeners,
        // Who calls before everything is back waits, as for a Region that is dark.
        crossing: async (from, to, signal) => {
          await resumed.passed(signal);
          await network.crossing(from, to, signal);
        },
      });
      undo.push(() => gateway.close());
    }

    const faults = faultsOf({
      regions,
      links: network.links,
      services: () => dispatcher.services,
      onChange: () => life?.set('outages', outagesOf(regions, network.links)),
    });
    board.act(networkActors(faults, network.links, board));
    if (state?.isKept === true) {
      const ofTheNetwork = (kind: FaultKind) => kind === 'dark' || kind === 'partition' || kind === 'latency';
      board.restore(life?.get<readonly StandingFault[]>('faults') ?? []);
      await board.again(ofTheNetwork);
      network.links.apply(life?.get<Outages>('outages')?.links ?? { delays: [], cut: [] });
      if (options.look === true) for (const service of dispatcher.services) await service.look?.();
      else {
        for (const service of dispatcher.services) await service.resume?.();
        await board.again((kind) => !ofTheNetwork(kind));
        for (const region of regions.values()) if (!region.dark) region.resume();
      }
    }
    board.onChange = (standing) => life?.set('faults', standing);
    resumed.open();
    return { id: premises.id, core, dispatcher, clock, network, faults, board, outside: surroundings.machines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** While an operation is performed no wait is skipped: see `AwsClock`, 4. */
class CountingDispatcher extends Dispatcher {
  readonly #clock: AwsClock;

  constructor(account: string, requestId: () => string, clock: AwsClock) {
    super(account, requestId);
    this.#clock = clock;
  }

  protected override perform(operation: AnyOperation, request: InternalRequest, call: Call): Promise<unknown> {
    if (waitsForAwsTime.has(`${request.service}:${request.operation}`)) return super.perform(operation, request, call);
    return this.#clock.during(() => super.perform(operation, request, call));
  }
}

/** Operations whose very work is to wait for AWS time to pass: a long poll in flight is no reason not to skip a wait. */
const waitsForAwsTime: ReadonlySet<string> = new Set(['sqs:ReceiveMessage']);

function randomOf(seed: number | undefined, life: Life | undefined, undo: (() => unknown)[]): Random {
  if (seed === undefined) return systemRandom;
  if (life === undefined) return seededRandom(seed);
  const { random, end } = keptRandom(life, seed);
  undo.push(end);
  return random;
}

interface Outages {
  readonly dark: readonly string[];
  readonly links: LinkSettings;
}

const outagesOf = (regions: ReadonlyMap<string, Region>, links: Links): Outages => ({
  dark: [...regions.values()].filter((region) => region.dark).map(({ name }) => name),
  links: links.settings,
});

async function goDarkAgain(regions: ReadonlyMap<string, Region>, links: Links, dark: readonly string[]): Promise<void> {
  for (const region of regions.values()) {
    region.pause();
    if (!dark.includes(region.name)) continue;
    links.setDark(region.name, true);
    await region.powerOff();
  }
}

/** Nothing is acknowledged that isn't kept. */
function keepOrRefuse(journal: Journal): void {
  try {
    journal.flush();
  } catch (error) {
    throw new AwsError(
      'ServiceUnavailable',
      `The sandbox's state can no longer be written, and nothing is acknowledged that isn't kept: ${messageOf(error)}. Make room and start it again.`,
      { status: 503 },
    );
  }
}

/** Holds back whoever comes before it is opened. */
function gate(): { open(): void; passed(signal?: AbortSignal): Promise<void> } {
  const opened = new AbortController();
  return {
    open: () => opened.abort(),
    async passed(signal) {
      if (opened.signal.aborted) return;
      signal?.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        opened.signal.addEventListener('abort', () => resolve(), { once: true });
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    },
  };
}

/** The address and port a place's listener had before, where they are still to be had: an environment file stays valid. */
async function listenerFor(
  network: SandboxNetwork,
  place: Place,
  before: readonly GatewayListener[],
): Promise<GatewayListener> {
  const known = before.find((listener) => listener.place === place);
  const address = known !== undefined && network.take(known.address) ? known.address : network.allocate(place);
  return { place, address, port: await network.freePort(address, known?.port) };
}

async function closeAll(services: readonly Service[]): Promise<void> {
  for (const service of [...services].reverse()) await service.close?.();
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action();
    return running;
  };
}

function checkOptions({ regions, account, speed }: SandboxOptions): void {
  if (process.platform !== 'linux') {
    throw usageError('The sandbox runs on Linux: it relies on /proc and on process groups.', {
      given: process.platform,
      next: 'Run it in a Linux virtual machine.',
    });
  }
  if (regions.length === 0 || new Set(regions).size !== regions.length || regions.includes(outside)) {
    throw usageError('A sandbox has one or more Regions, each named once.', { given: regions });
  }
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw usageError('An AWS account id is twelve digits.', { given: account });
  }
  if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed))) {
    throw usageError('The speed of a sandbox is out of range.', {
      given: speed,
      allowed: 'a number above 0, or "max"',
    });
  }
}

const noSuchRegion = (name: string, known: readonly string[]): Error =>
  new RangeError(`No such Region: ${name}. This sandbox has ${known.join(', ')}.`);
