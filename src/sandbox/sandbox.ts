/** Starts a sandbox: AWS Regions on this machine, with their clock, network, machines and services, and the faults to try on them. */

import { resolve } from 'node:path';
import { type Timing, type TimingMode, timing } from '../facts/timing.ts';
import { usageError } from '../kernel/errors.ts';
import { type Ids, type Random, seededIds, seededRandom, systemIds, systemRandom } from '../kernel/ids.ts';
import { AwsClock, patience } from './clock/aws-clock.ts';
import { publishClock } from './clock/clock-file.ts';
import { publishFaketime } from './clock/faketime.ts';
import { govern } from './clock/governor.ts';
import {
  outside,
  type Place,
  type RegionMachines,
  type SandboxCore,
  type Service,
  type ServiceFactory,
} from './contract.ts';
import { Dispatcher } from './dispatch.ts';
import { FaultBoard } from './faults/board.ts';
import { networkActors } from './faults/network-actors.ts';
import type { GatewayListener, GatewayStarter } from './gateway-seam.ts';
import { Premises } from './machines/premises.ts';
import { sweepLeftovers } from './machines/runs.ts';
import { SandboxNetwork } from './network/network.ts';
import { type Faults, faultsOf } from './regions/faults.ts';
import { Region } from './regions/region.ts';
import { Tables } from './tables.ts';

export interface SandboxOptions {
  readonly regions: readonly string[];
  /** Twelve digits. */
  readonly account?: string;
  /** An absent or empty folder, removed in the end; without it, one in the system's temporary folder. */
  readonly directory?: string;
  /** The ceiling of AWS time: AWS seconds per real second, or `max` to skip waits. */
  readonly speed: number | 'max';
  readonly timing: TimingMode | Timing;
  /** AWS time to begin with, in milliseconds since the epoch. Now, unless said: clients outside sign with the wall clock. */
  readonly start?: number;
  /** Makes ids and drawn durations repeatable. */
  readonly seed?: number;
  readonly factories: readonly ServiceFactory[];
  readonly gateway?: GatewayStarter;
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
  /** Leaves no process, no file and no socket. */
  stop(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  checkOptions(options);
  sweepLeftovers();
  const account = options.account ?? '111122223333';
  const random: Random = options.seed === undefined ? systemRandom : seededRandom(options.seed);
  const ids: Ids = options.seed === undefined ? systemIds : seededIds(random);
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
    const premises = new Premises(options.directory === undefined ? undefined : resolve(options.directory));
    undo.push(() => premises.clear());
    const log: SandboxCore['log'] = (line) => {
      premises.log(line);
      options.onLog?.(line);
    };
    if (options.signals !== false) undo.push(premises.clearOnSignals());

    const clock = new AwsClock({
      start: options.start ?? Date.now(),
      ceiling: options.speed === 'max' ? Number.POSITIVE_INFINITY : options.speed,
      onImpatience: () =>
        log({
          service: 'clock',
          text: `AWS time has stood still for ${patience} ms for work that isn't done: it goes on.`,
        }),
    });
    undo.push(() => clock.close());
    undo.push(govern(clock));
    const clockFile = publishClock(clock, premises.directory);
    undo.push(() => clockFile.close());
    const faketime = publishFaketime(clock, premises.directory, premises.id);
    undo.push(() => faketime.close());

    const network = await SandboxNetwork.start(options.regions, (span) => clock.realSpan(span));
    undo.push(() => network.close());
    const listeners = await Promise.all([outside, ...options.regions].map((place) => listenerFor(network, place)));

    const inside = { clock: clockFile.path, dns: network.dns, network: network.prefix };
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

    const dispatcher = new CountingDispatcher(account, () => ids.uuid(), clock);
    const tables = new Tables();
    const board = new FaultBoard(ids, () => clock.now(), options.regions);
    const core: SandboxCore = {
      account,
      clock,
      ids,
      random,
      timing: typeof options.timing === 'string' ? timing(options.timing, random) : options.timing,
      directory: premises.directory,
      regions: options.regions,
      network,
      faults: board,
      region: (name) => {
        const region = regions.get(name);
        if (region === undefined) throw noSuchRegion(name, options.regions);
        return region;
      },
      table: (service, region, name) => tables.open(service, region, name),
      invoke: async <Output>(request: Parameters<SandboxCore['invoke']>[0]) => {
        const { region, from = region } = request;
        const crosses = from !== region || !network.reachable(from, region);
        if (crosses) await network.crossing(from, region);
        const output = await dispatcher.invoke(request);
        if (crosses || !network.reachable(region, from)) await network.crossing(region, from);
        return output as Output;
      },
      as: (service) => ({ kind: 'internal', account, arn: `${service}.amazonaws.com`, service }),
      endpoint: (place) => {
        const listener = listeners.find((candidate) => candidate.place === place);
        if (listener === undefined) throw noSuchRegion(place, [outside, ...options.regions]);
        return `http://${listener.address}:${listener.port}`;
      },
      log,
    };

    for (const factory of options.factories) {
      const service = factory(core);
      if (dispatcher.service(service.name) !== undefined) throw new Error(`Two services are named ${service.name}.`);
      dispatcher.register(service);
      board.act(service.faults ?? {});
    }
    undo.push(() => closeAll(dispatcher.services));

    if (options.gateway !== undefined) {
      const gateway = await options.gateway({
        core,
        dispatcher,
        listeners,
        crossing: (from, to, signal) => network.crossing(from, to, signal),
      });
      undo.push(() => gateway.close());
    }

    const faults = faultsOf({ regions, links: network.links, services: () => dispatcher.services });
    board.act(networkActors(faults, network.links));
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

  override invoke(request: Parameters<Dispatcher['invoke']>[0]): Promise<unknown> {
    if (waitsForAwsTime.has(`${request.service}:${request.operation}`)) return super.invoke(request);
    return this.#clock.during(() => super.invoke(request));
  }
}

/** Operations whose very work is to wait for AWS time to pass: a long poll in flight is no reason not to skip a wait. */
const waitsForAwsTime: ReadonlySet<string> = new Set(['sqs:ReceiveMessage']);

async function listenerFor(network: SandboxNetwork, place: Place): Promise<GatewayListener> {
  const address = network.allocate(place);
  return { place, address, port: await network.freePort(address) };
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
