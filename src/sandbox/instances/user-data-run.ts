/**
 * User data's scripts run once, when an instance first starts, before its program: as root in the instance's own root, from its folder, in
 * its Region and network. One that fails is told on the console and stops nothing, as with cloud-init.
 */

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine, SandboxCore } from '../contract.ts';
import { insideEnvironment, insideOf, trustedInside } from '../machines/node-machine.ts';
import { containment } from './containment.ts';
import type { BootSpec } from './machinery.ts';

/** Its machine, and so its log: see `consoleLog`. */
export const userDataMachine = (instanceId: string): string => `${instanceId}-user-data`;

/** Starts the scripts in turn; the machine's exit code is that of the last one that failed, or 0. */
export async function runUserData(
  core: SandboxCore,
  spec: BootSpec,
  scripts: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Machine> {
  const names = scripts.map((_, index) => `part-${String(index + 1).padStart(3, '0')}`);
  const disk = join(spec.folder, '.disk', scriptFolder);
  await mkdir(disk, { recursive: true });
  for (const [index, script] of scripts.entries()) {
    const file = join(disk, names[index] ?? '');
    await writeFile(file, script);
    await chmod(file, 0o700);
  }
  const { command, args, path } = containment(core.scratch, spec.folder, {
    alone: true,
    kept: [join(core.directory, trustedInside)],
  });
  return core.region(spec.region).machines.spawn({
    name: userDataMachine(spec.instanceId),
    command,
    args: [...args, '/bin/sh', '-c', eachInTurn, 'sh', ...names.map((name) => `${scriptFolder}/${name}`)],
    env: {
      ...insideEnvironment(insideOf(core.scratch), spec.address),
      ...environment,
      HOME: '/root',
      USER: 'root',
      PATH: path,
    },
    cwd: spec.folder,
    address: spec.address,
  });
}

/** Where cloud-init keeps them. */
const scriptFolder = '/var/lib/cloud/instance/scripts';

const eachInTurn = `failed=0
for script in "$@"; do
  "$script" || { failed=$?; echo "Failed running $script [$failed]"; }
done
exit $failed
`;
