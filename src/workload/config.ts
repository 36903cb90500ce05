/**
 * The workload: what is protected, as one typed config file. Every field but `name`, the two Regions and the image has a
 * default; `defineWorkload` only types what is written, `parseWorkload` judges it and fills the defaults in.
 */

import { z } from 'zod';
import { isRegion, regions } from '../facts/regions.ts';
import { usageError } from '../kernel/errors.ts';

const region = z
  .string()
  .refine(isRegion, { error: ({ input }) => `unknown Region ${String(input)}; known: ${regions.join(', ')}` });

/** Long enough to mean something, short enough for the longest AWS name built from it (a load balancer's 32 characters). */
const shortName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,11}$/,
    'lower-case letters, digits and hyphens, starting with a letter, at most 12 characters',
  );

const cidr = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3}){3}\/(1[6-9]|2[0-4])$/, 'an IPv4 block between /16 and /24, like 10.10.0.0/16');

const side = z.strictObject({
  region,
  /** The VPC's address block. @default 10.10.0.0/16 in the primary Region, 10.20.0.0/16 in the recovery Region */
  cidr: cidr.optional(),
});

const compute = z.strictObject({
  /** The image of the first instances in the primary Region; afterwards the SSM pointer decides. */
  image: z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'an image id like ami-0123456789abcdef0'),
  instanceType: z.string().default('t3.small'),
  capacity: z
    .strictObject({ min: z.int().min(1), desired: z.int().min(1), max: z.int().min(1) })
    .refine(({ min, desired, max }) => min <= desired && desired <= max, 'min <= desired <= max')
    .default({ min: 2, desired: 2, max: 4 }),
  /** The port the application listens on. */
  port: z.int().min(1).max(65_535).default(8080),
  /** Answers 200 while the process lives, whatever the database does: Auto Scaling replaces instances that fail it. */
  alivePath: z.string().startsWith('/').default('/alive'),
  /** Answers 200 only when a customer's write would be accepted. */
  readyPath: z.string().startsWith('/').default('/ready'),
  /**
   * Extra environment of the application, beside what Pilot Light passes (Region, port, parameter path, database name). Instances find
   * all of it in /etc/pilot-light.env, written before cloud-final.service ends.
   */
  environment: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name: letters, digits and underscores'),
      z.string().regex(/^[^\r\n]*$/, 'one line'),
    )
    .default({}),
});

const database = z.strictObject({
  engine: z.enum(['mysql', 'mariadb']).default('mysql'),
  engineVersion: z.string().optional(),
  class: z.string().startsWith('db.').default('db.t4g.medium'),
  /** GiB */
  storage: z.int().min(20).default(20),
  /** Multi-AZ where the database is active. */
  multiAz: z.boolean().default(true),
  /** Days of automated backups, on both sides: a replica without them is promoted later. */
  backupRetention: z.int().min(1).max(35).default(7),
  /** The schema the application uses. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,31}$/)
    .default('app'),
});

const functionConfig = z.strictObject({
  /** The module that exports `handler`, relative to the config file. */
  entry: z.string(),
  /** The SQS queue that feeds it; the name is the workload's own. */
  queue: shortName.optional(),
  timeoutSeconds: z.int().min(1).max(900).default(30),
  memory: z.int().min(128).max(10_240).default(256),
  batchSize: z.int().min(1).max(10).default(5),
});

/** Where `{id}` stands, a write's own id is put: letters, digits and hyphens, about 20 of them. */
const withId = z.string().regex(/\{id\}/, 'text with {id} where the id of a write belongs');

/** How customers write, and where what they were told is safe can be found again. */
const customers = z.strictObject({
  /** One request, in the public name's root: what a customer does. */
  write: z.strictObject({
    method: z.enum(['PUT', 'POST']).default('PUT'),
    path: z.string().startsWith('/'),
    contentType: z.string().default('application/octet-stream'),
    /** Random bytes, after fixed ones in base64 when given; or a text, in which `{id}` is replaced. */
    body: z.union([
      z.strictObject({ random: z.int().min(1).max(5_000_000), after: z.base64().optional() }),
      z.strictObject({ text: z.string() }),
    ]),
    /** The status that means the write is safe. */
    acknowledgedBy: z.int().min(200).max(299).default(201),
  }),
  /** The row an acknowledged write leaves, in the database's own schema. */
  row: z.strictObject({
    table: z.string().regex(/^[A-Za-z0-9_]+$/),
    /** The column that holds the write's id. */
    id: z.string().regex(/^[A-Za-z0-9_]+$/),
    /** The column that holds the hexadecimal SHA-256 of the body, where there is one. */
    sha256: z
      .string()
      .regex(/^[A-Za-z0-9_]+$/)
      .optional(),
  }),
  /** The object it leaves, where it leaves one. */
  object: z.strictObject({ bucket: shortName, key: withId }).optional(),
});

const sandbox = z.strictObject({
  /** What an image id holds: a module that is bundled and started with Node, or a folder and how to start it. */
  images: z.record(
    z.string(),
    z.union([
      z.strictObject({ entry: z.string() }),
      z.strictObject({ folder: z.string(), command: z.array(z.string()).min(1) }),
    ]),
  ),
  customers: customers.optional(),
});

const schema = z
  .strictObject({
    name: shortName,
    environment: shortName.default('dev'),
    account: z
      .string()
      .regex(/^\d{12}$/)
      .default('111122223333'),
    primary: side,
    recovery: side,
    compute,
    database: database.default(database.parse({})),
    /** Bucket names as the application knows them. */
    buckets: z.array(shortName).default([]),
    functions: z.record(shortName, functionConfig).default({}),
    parameters: z
      .strictObject({
        /** Created with these values when the workload is installed; changed afterwards by their owners, not by a template. */
        values: z.record(z.string(), z.string()).default({}),
        /** Names under the path that are bound to one Region and must not be copied. */
        exclude: z.array(z.string()).default([]),
      })
      .default({ values: {}, exclude: [] }),
    traffic: z.strictObject({
      /** The hosted zone; it is created with the workload. */
      zone: z.string().regex(/^([a-z0-9-]+\.)+[a-z]+$/),
      /** The public name, in that zone. */
      name: z.string().regex(/^([a-z0-9-]+\.)+[a-z]+$/),
    }),
    objectives: z
      .strictObject({ rtoSeconds: z.int().min(60).default(900), rpoSeconds: z.int().min(1).default(60) })
      .default({ rtoSeconds: 900, rpoSeconds: 60 }),
    /** `automatic` fails over by itself, `approve` waits for a person, `manual` only warns. */
    policy: z.enum(['automatic', 'approve', 'manual']).default('approve'),
    watch: z
      .strictObject({
        /** Seconds between looks. */
        intervalSeconds: z.int().min(2).max(30).default(5),
        /** Seconds after which one probe counts as failed. */
        probeTimeoutSeconds: z.int().min(1).max(10).default(3),
        /** Looks in a row that must agree. */
        agreeing: z.int().min(2).max(20).default(3),
      })
      .default({ intervalSeconds: 5, probeTimeoutSeconds: 3, agreeing: 3 }),
    /** What a rehearsal needs to know that AWS, and customers, know by themselves. */
    sandbox: sandbox.default({ images: {} }),
    images: z
      .strictObject({
        /** Hours after which a new image is made. */
        everyHours: z.int().min(1).default(24),
        keep: z.int().min(1).default(3),
      })
      .default({ everyHours: 24, keep: 3 }),
  })
  .refine(({ primary, recovery }) => primary.region !== recovery.region, {
    path: ['recovery', 'region'],
    error: 'the recovery Region is the primary Region; choose another one',
  })
  .refine(
    ({ buckets, sandbox: { customers: given } }) =>
      given?.object === undefined || buckets.includes(given.object.bucket),
    {
      path: ['sandbox', 'customers', 'object', 'bucket'],
      error: 'not one of the buckets',
    },
  )
  .refine(({ sandbox: { customers: given } }) => given === undefined || JSON.stringify(given.write).includes('{id}'), {
    path: ['sandbox', 'customers', 'write'],
    error: 'neither its path nor its text holds {id}: its row could not be told from others',
  })
  .refine(({ traffic }) => traffic.name === traffic.zone || traffic.name.endsWith(`.${traffic.zone}`), {
    path: ['traffic', 'name'],
    error: 'not in the hosted zone',
  });

/** The config file as written. */
export type WorkloadConfig = z.input<typeof schema>;
/** The config with every default filled in: plain JSON. */
export type Workload = z.output<typeof schema>;
export type Customers = z.output<typeof customers>;

/** Types a config file; judges nothing. */
export const defineWorkload = (config: WorkloadConfig): WorkloadConfig => config;

/** @throws a usage error that lists each wrong field's path, what was given and what is allowed. */
export function parseWorkload(config: unknown, source = 'the workload config'): Workload {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  throw usageError(`${source} isn't valid.\n${z.prettifyError(result.error)}\n`, {
    next: 'Correct the fields above and run the command again.',
  });
}

/** The JSON Schema of the config file, for editors. */
export const workloadJsonSchema = (): unknown => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

/** Which of the two places: fixed names, whatever is active. */
export type Side = 'primary' | 'recovery';
export const otherSide = (side: Side): Side => (side === 'primary' ? 'recovery' : 'primary');
export const regionOf = (workload: Workload, side: Side): string => workload[side].region;
