/** Retriers and catchers. Source of the ranges: Step Functions Developer Guide, "Handling errors". */

import type { Retrier } from '../definition.ts';
import { type Problem, schemaProblem } from './problem.ts';
import type { Place } from './walk.ts';

export function retryProblems({ state, path }: Place): Problem[] {
  const { Retry = [], Catch = [] } = state;
  return [
    ...Retry.flatMap((retrier, index) => retrierProblems(retrier, `${path}/Retry[${index}]`)),
    ...namesProblems(Retry, `${path}/Retry`),
    ...namesProblems(Catch, `${path}/Catch`),
    ...Catch.flatMap(({ Next }, index) =>
      typeof Next === 'string' ? [] : [schemaProblem('These fields are required: [Next]', `${path}/Catch[${index}]`)],
    ),
  ];
}

/** [field, what it must be, test] */
const ranges: readonly [keyof Retrier, string, (value: unknown) => boolean][] = [
  ['IntervalSeconds', 'a whole number from 1 to 99999999', (value) => whole(value, 1, 99_999_999)],
  ['MaxAttempts', 'a whole number from 0 to 99999999', (value) => whole(value, 0, 99_999_999)],
  ['MaxDelaySeconds', 'a whole number from 1 to 31622399', (value) => whole(value, 1, 31_622_399)],
  ['BackoffRate', 'a number of at least 1', (value) => typeof value === 'number' && value >= 1],
  ['JitterStrategy', 'FULL or NONE', (value) => value === 'FULL' || value === 'NONE'],
];

function retrierProblems(retrier: Retrier, path: string): Problem[] {
  const { IntervalSeconds = 1, MaxDelaySeconds } = retrier;
  const astray = ranges
    .filter(([field, , allowed]) => retrier[field] !== undefined && !allowed(retrier[field]))
    .map(([field, must]) => schemaProblem(`${field} must be ${must}`, `${path}/${field}`));
  return MaxDelaySeconds !== undefined && MaxDelaySeconds <= IntervalSeconds
    ? [...astray, schemaProblem('MaxDelaySeconds must be greater than IntervalSeconds', `${path}/MaxDelaySeconds`)]
    : astray;
}

function namesProblems(list: readonly { readonly ErrorEquals?: unknown }[], path: string): Problem[] {
  return list.flatMap(({ ErrorEquals }, index) => {
    const at = `${path}[${index}]/ErrorEquals`;
    if (!Array.isArray(ErrorEquals) || ErrorEquals.length === 0)
      return [schemaProblem('ErrorEquals must not be empty', at)];
    if (!ErrorEquals.includes('States.ALL')) return [];
    if (ErrorEquals.length > 1) return [schemaProblem('States.ALL must appear alone', at)];
    return index === list.length - 1 ? [] : [schemaProblem('States.ALL must appear in the last one', at)];
  });
}

const whole = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
