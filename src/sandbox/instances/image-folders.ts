/** The disks: folders on this machine that images hold and instances run in. */

import { constants, type Stats } from 'node:fs';
import { chmod, cp, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SandboxCore } from '../contract.ts';

/** Where the data of a snapshot lies. */
export const snapshotFolder = (core: SandboxCore, region: string, snapshotId: string): string =>
  join(core.directory, 'ec2', region, 'snapshots', snapshotId);

/** The disk of an instance: what its program sees as its working folder. */
export const instanceFolder = (core: SandboxCore, region: string, instanceId: string): string =>
  join(core.directory, 'ec2', region, 'instances', instanceId);

/**
 * Copies a disk. Blocks are shared where the file system can (copy on write), never by hard links: an instance that writes to a
 * file in place must not change its image. What overlays keep for themselves (see `containment.ts`) stays behind.
 */
export async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    filter: async (source) => source !== join(from, layers) && isPlain(await lstat(source)),
  });
}

export const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
};

export async function removeFolder(folder: string): Promise<void> {
  // An overlay leaves folders that nobody may look into.
  for (const layer of ['etc', 'usr/local'])
    await chmod(join(folder, layers, layer, 'work/work'), 0o700).catch(() => {});
  await rm(folder, { recursive: true, force: true });
}

const layers = '.disk/.layers';

/** Deleted files of the layer beneath are devices, and sockets are nothing without their program. */
const isPlain = (facts: Stats): boolean => facts.isFile() || facts.isDirectory() || facts.isSymbolicLink();
