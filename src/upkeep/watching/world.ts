/** The world a round decides on: what the watcher remembers, what the authority says, and what people have said to it. */

import type { Base } from '../../engines/base.ts';
import { findOfPrimary } from '../../plan/find.ts';
import type { Policy } from '../../plan/policy.ts';
import type { World } from '../../plan/world.ts';
import { latestRequest } from '../../state/approvals.ts';
import type { Authority } from '../../state/authority.ts';
import { readAcknowledgement, readHealth } from '../../state/decisions.ts';
import type { WatchRecord } from '../../state/looks.ts';
import { readRun } from '../../state/runs.ts';

export async function worldNow(
  { clock, store }: Base,
  policy: Policy,
  { memory, prepared, troubled }: WatchRecord,
  { active, brake, epoch, holder, lockedOutUntil }: Authority,
): Promise<World> {
  const world: World = {
    ...memory,
    active,
    epoch,
    holder: holder === undefined ? undefined : { run: holder, by: (await readRun(store, holder))?.trigger.by },
    brake: { on: brake !== undefined, why: brake ?? '' },
    lockedOutUntil,
    preparedSince: prepared?.since,
  };
  // All is well for months on end: what people say about a finding, or are asked, is read when there is one, or was until now.
  if (troubled === undefined && isCalm(world, policy, clock.now())) return world;
  const [acknowledged, health, request] = await Promise.all([
    readAcknowledgement(store),
    readHealth(store),
    latestRequest(store),
  ]);
  return { ...world, acknowledged, health, request };
}

const isCalm = (world: World, policy: Policy, now: number): boolean =>
  findOfPrimary(world, policy, now).finding.code === 'all-well' &&
  world.stretches.at(-1)?.sightings.every(({ verdict }) => verdict !== 'failed') === true;
