/** Finds and reads a workload's config file: TypeScript, JavaScript, JSON or YAML. Without one, the example that ships with the project. */

import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, usageError } from '../kernel/errors.ts';
import type { Workload } from '../workload/config.ts';
import { parseWorkload } from '../workload/parse.ts';
import { bundleModule } from './bundle-module.ts';

export interface LoadedWorkload {
  readonly workload: Workload;
  readonly file: string;
  /** The folder that paths in the config are relative to, and where `cdk.json` stands. */
  readonly baseDirectory: string;
}

export async function loadWorkload(path: string | undefined): Promise<LoadedWorkload> {
  const file = path === undefined ? join(packageRoot(), 'examples', 'photos', 'pilot-light.config.ts') : resolve(path);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw usageError('There is no such config file.', {
      given: file,
      next: 'Give --config the path of a pilot-light.config.ts, .json or .yaml.',
    });
  }
  return { workload: parseWorkload(await read(file), file), file, baseDirectory: dirname(file) };
}

async function read(file: string): Promise<unknown> {
  const { isRead, readConfig } = await import('../workload/read-config.ts');
  if (isRead(file)) return readConfig(file);
  try {
    return await importModule(file);
  } catch (error) {
    throw usageError(`The config file can't be read: ${messageOf(error)}.`, {
      given: file,
      next: 'Correct it and run the command again.',
    });
  }
}

export function packageRoot(): string {
  return dirname(dirname(dirname(fileURLToPath(import.meta.url))));
}

/**
 * Bundled and imported: TypeScript needs no set-up of the user's. `pilot-light` means the config's part of this package alone, since
 * the whole index would bring the CDK along.
 */
async function importModule(file: string): Promise<unknown> {
  const code = await bundleModule(file, { format: 'esm', alias: { 'pilot-light': configModule() } });
  const module = (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as {
    default?: unknown;
  };
  if (module.default === undefined) throw new Error('it has no default export');
  return module.default;
}

/** Source in a checkout's tests, compiled otherwise. */
function configModule(): string {
  const here = dirname(dirname(fileURLToPath(import.meta.url)));
  const candidates = ['config.js', 'config.ts'].map((name) => join(here, 'workload', name));
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })) ?? 'pilot-light';
}
