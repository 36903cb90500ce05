/** Builds the package where its sources are newer: commands are run as they are installed, and start in a tenth of the time. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const build = fileURLToPath(new URL('../../setup/build.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('The package could not be built.');
}
