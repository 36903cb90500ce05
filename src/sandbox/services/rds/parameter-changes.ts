/** A changed parameter group reaching the servers that use it: dynamic parameters after a short delay, static ones at a reboot. */

import { messageOf } from '../../../kernel/errors.ts';
import type { Rds } from './context.ts';
import { parameterDelay } from './durations.ts';
import { tell } from './events.ts';
import { change, instanceAt } from './lookups.ts';
import { type InstanceRef, type ParameterGroupUse, type ParameterStatus, rdsTables } from './rows.ts';

export interface ParameterChange {
  readonly name: string;
  readonly method: 'immediate' | 'pending-reboot';
}

export function applyParameters(rds: Rds, region: string, group: string, changes: readonly ParameterChange[]): void {
  const now = changes.filter(({ method }) => method === 'immediate').map(({ name }) => name);
  const waiting = now.length < changes.length;
  for (const instance of rdsTables(rds.core, region).instances.values()) {
    if (instance.parameterGroup.name !== group || !instance.up) continue;
    use(rds, instance, (before) => {
      const rebootNeeded = waiting || before.rebootNeeded;
      return { ...before, rebootNeeded, status: now.length > 0 ? 'applying' : settled({ rebootNeeded }) };
    });
    if (now.length === 0) continue;
    rds.core.region(region).clock.after(parameterDelay, () => void apply(rds, instance, group, now));
  }
}

/** An instance changed to another group keeps its server's values until a reboot. */
export function adoptGroup(rds: Rds, ref: InstanceRef, name: string): void {
  use(rds, ref, () => ({ name, status: 'applying', rebootNeeded: true }));
  rds.core.region(ref.region).clock.after(parameterDelay, () => {
    const row = use(rds, ref, (now) => (now.name === name ? { ...now, status: settled(now) } : now));
    if (row !== undefined) tell(rds.core, row, 'groupAdopted', name);
  });
}

async function apply(rds: Rds, ref: InstanceRef, group: string, names: readonly string[]): Promise<void> {
  const row = instanceAt(rds.core, ref);
  if (row === undefined || row.parameterGroup.name !== group) return;
  let rebootNeeded = false;
  try {
    // A server that is down, or was started meanwhile, reads the whole group.
    if (rds.fleet.database(row).running) await rds.fleet.database(row).apply(rds.fleet.variables(row, names));
  } catch (error) {
    rds.core.log({
      service: 'rds',
      region: ref.region,
      text: `${row.id} refused a parameter: ${messageOf(error)}`,
      error,
    });
    rebootNeeded = true;
  }
  use(rds, ref, (now) => {
    const use = { ...now, rebootNeeded: rebootNeeded || now.rebootNeeded };
    return { ...use, status: settled(use) };
  });
}

const settled = ({ rebootNeeded }: Pick<ParameterGroupUse, 'rebootNeeded'>): ParameterStatus =>
  rebootNeeded ? 'pending-reboot' : 'in-sync';

const use = (rds: Rds, ref: InstanceRef, changed: (now: ParameterGroupUse) => ParameterGroupUse) =>
  change(rds.core, ref, (row) => ({ ...row, parameterGroup: changed(row.parameterGroup) }));
