/**
 * The snapshot a cross-Region replica begins with: an automated one of its source, kept like every other, and its copy in the replica's
 * Region, which is there until the replica is. Nobody asked for either, and both are listed.
 *
 * Source: RDS User Guide, "Creating a read replica in a different AWS Region".
 */

import type { SandboxCore } from '../../contract.ts';
import type { Backup } from '../../databases/database.ts';
import { arnOf } from './arns.ts';
import { tell } from './events.ts';
import { type InstanceRow, rdsTables } from './rows.ts';
import { finishSnapshot, putSnapshot } from './snapshot-rows.ts';

/** Enters the source's snapshot as `creating`, unless it was. */
export function enterSeed(core: SandboxCore, source: InstanceRow, id: string): void {
  if (rdsTables(core, source.region).snapshots.has(id)) return;
  putSnapshot(core, source, id, 'automated', {});
  tell(core, { kind: 'snapshot', region: source.region, id }, 'creatingAutomatedSnapshot');
}

/** The source's snapshot is complete, and its way to the other Region begins. */
export function seedTaken(core: SandboxCore, from: string, to: string, id: string, seed: Backup | undefined): void {
  finishSnapshot(core, from, id, seed);
  tell(core, { kind: 'snapshot', region: from, id }, 'automatedSnapshotCreated');
  const row = rdsTables(core, from).snapshots.get(id);
  if (row === undefined) return;
  const copyOf = { arn: arnOf(core, from, 'snapshot', id), region: from };
  const copy = { ...row, region: to, status: 'creating', percent: 0, createdAt: core.clock.now(), copyOf } as const;
  rdsTables(core, to).snapshots.put(id, copy);
}
