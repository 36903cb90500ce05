/**
 * Everything that can be made to go wrong, as data: what a command raises, a scenario lists and a report names. A fault stands between a
 * place and a place where it can, so it may be one-sided: `from` is where callers stand, `region` (or `to`) where they are served.
 */

import { z } from 'zod';

const place = z.string().min(1);
const region = place;
/** Of the calls it is about, how many meet it. */
const share = z.number().gt(0).max(1).default(1);
const milliseconds = z.number().int().min(1).max(600_000);

/** Which calls of AWS's APIs a fault is about; what isn't said is any. */
const calls = {
  service: z.string().optional(),
  operation: z.string().optional(),
  region: region.optional(),
  from: place.optional(),
};

export const faultSchema = z.discriminatedUnion('kind', [
  /** Every process of the Region is killed and everything addressed to it hangs. Lifted, the Region comes back. */
  z.strictObject({ kind: z.literal('dark'), region }),
  /** Packets one way are lost. */
  z.strictObject({ kind: z.literal('partition'), from: place, to: place }),
  /** One-way delay in AWS milliseconds, in place of the link's own. */
  z.strictObject({ kind: z.literal('latency'), from: place, to: place, milliseconds }),
  /** Replicas in the Region apply what they receive so many AWS seconds late. */
  z.strictObject({ kind: z.literal('replication-lag'), region, seconds: z.number().int().min(1).max(86_400) }),
  /** Replicas in the Region meet a row that shouldn't be there, and stop applying. */
  z.strictObject({ kind: z.literal('broken-replica'), region }),
  /** Database servers in the Region that don't follow another die, and don't start while it stands. RDS says nothing of it. */
  z.strictObject({ kind: z.literal('dead-database'), region }),
  /** Calls are refused with the service's own throttling error. */
  z.strictObject({ kind: z.literal('throttle'), ...calls, share }),
  /** Calls fail with this error, by default an internal failure; without a status, with the one the service gives that code. */
  z.strictObject({
    kind: z.literal('api-error'),
    ...calls,
    share,
    code: z.string().default('InternalFailure'),
    status: z.number().int().min(400).max(599).optional(),
  }),
  /** Calls are answered so many AWS milliseconds late. */
  z.strictObject({ kind: z.literal('slow-api'), ...calls, share, milliseconds }),
  /** Launches fail with InsufficientInstanceCapacity: of one type or of all, in one zone or in all. */
  z.strictObject({
    kind: z.literal('no-capacity'),
    region,
    zone: z.string().optional(),
    instanceType: z.string().optional(),
  }),
  /** An instance type, or a database class (`db.…`), isn't offered in the Region, or in one zone of it. */
  z.strictObject({ kind: z.literal('not-offered'), region, zone: z.string().optional(), instanceType: z.string() }),
  /** Copies of images into the Region fail, so that its pointer stays where it is. */
  z.strictObject({ kind: z.literal('stale-image'), region }),
  /** Instances launched in the Region run, and their program never answers. */
  z.strictObject({ kind: z.literal('broken-image'), region }),
  /** Events put in the Region aren't delivered. */
  z.strictObject({ kind: z.literal('dropped-events'), region, source: z.string().optional(), share }),
  /** Events put in the Region are delivered twice. */
  z.strictObject({ kind: z.literal('doubled-events'), region, source: z.string().optional(), share }),
  /** A function's process is killed so many AWS milliseconds into its invocations. */
  z.strictObject({
    kind: z.literal('killed-function'),
    region,
    function: z.string().optional(),
    share,
    /** Of each function's invocations that are still in hand by then, the first and each so manieth after it. */
    every: z.number().int().min(1).max(1000).optional(),
    milliseconds: milliseconds.default(500),
  }),
  /** A state machine's task does its work, and its answer never reaches the state machine. */
  z.strictObject({ kind: z.literal('lost-task'), region, function: z.string().optional(), share }),
  /** The control planes that stand in us-east-1 refuse changes: IAM, Route 53's records and checks, bucket creation and configuration. */
  z.strictObject({ kind: z.literal('global-control-plane-down') }),
]);

export type FaultSpec = z.output<typeof faultSchema>;
export type FaultKind = FaultSpec['kind'];
export type FaultOf<Kind extends FaultKind> = Extract<FaultSpec, { readonly kind: Kind }>;

export const faultKinds: readonly FaultKind[] = faultSchema.options.map((option) => option.shape.kind.value);
