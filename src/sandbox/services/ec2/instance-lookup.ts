/** Finding instances by id, and changing a row only while it is in a state. */

import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { InstanceRow, InstanceState } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';

export function instanceOf(core: SandboxCore, region: string, id: string): InstanceRow {
  if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  const row = machineTables(core, region).instances.get(id);
  if (row === undefined) throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  return row;
}

/** EC2's numbers for its states. */
export const stateCode: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};
