/** What a sandbox needs of the machine and of the workload's folder, found out before anything is started. */

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { messageOf, usageError } from '../kernel/errors.ts';
import { cdkSettings } from './cdk-settings.ts';
import type { LoadedWorkload } from './load-workload.ts';

/** The machine as the checks see it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Where programs are looked for; the system's own places when not given. */
  readonly folders?: readonly string[];
}

const thisMachine: Machine = { platform: process.platform };

/** @throws one usage error that names everything that is missing. */
export async function checkMachine(machine: Machine = thisMachine): Promise<void> {
  if (machine.platform !== 'linux') {
    throw usageError('The sandbox runs on Linux.', {
      given: machine.platform,
      next: 'Run this in a Debian or Ubuntu virtual machine.',
    });
  }
  const { findBinaries } = await import('../sandbox/databases/binaries.ts');
  const { faketimeLibrary } = await import('../sandbox/clock/faketime.ts');
  const problems = [() => findBinaries(machine.folders && [...machine.folders]), faketimeLibrary].flatMap(problemOf);
  if (problems.length > 0) throw usageError(problems.join('\n'));
}

/** What an audit reads lost writes with. @throws a usage error that names the package. */
export function checkAuditTools({ folders }: Machine = thisMachine): void {
  const places = folders ?? (process.env.PATH ?? '').split(delimiter);
  if (places.some((folder) => isProgram(join(folder, 'mariadb-binlog')))) return;
  throw usageError("A rehearsal's audit needs mariadb-binlog, which is not on the PATH.", {
    next: 'Install the Debian package mariadb-client.',
  });
}

/** @throws a usage error when a rehearsal couldn't be played with this workload. */
export function checkCustomers({ workload, file }: LoadedWorkload): void {
  if (workload.traffic.latch === 'none') {
    throw usageError('With the latch none customers are led by you, and a rehearsal has nobody who would lead them.', {
      given: `traffic.latch: none in ${file}`,
      allowed: 'alarm or accelerator, with a zone and a name: in the sandbox any will do',
      next: 'Rehearse a config beside it that differs in `traffic` alone: all the rest of the recovery is the same. `sandbox up --deploy` and the failover started by hand work with none.',
    });
  }
  if (workload.sandbox.customers !== undefined) return;
  throw usageError(
    "A rehearsal has to know how the workload's customers write, and where a write can be found again.",
    {
      allowed:
        'sandbox.customers: a request with {id} in it, the table and column its row has, and the object it leaves',
      next: `Add it to ${file}; the example's config shows one.`,
    },
  );
}

/** @throws a usage error when the CDK app or what the sandbox's images are made from isn't there. */
export function checkWorkload({ workload, baseDirectory, file }: LoadedWorkload, { app }: { app: boolean }): void {
  if (app) cdkSettings(baseDirectory);
  const { images } = workload.sandbox;
  for (const { image } of Object.values(workload.compute)) {
    if (images[image] !== undefined) continue;
    throw usageError("The sandbox doesn't know what the workload's image holds.", {
      given: image,
      allowed: 'an entry of sandbox.images, with a folder and a start command, or a module',
      next: `Add it to ${file}.`,
    });
  }
  const sources = [
    ...Object.entries(images).map(([id, made]) => ({
      what: `image ${id}`,
      path: 'entry' in made ? made.entry : made.folder,
    })),
    ...Object.entries(workload.functions).map(([name, { entry }]) => ({ what: `function ${name}`, path: entry })),
  ];
  for (const { what, path } of sources) {
    if (existsSync(resolve(baseDirectory, path))) continue;
    throw usageError(`What the ${what} is made from isn't there.`, {
      given: resolve(baseDirectory, path),
      next: `Correct ${file}.`,
    });
  }
}

function problemOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
