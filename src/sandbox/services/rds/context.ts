/** What the parts of the service share. */

import type { SandboxCore } from '../../contract.ts';
import type { Databases } from '../../databases/database.ts';
import type { Fleet } from './fleet.ts';
import type { InstanceRow } from './rows.ts';

export interface Rds {
  readonly core: SandboxCore;
  readonly databases: Databases;
  readonly fleet: Fleet;
}

/** Whether a connection from an address may reach an instance: what security groups and routes say. */
export type Admission = (instance: InstanceRow, sourceAddress: string) => boolean;
