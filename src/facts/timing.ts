/** How long AWS takes: typed access to the durations of `aws-model.json`, where each row carries its source. */

import type { Random } from '../kernel/ids.ts';
import model from './aws-model.json' with { type: 'json' };

export type DurationName = keyof typeof model.durations;
export const isDuration = (name: string): name is DurationName => name in model.durations;
export const timingModes = ['p50', 'p95', 'drawn'] as const;
export type TimingMode = (typeof timingModes)[number];

export interface Timing {
  /** The modelled duration of an AWS operation, in milliseconds of AWS time. */
  milliseconds(name: DurationName): number;
}

/**
 * `p50` and `p95` answer the same value each time. `drawn` draws from the log-normal distribution through both
 * percentiles, so long tails appear as they do in the field. `slow` are durations at their 95th percentile, whatever the mode.
 */
export function timing(mode: TimingMode, random: Random, slow: readonly DurationName[] = []): Timing {
  return {
    milliseconds(name) {
      const { p50, p95 } = model.durations[name];
      if (slow.includes(name)) return 1000 * p95;
      if (mode !== 'drawn') return 1000 * (mode === 'p50' ? p50 : p95);
      const sigma = Math.log(p95 / p50) / 1.6448536269514722;
      return 1000 * p50 * Math.exp(sigma * standardNormal(random));
    },
  };
}

/** No waits at all: for tests of what happens, not of when. */
export const noWaits: Timing = { milliseconds: () => 0 };

function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

/**
 * Seconds from a dynamic parameter's change in its group to the servers that use it. RDS applies it "immediately" (RDS User Guide, "Working with
 * parameter groups"); how long that is nobody has published, and this is an estimate.
 */
export const dynamicParameterSeconds = 15;
