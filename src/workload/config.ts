/**
 * The workload: what is protected, as one typed config file. Every field but `name`, the two Regions, the image and the public name has
 * a default; `defineWorkload` only types what is written; it is judged, and the defaults filled in, in `parse.ts`.
 */

import { z } from 'zod';
import { group, images } from './config/compute.ts';
import { verification } from './config/customer.ts';
import { database, parameters } from './config/data.ts';
import { shortName } from './config/fields.ts';
import { functionConfig } from './config/functions.ts';
import { side, traffic, witness } from './config/places.ts';
import {
  control,
  fence,
  logs,
  notifications,
  objectives,
  permissionsBoundary,
  policy,
  tags,
  watch,
} from './config/recovery.ts';
import { type customers, sandbox } from './config/sandbox.ts';
import { customStep } from './config/steps.ts';

export const schema = z
  .strictObject({
    $schema: z.string().optional().describe("Where an editor finds this file's JSON Schema. Nothing else reads it."),
    name: shortName.describe("The workload's name."),
    environment: shortName
      .default('dev')
      .describe('The environment; it names the state machines (`dev-dr-failover`, `dev-dr-failback`).'),
    account: z
      .string()
      .regex(/^\d{12}$/, 'twelve digits')
      .default('111122223333')
      .describe("The AWS account. The default is the sandbox's."),
    primary: side.describe('Where the workload runs as long as all is well.'),
    recovery: side.describe('Where it is recovered to, and where all recovery control runs.'),
    witness: witness.optional(),
    compute: z
      .record(shortName, group)
      .refine((groups) => Object.keys(groups).length >= 1 && Object.keys(groups).length <= 8, {
        error: 'too few or too many groups',
        params: { allowed: '1 to 8 groups by name, like web: { image: … }' },
      })
      .describe('The application tier: groups of instances, by name.'),
    database: database.prefault({}).describe('The database.'),
    buckets: z.array(shortName).default([]).describe('Bucket names as the application knows them.'),
    functions: z.record(shortName, functionConfig).default({}).describe("The workload's Lambda functions, by name."),
    steps: z
      .record(shortName, customStep)
      .default({})
      .describe("The workload's own steps in the plans, by name. Default: none."),
    parameters: parameters.prefault({}).describe("The application's own SSM parameters."),
    traffic: traffic.describe('How customers find the workload.'),
    verification: verification
      .optional()
      .describe(
        'What a run does as a customer would before it says that the service is recovered. Default: it asks the ready path alone.',
      ),
    objectives: objectives.prefault({}).describe('What the recovery is measured against.'),
    policy,
    fence: fence.prefault({}).describe('How the old side is kept from writing, where there is a witness Region.'),
    control: control.prefault({}).describe("Pilot Light's own functions."),
    watch: watch.prefault({}).describe('How the primary Region is watched.'),
    notifications: notifications.prefault({}).describe('Who is told.'),
    logs: logs.prefault({}).describe("The functions' logs."),
    permissionsBoundary,
    tags,
    images: images.prefault({}).describe('How images are kept fresh in both Regions.'),
    sandbox: sandbox
      .prefault({})
      .describe('What a rehearsal needs to know that AWS, and customers, know by themselves.'),
  })
  .transform(({ $schema: _schema, ...workload }) => workload);

/** The config file as written. */
export type WorkloadConfig = z.input<typeof schema>;
/** The config with every default filled in: plain JSON. */
export type Workload = z.output<typeof schema>;
export type Customers = z.output<typeof customers>;

/** Types a config file; judges nothing. */
export const defineWorkload = (config: WorkloadConfig): WorkloadConfig => config;

/** The JSON Schema of the config file, for editors. */
export const workloadJsonSchema = () => ({
  title: 'Pilot Light: a workload',
  ...z.toJSONSchema(schema, { io: 'input' }),
});
