/**
 * Inputs shaped by the operation's own schema: texts become the numbers, flags and times the API takes, documents become text, and
 * a member the API doesn't have is refused by name, as CloudFormation's resource schemas do.
 */

import type { ServiceName } from '../contract.ts';
import { apiOf } from '../protocols/api.ts';
import type { Leaf, Shape, Structure } from '../protocols/shapes.ts';
import { validationError } from './errors.ts';
import type { Json } from './json.ts';
import { asText } from './json.ts';

/** `input` as the operation takes it, without its undefined members. Raises ValidationError naming what doesn't fit. */
export async function shaped(service: ServiceName, operation: string, input: object): Promise<object> {
  const found = (await apiOf(service)).operations.get(operation);
  if (found === undefined) throw validationError(`${service} has no operation ${operation}`);
  return structure(found.input, input, '#');
}

function structure({ byName }: Structure, value: object, path: string): object {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (member === undefined || member === null) return [];
      const known = byName.get(name);
      if (known === undefined) throw validationError(`${path}: extraneous key [${name}] is not permitted`);
      return [[name, shapedValue(known.shape, member, `${path}/${name}`)]];
    }),
  );
}

function shapedValue(shape: Shape, value: unknown, path: string): unknown {
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) throw unfit(path, 'JSONArray', value);
    return value.map((item, index) => shapedValue(shape.item.shape, item, `${path}/${index}`));
  }
  if (shape.kind === 'structure' || shape.kind === 'map') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unfit(path, 'JSONObject', value);
    if (shape.kind === 'structure') return structure(shape, value, path);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, shapedValue(shape.value.shape, item, `${path}/${key}`)]),
    );
  }
  return leaf(shape, value, path);
}

function leaf({ kind }: Leaf, value: unknown, path: string): unknown {
  if (kind === 'blob' || value instanceof Date) return value;
  if (kind === 'string') return asText(value as Json);
  if (typeof value === 'object') throw unfit(path, kind, value);
  const text = asText(value as Json);
  if (kind === 'timestamp') return new Date(text);
  if (kind === 'boolean') {
    if (text !== 'true' && text !== 'false') throw unfit(path, 'Boolean', value);
    return text === 'true';
  }
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw unfit(path, 'Number', value);
  return number;
}

const unfit = (path: string, expected: string, value: unknown) =>
  validationError(`${path}: expected type: ${expected}, found: ${Array.isArray(value) ? 'JSONArray' : typeof value}`);
