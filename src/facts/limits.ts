/** How much AWS lets one account do: typed access to the limits of `aws-model.json`, where each group carries its source. */

import model from './aws-model.json' with { type: 'json' };

/** A token bucket: how many calls at once, and how many more with each second. */
export interface BucketSize {
  readonly capacity: number;
  readonly refill: number;
}

export const limits = model.limits;

/** A bucket as the model writes it: `[capacity, refill per second]`. */
export function bucketSize([capacity = 0, refill = 0]: readonly number[]): BucketSize {
  return { capacity, refill };
}

/** Where AWS publishes a rate and no bucket, the bucket holds a second's worth. */
export const perSecond = (rate: number): BucketSize => ({ capacity: rate, refill: rate });

/** Step Functions gives its three oldest Regions more than the others. */
export function byRegion(
  sizes: { readonly iad_pdx_dub: readonly number[]; readonly other: readonly number[] },
  region: string,
): BucketSize {
  return bucketSize(largeRegions.has(region) ? sizes.iad_pdx_dub : sizes.other);
}

const largeRegions: ReadonlySet<string> = new Set(['us-east-1', 'us-west-2', 'eu-west-1']);
