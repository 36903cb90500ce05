/**
 * What the control functions use in a month, worked out from the schedules in the templates, the contract's table and the watcher's
 * interval: runs, looks, reads and writes of the state table, log lines, metric calls, DNS queries.
 */

import type { FunctionName } from '../functions/contract.ts';
import { functionNames, renewEverySeconds, workloadFile } from '../functions/contract.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { firesPerMonth } from './schedule.ts';
import type { Resource } from './template.ts';
import { referredTo } from './template.ts';
import type { Usage } from './usage.ts';

interface ControlRun {
  readonly invocations: number;
  /** Of one invocation. */
  readonly seconds: number;
}

export interface ControlUse {
  /** By side and function: `recovery watch`. */
  readonly runs: ReadonlyMap<string, ControlRun>;
  readonly looks: number;
  /** Read and write units of the state table, reads in the recovery Region. */
  readonly reads: number;
  /** With a witness: reads by either side's guard, in its own Region. */
  readonly guardReads: Readonly<Record<Side, number>>;
  readonly writes: number;
  readonly logGb: Readonly<Record<Resource['side'], number>>;
  readonly metricCalls: number;
  readonly dnsQueries: number;
}

/** A strongly consistent read of 4 KB, a write of 1 KB. */
const readUnitKb = 4;
const writeUnitKb = 1;

export function controlUseOf(
  all: readonly Resource[],
  { workload, names, usage, active }: { workload: Workload; names: Names; usage: Usage; active: Side },
): ControlUse {
  const runs = new Map<string, ControlRun>();
  for (const resource of all.filter(({ type }) => type === 'AWS::Lambda::Function')) {
    const name = controlFunctionOf(resource, names);
    if (name === undefined) continue;
    // A topic starts the teller, no clock: once a message.
    const invocations = name === 'tell' ? usage.notices : scheduledRuns(resource, all);
    // The guard of the side that isn't active returns at once.
    const loops = name === 'watch' || (name === 'guard' && resource.side === active);
    const seconds = loops ? usage.watchSeconds : usage.tickSeconds;
    runs.set(`${resource.side} ${name}`, { invocations, seconds });
  }
  const of = (side: Resource['side'], name: FunctionName): number => runs.get(`${side} ${name}`)?.invocations ?? 0;
  const watching = of('recovery', 'watch');
  // The loop looks at its start and again after each interval, until its time is over.
  const looks = watching * Math.ceil(usage.watchSeconds / workload.watch.intervalSeconds);
  const renewals = of(active, 'guard') * Math.ceil(usage.watchSeconds / renewEverySeconds);
  for (const side of ['primary', 'recovery'] as const) {
    const invocations = (side === 'recovery' ? looks : 0) + (side === active ? renewals : 0);
    if (runs.has(`${side} sql`)) runs.set(`${side} sql`, { invocations, seconds: usage.sqlMs / 1000 });
  }
  const guardReads = (side: Side) => (side === active ? renewals : of(side, 'guard'));
  const ticks = ['images', 'parameters'] as const;
  const upkeep = (side: Resource['side']) => ticks.reduce((sum, name) => sum + of(side, name), 0);
  const told = (side: Resource['side']) => of(side, 'tell');
  const paying = of('recovery', 'fence');
  const lines = {
    primary: upkeep('primary') + told('primary') + of('primary', 'guard'),
    recovery: upkeep('recovery') + told('recovery') + of('recovery', 'guard') + looks + paying,
    witness: 0,
  };
  const gb = (count: number) => (count * usage.controlLogBytes) / 1024 ** 3;
  return {
    runs,
    looks,
    // While all is well: what the watcher remembers is read and written once a run, the authority read before each look, the capacity kept once.
    reads: watching * units(usage.looksKb, readUnitKb) + looks + paying + upkeep('primary') + upkeep('recovery'),
    writes: watching * units(usage.looksKb, writeUnitKb) + watching + renewals,
    guardReads: { primary: guardReads('primary'), recovery: guardReads('recovery') },
    logGb: { primary: gb(lines.primary), recovery: gb(lines.recovery), witness: 0 },
    metricCalls: watching,
    dnsQueries: looks,
  };
}

/** The file in which a control function's bundle holds its workload. */
export const deployedWorkloadFile: string = workloadFile;

/** Which control function a resource is, by its name. */
export function controlFunctionOf(resource: Resource, names: Names): FunctionName | undefined {
  return functionNames.find((name) => names.controlFunction(name) === resource.properties.FunctionName);
}

/** How often enabled schedules invoke a function. */
export function scheduledRuns(target: Resource, all: readonly Resource[]): number {
  return rulesFor(target, all)
    .filter(({ properties }) => properties.State !== 'DISABLED')
    .reduce((sum, { properties }) => sum + firing(properties.ScheduleExpression), 0);
}

/** Rules of EventBridge and schedules of its Scheduler that invoke a function, in the same stack. */
export function rulesFor(target: Resource, all: readonly Resource[]): Resource[] {
  return all
    .filter(({ stack, type }) => stack === target.stack && schedulers.includes(type))
    .filter(({ properties }) =>
      [properties.Target, ...(Array.isArray(properties.Targets) ? properties.Targets : [])].some(
        (one) => referredTo((one as { Arn?: unknown } | undefined)?.Arn) === target.id,
      ),
    );
}

/** A rule without a schedule waits for events; a schedule that can't be read is no zero. */
function firing(expression: unknown): number {
  if (expression === undefined) return 0;
  return (typeof expression === 'string' ? firesPerMonth(expression) : undefined) ?? Number.NaN;
}

const schedulers: readonly string[] = ['AWS::Events::Rule', 'AWS::Scheduler::Schedule'];

const units = (kb: number, unit: number): number => Math.max(1, Math.ceil(kb / unit));
