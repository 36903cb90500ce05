/**
 * What another process of the same user may ask a running sandbox, and what it answers: one line of JSON each way, over a Unix socket
 * in the sandbox's own folder. No answer holds a secret but that to `environment`.
 */

import { join } from 'node:path';
import { z } from 'zod';
import { usageError } from '../../kernel/errors.ts';

export const sourceKinds = [
  'sandbox',
  'rehearsal',
  'function',
  'instance',
  'database',
  'balancer',
  'program',
  'execution',
  'group',
  'table',
] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Something that has a log. */
const source = z.object({
  kind: z.enum(sourceKinds),
  /** Absent where it belongs to no Region. */
  region: z.string().optional(),
  name: z.string(),
});
export type Source = z.output<typeof source>;

const speed = z.union([z.number().min(1).max(1000), z.literal('max')]);

export const requestSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('status') }),
  z.strictObject({ ask: z.literal('environment') }),
  z.strictObject({ ask: z.literal('sources') }),
  z.strictObject({
    ask: z.literal('log'),
    source,
    /** Of what is there already, so many lines at the end; of what comes `after` a cursor, at most so many. */
    lines: z.number().int().min(0).max(1_000_000),
    after: z.string().optional(),
  }),
  z.strictObject({ ask: z.literal('faults') }),
  z.strictObject({ ask: z.literal('raise'), fault: z.record(z.string(), z.unknown()) }),
  /** A fault's id, or `all`. */
  z.strictObject({ ask: z.literal('lift'), id: z.string() }),
  z.strictObject({ ask: z.literal('back'), region: z.string() }),
  z.strictObject({ ask: z.literal('clock') }),
  z.strictObject({ ask: z.literal('speed'), speed }),
  z.strictObject({ ask: z.literal('iam'), role: z.string().optional() }),
]);
type Request = z.output<typeof requestSchema>;
export type Asked = Request['ask'];

/** Times of AWS and of the machine, ISO 8601 in UTC. */
const time = z.string();

const fault = z.object({
  id: z.string(),
  kind: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  /** AWS time. */
  since: time,
});
export type FaultAnswer = z.output<typeof fault>;

const clock = z.object({
  awsTime: time,
  /** AWS seconds per real second at most. */
  ceiling: speed,
  /** As measured over the last seconds. */
  actual: z.number(),
});
export type ClockAnswer = z.output<typeof clock>;

const part = z.object({ name: z.string(), state: z.string() });

const regionStatus = z.object({
  region: z.string(),
  state: z.enum(['lit', 'dark']),
  stacks: z.array(part),
  databases: z.array(
    part.extend({
      role: z.enum(['primary', 'replica']),
      replication: z.string().optional(),
      /** Its address and port, whatever its name resolves to. */
      address: z.string(),
    }),
  ),
  instances: z.array(
    part.extend({
      image: z.string(),
      type: z.string().optional(),
      /** The Auto Scaling group that launched it. */
      group: z.string().optional(),
    }),
  ),
  functions: z.array(part),
});
export type RegionStatus = z.output<typeof regionStatus>;

const status = z.object({
  id: z.string(),
  pid: z.number(),
  /** What it was started for: `sandbox up`, or a rehearsal's scenario. */
  purpose: z.string(),
  stage: z.enum(['starting', 'deploying', 'lighting', 'up', 'looking', 'ending']),
  /** Real time. */
  since: time,
  directory: z.string(),
  /** The folder that outlives it, if it was given one. */
  state: z.string().optional(),
  envFile: z.string().optional(),
  /** The file of the authority that its load balancers' certificates are issued by, in PEM. */
  certificateAuthority: z.string().optional(),
  endpoint: z.string(),
  clock,
  regions: z.array(regionStatus),
  faults: z.array(fault),
});
export type Status = z.output<typeof status>;

const action = z.object({ action: z.string(), count: z.number(), resources: z.array(z.string()) });

const role = z.object({
  role: z.string(),
  /** What it was allowed and did. */
  used: z.array(action),
  /** What a statement grants and no call has needed. */
  unused: z.array(
    z.object({ action: z.string(), resources: z.array(z.string()), policy: z.string(), statement: z.string() }),
  ),
  denied: z.array(action.extend({ by: z.string() })),
});
export type RoleReport = z.output<typeof role>;

export const answerSchemas = {
  status,
  environment: z.record(z.string(), z.string()),
  sources: z.array(source),
  log: z.object({ lines: z.array(z.string()), cursor: z.string() }),
  faults: z.array(fault),
  raise: fault,
  lift: z.array(fault),
  back: z.array(fault),
  clock,
  speed: clock,
  iam: z.array(role),
} satisfies Record<Asked, z.ZodType>;

export type AnswerTo<Ask extends Asked> = z.output<(typeof answerSchemas)[Ask]>;
export type RequestOf<Ask extends Asked> = Extract<Request, { readonly ask: Ask }>;

/** Who answers: a sandbox itself, its socket, or a folder that was kept of one. */
export interface Respondent {
  ask<Ask extends Asked>(request: RequestOf<Ask>): Promise<AnswerTo<Ask>>;
}

/** An error keeps its kind on the way: what was asked wrongly is bad use, wherever it is found out. */
export const envelopeSchema = z.union([
  z.object({ answer: z.unknown() }),
  z.object({ error: z.object({ kind: z.enum(['usage', 'terminal']), message: z.string() }) }),
]);

/** The address of a Unix socket holds 108 bytes, on macOS 104, and the last is a zero. */
const longestSocket = 103;

export function socketOf(directory: string): string {
  const path = join(directory, 'control');
  if (Buffer.byteLength(path) <= longestSocket) return path;
  throw usageError("The path of the sandbox's control socket is too long for this system.", {
    given: path,
    allowed: `at most ${longestSocket} bytes`,
    next: 'Set TMPDIR to a shorter path.',
  });
}
