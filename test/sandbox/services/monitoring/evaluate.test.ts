/** Missing data, as AWS's own tables have it: X breaches, 0 doesn't, - is missing; newest last, five periods for N = 3. */

import { expect, test } from 'vitest';
import { type AlarmState, evaluate, type MissingData } from '../../../../src/sandbox/services/monitoring/evaluate.ts';

const modes: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const values = (row: string): (number | undefined)[] =>
  row.split(' ').map((mark) => (mark === 'X' ? 2 : mark === '0' ? 0 : undefined));

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
test.each([
  ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
  ['- - - - 0', 3, ['OK', 'OK', 'OK', 'OK']],
  ['- - - - -', 3, ['INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']],
  ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['- - X - -', 3, ['ALARM', 'retain', 'ALARM', 'OK']],
  ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
  ['- - - X -', 2, ['ALARM', 'retain', 'ALARM', 'OK']],
  ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
  ['- - - - X', 2, ['retain', 'retain', 'ALARM', 'OK']],
])('%s with %i of 3', (row, needed, expected) => {
  const states: AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
  for (const current of states) {
    const got = modes.map((missing) => {
      const rule = { comparison: 'GreaterThanThreshold', threshold: 1, periods: 3, datapointsToAlarm: needed, missing };
      return evaluate(rule, values(row), current);
    });
    expect(got).toEqual(expected.map((state) => (state === 'retain' ? current : state)));
  }
});
