/** What all snapshots have in common, whoever takes them: their rows, and the folders their data are in. */

import { join } from 'node:path';
import type { SandboxCore } from '../../contract.ts';
import type { Backup } from '../../databases/database.ts';
import type { Rds } from './context.ts';
import { type InstanceRow, rdsTables, type SnapshotRow, type Tags } from './rows.ts';

/** A snapshot of an instance that is being taken now. */
export function putSnapshot(
  core: SandboxCore,
  instance: InstanceRow,
  id: string,
  type: SnapshotRow['type'],
  tags: Tags,
): SnapshotRow {
  return rdsTables(core, instance.region).snapshots.put(id, {
    id,
    region: instance.region,
    status: 'creating',
    type,
    instanceId: instance.id,
    createdAt: core.clock.now(),
    percent: 0,
    tags: instance.copyTagsToSnapshot ? { ...instance.tags, ...tags } : tags,
    encrypted: instance.encrypted,
    kmsKeyId: instance.kmsKeyId,
    copyOf: undefined,
    instance,
    backup: undefined,
  });
}

export const snapshotDirectory = (core: SandboxCore, region: string, id: string): string =>
  join(core.directory, 'databases', 'snapshots', region, id);

export function finishSnapshot(core: SandboxCore, region: string, id: string, backup: Backup | undefined): void {
  rdsTables(core, region).snapshots.update(id, (row) => ({ ...row, status: 'available', percent: 100, backup }));
}

export function failSnapshot(core: SandboxCore, region: string, id: string): void {
  rdsTables(core, region).snapshots.update(id, (row) => ({ ...row, status: 'failed' }));
}

/** The row at once, the data once nobody can find the way to them any more. */
export function dropSnapshot({ core, databases }: Rds, { region, id }: Pick<SnapshotRow, 'region' | 'id'>): void {
  rdsTables(core, region).snapshots.delete(id);
  core.onceKept(() => void databases.discard(snapshotDirectory(core, region, id)));
}
