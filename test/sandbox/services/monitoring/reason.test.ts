import { expect, test } from 'vitest';
import { stateReason } from '../../../../src/sandbox/services/monitoring/reason.ts';

const rule = {
  comparison: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  periods: 3,
  datapointsToAlarm: 2,
  missing: 'notBreaching',
} as const;
const noon = Date.UTC(2026, 10, 27, 12);
const points = (...values: (number | undefined)[]) =>
  values.map((value, index) => ({ at: noon + index * 60_000, value }));

test.each([
  [
    'ALARM',
    points(9, 1, 0.5, 2),
    'Threshold Crossed: 2 out of the last 3 datapoints [2.0 (27/11/26 12:03:00), 1.0 (27/11/26 12:01:00)] were greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).',
  ],
  [
    'OK',
    points(undefined, undefined, 0),
    'Threshold Crossed: 1 datapoint [0.0 (27/11/26 12:02:00)] was not greater than or equal to the threshold (1.0).',
  ],
  [
    'OK',
    points(undefined, undefined, undefined),
    'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [NonBreaching].',
  ],
  ['INSUFFICIENT_DATA', points(undefined, undefined, undefined), 'Insufficient Data: 3 datapoints were unknown.'],
] as const)('%s says what was seen', (state, seen, says) => {
  expect(stateReason(rule, seen, 'OK', state)).toBe(says);
});
