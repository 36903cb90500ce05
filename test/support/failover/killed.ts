/** A failover played once in a world of its own, with a kill at one point if so wished, and what is left of it. */

import { endState } from './end-state.ts';
import type { Outcome } from './play.ts';
import { deployMachine, execute, onLaptops } from './play.ts';
import type { Point, When } from './processes.ts';
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
  readonly points: readonly Point[];
  readonly end: Awaited<ReturnType<typeof endState>>;
  /** How often AWS took what must happen once, and what must not be lost or written over by a later look. */
  readonly effects: Readonly<Record<string, number>>;
  readonly overwritten: readonly string[];
}

export async function playedFailover(way: Way, primary: 'dark' | 'reachable', kill?: Kill): Promise<Played> {
  await using world = await failoverWorld({ lag: { receive: 100, apply: 500 } });
  if (primary === 'dark') await world.goDark('primary');
  let killed = 0;
  world.processes.trouble = ({ name }, when) => {
    if (name !== kill?.point || when !== kill.when || killed > 0) return undefined;
    killed += 1;
    return { kill: way === 'laptops' ? 'process' : 'asking' };
  };
  const run = async (): Promise<Outcome> =>
    way === 'laptops'
      ? (await onLaptops(world, 'failover')).outcome
      : execute(world, await deployMachine(world, 'failover'), 'failover');
  const outcome = await world.during(run(), 3 * 3_600_000);
  await world.pass(120_000);
  const effects: Record<string, number> = {};
  for (const one of world.took.toSorted()) if (happensOnce.test(one)) effects[one] = (effects[one] ?? 0) + 1;
  const overwritten = ['quote', 'position', 'writable', 'serving'].filter((name) => {
    const [first, ...later] = (world.remembered.get(name) ?? []).map((value) => JSON.stringify(value));
    return later.some((value) => value !== first);
  });
  return { outcome, killed, points: world.processes.points, end: await endState(world), effects, overwritten };
}

const happensOnce =
  /^(rds\.(PromoteReadReplica|ModifyDBParameterGroup)|autoscaling\.UpdateAutoScalingGroup|ec2\.RevokeSecurityGroupIngress) /;

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
