/** A plan played once in a world of its own, with a kill at one point if so wished, and what is left of it. */

import type { StepName } from '../../../src/plan/catalogue.ts';
import type { PlanName } from '../../../src/plan/graph.ts';
import { readAuthority } from '../../../src/state/authority.ts';
import { giveOrder } from '../../../src/state/course.ts';
import { isOwed, readDebt } from '../../../src/state/debts.ts';
import { payFences } from '../../../src/upkeep/pay-fences.ts';
import type { WorkloadConfig } from '../../../src/workload/config.ts';
import { endState } from './end-state.ts';
import type { Outcome } from './play.ts';
import { deployMachine, execute, onLaptops } from './play.ts';
import type { Point, When } from './processes.ts';
import type { FailoverWorld } from './world.ts';
import { failoverWorld } from './world.ts';

/** Who asks the steps, and so who goes on after a kill: the state machine asks a function anew, a laptop is followed by the next. */
export type Way = 'state machine' | 'laptops';

export interface Kill {
  readonly point: string;
  readonly when: When;
}

export interface Played {
  readonly outcome: Outcome;
  readonly killed: number;
  /** Moments at which a customer could have written on either side. */
  readonly both: number;
  readonly points: readonly Point[];
  readonly end: Awaited<ReturnType<typeof endState>>;
  /** How often AWS took what must happen once, and what must not be lost or written over by a later look. */
  readonly effects: Readonly<Record<string, number>>;
  readonly overwritten: readonly string[];
}

/** What is moved, out of which state of the world. */
export interface Story {
  readonly plan: PlanName;
  readonly before: (world: FailoverWorld) => Promise<void>;
  /** @default the example's */
  readonly config?: Partial<WorkloadConfig>;
  /** Facts of the run that no later look may write over. */
  readonly facts: readonly string[];
  /** The step at whose first call somebody orders the run to stop. */
  readonly abortAt?: StepName;
}

const failoverFacts = ['quote', 'position', 'writable', 'serving'];

/** With a witness, and a replica that is opened before it is promoted. */
export const openedEarly = {
  witness: { region: 'us-east-2' },
  database: { name: 'photos', cutover: 'open-early' },
  fence: { leaseSeconds: 75 },
} as const satisfies Partial<WorkloadConfig>;

export const stories = {
  dark: { plan: 'failover', before: (world) => world.goDark('primary'), facts: failoverFacts },
  reachable: { plan: 'failover', before: async () => {}, facts: failoverFacts },
  early: {
    plan: 'failover',
    before: (world) => world.goDark('primary'),
    config: openedEarly,
    facts: [...failoverFacts, 'fence', 'opening'],
  },
  planned: { plan: 'switchover', before: async () => {}, facts: ['quiesced', 'position', 'writable', 'serving'] },
  abandoned: { plan: 'switchover', before: async () => {}, facts: ['quiesced'], abortAt: 'DrainReplicaFully' },
  home: { plan: 'failback', before: away, facts: ['quiesced', 'position', 'writable', 'serving'] },
} as const satisfies Record<string, Story>;

/** The workload was failed over out of a dark Region, which is back, and fenced. */
async function away(world: FailoverWorld): Promise<void> {
  const { base, clock } = world;
  await world.goDark('primary');
  await world.during(onLaptops(world, 'failover'), 3 * 3_600_000);
  await world.comeBack('primary');
  for (let minute = 0; minute < 20 && isOwed(await world.during(readDebt(base.store, 'primary'))); minute++)
    await world.during(payFences(base, clock.now() + 55_000, () => {}));
  await world.pass(120_000);
}

export async function played(
  way: Way,
  { plan, before, config = {}, facts, abortAt }: Story,
  kill?: Kill,
): Promise<Played> {
  let both = 0;
  const watch = (seen: FailoverWorld) => {
    if (seen.writable('primary') && seen.writable('recovery')) both += 1;
  };
  await using world = await failoverWorld({ lag: { receive: 100, apply: 500 }, config, watch });
  await before(world);
  const { processes, remembered, took } = world;
  const passed = { points: processes.points.length, took: took.length };
  remembered.clear();
  let killed = 0;
  processes.trouble = ({ name }, when) => {
    if (name !== kill?.point || when !== kill.when || killed > 0) return undefined;
    killed += 1;
    return { kill: way === 'laptops' ? 'process' : 'asking' };
  };
  let told = false;
  processes.pace = async ({ step }) => {
    if (step !== abortAt || told) return;
    told = true;
    await processes.apart(() => abort(world));
  };
  const run = async (): Promise<Outcome> =>
    way === 'laptops' ? (await onLaptops(world, plan)).outcome : execute(world, await deployMachine(world, plan), plan);
  const outcome = await world.during(run(), 24 * 3_600_000);
  await world.pass(120_000);
  const effects: Record<string, number> = {};
  for (const one of took.slice(passed.took).toSorted())
    if (happensOnce.test(one)) effects[one] = (effects[one] ?? 0) + 1;
  const overwritten = facts.filter((name) => {
    const [first, ...later] = (remembered.get(name) ?? []).map((value) => JSON.stringify(value));
    return later.some((value) => value !== first);
  });
  const points = processes.points.slice(passed.points);
  return { outcome, killed, both, points, end: await endState(world), effects, overwritten };
}

async function abort({ base: { clock, store } }: FailoverWorld): Promise<void> {
  const { holder } = await readAuthority(store);
  if (holder === undefined) throw new Error('There is no run to abort.');
  await giveOrder(store, holder, 'abort', { by: 'ann', why: 'not today', at: clock.now() });
}

const happensOnce =
  /^(rds\.(PromoteReadReplica|ModifyDB\w+|ResetDBParameterGroup|Create\w+)|autoscaling\.UpdateAutoScalingGroup|ec2\.(Revoke|Authorize)SecurityGroupIngress) /;

/** A step that waits asks the same again and again: of askings that went alike, the first and the last. */
export function telling(points: readonly Point[]): Point[] {
  const askings = grouped(points, ({ step, asking }) => `${step}#${asking}`);
  const alike = grouped([...askings.values()], (all) => `${all[0]?.step} ${all.map(({ call }) => call).join()}`);
  return [...alike.values()].flatMap((all) => [...new Set([all[0], all.at(-1)])].flatMap((one) => one ?? []));
}

/** Whether a call may have changed anything: between two of those, every moment of a process is as good as another. */
export const changes = ({ call }: Point): boolean =>
  !/\.(Get|Describe|List|Query)|^lambda\.(GET|POST)|^sql (SELECT|SHOW)|^customer/.test(call);

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}
