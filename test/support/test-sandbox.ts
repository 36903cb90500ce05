/**
 * A sandbox without machines, sockets or waits, for testing services in process: tables, dispatch and a virtual clock.
 * Services under test are registered by the caller; Regions can be put in the dark.
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timing } from '../../src/facts/timing.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { seededIds, seededRandom } from '../../src/kernel/ids.ts';
import { VirtualClock } from '../../src/kernel/virtual-clock.ts';
import type {
  DnsAnswer,
  DnsQuestion,
  Network,
  Principal,
  SandboxClock,
  SandboxCore,
  ServiceFactory,
} from '../../src/sandbox/contract.ts';
import { Dispatcher } from '../../src/sandbox/dispatch.ts';
import { FaultBoard } from '../../src/sandbox/faults/board.ts';
import { Changes } from '../../src/sandbox/state/changes.ts';
import { Tables } from '../../src/sandbox/tables.ts';

export interface TestSandbox {
  readonly core: SandboxCore;
  readonly clock: VirtualClock;
  readonly dispatcher: Dispatcher;
  readonly board: FaultBoard;
  /** Calls an operation as AWS itself (no IAM), in the first Region unless said. */
  call<Output = Record<string, unknown>>(
    service: string,
    operation: string,
    input: unknown,
    region?: string,
    principal?: Principal,
  ): Promise<Output>;
  setDark(region: string, dark: boolean): void;
}

/** A sandbox that goes on where another ended: on its tables, at its time. */
export interface Life {
  readonly tables: Pick<Tables, 'open'>;
  /** Called before a call is answered, as `Dispatcher.keep`. */
  readonly keep: () => void;
  readonly onceKept: SandboxCore['onceKept'];
  /** Where files are, in place of a new folder. */
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly start: number;
  /** Of ids and randomness: another life draws others. */
  readonly seed: number;
}

/**
 * Without AWS's request rates, unless said: where a test holds the clock still, no bucket would fill up again. `checked`: whether callers
 * are held to the services' models, as by AWS. `scale`: what AWS's durations are multiplied by.
 */
export function testSandbox(
  factories: readonly ServiceFactory[],
  regions = ['us-east-1', 'us-west-2'],
  {
    limited = false,
    checked = true,
    scale = 1,
    ...life
  }: Partial<Life> & { readonly limited?: boolean; readonly checked?: boolean; readonly scale?: number } = {},
): TestSandbox {
  const clock = new VirtualClock(life.start ?? Date.UTC(2026, 10, 23, 12));
  const random = seededRandom(life.seed ?? 1);
  const ids = seededIds(random);
  const changes = new Changes(() => {});
  const own = new Tables(changes);
  const tables = life.tables ?? own;
  const account = '111122223333';
  const dispatcher = new Dispatcher(account, () => ids.uuid());
  dispatcher.keep = life.keep ?? (() => checkRows(own, changes));
  const dark = new Set<string>();
  const overdue = new Map<string, (() => void)[]>();
  const names = new Map<string, (question: DnsQuestion) => DnsAnswer | undefined>();
  const zones = new Map<string, (question: DnsQuestion) => DnsAnswer | undefined>();
  const directory = life.directory ?? mkdtempSync(join(tmpdir(), 'pilot-light-test-'));
  let nextAddress = 1;

  const sandboxClock: SandboxClock = Object.assign(Object.create(null) as object, {
    now: () => clock.now(),
    after: (delay: number, action: () => void) => clock.after(delay, action),
    speed: 1,
    ceiling: 1,
    setCeiling: () => {},
    absorb: async <T>(milliseconds: number, work: () => Promise<T>): Promise<T> => {
      const done = new Promise<void>((resolve) => clock.after(milliseconds, resolve));
      const result = await work();
      await done;
      return result;
    },
    hold: <T>(work: () => Promise<T>): Promise<T> => work(),
  });

  const regionClock = (region: string): Clock => ({
    now: () => clock.now(),
    after: (delay, action) =>
      clock.after(delay, () => {
        if (dark.has(region)) overdue.set(region, [...(overdue.get(region) ?? []), action]);
        else action();
      }),
  });
  const clocks = new Map(regions.map((region) => [region, regionClock(region)]));

  const network: Network = {
    allocate: () => `127.9.0.${nextAddress++}`,
    release: () => {},
    placeOf: () => 'outside',
    sourceOf: ({ remoteAddress = '' }) => remoteAddress,
    boundPort: (port) => (port < 1024 ? port + 8000 : port),
    expose: async ({ address, port }) => ({
      address,
      port,
      boundPort: port,
      retarget: () => {},
      dropConnections: () => {},
      close: async () => {},
    }),
    reachable: (from, to) =>
      !dark.has(from) &&
      !dark.has(to) &&
      !board.standing('partition').some((fault) => fault.from === from && fault.to === to),
    delay: (from, to) => (from === to ? 0 : 40),
    name: (name, answer) => names.set(name, answer),
    zone: (suffix, answer) => zones.set(suffix, answer),
    unname: (name) => names.delete(name),
    resolve: (name, type, from) => {
      const question = { name, type, from };
      const known = names.get(name);
      if (known !== undefined) return known(question);
      for (const [suffix, answer] of zones) if (name === suffix || name.endsWith(`.${suffix}`)) return answer(question);
      return undefined;
    },
    dns: { host: '127.0.0.1', port: 0 },
  };

  const board = new FaultBoard(ids, () => clock.now(), regions);
  board.calls = () => dispatcher.calls();
  const modelled = timing('p50', random);
  const core: SandboxCore = {
    account,
    faults: board,
    clock: sandboxClock,
    ids,
    random,
    timing: { milliseconds: (name) => scale * modelled.milliseconds(name) },
    directory,
    scratch: directory,
    regions,
    network,
    region: (name) => ({
      name,
      dark: dark.has(name),
      clock: clocks.get(name) ?? sandboxClock,
      machines: {
        spawn: () => Promise.reject(new Error('no machines in this test')),
        spawnNode: () => Promise.reject(new Error('no machines in this test')),
        list: () => [],
      },
    }),
    table: (service, region, name) => tables.open(service, region, name),
    onceKept: life.onceKept ?? ((action) => action()),
    invoke: async <Output>(request: Parameters<SandboxCore['invoke']>[0]) =>
      (await dispatcher.invoke({ ...request, inside: true })) as Output,
    ask: (request, asks) => dispatcher.ask(request, asks),
    as: (service) => ({ kind: 'internal', account, arn: `${service}.amazonaws.com`, service }),
    endpoint: () => 'http://127.0.0.1:0',
    log: ({ service, text, error }) => {
      if (error !== undefined) console.error(`[${service}] ${text}`, error);
    },
  };
  dispatcher.guard(core, { limited, checked });
  for (const factory of factories) {
    const service = factory(core);
    dispatcher.register(service);
    board.act(service.faults ?? {});
  }

  return {
    core,
    board,
    clock,
    dispatcher,
    call: <Output>(
      service: string,
      operation: string,
      input: unknown,
      region = regions[0] ?? '',
      principal?: Principal,
    ) =>
      dispatcher.invoke({
        service: service as Parameters<SandboxCore['invoke']>[0]['service'],
        operation,
        region,
        input,
        principal: principal ?? core.as('test'),
      }) as Promise<Output>,
    setDark(region, isDark) {
      if (isDark) {
        dark.add(region);
        return;
      }
      dark.delete(region);
      const waiting = overdue.get(region) ?? [];
      overdue.delete(region);
      for (const action of waiting) action();
    },
  };
}

/** What a call put into tables must be of a kind that can be kept, and must not be changed in place afterwards. */
function checkRows(tables: Tables, changes: Changes): void {
  for (const [table, key] of changes.take(tables)) freeze(tables.named(table).get(key));
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
}
