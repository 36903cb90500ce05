import { expect, test } from 'vitest';
import { firesPerMonth } from '../../src/cost/schedule.ts';

// 730 hours, which are 43,800 minutes and 30.4167 days.
test.each([
  ['rate(1 minute)', 43_800],
  ['rate(15 minutes)', 2920],
  ['rate(12 hours)', 730 / 12],
  ['rate(1 day)', 730 / 24],
  ['at(2026-11-20T13:00:00)', 0],
  ['cron(0 3 * * ? *)', 730 / 24],
  ['cron(0/15 * * * ? *)', 4 * 730],
  ['cron(0 8-17 ? * MON-FRI *)', (10 * 730 * 5) / 24 / 7],
  ['cron(30 2,14 ? * SUN *)', (2 * 730) / 24 / 7],
  ['cron(0 0 1 * ? *)', 1],
  ['cron(0 0 L JAN,JUL ? *)', 2 / 12],
  ['cron(0 0 ? * 2#1 *)', 1],
])('%s fires %f times a month', (expression, times) => {
  expect(firesPerMonth(expression)).toBeCloseTo(times, 9);
});

test.each(['', 'hourly', 'rate(soon)', 'cron(0 25-2 * * ? *)', 'cron(x * * * ? *)'])(
  '%j is no schedule',
  (expression) => {
    expect(firesPerMonth(expression)).toBeUndefined();
  },
);
