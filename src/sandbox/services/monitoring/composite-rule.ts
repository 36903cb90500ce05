/**
 * The rules of composite alarms: `ALARM("x") AND (NOT OK(y) OR FALSE)`.
 * Source: PutCompositeAlarm, AlarmRule.
 */

import { AwsError } from '../../contract.ts';
import type { AlarmState } from './evaluate.ts';

/** Whether the rule holds, given the state of each alarm it names (by name or ARN). */
export type CompositeRule = (stateOf: (alarm: string) => AlarmState | undefined) => boolean;

/** Parses a rule. Throws `ValidationError`. */
export function parseCompositeRule(text: string): CompositeRule {
  const tokens = text.match(/[()]|"[^"]*"|[^\s()"]+/g) ?? [];
  let position = 0;

  const take = (): string => tokens[position++] ?? '';
  const expect = (token: string): void => {
    if (take() !== token) throw invalid(text);
  };

  const either = (): CompositeRule => {
    let left = both();
    while (tokens[position] === 'OR') {
      position++;
      const [first, second] = [left, both()];
      left = (stateOf) => first(stateOf) || second(stateOf);
    }
    return left;
  };

  const both = (): CompositeRule => {
    let left = one();
    while (tokens[position] === 'AND') {
      position++;
      const [first, second] = [left, one()];
      left = (stateOf) => first(stateOf) && second(stateOf);
    }
    return left;
  };

  const one = (): CompositeRule => {
    const token = take();
    if (token === 'NOT') {
      const inner = one();
      return (stateOf) => !inner(stateOf);
    }
    if (token === '(') {
      const inner = either();
      expect(')');
      return inner;
    }
    if (token === 'TRUE' || token === 'FALSE') return () => token === 'TRUE';
    if (token !== 'ALARM' && token !== 'OK' && token !== 'INSUFFICIENT_DATA') throw invalid(text);
    expect('(');
    const alarm = take().replaceAll('"', '');
    expect(')');
    return (stateOf) => stateOf(alarm) === token;
  };

  const rule = either();
  if (position !== tokens.length) throw invalid(text);
  return rule;
}

const invalid = (text: string): AwsError =>
  new AwsError('ValidationError', `AlarmRule must be a valid expression. Given: ${text}`);
