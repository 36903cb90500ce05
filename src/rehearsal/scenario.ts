/** Scenarios are data: what is given, what goes wrong, what the rehearsal's own hand does, what is expected. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { isDuration, timingModes } from '../facts/timing.ts';
import { usageError } from '../kernel/errors.ts';
import { policy } from '../workload/config/recovery.ts';
import { act } from './acts/act.ts';
import { when } from './acts/when.ts';
import { checkOrder } from './check-order.ts';
import { expectation } from './expectations/kinds.ts';

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
      'Each fault step raises (`raise: { kind: … }`, perhaps with a `name`) or lifts (`lift: NAME`), `at` AWS seconds `after` a moment.',
  },
);
export type FaultStep = z.output<typeof faultStep>;

const schema = z
  .strictObject({
    title: z.string(),
    /** What a reader should learn from it, in a sentence or two. */
    tells: z.string(),
    /** Real minutes it takes on a small machine. */
    minutes: z.number().min(0.5).max(120),
    given: z
      .strictObject({
        customers: z.int().min(1).max(100).default(4),
        everySeconds: z.number().min(0.2).default(2),
        /** Acknowledged writes before anything goes wrong. */
        steadyWrites: z.int().min(1).default(40),
        /** AWS seconds of steady running at least. */
        steadySeconds: z.int().min(1).default(60),
        /** Whether a replication stopped by `rds_stop_replication` resumes when the replica reboots, or stays stopped. */
        stoppedReplication: z.enum(['resumes', 'stays']).default('resumes'),
        /** AWS seconds per real second at most, where the usual ten would blur what is measured on a busy machine: probes time out. */
        pace: z.number().min(1).max(10).default(10),
        /** Which of AWS's durations hold: the median, unless said here or on the command line. */
        timing: z.enum(timingModes).optional(),
        /** Durations of `facts/aws-model.json` that are at their 95th percentile, whatever holds for the others. */
        slow: z.array(z.string().refine(isDuration, { error: 'no duration of facts/aws-model.json' })).default([]),
        /** What may be done without a person, in place of the config's own policy: a scenario is about one. */
        policy: policy.unwrap().optional(),
      })
      .prefault({}),
    /** What goes wrong beside the acts. Whatever still stands when the customers stop is lifted then. */
    faults: z.array(faultStep).default([]),
    acts: z.array(act).default([]),
    expect: z.array(expectation).min(1, { error: 'A scenario that expects nothing shows nothing.' }),
  })
  .superRefine(checkOrder);

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
