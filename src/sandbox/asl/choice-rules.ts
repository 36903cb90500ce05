/** The rules of a JSONPath Choice: one test of a variable, or And, Or, Not of such. */

import type { ChoiceRule } from './definition.ts';
import type { Json } from './json.ts';
import { atPath, PathError, type PathRoots } from './json-path.ts';
import { isTimestamp } from './states/wait.ts';

/** Throws `PathError` when a variable that is tested isn't there. */
export function holds(rule: ChoiceRule, roots: PathRoots): boolean {
  const { And, Or, Not } = rule as { And?: ChoiceRule[]; Or?: ChoiceRule[]; Not?: ChoiceRule };
  if (And !== undefined) return And.every((inner) => holds(inner, roots));
  if (Or !== undefined) return Or.some((inner) => holds(inner, roots));
  if (Not !== undefined) return !holds(Not, roots);
  const path = String(rule.Variable);
  const [operator, operand] = operatorOf(rule);
  if (operator === 'IsPresent') return isPresent(path, roots) === operand;
  const value = atPath(path, roots);
  const is = kinds[operator];
  if (is !== undefined) return is(value) === operand;
  const byPath = operator.endsWith('Path');
  const wanted = byPath ? atPath(String(operand), roots) : (operand as Json);
  return comparisons[byPath ? operator.slice(0, -4) : operator]?.(value, wanted) ?? false;
}

function operatorOf(rule: ChoiceRule): [string, unknown] {
  const found = Object.entries(rule).find(([name]) => !notOperators.has(name));
  return found ?? ['', undefined];
}

const notOperators = new Set(['Variable', 'Next', 'Comment', 'Assign', 'Output']);

function isPresent(path: string, roots: PathRoots): boolean {
  try {
    const value = atPath(path, roots);
    return !(Array.isArray(value) && value.length === 0 && /[*:,]|\.\./.test(path));
  } catch (error) {
    if (error instanceof PathError) return false;
    throw error;
  }
}

const kinds: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => typeof value === 'string' && isTimestamp(value),
};

type Compare = (value: Json, wanted: Json) => boolean;

const numbers =
  (test: (one: number, other: number) => boolean): Compare =>
  (value, wanted) =>
    typeof value === 'number' && typeof wanted === 'number' && test(value, wanted);
const texts =
  (test: (one: string, other: string) => boolean): Compare =>
  (value, wanted) =>
    typeof value === 'string' && typeof wanted === 'string' && test(value, wanted);
const times = (test: (one: number, other: number) => boolean): Compare =>
  texts((value, wanted) => isTimestamp(value) && isTimestamp(wanted) && test(Date.parse(value), Date.parse(wanted)));

const comparisons: Readonly<Record<string, Compare>> = {
  BooleanEquals: (value, wanted) => typeof value === 'boolean' && value === wanted,
  NumericEquals: numbers((one, other) => one === other),
  NumericLessThan: numbers((one, other) => one < other),
  NumericLessThanEquals: numbers((one, other) => one <= other),
  NumericGreaterThan: numbers((one, other) => one > other),
  NumericGreaterThanEquals: numbers((one, other) => one >= other),
  StringEquals: texts((one, other) => one === other),
  StringLessThan: texts((one, other) => one < other),
  StringLessThanEquals: texts((one, other) => one <= other),
  StringGreaterThan: texts((one, other) => one > other),
  StringGreaterThanEquals: texts((one, other) => one >= other),
  StringMatches: texts((one, pattern) => matcher(pattern).test(one)),
  TimestampEquals: times((one, other) => one === other),
  TimestampLessThan: times((one, other) => one < other),
  TimestampLessThanEquals: times((one, other) => one <= other),
  TimestampGreaterThan: times((one, other) => one > other),
  TimestampGreaterThanEquals: times((one, other) => one >= other),
};

/** Each comparison also as `…Path`, against a value at a path. */
export const choiceOperators = { comparisons: Object.keys(comparisons), kinds: ['IsPresent', ...Object.keys(kinds)] };

/** `*` stands for anything, `\*` for itself. */
const matcher = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replaceAll(/\\([*\\])|\*|[.+?^${}()|[\]\\]/g, (whole, escaped: string | undefined) =>
      escaped === undefined ? (whole === '*' ? '.*' : `\\${whole}`) : `\\${escaped}`,
    )}$`,
    's',
  );
