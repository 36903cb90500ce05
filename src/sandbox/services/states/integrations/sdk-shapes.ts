/** Between the JSON of a state machine and an operation's shapes: names, times, bytes. */

import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { StatesError } from '../../../asl/errors.ts';
import { isObject, type Json } from '../../../asl/json.ts';
import type { Shape, Structure } from '../../../protocols/shapes.ts';

/** How members are spelled: SDK integrations have the Java SDK's names, optimized ones the API's own with a capital. */
export type Spelling = (name: string) => string;

/** Throws `States.Runtime` for a member the operation doesn't have. */
export function toInput(spelling: Spelling, structure: Structure, given: Json): Record<string, unknown> {
  if (!isObject(given)) throw new StatesError('States.Runtime', `The arguments must be an object.`);
  const byName = new Map(structure.members.map((member) => [spelling(member.name), member]));
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => {
        const member = byName.get(name);
        if (member === undefined) {
          throw new StatesError('States.Runtime', `The field '${name}' is not supported by Step Functions.`);
        }
        return [member.name, inward(spelling, member.shape, value, name)];
      }),
  );
}

function inward(spelling: Spelling, shape: Shape, value: Json, field: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return toInput(spelling, shape, value);
    case 'list':
      return Array.isArray(value) ? value.map((item) => inward(spelling, shape.item.shape, item, field)) : value;
    case 'map':
      return isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, item]) => [key, inward(spelling, shape.value.shape, item, field)]),
          )
        : value;
    case 'timestamp':
      return timeFrom(value, field);
    case 'blob':
      return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    default:
      return value;
  }
}

function timeFrom(value: Json, field: string): Date {
  const time = new Date(typeof value === 'number' ? value * 1000 : typeof value === 'string' ? value : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new StatesError('States.Runtime', `The field '${field}' is not a timestamp.`);
  return time;
}

export async function toOutput(spelling: Spelling, shape: Shape, value: unknown): Promise<Json> {
  if (value === undefined || value === null) return null;
  switch (shape.kind) {
    case 'structure':
      return structured(spelling, shape, value as Record<string, unknown>);
    case 'list':
      return Promise.all((value as unknown[]).map((item) => toOutput(spelling, shape.item.shape, item)));
    case 'map':
      return Object.fromEntries(
        await Promise.all(
          Object.entries(value).map(
            async ([key, item]) => [key, await toOutput(spelling, shape.value.shape, item)] as const,
          ),
        ),
      );
    case 'timestamp':
      return value instanceof Date ? value.toISOString() : (value as Json);
    case 'blob':
      return value instanceof Uint8Array ? Buffer.from(value).toString() : textOf(value as Readable);
    default:
      return value as Json;
  }
}

async function structured(spelling: Spelling, shape: Structure, value: Record<string, unknown>): Promise<Json> {
  const known = shape.members.filter(({ name }) => value[name] !== undefined && value[name] !== null);
  const entries = known.map(
    async (member) => [spelling(member.name), await toOutput(spelling, member.shape, value[member.name])] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
