/**
 * Holds calls to AWS's request rates: token buckets per account, Region and API or group of APIs, on AWS time, so that they fill up as
 * on AWS at any speed.
 *
 *  1. AWS itself (internal principals) isn't limited. CloudFormation's calls are its caller's, and count.
 *  2. A refused call takes nothing from the bucket that refused it.
 *  3. A call costs two map look-ups and a subtraction; buckets are made when they are first used.
 */

import type { Call, InternalRequest, SandboxCore, ServiceName } from '../contract.ts';
import type { Handler } from '../handler.ts';
import { TokenBucket } from './bucket.ts';
import { type Rate, requestRates, resourceRates } from './rates.ts';
import { throttlingError } from './throttling-errors.ts';

export function rateLimits(core: Pick<SandboxCore, 'clock' | 'log'>): Handler {
  const services = new Map<ServiceName, Map<string, readonly Meter[]>>();
  const shared = new Map<Rate, Buckets>();

  const metersOf = (service: ServiceName, operation: string): readonly Meter[] => {
    let operations = services.get(service);
    if (operations === undefined) {
      operations = new Map();
      services.set(service, operations);
    }
    let meters = operations.get(operation);
    if (meters === undefined) {
      meters = metersFor(service, operation, shared);
      operations.set(operation, meters);
    }
    return meters;
  };

  return (request, call) => {
    if (request.principal.kind === 'internal') return undefined;
    const meters = metersOf(request.service, request.operation);
    if (meters.length === 0) return undefined;
    const now = core.clock.now();
    let requested = false;
    for (const { rate, buckets, resources } of meters) {
      // Of the rates of requests, the first that is about this call.
      if (!resources && (requested || rate.when?.(request.input) === false)) continue;
      requested ||= !resources;
      if (!buckets.take(rate, request, now)) throw refused(core, rate, buckets, request, call, now);
    }
    return undefined;
  };
}

/** One rate as an operation meets it. */
interface Meter {
  readonly rate: Rate;
  readonly buckets: Buckets;
  /** Counted beside the request, not in place of another rate. */
  readonly resources: boolean;
}

/** The buckets of a rate: one per Region, or one for all. */
class Buckets {
  readonly #byRegion = new Map<string, TokenBucket>();
  saidAt = Number.NEGATIVE_INFINITY;

  take(rate: Rate, { region, input }: InternalRequest, now: number): boolean {
    const place = rate.global === true ? 'global' : region;
    let bucket = this.#byRegion.get(place);
    if (bucket === undefined) {
      bucket = new TokenBucket(rate.size(region), now);
      this.#byRegion.set(place, bucket);
    }
    return bucket.take(rate.cost?.(input) ?? 1, now);
  }
}

function metersFor(service: ServiceName, operation: string, shared: Map<Rate, Buckets>): readonly Meter[] {
  const about = ({ service: owner, operations }: Rate): boolean =>
    owner === service && (operations instanceof RegExp ? operations.test(operation) : operations.includes(operation));
  const bucketsOf = (rate: Rate): Buckets => {
    if (rate.each === true) return new Buckets();
    const known = shared.get(rate) ?? new Buckets();
    shared.set(rate, known);
    return known;
  };
  const meter =
    (resources: boolean) =>
    (rate: Rate): Meter => ({ rate, buckets: bucketsOf(rate), resources });
  const requests = requestRates.filter(about);
  const last = requests.findIndex(({ when }) => when === undefined);
  return [
    ...(last === -1 ? requests : requests.slice(0, last + 1)).map(meter(false)),
    ...resourceRates.filter(about).map(meter(true)),
  ];
}

/** A throttle that breaks a run should be found in the log; a storm of them should not fill it. */
const silence = 60_000;

function refused(
  core: Pick<SandboxCore, 'log'>,
  { service, name, operations }: Rate,
  buckets: Buckets,
  { operation }: InternalRequest,
  { account, region, principal }: Call,
  now: number,
): Error {
  if (now - buckets.saidAt >= silence) {
    buckets.saidAt = now;
    const group = name ?? String(operations);
    const text = `${service}:${operation} of ${principal.arn} is throttled: the account is at its rate (${group})`;
    core.log({ service: 'limits', region, text });
  }
  return throttlingError(service, operation, account);
}
