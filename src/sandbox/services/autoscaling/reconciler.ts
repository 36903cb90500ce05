/**
 * Brings each group to its desired size, on the Region's clock: look at the instances, replace the unhealthy, launch what is missing,
 * terminate what is too much. One pass at a time per group; a pass reads the rows anew after every wait.
 *
 *  1. A group without instances and without a wish for any has no timer.
 *  2. A launch begins `asg_update_to_instance_pending` after the wish for it.
 *  3. When a Region comes back, its instances boot: the grace period of each begins anew.
 */

import type { Timer } from '../../../kernel/clock.ts';
import type { SandboxCore, Table } from '../../contract.ts';
import { checkMembers } from './health.ts';
import type { GroupRow } from './rows.ts';
import { activeMembers, scalingTables } from './rows.ts';
import {
  launchMissing,
  progressTerminations,
  settleLaunches,
  terminateSurplus,
  terminateUnhealthy,
} from './scaling.ts';

/** How often a group with instances is looked at, in milliseconds of AWS time. */
const interval = 5_000;

export interface Reconciler {
  /** A group's wish changed: acted on after the time Auto Scaling takes to. */
  wake(region: string, name: string): void;
  regionBack(region: string): void;
  /** Takes up the groups of an earlier life. */
  resume(region: string): void;
  close(): void;
}

export function reconciler(core: SandboxCore): Reconciler {
  /** By group: the timer of its next pass, or none while a pass is under way. */
  const next = new Map<string, Timer | undefined>();
  let closed = false;

  function wake(region: string, name: string): void {
    const now = core.region(region).clock.now();
    const launchNotBefore = now + core.timing.milliseconds('asg_update_to_instance_pending');
    groupsOf(region).update(name, (row) => ({ ...row, launchNotBefore, failures: 0 }));
    schedule(region, name);
  }

  function schedule(region: string, name: string): void {
    const key = `${region}/${name}`;
    const row = groupsOf(region).get(name);
    if (closed || row === undefined || isAtRest(row) || (next.has(key) && next.get(key) === undefined)) return;
    next.get(key)?.cancel();
    const { clock } = core.region(region);
    next.set(
      key,
      clock.after(waitOf(row, clock.now()), () => {
        next.set(key, undefined);
        pass(core, region, name)
          .catch((error: unknown) => {
            if (!closed)
              core.log({ service: 'autoscaling', region, text: `couldn't bring ${name} to its size`, error });
          })
          .finally(() => {
            next.delete(key);
            schedule(region, name);
          });
      }),
    );
  }

  const groupsOf = (region: string): Table<GroupRow> => scalingTables(core, region).groups;

  function regionBack(region: string): void {
    const now = core.region(region).clock.now();
    for (const row of groupsOf(region).values()) {
      groupsOf(region).update(row.name, (old) => ({
        ...old,
        members: old.members.map((member) =>
          member.inServiceAt === undefined ? member : { ...member, inServiceAt: now },
        ),
      }));
    }
  }

  return {
    wake,
    regionBack,
    resume(region) {
      settleLaunches(core, region);
      if (!core.region(region).dark) regionBack(region);
      for (const { name } of groupsOf(region).values()) schedule(region, name);
    },
    close() {
      closed = true;
      for (const timer of next.values()) timer?.cancel();
    },
  };
}

/** Until the next launch is due, but no longer than the interval where there are instances to look at. */
function waitOf(row: GroupRow, now: number): number {
  const wanting = activeMembers(row).length < row.desired;
  const untilLaunch = wanting && row.launchNotBefore > now ? row.launchNotBefore - now : interval;
  return row.members.length === 0 && wanting ? Math.max(0, untilLaunch) : Math.min(interval, untilLaunch);
}

const isAtRest = (row: GroupRow): boolean => row.members.length === 0 && row.desired === 0 && !row.deleting;

async function pass(core: SandboxCore, region: string, name: string): Promise<void> {
  const { groups } = scalingTables(core, region);
  const suspended = (process: string): boolean => groups.get(name)?.suspended.includes(process) ?? true;
  await checkMembers(core, region, name);
  if (!suspended('ReplaceUnhealthy')) await terminateUnhealthy(core, region, name);
  if (!suspended('Terminate')) await terminateSurplus(core, region, name);
  await progressTerminations(core, region, name);
  const row = groups.get(name);
  if (row === undefined) return;
  if (row.deleting && row.members.length === 0) {
    groups.delete(name);
    return;
  }
  const due = core.region(region).clock.now() >= row.launchNotBefore;
  if (!suspended('Launch') && due && activeMembers(row).length < row.desired) await launchMissing(core, region, name);
}
