/** Schedule expressions: which minutes they name. */

import { expect, test } from 'vitest';
import { localMinute, localText, parseSchedule } from '../../../../src/sandbox/services/events/schedule-expression.ts';

const due = (expression: string, at: string, zone = 'UTC'): boolean => {
  const schedule = parseSchedule(expression);
  if (schedule.kind !== 'cron') throw new Error('not a cron expression');
  return schedule.due(localMinute(Date.parse(at), zone));
};

test.each([
  ['cron(0 10 * * ? *)', '2026-11-23T10:00Z', true],
  ['cron(0 10 * * ? *)', '2026-11-23T10:01Z', false],
  ['cron(0/15 * * * ? *)', '2026-11-23T10:45Z', true],
  ['cron(0/15 * * * ? *)', '2026-11-23T10:50Z', false],
  ['cron(30 8 ? * MON-FRI *)', '2026-11-23T08:30Z', true],
  ['cron(30 8 ? * MON-FRI *)', '2026-11-22T08:30Z', false],
  ['cron(0 0 L * ? *)', '2028-02-29T00:00Z', true],
  ['cron(0 0 L * ? *)', '2028-02-28T00:00Z', false],
  ['cron(0 0 15W * ? *)', '2026-11-16T00:00Z', true],
  ['cron(0 0 ? * 6#3 *)', '2026-11-20T00:00Z', true],
  ['cron(0 0 ? * FRI#3 *)', '2026-11-13T00:00Z', false],
  ['cron(0 0 ? * 2L *)', '2026-11-30T00:00Z', true],
  ['cron(0 0 1,15 JAN,NOV ? 2026-2027)', '2026-11-15T00:00Z', true],
  ['cron(0 0 1 1 ? 2027)', '2026-01-01T00:00Z', false],
])('%s at %s: %s', (expression, at, expected) => {
  expect(due(expression, at)).toBe(expected);
});

test('a time zone shifts the calendar, daylight saving included', () => {
  expect(due('cron(0 9 * * ? *)', '2026-07-01T13:00Z', 'America/New_York')).toBe(true);
  expect(due('cron(0 9 * * ? *)', '2026-12-01T14:00Z', 'America/New_York')).toBe(true);
  expect(localText(localMinute(Date.parse('2026-11-23T00:30Z'), 'Asia/Tokyo'))).toBe('2026-11-23T09:30');
});

test('rates are milliseconds', () => {
  expect(parseSchedule('rate(1 minute)')).toEqual({ kind: 'rate', milliseconds: 60_000 });
  expect(parseSchedule('rate(2 hours)')).toEqual({ kind: 'rate', milliseconds: 7_200_000 });
});

test.each([
  'rate(1 minutes)',
  'rate(5 minute)',
  'rate(0 minutes)',
  'cron(0 10 * * *)',
  'cron(0 10 * * * *)',
  'cron(0 10 ? * ? *)',
  'cron(61 10 * * ? *)',
  'every day',
])('%s is refused', (text) => {
  expect(() => parseSchedule(text)).toThrow('ScheduleExpression is not valid');
});
