/**
 * Values of the SDK's shapes to and from documents: trees of plain objects, as JSON and CBOR carry them. The two differ only in how
 * they write bytes, times and special numbers.
 */

import { cbor, dateToTag } from '@smithy/core/cbor';
import type { Leaf, Member, Shape, Structure } from './shapes.ts';
import {
  base64Of,
  blobFrom,
  InputError,
  malformed,
  specialNumber,
  timestampFrom,
  timestampTo,
  unfit,
} from './values.ts';
import { arrayOf, checkUnion, join, recordOf } from './xml.ts';

export interface DocumentFormat {
  parse(body: Uint8Array): unknown;
  print(document: unknown): Uint8Array;
  read(leaf: Leaf, value: unknown, path: string): unknown;
  write(leaf: Leaf, value: unknown, path: string): unknown;
}

export const json: DocumentFormat = {
  parse(body) {
    try {
      return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
    } catch {
      throw new InputError('malformed', 'The body is not valid JSON.');
    }
  },
  print: (document) => Buffer.from(JSON.stringify(document)),
  read(leaf, value, path) {
    if (leaf.kind === 'blob' && typeof value === 'string') return blobFrom(value, path);
    if (leaf.kind === 'timestamp' && (typeof value === 'number' || typeof value === 'string')) {
      return timestampFrom(value, leaf.format ?? 'epoch-seconds', path);
    }
    return readPlain(leaf, value, path);
  },
  write(leaf, value, path) {
    if (leaf.kind === 'blob') return base64Of(value, path);
    if (leaf.kind === 'timestamp') return timestampTo(value, leaf.format ?? 'epoch-seconds', path);
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    return writePlain(leaf, value, path);
  },
};

const epochTag = 1;

export const cborFormat: DocumentFormat = {
  parse(body) {
    try {
      return cbor.deserialize(body);
    } catch {
      throw new InputError('malformed', 'The body is not valid CBOR.');
    }
  },
  print: (document) => cbor.serialize(document),
  read(leaf, value, path) {
    if (leaf.kind === 'blob' && value instanceof Uint8Array) return new Uint8Array(value);
    if (leaf.kind === 'timestamp') {
      const tagged =
        typeof value === 'object' && value !== null && 'tag' in value && 'value' in value ? value : undefined;
      if (tagged === undefined || Number(tagged.tag) !== epochTag) throw malformed(path, 'a timestamp');
      return timestampFrom(Number(tagged.value), 'epoch-seconds', path);
    }
    return readPlain(leaf, typeof value === 'bigint' ? Number(value) : value, path);
  },
  write(leaf, value, path) {
    if (leaf.kind === 'blob') {
      if (value instanceof Uint8Array) return value;
      throw unfit(path, 'bytes', value);
    }
    if (leaf.kind === 'timestamp') {
      timestampTo(value, 'epoch-seconds', path);
      return dateToTag(value as Date);
    }
    return writePlain(leaf, value, path);
  },
};

/** A structure from a document; `members` are those that travel in the body. */
export function structureFromDocument(
  format: DocumentFormat,
  shape: Structure,
  document: unknown,
  path: string,
  members: readonly Member[] = shape.members,
): Record<string, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw malformed(path, 'an object');
  const value: Record<string, unknown> = {};
  for (const [key, held] of Object.entries(document)) {
    if (held === null || held === undefined || key === '__type') continue;
    const member = shape.byName.get(key);
    if (member === undefined || (members !== shape.members && !members.includes(member))) {
      throw new InputError('malformed', `${join(path, key)} isn't known to ${shape.name}.`);
    }
    value[key] = valueFrom(format, member.shape, held, join(path, key));
  }
  checkUnion(shape, value, path);
  return value;
}

export function structureToDocument(
  format: DocumentFormat,
  shape: Structure,
  value: unknown,
  path: string,
  members: readonly Member[] = shape.members,
): Record<string, unknown> {
  const record = recordOf(value, path);
  const document: Record<string, unknown> = {};
  for (const member of members) {
    const held = record[member.name];
    if (held === undefined || held === null) continue;
    document[member.name] = valueTo(format, member.shape, held, join(path, member.name));
  }
  return document;
}

function valueFrom(format: DocumentFormat, shape: Shape, value: unknown, path: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return structureFromDocument(format, shape, value, path);
    case 'list':
      if (!Array.isArray(value)) throw malformed(path, 'a list');
      return value.map((item, index) => valueFrom(format, shape.item.shape, item, join(path, index)));
    case 'map':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(path, 'a map');
      return Object.fromEntries(
        Object.entries(value).map(([key, held]) => [key, valueFrom(format, shape.value.shape, held, join(path, key))]),
      );
    default:
      return format.read(shape, value, path);
  }
}

function valueTo(format: DocumentFormat, shape: Shape, value: unknown, path: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return structureToDocument(format, shape, value, path);
    case 'list':
      return arrayOf(value, path).map((item, index) => valueTo(format, shape.item.shape, item, join(path, index)));
    case 'map':
      return Object.fromEntries(
        Object.entries(recordOf(value, path))
          .filter(([, held]) => held !== undefined && held !== null)
          .map(([key, held]) => [key, valueTo(format, shape.value.shape, held, join(path, key))]),
      );
    default:
      return format.write(shape, value, path);
  }
}

function readPlain(leaf: Leaf, value: unknown, path: string): unknown {
  if (leaf.kind === 'string' && typeof value === 'string') return value;
  if (leaf.kind === 'boolean' && typeof value === 'boolean') return value;
  if (leaf.kind === 'number') {
    const number = typeof value === 'string' ? specialNumber(value) : value;
    if (typeof number === 'number') return number;
  }
  throw malformed(path, `a ${leaf.kind}`);
}

function writePlain(leaf: Leaf, value: unknown, path: string): unknown {
  if (leaf.kind === 'number' && typeof value === 'bigint') return Number(value);
  if (typeof value === leaf.kind) return value;
  throw unfit(path, `a ${leaf.kind}`, value);
}
