/** What `pilot-light cost` is given: prices, usage, and templates, from files or synthesized into a folder that goes with the command. */

import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { deployedWorkloadFile } from '../cost/control.ts';
import type { DeployedTemplate, Template } from '../cost/template.ts';
import type { Usage } from '../cost/usage.ts';
import { defaultUsage, parseUsage, usageNames } from '../cost/usage.ts';
import type { PriceBook } from '../facts/prices.ts';
import { builtInPrices, parsePrices } from '../facts/prices.ts';
import { messageOf, usageError } from '../kernel/errors.ts';
import type { Workload } from '../workload/config.ts';
import { parseWorkload } from '../workload/parse.ts';
import type { AssemblyStack } from './deploy/assembly.ts';
import { readAssembly } from './deploy/assembly.ts';
import { interruption } from './interruption.ts';
import { loadWorkload } from './load-workload.ts';
import { synthesize } from './synthesize.ts';
import { openWorkspace } from './workspace.ts';

export const pricesFrom = (file: string | undefined): PriceBook =>
  file === undefined ? builtInPrices() : parsePrices(readData(file, 'price file'), file);

/** Defaults, a file over them, single values over that. */
export function usageFrom(file: string | undefined, set: readonly string[]): Usage {
  const told = file === undefined ? {} : parseUsage(readData(file, 'usage file'), file);
  const single = Object.fromEntries(set.map(pairOf));
  return { ...defaultUsage, ...told, ...parseUsage(single, 'of --set') };
}

export interface Priced {
  readonly templates: readonly DeployedTemplate[];
  readonly workload: Workload;
}

export async function templatesFrom(options: { config?: string; assembly?: string }): Promise<Priced> {
  if (options.assembly !== undefined) {
    const stacks = await stacksOf(resolve(options.assembly));
    const workload =
      options.config === undefined
        ? deployedWorkload(stacks, options.assembly)
        : (await loadWorkload(options.config)).workload;
    return { workload, templates: stacks.map((stack) => templateOf(stack, workload)) };
  }
  const { workload, baseDirectory } = await loadWorkload(options.config);
  const workspace = openWorkspace();
  const interrupted = interruption();
  try {
    const assembly = await interrupted.orElse(
      synthesize(baseDirectory, join(workspace.folder, 'cdk.out'), interrupted.signal),
    );
    return { workload, templates: (await stacksOf(assembly)).map((stack) => templateOf(stack, workload)) };
  } finally {
    interrupted.close();
    workspace.close();
  }
}

/** Accounts play no part in a price. */
const stacksOf = (directory: string): Promise<AssemblyStack[]> => readAssembly(directory, () => Promise.resolve(''));

function templateOf({ stackName, region, template }: AssemblyStack, { primary, recovery }: Workload): DeployedTemplate {
  const side = region === primary.region ? 'primary' : region === recovery.region ? 'recovery' : 'witness';
  return { stack: stackName, region, side, template: JSON.parse(template) as Template };
}

/** The resolved workload lies beside the control functions' bundle. */
function deployedWorkload(stacks: readonly AssemblyStack[], given: string): Workload {
  const file = stacks
    .flatMap(({ assets }) => assets.map(({ path }) => join(path, deployedWorkloadFile)))
    .find((path) => existsSync(path));
  if (file === undefined) {
    throw usageError('The assembly holds no workload: no control function is in it.', {
      given,
      next: 'Give --config beside --assembly.',
    });
  }
  return parseWorkload(JSON.parse(readFileSync(file, 'utf8')), file);
}

function pairOf(text: string): [string, unknown] {
  const [, name = '', value = ''] = /^(\w+)=(.+)$/.exec(text.trim()) ?? [];
  if (name === '') {
    throw usageError('--set takes a name and a number.', {
      given: text,
      allowed: `name=value, the name one of ${usageNames.join(', ')}`,
    });
  }
  const number = Number(value);
  return [name, Number.isNaN(number) ? value : number];
}

function readData(file: string, what: string): unknown {
  const path = resolve(file);
  try {
    const text = readFileSync(path, 'utf8');
    return ['.yaml', '.yml'].includes(extname(path)) ? parseYaml(text) : JSON.parse(text);
  } catch (error) {
    throw usageError(`The ${what} can't be read: ${messageOf(error)}.`, {
      given: path,
      allowed: 'a file of JSON or YAML, by its ending',
    });
  }
}
