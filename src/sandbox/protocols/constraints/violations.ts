/** Holds an input to what the service's model allows, and finds everything that is wrong with it at once. */

import type { ServiceConstraints, ShapeFacts } from '../../../facts/constraints.ts';
import { isExcepted } from './exceptions.ts';
import { fullMatch } from './java-pattern.ts';

/** One thing a model asks of a value. */
export type Demand =
  | { readonly kind: 'required' }
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'maxLength' | 'minLength' | 'maxValue' | 'minValue'; readonly limit: number };

/** A step into a value: a member's name, an item's index or a key of a map. */
export type Step = { readonly member: string } | { readonly index: number } | { readonly key: string };

export interface Violation {
  readonly path: readonly Step[];
  /** Undefined where a required member isn't there. */
  readonly value: unknown;
  /** The shape that asks for it; of a required member, the structure it is missing in. */
  readonly shape: string;
  readonly sensitive: boolean;
  readonly demand: Demand;
  /** Set where the value is a list or a map and the demand one of all that are made of what it holds. */
  readonly inside?: { readonly of: 'item' | 'key' | 'value'; readonly demands: readonly Demand[] };
}

/** Everything in `input` that the operation's model refuses, in the model's order. */
export function violationsOf(
  service: string,
  { operations, shapes }: ServiceConstraints,
  operation: string,
  input: unknown,
): readonly Violation[] {
  const shape = operations[operation];
  if (shape === undefined) return none;
  const found: Violation[] = [];
  walk({ service, shapes, found }, shape, input ?? {}, []);
  return found;
}

const none: readonly Violation[] = [];
const met: readonly Demand[] = [];

interface Walk {
  readonly service: string;
  readonly shapes: Readonly<Record<string, ShapeFacts>>;
  readonly found: Violation[];
}

function walk(walking: Walk, name: string, value: unknown, path: readonly Step[]): void {
  const facts = walking.shapes[name];
  if (facts === undefined) return;
  for (const demand of broken(walking, name, facts, value)) {
    walking.found.push({ path, value, shape: name, sensitive: facts.sensitive === true, demand });
  }
  into(walking, name, facts, value, path);
}

/** What a value holds, its own length aside. */
function into(walking: Walk, name: string, facts: ShapeFacts, value: unknown, path: readonly Step[]): void {
  if (Array.isArray(value)) {
    const items = value.map((item, index): [Step, unknown] => [{ index }, item]);
    ofAll(walking, 'item', facts.item, items, value, path);
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return;
  if (facts.key === undefined && facts.value === undefined) {
    ofMembers(walking, name, facts, value as Readonly<Record<string, unknown>>, path);
    return;
  }
  const entries = Object.entries(value);
  const keys = entries.map(([key]): [Step, unknown] => [{ key }, key]);
  ofAll(walking, 'key', facts.key, keys, value, path);
  const values = entries.map(([key, held]): [Step, unknown] => [{ key }, held]);
  ofAll(walking, 'value', facts.value, values, value, path);
}

function ofMembers(
  walking: Walk,
  name: string,
  facts: ShapeFacts,
  value: Readonly<Record<string, unknown>>,
  path: readonly Step[],
): void {
  for (const member of facts.required ?? []) {
    if (isThere(value[member]) || isExcepted(walking.service, `${name}.${member}`, 'required')) continue;
    walking.found.push({
      path: [...path, { member }],
      value: undefined,
      shape: name,
      sensitive: walking.shapes[facts.members?.[member] ?? '']?.sensitive === true,
      demand: { kind: 'required' },
    });
  }
  for (const [member, shape] of Object.entries(facts.members ?? {})) {
    const held = value[member];
    if (isThere(held)) walk(walking, shape, held, [...path, { member }]);
  }
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

/** What a list or a map holds is judged together: AWS names the whole, and all that is asked of each. */
function ofAll(
  walking: Walk,
  of: 'item' | 'key' | 'value',
  name: string | undefined,
  held: readonly (readonly [Step, unknown])[],
  whole: unknown,
  path: readonly Step[],
): void {
  const facts = name === undefined ? undefined : walking.shapes[name];
  if (name === undefined || facts === undefined) return;
  for (const [, value] of held) {
    const [demand] = broken(walking, name, facts, value);
    if (demand === undefined) continue;
    const inside = { of, demands: [...demandsOf(walking, name, facts, typeof value === 'number')].sort(lengthsFirst) };
    walking.found.push({ path, value: whole, shape: name, sensitive: facts.sensitive === true, demand, inside });
    break;
  }
  for (const [step, value] of held) into(walking, name, facts, value, [...path, step]);
}

function broken(walking: Walk, name: string, facts: ShapeFacts, value: unknown): readonly Demand[] {
  const demands = demandsOf(walking, name, facts, typeof value === 'number');
  return demands.every((demand) => isMet(demand, value)) ? met : demands.filter((demand) => !isMet(demand, value));
}

/** What a shape asks for, worked out once: a table never changes. */
const known = new WeakMap<ShapeFacts, Readonly<Record<'number' | 'other', readonly Demand[]>>>();

function demandsOf({ service }: Walk, name: string, facts: ShapeFacts, isNumber: boolean): readonly Demand[] {
  let demands = known.get(facts);
  if (demands === undefined) {
    demands = { number: demandsIn(service, name, facts, true), other: demandsIn(service, name, facts, false) };
    known.set(facts, demands);
  }
  return isNumber ? demands.number : demands.other;
}

/** In the order in which AWS names them: a pattern before a length, as DynamoDB and Cognito answer. */
function demandsIn(service: string, name: string, facts: ShapeFacts, isNumber: boolean): readonly Demand[] {
  const { pattern, values, min, max } = facts;
  const [most, least] = isNumber ? (['maxValue', 'minValue'] as const) : (['maxLength', 'minLength'] as const);
  const demands: Demand[] = [];
  if (values !== undefined) demands.push({ kind: 'values', values });
  if (pattern !== undefined) demands.push({ kind: 'pattern', pattern });
  if (max !== undefined) demands.push({ kind: most, limit: max });
  if (min !== undefined) demands.push({ kind: least, limit: min });
  return demands.filter(({ kind }) => !isExcepted(service, name, kind));
}

/** Of what is inside a list or a map, lengths come first: as Auto Scaling and DynamoDB answer. */
const lengthsFirst = (one: Demand, other: Demand): number => Number('limit' in other) - Number('limit' in one);

function isMet(demand: Demand, value: unknown): boolean {
  switch (demand.kind) {
    case 'required':
      return isThere(value);
    case 'pattern':
      return typeof value !== 'string' || fullMatch(demand.pattern, value);
    case 'values':
      return typeof value !== 'string' || demand.values.includes(value);
    case 'maxValue':
      return typeof value !== 'number' || value <= demand.limit;
    case 'minValue':
      return typeof value !== 'number' || value >= demand.limit;
    case 'maxLength':
      return (lengthOf(value) ?? demand.limit) <= demand.limit;
    case 'minLength':
      return (lengthOf(value) ?? demand.limit) >= demand.limit;
  }
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value !== 'object' || value === null || value instanceof Date || 'pipe' in value) return undefined;
  return Object.keys(value).length;
}
