/**
 * Attribute values as they are kept: AWS's own shape as plain JSON, with binary in base64 and numbers in canonical form.
 * Source: DynamoDB Developer Guide, "Supported data types"; sizes: "DynamoDB item sizes and formats".
 */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { canonicalNumber } from './numbers.ts';
import { validation } from './validation.ts';

export type Value =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly M: Item }
  | { readonly L: readonly Value[] }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

export interface Item {
  readonly [attribute: string]: Value;
}

export type TypeName = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'M' | 'L' | 'SS' | 'NS' | 'BS';
type GivenItem = Readonly<Record<string, AttributeValue>>;

/** How deep lists and maps may stand in each other. */
const deepest = 32;

export const typeOf = (value: Value): TypeName => Object.keys(value)[0] as TypeName;

/** Checks and canonicalises what a client sent. */
export function taken(given: AttributeValue | undefined, depth = 0): Value {
  const [type, ...more] = Object.entries(given ?? {}).filter(([, content]) => content !== undefined);
  if (type === undefined)
    throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  if (more.length > 0) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  if (depth > deepest)
    throw validation(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  const value = given as AttributeValue;
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: canonicalNumber(value.N) };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) {
    if (!value.NULL)
      throw validation(
        'One or more parameter values were invalid: Null attribute value types must have the value of true',
      );
    return { NULL: true };
  }
  if (value.M !== undefined) return { M: takenItem(value.M, depth + 1) };
  if (value.L !== undefined) return { L: value.L.map((one) => taken(one, depth + 1)) };
  if (value.SS !== undefined) return { SS: set(value.SS, 'string') };
  if (value.NS !== undefined) return { NS: set(value.NS.map(canonicalNumber), 'number') };
  if (value.BS !== undefined) return { BS: set(value.BS.map(base64), 'binary') };
  throw validation(`Supplied AttributeValue has an unknown datatype: ${type[0]}`);
}

export const takenItem = (given: GivenItem | undefined, depth = 0): Item =>
  Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name, taken(value, depth)]));

/** Back to the SDK's shape. */
function given(value: Value): AttributeValue {
  if ('B' in value) return { B: bytes(value.B) };
  if ('BS' in value) return { BS: value.BS.map(bytes) };
  if ('SS' in value) return { SS: [...value.SS] };
  if ('NS' in value) return { NS: [...value.NS] };
  if ('M' in value) return { M: givenItem(value.M) };
  if ('L' in value) return { L: value.L.map(given) };
  return { ...value };
}

export const givenItem = (item: Item): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, given(value)]));

/** Bytes an item counts for: names and values in UTF-8, numbers by their digits, 3 bytes for each list and map. */
export const itemSize = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);

export function valueSize(value: Value): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return bytes(value.B).byteLength;
  if ('M' in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
  if ('L' in value) return 3 + value.L.reduce((sum, one) => sum + 1 + valueSize(one), 0);
  if ('SS' in value) return value.SS.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  if ('NS' in value) return value.NS.reduce((sum, one) => sum + numberSize(one), 0);
  if ('BS' in value) return value.BS.reduce((sum, one) => sum + bytes(one).byteLength, 0);
  return 1;
}

const numberSize = (number: string): number => Math.ceil(number.replace(/^-?0*\.?0*|\.|0+$/g, '').length / 2) + 1;

const base64 = (content: Uint8Array): string => Buffer.from(content).toString('base64');
const bytes = (text: string): Buffer => Buffer.from(text, 'base64');

function set(elements: readonly string[], kind: string): readonly string[] {
  if (elements.length === 0) {
    throw validation(`One or more parameter values were invalid: An ${kind} set  may not be empty`);
  }
  if (new Set(elements).size < elements.length) {
    throw validation(
      `One or more parameter values were invalid: Input collection [${elements.join(', ')}] contains duplicates.`,
    );
  }
  return elements;
}
