/**
 * The Condition element. A statement holds only if every operator block holds, a block only if every key in it does; the values of
 * a key are alternatives, or for a negated operator all forbidden.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys or values".
 */

import { BlockList, isIP } from 'node:net';
import type { Resolve } from './pattern.ts';
import { pattern } from './pattern.ts';
import { PolicyProblem } from './problem.ts';
import type { Context } from './request.ts';

/** Whether the condition holds for a request's context. */
export type Condition = (context: Context, resolve: Resolve) => boolean;

/** Compiles `{ StringEquals: { 'aws:RequestedRegion': ['eu-west-1'] } }`. Throws `PolicyProblem`. */
export function conditionsOf(element: unknown, path: string, variables: boolean): Condition[] {
  return Object.entries(objectAt(element, path)).flatMap(([operator, keys]) => {
    const compiled = operatorOf(operator, `${path}.${operator}`);
    return Object.entries(objectAt(keys, `${path}.${operator}`)).map(([key, values]) =>
      conditionOf(compiled, key, valuesAt(values, `${path}.${operator}.${key}`), {
        path: `${path}.${operator}.${key}`,
        variables,
      }),
    );
  });
}

/** One value of a policy, compared with one value of the request. Undefined: a variable had no value. */
type Test = (actual: string, resolve: Resolve) => boolean | undefined;

interface OperatorKind {
  readonly negated: boolean;
  compile(expected: string, variables: boolean): Test | undefined;
}

interface Operator extends OperatorKind {
  readonly name: string;
  readonly set: 'all' | 'any' | undefined;
  readonly ifExists: boolean;
}

const text =
  (wildcards: boolean, ignoreCase = false): OperatorKind['compile'] =>
  (expected, variables) =>
    pattern(expected, { variables, wildcards, ignoreCase }).matches;

const number =
  (holds: (actual: number, expected: number) => boolean): OperatorKind['compile'] =>
  (expected) => {
    const limit = Number(expected);
    if (expected.trim() === '' || Number.isNaN(limit)) return undefined;
    return (actual) => holds(Number(actual), limit);
  };

const date =
  (holds: (actual: number, expected: number) => boolean): OperatorKind['compile'] =>
  (expected) => {
    const limit = instant(expected);
    if (Number.isNaN(limit)) return undefined;
    return (actual) => holds(instant(actual), limit);
  };

const equal = (actual: number, expected: number): boolean => actual === expected;
const less = (actual: number, expected: number): boolean => actual < expected;
const lessOrEqual = (actual: number, expected: number): boolean => actual <= expected;
const greater = (actual: number, expected: number): boolean => actual > expected;
const greaterOrEqual = (actual: number, expected: number): boolean => actual >= expected;

const is = (compile: OperatorKind['compile']): OperatorKind => ({ negated: false, compile });
const isNot = (compile: OperatorKind['compile']): OperatorKind => ({ negated: true, compile });

const operators: Readonly<Record<string, OperatorKind>> = {
  StringEquals: is(text(false)),
  StringNotEquals: isNot(text(false)),
  StringEqualsIgnoreCase: is(text(false, true)),
  StringNotEqualsIgnoreCase: isNot(text(false, true)),
  StringLike: is(text(true)),
  StringNotLike: isNot(text(true)),
  NumericEquals: is(number(equal)),
  NumericNotEquals: isNot(number(equal)),
  NumericLessThan: is(number(less)),
  NumericLessThanEquals: is(number(lessOrEqual)),
  NumericGreaterThan: is(number(greater)),
  NumericGreaterThanEquals: is(number(greaterOrEqual)),
  DateEquals: is(date(equal)),
  DateNotEquals: isNot(date(equal)),
  DateLessThan: is(date(less)),
  DateLessThanEquals: is(date(lessOrEqual)),
  DateGreaterThan: is(date(greater)),
  DateGreaterThanEquals: is(date(greaterOrEqual)),
  Bool: is(truth),
  BinaryEquals: is(text(false)),
  IpAddress: is(address),
  NotIpAddress: isNot(address),
  ArnEquals: is(arn),
  ArnLike: is(arn),
  ArnNotEquals: isNot(arn),
  ArnNotLike: isNot(arn),
  Null: is(truth),
};

/** For the coverage document. */
export const operatorNames: readonly string[] = Object.keys(operators);

function operatorOf(name: string, path: string): Operator {
  const [, prefix, middle = '', suffix] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/s.exec(name) ?? [];
  const kind = Object.hasOwn(operators, middle) ? operators[middle] : undefined;
  if (kind === undefined || (middle === 'Null' && suffix !== undefined)) {
    throw new PolicyProblem(path, `Invalid Condition type : ${name}.`);
  }
  const set = prefix === undefined ? undefined : prefix === 'ForAllValues:' ? 'all' : 'any';
  return { ...kind, name: middle, set, ifExists: suffix !== undefined };
}

function conditionOf(
  operator: Operator,
  key: string,
  values: readonly string[],
  { path, variables }: { path: string; variables: boolean },
): Condition {
  if (!key.includes(':'))
    throw new PolicyProblem(path, `Condition key ${key} must be prefaced by a vendor, e.g., aws.`);
  const lowerKey = key.toLowerCase();
  const tests = values.map((expected) => {
    const test = operator.compile(expected, variables);
    if (test === undefined)
      throw new PolicyProblem(path, `${expected} is not a value ${operator.name} can compare with.`);
    return test;
  });
  if (operator.name === 'Null') {
    return (context) =>
      values.some((value) => value.toLowerCase() === String((context.get(lowerKey)?.length ?? 0) === 0));
  }
  return (context, resolve) => holds(operator, tests, context.get(lowerKey) ?? [], resolve);
}

function holds(
  { negated, set, ifExists }: Operator,
  tests: readonly Test[],
  actual: readonly string[],
  resolve: Resolve,
): boolean {
  if (actual.length === 0) return ifExists || set === 'all' || (negated && set !== 'any');
  let unresolved = false;
  const fits = (value: string): boolean => {
    const results = tests.map((test) => test(value, resolve));
    unresolved ||= results.includes(undefined);
    return results.includes(true) !== negated;
  };
  // Without a set operator AWS defines no meaning for many values: the strict reading is taken for each kind.
  const every = set === 'all' || (set === undefined && negated);
  const answer = every ? actual.map(fits).every(Boolean) : actual.map(fits).some(Boolean);
  // A variable without a value makes the statement invalid, whichever way the operator reads.
  return answer && !(unresolved && negated);
}

function truth(expected: string, variables: boolean): Test | undefined {
  if (!/^(true|false)$/i.test(expected) && !expected.includes('${')) return undefined;
  return pattern(expected, { variables, wildcards: false, ignoreCase: true }).matches;
}

function address(expected: string): Test | undefined {
  const [base = '', bits] = expected.split('/');
  const family = isIP(base);
  const length = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
  if (family === 0 || !Number.isInteger(length) || length < 0 || length > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(base, length, family === 4 ? 'ipv4' : 'ipv6');
  return (actual) => isIP(actual) === family && list.check(actual, family === 4 ? 'ipv4' : 'ipv6');
}

/** Each of an ARN's six parts is matched by itself: a wildcard doesn't reach across a colon. */
function arn(expected: string, variables: boolean): Test {
  const parts = arnParts(expected).map((part) => pattern(part, { variables, wildcards: true }));
  return (actual, resolve) => {
    const given = arnParts(actual);
    if (given.length !== parts.length) return parts.length === 1 && parts[0]?.text === '*';
    const results = parts.map((part, index) => part.matches(given[index] ?? '', resolve));
    return results.includes(undefined) ? undefined : results.every(Boolean);
  };
}

/** Colons inside `${…}` don't separate; those after the fifth belong to the resource. */
function arnParts(value: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of value) {
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character === ':' && depth === 0 && parts.length < 6) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** Epoch milliseconds of an ISO 8601 date or of epoch seconds. */
const instant = (value: string): number => (/^\d+(\.\d+)?$/.test(value) ? 1000 * Number(value) : Date.parse(value));

function objectAt(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PolicyProblem(path, 'Syntax errors in policy: an object is expected.');
  }
  return value as Record<string, unknown>;
}

function valuesAt(value: unknown, path: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => {
    if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') return String(one);
    throw new PolicyProblem(path, 'Syntax errors in policy: a condition value is a text, a number or a boolean.');
  });
}
