/**
 * EventBridge's event patterns: which events a rule, a subscription or an event source lets through.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

import { BlockList, isIP } from 'node:net';
import { AwsError } from '../../contract.ts';
import { placeOf } from './json-place.ts';

type Json = unknown;
type Fields = Record<string, Json>;

/** Whether `event` fits `pattern`. Both are parsed JSON; the pattern was checked by `parsePattern`. */
export function matches(pattern: Fields, event: Json): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or' && isAlternatives(expected)) return expected.some((alternative) => matches(alternative, event));
    return fieldMatches(expected, isFields(event) ? event[key] : undefined);
  });
}

/** Parses a pattern's text. Throws `InvalidEventPatternException` for what AWS doesn't know. */
export function parsePattern(text: string): Fields {
  let pattern: Json;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalid('Invalid JSON');
  }
  if (!isFields(pattern)) throw refused('Filter is not an object', { text, path: [] });
  check(pattern, { text, path: [] });
  return pattern;
}

function fieldMatches(expected: Json, actual: Json): boolean {
  if (Array.isArray(expected)) return leafMatches(expected, actual);
  if (!isFields(expected)) return false;
  if (Array.isArray(actual)) return actual.some((element) => matches(expected, element));
  return matches(expected, actual);
}

function leafMatches(matchers: Json[], actual: Json): boolean {
  const values = Array.isArray(actual) ? actual : [actual];
  return matchers.some((matcher) => {
    if (isFields(matcher) && 'exists' in matcher) return matcher.exists === isLeafPresent(actual);
    if (actual === undefined) return false;
    return values.some((value) => valueMatches(matcher, value));
  });
}

const isLeafPresent = (actual: Json): boolean => actual !== undefined && !isFields(actual);

function valueMatches(matcher: Json, value: Json): boolean {
  if (!isFields(matcher)) return matcher === value;
  const [name, operand] = Object.entries(matcher)[0] ?? [];
  const test = name === undefined ? undefined : tests[name];
  return test?.(operand, value) ?? false;
}

/** One row per comparison operator: does `value` pass it with this operand? `exists` is judged on the whole field. */
const tests: Record<string, (operand: Json, value: Json) => boolean> = {
  prefix: (operand, value) => affix(operand, value, (text, part) => text.startsWith(part)),
  suffix: (operand, value) => affix(operand, value, (text, part) => text.endsWith(part)),
  'equals-ignore-case': (operand, value) => isText(value) && isText(operand) && same(value, operand),
  wildcard: (operand, value) => isText(value) && isText(operand) && wildcard(operand).test(value),
  'anything-but': (operand, value) => anythingBut(operand, value),
  numeric: (operand, value) => typeof value === 'number' && Array.isArray(operand) && numeric(operand, value),
  cidr: (operand, value) => isText(operand) && isText(value) && cidr(operand, value),
};

function affix(operand: Json, value: Json, holds: (text: string, part: string) => boolean): boolean {
  if (!isText(value)) return false;
  if (isText(operand)) return holds(value, operand);
  const part = isFields(operand) ? operand['equals-ignore-case'] : undefined;
  return isText(part) && holds(value.toLowerCase(), part.toLowerCase());
}

function anythingBut(operand: Json, value: Json): boolean {
  if (Array.isArray(operand)) return !operand.includes(value);
  if (!isFields(operand)) return operand !== value;
  const [name = '', banned] = Object.entries(operand)[0] ?? [];
  return !list(banned).some((one) => valueMatches({ [name]: one }, value));
}

function numeric(terms: Json[], value: number): boolean {
  for (let index = 0; index < terms.length; index += 2) {
    const bound = terms[index + 1];
    const compare = comparisonNamed(terms[index]);
    if (typeof bound !== 'number' || compare === undefined || !compare(value, bound)) return false;
  }
  return true;
}

const comparisonNamed = (term: unknown): Comparison | undefined =>
  typeof term === 'string' && Object.hasOwn(comparisons, term) ? comparisons[term] : undefined;

type Comparison = (left: number, right: number) => boolean;

const comparisons: Record<string, Comparison> = {
  '=': (left, right) => left === right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function cidr(range: string, value: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(value) === 0) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return block.check(value, isIP(value) === 6 ? 'ipv6' : 'ipv4');
}

function wildcard(glob: string): RegExp {
  const parts = glob.match(/\\[*\\]|[\s\S]/g) ?? [];
  const source = parts.map((part) =>
    part === '*' ? '[\\s\\S]*' : quote(part.startsWith('\\') ? part.slice(1) || part : part),
  );
  return new RegExp(`^${source.join('')}$`);
}

const quote = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
const isText = (value: Json): value is string => typeof value === 'string';
const list = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);
const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isAlternatives = (value: Json): value is Fields[] =>
  Array.isArray(value) && value.length >= 2 && value.every(isFields);

/** What is being checked, and where it stands. */
interface Place {
  readonly text: string;
  readonly path: readonly (string | number)[];
}

const inside = ({ text, path }: Place, step: string | number): Place => ({ text, path: [...path, step] });

function check(pattern: Fields, place: Place): void {
  if (Object.keys(pattern).length === 0) throw refused('Empty objects are not allowed', place);
  for (const [key, value] of Object.entries(pattern)) {
    const here = inside(place, key);
    if (key === '$or' && isAlternatives(value)) {
      for (const [index, alternative] of value.entries()) check(alternative, inside(here, index));
    } else if (isFields(value)) check(value, here);
    else if (!Array.isArray(value)) throw refused(`"${key}" must be an object or an array`, here);
    else if (value.length === 0) throw refused('Empty arrays are not allowed', here);
    else for (const [index, matcher] of value.entries()) checkMatcher(matcher, inside(here, index));
  }
}

function checkMatcher(matcher: Json, place: Place): void {
  if (Array.isArray(matcher)) throw refused('Match value must be String, number, true, false, or null', place);
  if (!isFields(matcher)) return;
  const names = Object.keys(matcher);
  const [name = ''] = names;
  const here = inside(place, name);
  if (names.length !== 1) throw refused('Only one key allowed in match expression', place);
  if (name === 'exists' && typeof matcher.exists === 'boolean') return;
  if (tests[name] === undefined) throw refused(`Unrecognized match type ${name}`, here);
  if (name === 'cidr') checkCidr(matcher.cidr, here);
  if (name === 'numeric' && !numericIsValid(matcher.numeric)) throw refused('Value of numeric is not valid', here);
  if ((name === 'prefix' || name === 'suffix') && !isText(matcher[name]) && !isFields(matcher[name])) {
    throw refused(`${name} match pattern must be a string`, here);
  }
}

function checkCidr(value: Json, place: Place): void {
  const [network = '', bits = ''] = isText(value) ? value.split('/') : [];
  const most = isIP(network) === 6 ? 128 : 32;
  if (isIP(network) === 0 || !/^\d+$/.test(bits) || Number(bits) > most)
    throw refused(`Malformed CIDR ${String(value)}`, place);
}

const numericIsValid = (value: Json): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length % 2 === 0 &&
  value.every((term, index) => (index % 2 === 0 ? comparisonNamed(term) !== undefined : typeof term === 'number'));

const refused = (reason: string, { text, path }: Place): AwsError => invalid(`${reason}\n ${placeOf(text, path)}`);

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
