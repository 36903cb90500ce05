/** Scenarios are data: what is given, what goes wrong, what is expected. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { usageError } from '../kernel/errors.ts';

/** When, in AWS seconds: counted from the beginning of steady running, or from the outage (the moment the Region is killed, if it is). */
const when = {
  after: z.enum(['steady', 'outage']).default('outage'),
  at: z.number().min(0),
};

const faultStep = z.union(
  [
    z.strictObject({
      ...when,
      /** What a later step lifts it by. */
      name: z.string().optional(),
      /** A kind and its parameters, as `pilot-light sandbox fault kinds` lists them. Places are `primary`, `recovery` and `outside`. */
      raise: z.looseObject({ kind: z.string() }),
    }),
    z.strictObject({ ...when, lift: z.string() }),
  ],
  {
    error:
      'Each fault step raises (`raise: { kind: … }`, perhaps with a `name`) or lifts (`lift: NAME`), `at` AWS seconds `after` steady or outage.',
  },
);
export type FaultStep = z.output<typeof faultStep>;

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
      /** Whether a replication stopped by `rds_stop_replication` resumes when the replica reboots, or stays stopped. */
      stoppedReplication: z.enum(['resumes', 'stays']).default('resumes'),
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
      /** Seconds of AWS time that are watched when no failover is expected. */
      watchSeconds: z.number().min(1).default(300),
    })
    .prefault({}),
  /** What else goes wrong, and when. Whatever still stands when the customers stop is lifted then. */
  faults: z.array(faultStep).default([]).superRefine(checkLifts),
  failback: z.boolean().default(true),
  expect: z
    .strictObject({
      /** False: nothing is killed, and whatever the faults do to the workload, it must not fail over. */
      failover: z.boolean().default(true),
      /** AWS seconds from the kill to the first acknowledged write, at most. */
      resolvedWithinSeconds: z.int().min(1).default(900),
      /** Lost writes that must be seen at least: for scenarios that are about losing. */
      lostAtLeast: z.int().min(0).default(0),
    })
    .prefault({}),
});

export type Scenario = z.output<typeof schema> & { readonly name: string };

function checkLifts(steps: readonly FaultStep[], context: z.RefinementCtx): void {
  const names = steps.flatMap((step) => ('raise' in step && step.name !== undefined ? [step.name] : []));
  for (const step of steps) {
    if (!('lift' in step) || names.includes(step.lift)) continue;
    context.addIssue({ code: 'custom', message: `No step raises a fault named ${step.lift}.` });
  }
}

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
