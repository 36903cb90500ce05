import { expect, test } from 'vitest';
import { quoteOf } from '../../src/ledger/quote.ts';
import { isUpperBound, quoteBesideLoss, quotedLoss } from '../../src/rehearsal/quoted-loss.ts';
import type { LostWrite } from '../../src/rehearsal/result.ts';
import { databaseLook, now, observed } from '../ledger/observed.ts';

const dark = now - 20_000;
const lost = (secondsBeforeDark: number, what: LostWrite['what'] = 'row'): LostWrite => ({
  id: String(secondsBeforeDark),
  acknowledgedAt: new Date(dark - 1000 * secondsBeforeDark).toISOString(),
  what,
  reason: 'a reason',
});
/** Quoted 20 s after the kill, with a last beat a second before it. */
const quote = quoteOf(
  observed({ database: { at: now, value: databaseLook({ heartbeat: { at: dark - 1000, epoch: 1, beats: 1 } }) } }),
  now,
);

test('what was lost before the kill is held against the seconds that were quoted', () => {
  const within = quotedLoss(quote, [lost(0.4), lost(0.9, 'row and object'), lost(40, 'object'), lost(-300)], dark);
  expect(within).toMatchObject({ rowsLost: 2, secondsLost: 0.9 });
  expect(within !== undefined && isUpperBound(within)).toBe(true);
  expect(within && quoteBesideLoss(within)).toBe(
    'at most 21 (likely 21) s and 84 (likely 84) transactions were quoted; 0.9 s and 2 rows were lost',
  );
  const beyond = quotedLoss(quote, [lost(25)], dark);
  expect(beyond !== undefined && isUpperBound(beyond)).toBe(false);
});

test('a quote that told nothing holds only where nothing was lost', () => {
  const silent = quoteOf(observed({ database: { at: now, problem: 'gone' }, rates: [] }), now);
  const verdicts = [[], [lost(1)]].map((losses) => {
    const held = quotedLoss(silent, losses, dark);
    return held && isUpperBound(held);
  });
  expect(verdicts).toEqual([true, false]);
});

test('without a quote, or without a kill, there is nothing to hold', () => {
  expect(quotedLoss(undefined, [], dark)).toBeUndefined();
  expect(quotedLoss(quote, [], undefined)).toBeUndefined();
});
