/** A pace that follows AWS time but never stops: see `faketime.ts`. It may run ahead of AWS time a little, and never behind. */

import type { Timer } from '../../kernel/clock.ts';
import type { AwsClock } from './aws-clock.ts';
import type { RealTime } from './real-time.ts';

/** Of the nominal rate: how slow a wait may be begun. */
const floor = 0.2;
/** Milliseconds of AWS time. Past it the pace all but stops as well. */
export const longestLead = 3000;
const crawl = 0.01;
/** Of AWS time's rate, while a lead is given back. */
const giveBack = 0.6;
/** A lead too small to care about, in milliseconds of AWS time. */
const none = 0.01;

export interface LeadingPace {
  close(): void;
}

/** Calls `publish(aws, rate)` on every change: the time at this moment in milliseconds since the epoch, and its rate from here. */
export function leadingPace(
  clock: AwsClock,
  real: RealTime,
  publish: (aws: number, rate: number) => void,
): LeadingPace {
  let line: { aws: number; real: number; rate: number } | undefined;
  let alarm: Timer | undefined;

  const follow = () => {
    alarm?.cancel();
    const now = real.now();
    const leader = clock.now();
    const mine = line === undefined ? leader : line.aws + (now - line.real) * line.rate;
    const lead = mine - leader;
    const { rate, nominal } = clock.pace;
    const slowest = nominal * (lead < longestLead ? floor : crawl);
    const next = rate < slowest ? slowest : lead > none ? Math.max(slowest, rate * giveBack) : rate;
    const aws = lead > none ? mine : leader;
    if (line === undefined || next !== line.rate || aws !== mine) {
      line = { aws, real: now, rate: next };
      publish(aws, next);
    }
    // Look again when the lead is given back, or has become too long.
    if (next < rate) alarm = real.after(Math.max(1, lead / (rate - next)), follow);
    else if (next > rate && lead < longestLead)
      alarm = real.after(Math.max(1, (longestLead - lead) / (next - rate)), follow);
  };
  follow();
  const stop = clock.onPace(follow);
  return {
    close() {
      stop();
      alarm?.cancel();
    },
  };
}
