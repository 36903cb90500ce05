/** How many transactions a second customers make, from samples taken while all was well. Pure. */

import { transactionsIn } from '../engines/database/gtid/dialect-count.ts';
import type { DatabaseLook } from '../engines/database/requests.ts';
import type { RateSample } from '../state/rates.ts';

export interface Rate {
  /** Of customers alone, a second: on average, and in the fastest stretch between two samples. */
  readonly mean: number;
  readonly peak: number;
  /** All transactions in the fastest stretch, heartbeats and the service's own among them. */
  readonly peakOfAll: number;
  /** Beats of the first and the last sample: epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** An hour of minutes. */
const kept = 60;
const apart = 45_000;
/** Stretches longer than this say too little of how fast it can get. */
const longest = 5 * 60_000;

/** What RDS commits with each heartbeat of its own: the beat, and a row of `rds_sysinfo` written and deleted. Source: zendesk/maxwell#1167. */
const perServiceBeat = 3;

/** The samples with one more, or undefined when this look adds nothing: too soon, or no heartbeat has arrived since. */
export function withSample(samples: readonly RateSample[], look: DatabaseLook): readonly RateSample[] | undefined {
  const sample = look.replica === undefined ? undefined : sampleOf(look);
  const last = samples.at(-1);
  if (sample === undefined) return undefined;
  if (last !== undefined && last.epoch === sample.epoch && sample.beat - last.beat < apart) return undefined;
  return [...samples, sample].slice(-kept);
}

/** Undefined where no heartbeat has arrived. */
export function sampleOf({ dialect, executed, heartbeat, serviceBeat }: DatabaseLook): RateSample | undefined {
  if (heartbeat === undefined) return undefined;
  const { at, epoch, beats } = heartbeat;
  return { beat: at, epoch, transactions: transactionsIn(dialect, executed), beats, serviceBeat };
}

/** Undefined with too few samples. Told by the writing server's own clock, so a replica that lags or catches up distorts nothing. */
export function rateOf(samples: readonly RateSample[]): Rate | undefined {
  const stretches = samples.slice(1).flatMap((later, index) => {
    const earlier = samples[index];
    const stretch = earlier === undefined ? undefined : stretchOf(earlier, later);
    return stretch === undefined ? [] : [stretch];
  });
  const [first] = stretches;
  if (first === undefined) return undefined;
  const seconds = stretches.reduce((sum, stretch) => sum + stretch.seconds, 0);
  return {
    mean: stretches.reduce((sum, { own }) => sum + own, 0) / seconds,
    peak: Math.max(...stretches.map((stretch) => stretch.own / stretch.seconds)),
    peakOfAll: Math.max(...stretches.map((stretch) => stretch.all / stretch.seconds)),
    from: first.from,
    to: stretches.at(-1)?.to ?? first.to,
  };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly all: number;
  /** Customers' own. */
  readonly own: number;
}

function stretchOf(earlier: RateSample, later: RateSample): Stretch | undefined {
  const milliseconds = later.beat - earlier.beat;
  const all = later.transactions - earlier.transactions;
  // Another epoch is another server, or a restored one, which may count anew.
  if (earlier.epoch !== later.epoch || milliseconds <= 0 || milliseconds > longest || all < 0) return undefined;
  const seconds = milliseconds / 1000;
  const counted =
    earlier.beats === undefined || later.beats === undefined ? Math.floor(seconds) : later.beats - earlier.beats;
  const service = later.serviceBeat === earlier.serviceBeat ? 0 : perServiceBeat;
  return { from: earlier.beat, to: later.beat, seconds, all, own: Math.max(0, all - counted - service) };
}
