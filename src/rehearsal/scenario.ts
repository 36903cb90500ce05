/** Scenarios are data: what is given, what goes wrong, what is expected. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { usageError } from '../kernel/errors.ts';

const schema = z.strictObject({
  title: z.string(),
  /** What a reader should learn from it, in a sentence or two. */
  tells: z.string(),
  given: z
    .strictObject({
      customers: z.int().min(1).max(100).default(4),
      everySeconds: z.number().min(0.2).default(2),
      /** Acknowledged writes before anything goes wrong. */
      steadyWrites: z.int().min(1).default(100),
      /** AWS seconds of steady running at least. */
      steadySeconds: z.int().min(1).default(120),
    })
    .prefault({}),
  fault: z
    .strictObject({
      /** Seconds of AWS time before the Region goes dark in which the link between the Regions is cut already. */
      linkCutSeconds: z.number().min(0).default(0),
      /** Seconds of AWS time the Region stays dark after the service is back. */
      darkSecondsAfterResolved: z.number().min(0).default(60),
      /** Whether the Region ever comes back; without it there is no way home. */
      returns: z.boolean().default(true),
    })
    .prefault({}),
  failback: z.boolean().default(true),
  expect: z
    .strictObject({
      /** AWS seconds from the kill to the first acknowledged write, at most. */
      resolvedWithinSeconds: z.int().min(1).default(900),
      /** Lost writes that must be seen at least: for scenarios that are about losing. */
      lostAtLeast: z.int().min(0).default(0),
    })
    .prefault({}),
});

export type Scenario = z.output<typeof schema> & { readonly name: string };

/** @throws a usage error that lists the scenarios there are. */
export function loadScenario(folder: string, name: string): Scenario {
  const file = join(folder, `${name}.yaml`);
  if (!scenarioNames(folder).includes(name)) {
    throw usageError('There is no such scenario.', {
      given: name,
      allowed: [...scenarioNames(folder), 'all'].join(', '),
    });
  }
  const result = schema.safeParse(parse(readFileSync(file, 'utf8')));
  if (!result.success) throw usageError(`Scenario ${name} isn't valid:\n${z.prettifyError(result.error)}\n`);
  return { ...result.data, name };
}

export const scenarioNames = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
