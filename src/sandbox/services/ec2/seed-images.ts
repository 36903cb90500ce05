/** The images a sandbox begins with: the stock one, and those the user's config maps to a folder and a start command. */

import type { SandboxCore } from '../../contract.ts';
import { amazonAccount, stockImageId, stockImageName } from '../../instances/stock-image.ts';
import { machineTables } from './machine-rows.ts';
import { newId } from './rows.ts';

export interface SeedImage {
  /** An absolute path. Instances get a copy; the folder itself is never written to. */
  readonly folder: string;
  /** The program and its arguments, run in that folder: `['node', 'server.mjs']`. */
  readonly command: readonly string[];
  /** The Region the id is known in; without it, all of them. */
  readonly region?: string;
}

export function seedImages(core: SandboxCore, images: Readonly<Record<string, SeedImage>>): void {
  for (const region of core.regions) {
    seed(core, region, { id: stockImageId, name: stockImageName, ownerId: amazonAccount, isPublic: true });
    for (const [id, image] of Object.entries(images)) {
      if (image.region !== undefined && image.region !== region) continue;
      seed(core, region, { id, name: `seed-${id}`, ownerId: core.account, isPublic: false, image });
    }
  }
}

function seed(
  core: SandboxCore,
  region: string,
  {
    id,
    name,
    ownerId,
    isPublic,
    image,
  }: { id: string; name: string; ownerId: string; isPublic: boolean; image?: SeedImage },
): void {
  const { images, snapshots } = machineTables(core, region);
  const kept = images.get(id);
  if (kept !== undefined) {
    // A sandbox that goes on: the image is known, and what it stands for is said anew.
    images.put(id, { ...kept, command: image?.command ?? [] });
    if (image !== undefined) snapshots.update(kept.snapshotId, (row) => ({ ...row, folder: image.folder }));
    return;
  }
  const now = core.clock.now();
  const snapshotId = newId(core, 'snap');
  snapshots.put(snapshotId, {
    id: snapshotId,
    volumeId: newId(core, 'vol'),
    state: 'completed',
    description: `Created for ${id}`,
    encrypted: false,
    startedAt: now,
    completedAt: now,
    ownerId,
    owned: false,
    ...(image === undefined ? {} : { folder: image.folder }),
  });
  images.put(id, {
    id,
    name,
    description: image === undefined ? 'Amazon Linux 2023 (boots, serves nothing)' : `Seeded from ${image.folder}`,
    state: 'available',
    createdAt: now,
    ownerId,
    isPublic,
    snapshotId,
    command: image?.command ?? [],
  });
}
