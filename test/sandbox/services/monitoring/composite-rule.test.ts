/** The rules of composite alarms. */

import { expect, test } from 'vitest';
import { parseCompositeRule } from '../../../../src/sandbox/services/monitoring/composite-rule.ts';
import type { AlarmState } from '../../../../src/sandbox/services/monitoring/evaluate.ts';

const states: Record<string, AlarmState> = { a: 'ALARM', b: 'OK', 'the db': 'INSUFFICIENT_DATA' };

test.each([
  ['ALARM(a)', true],
  ['ALARM("a") AND ALARM(b)', false],
  ['ALARM(b) OR ALARM(a)', true],
  ['NOT ALARM(b) AND OK(b)', true],
  ['ALARM(b) AND ALARM(a) OR ALARM(a)', true],
  ['ALARM(b) AND (ALARM(a) OR ALARM(a))', false],
  ['INSUFFICIENT_DATA("the db") AND TRUE', true],
  ['ALARM(unknown) OR FALSE', false],
])('%s is %s', (rule, expected) => {
  expect(parseCompositeRule(rule)((name) => states[name])).toBe(expected);
});

test.each(['', 'ALARM', 'ALARM(a', 'ALARM(a) AND', 'ALARM(a) ALARM(b)', 'BROKEN(a)', '(ALARM(a)'])(
  '%j is refused',
  (rule) => {
    expect(() => parseCompositeRule(rule)).toThrow('AlarmRule must be a valid expression');
  },
);
