/** Lambda code: bundled with the SDK inside, so that what was rehearsed is what runs. */

import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { bundleFile, workloadFile } from '../functions/contract.ts';
import { usageError } from '../kernel/errors.ts';
import type { Workload } from '../workload/config.ts';

const bundled = new Map<string, string>();
const here = dirname(fileURLToPath(import.meta.url));

/** Lies in a built package: esbuild takes longer over the AWS SDK than the CDK over all of the stacks. */
const builtFile = join(here, 'control-bundle.cjs');

/** For the package's own build, which bundles what it has compiled. @public */
export const buildControlBundle = (): void => runEsbuild(controlEntry(), builtFile);

/** The control bundle with the workload file beside it: a folder for `Code.fromAsset`. */
export function controlBundle(workload: Workload): string {
  const folder = temporaryFolder();
  cpSync(existsSync(builtFile) ? builtFile : bundle(controlEntry()), join(folder, bundleFile));
  // What only a rehearsal needs isn't deployed: it may change without a new bundle.
  const { sandbox: _, ...deployed } = workload;
  writeFileSync(join(folder, workloadFile), JSON.stringify(deployed));
  return folder;
}

/** A workload function's own code: a folder for `Code.fromAsset`. */
export function functionBundle(entry: string, baseDirectory: string): string {
  const file = resolve(baseDirectory, entry);
  if (!existsSync(file)) {
    throw usageError("A function's entry isn't there.", {
      given: file,
      allowed: 'a TypeScript or JavaScript module',
      next: 'Correct functions.*.entry.',
    });
  }
  return dirname(bundle(file));
}

/** Bundles once per process and entry. */
function bundle(entry: string): string {
  const known = bundled.get(entry);
  if (known !== undefined) return known;
  const folder = temporaryFolder();
  const outfile = join(folder, bundleFile);
  runEsbuild(entry, outfile);
  bundled.set(entry, outfile);
  return outfile;
}

const runEsbuild = (entry: string, outfile: string): void => {
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // One file, nothing to be fetched later: what V8 compiled of it can be kept whole from one start to the next.
    supported: { 'dynamic-import': false },
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'error',
  });
};

/** Gone with the process: what is in it has been copied into the assembly by then. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-bundle-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The source in a checkout, the compiled module in an installed package. */
function controlEntry(): string {
  const candidates = ['bundle.ts', 'bundle.js'].map((name) => join(here, '..', 'functions', name));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw usageError("The control functions' source is missing from the package.", {
      next: 'Install pilot-light again.',
    });
  return found;
}
