/** Finding instances, and changing them one row at a time. */

import type { SandboxCore } from '../../contract.ts';
import { instanceNotFound, invalidState } from './errors.ts';
import { type InstanceRef, type InstanceRow, rdsTables } from './rows.ts';

export const findInstance = (core: SandboxCore, region: string, id: string): InstanceRow | undefined =>
  rdsTables(core, region)
    .instances.values()
    .find((row) => row.id === id.toLowerCase());

export function needInstance(core: SandboxCore, region: string, id: string | undefined): InstanceRow {
  const row = id === undefined ? undefined : findInstance(core, region, id);
  if (row === undefined) throw instanceNotFound(id ?? '');
  return row;
}

export const instanceAt = (core: SandboxCore, { region, resourceId }: InstanceRef): InstanceRow | undefined =>
  rdsTables(core, region).instances.get(resourceId);

export const change = (
  core: SandboxCore,
  { region, resourceId }: InstanceRef,
  changed: (row: InstanceRow) => InstanceRow,
): InstanceRow | undefined => rdsTables(core, region).instances.update(resourceId, changed);

export const refOf = ({ region, resourceId }: InstanceRef): InstanceRef => ({ region, resourceId });

export const isSame = (one: InstanceRef, other: InstanceRef): boolean => one.resourceId === other.resourceId;

/** Throws RDS's refusal unless the instance has one of these statuses and no change under way. */
export function needStatus(row: InstanceRow, what: string, ...statuses: readonly string[]): void {
  if (statuses.includes(row.status) && row.busy === undefined) return;
  throw invalidState(
    `Instance ${row.id} is not in a state in which it can be ${what}: it is ${row.busy === undefined ? row.status : `${row.status} (${row.busy} under way)`}. ` +
      `Allowed: ${statuses.join(', ')}.`,
  );
}
