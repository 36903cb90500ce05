/** What a failover's run quoted, held against what customers lost by their own record. */

import type { Quote } from '../ledger/quote.ts';
import type { Instant } from './events.ts';
import type { LostWrite, QuotedLoss } from './result.ts';
import type { Stage } from './stage.ts';

/** Where losses and times are counted from: the kill, or else the moment it began to go wrong. */
export const outageOf = ({ moments }: Pick<Stage, 'moments'>): Instant | undefined => moments.dark ?? moments.outage;

/** Until when losses are the quote's to answer for: the kill, or the quote itself where the primary went on taking writes. */
export const lossEnd = ({ moments }: Pick<Stage, 'moments'>, quote: Quote | undefined): number | undefined =>
  moments.dark?.aws ?? quote?.at;

/** @param dark until when losses count, epoch milliseconds: later ones are another's to answer for. */
export function quotedLoss(
  quote: Quote | undefined,
  lost: readonly LostWrite[],
  dark: number | undefined,
): QuotedLoss | undefined {
  if (quote === undefined || dark === undefined) return undefined;
  const rows = lost
    .filter(({ what }) => what !== 'object')
    .map(({ acknowledgedAt }) => Date.parse(acknowledgedAt))
    .filter((at) => at <= dark);
  return { quote, rowsLost: rows.length, secondsLost: rows.length === 0 ? 0 : (dark - Math.min(...rows)) / 1000 };
}

/** Seconds are what is claimed to be the most; transactions are an estimate by a rate. One that wasn't told claims nothing, and then nothing may be lost. */
export const isUpperBound = ({ quote, secondsLost }: QuotedLoss): boolean =>
  secondsLost <= (quote.database.seconds.value ?? 0);

export function quoteBesideLoss({ quote, rowsLost, secondsLost }: QuotedLoss): string {
  const { seconds, expected, transactions, expectedTransactions } = quote.database;
  const said = (most: number | undefined, likely: number | undefined) =>
    `${most ?? 'unknown'} (likely ${likely ?? 'unknown'})`;
  return (
    `at most ${said(seconds.value, expected.value)} s and ${said(transactions.value, expectedTransactions.value)} transactions were quoted; ` +
    `${secondsLost.toFixed(1)} s and ${rowsLost} rows were lost`
  );
}
