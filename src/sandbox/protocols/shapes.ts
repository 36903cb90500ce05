/**
 * The runtime schemas of the AWS SDK clients, compiled once into the tree every codec walks. Members are in the schema's order, in
 * which the required ones come first. Fails by name on a type or trait this project doesn't read, so that a new SDK can't slip one in.
 */

import { NormalizedSchema } from '@smithy/core/schema';

/** A schema as the clients export it, or a reference to one. */
export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

export interface Leaf {
  readonly kind: 'string' | 'number' | 'boolean' | 'blob' | 'timestamp';
  /** The format a timestamp's own trait fixes; without it the place it stands in decides. */
  readonly format?: TimestampFormat;
}

export interface List {
  readonly kind: 'list';
  readonly item: Member;
}

export interface Dictionary {
  readonly kind: 'map';
  readonly key: Member;
  readonly value: Member;
}

export interface Structure {
  readonly kind: 'structure';
  readonly name: string;
  readonly union: boolean;
  readonly members: readonly Member[];
  readonly byName: ReadonlyMap<string, Member>;
  readonly traits: Traits;
}

export type Shape = Leaf | List | Dictionary | Structure;

/** A structure's member, or what a list or map holds. `traits` are the member's own; those of its target are on the target. */
export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
  readonly traits: Traits;
}

export interface Traits {
  readonly xmlName?: string;
  readonly xmlFlattened?: 1;
  readonly xmlAttribute?: 1;
  /** [prefix, URI]. */
  readonly xmlNamespace?: readonly [string, string];
  readonly ec2QueryName?: string;
  readonly httpLabel?: 1;
  readonly httpQuery?: string;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
  readonly streaming?: 1;
  /** [method, URI template, status]. */
  readonly http?: readonly [string, string, number];
  readonly error?: 'client' | 'server';
  readonly httpError?: number;
  /** [code on the wire, status]. */
  readonly awsQueryError?: readonly [string, number];
}

/** What an operation without input or output has: a structure with no members. */
export const nothing: Structure = {
  kind: 'structure',
  name: 'Unit',
  union: false,
  members: [],
  byName: new Map(),
  traits: {},
};

/** Traits that say nothing about the wire as a server sees it. */
const silentTraits = new Set([
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'endpoint',
  'hostLabel',
  'httpChecksum',
  'eventPayload',
]);

const readTraits = new Set([
  'xmlName',
  'xmlFlattened',
  'xmlAttribute',
  'xmlNamespace',
  'ec2QueryName',
  'httpLabel',
  'httpQuery',
  'httpHeader',
  'httpPrefixHeaders',
  'httpPayload',
  'httpResponseCode',
  'streaming',
  'http',
  'error',
  'httpError',
  'awsQueryError',
]);

const compiled = new WeakMap<object, Shape>();

/** The structure behind an operation's input or output. */
export function structureOf(schema: SchemaRef): Structure {
  const normalized = NormalizedSchema.of(schema);
  if (normalized.isUnitSchema()) return nothing;
  const shape = shapeOf(normalized);
  if (shape.kind !== 'structure') throw new Error(`${normalized.getName(true)} isn't a structure.`);
  return shape;
}

/** An operation's or error's own traits. */
export function traitsOf(schema: SchemaRef): Traits {
  const normalized = NormalizedSchema.of(schema);
  return checkedTraits(normalized.getOwnTraits(), normalized.getName() ?? 'schema');
}

function shapeOf(schema: NormalizedSchema): Shape {
  const raw: unknown = schema.getSchema();
  if (typeof raw !== 'object' || raw === null) return compileSimple(schema, raw);
  const known = compiled.get(raw);
  if (known !== undefined) return known;
  const shape = schema.isStructSchema() ? compileStructure(schema, raw) : compileCollection(schema);
  compiled.set(raw, shape);
  return shape;
}

function compileStructure(schema: NormalizedSchema, raw: object): Structure {
  const requiredCount = Array.isArray(raw) && typeof raw[6] === 'number' ? raw[6] : 0;
  const members = lazily(() =>
    [...schema.structIterator()].map(([name, member], index) => memberOf(name, member, index < requiredCount)),
  );
  const byName = lazily(() => new Map(members().map((member) => [member.name, member])));
  const name = schema.getName() ?? 'structure';
  return {
    kind: 'structure',
    name,
    union: schema.isUnionSchema(),
    get members() {
      return members();
    },
    get byName() {
      return byName();
    },
    traits: checkedTraits(schema.getOwnTraits(), name),
  };
}

function compileCollection(schema: NormalizedSchema): List | Dictionary {
  if (schema.isListSchema()) {
    const item = lazily(() => memberOf('member', schema.getValueSchema(), true));
    return {
      kind: 'list',
      get item() {
        return item();
      },
    };
  }
  if (!schema.isMapSchema()) throw new Error(`${schema.getName(true)} has a type the sandbox's wire doesn't read.`);
  const key = lazily(() => memberOf('key', schema.getKeySchema(), true));
  const value = lazily(() => memberOf('value', schema.getValueSchema(), true));
  return {
    kind: 'map',
    get key() {
      return key();
    },
    get value() {
      return value();
    },
  };
}

/** The schema's numbers for simple types; 64 and 128 make a list or a map of one. */
const leaves = new Map<unknown, Leaf>([
  [0, { kind: 'string' }],
  [1, { kind: 'number' }],
  [2, { kind: 'boolean' }],
  [4, { kind: 'timestamp' }],
  [5, { kind: 'timestamp', format: 'date-time' }],
  [6, { kind: 'timestamp', format: 'http-date' }],
  [7, { kind: 'timestamp', format: 'epoch-seconds' }],
  [21, { kind: 'blob' }],
  [42, { kind: 'blob' }],
]);

const compiledSimple = new Map<unknown, Shape>(leaves);

function compileSimple(schema: NormalizedSchema, raw: unknown): Shape {
  const known = compiledSimple.get(raw);
  if (known !== undefined) return known;
  if (typeof raw !== 'number' || raw < 64) {
    throw new Error(
      `${schema.getName(true)} has the simple type ${String(raw)}, which the sandbox's wire doesn't read.`,
    );
  }
  const shape = compileCollection(schema);
  compiledSimple.set(raw, shape);
  return shape;
}

function memberOf(name: string, schema: NormalizedSchema, required: boolean): Member {
  const shape = lazily(() => shapeOf(schema));
  const streaming = schema.isStreaming() ? { streaming: 1 as const } : {};
  return {
    name,
    required,
    get shape() {
      return shape();
    },
    traits: { ...checkedTraits(schema.getMemberTraits(), name), ...streaming },
  };
}

function checkedTraits(traits: object, name: string): Traits {
  for (const trait of Object.keys(traits)) {
    if (!readTraits.has(trait) && !silentTraits.has(trait)) {
      throw new Error(`${name} carries the trait ${trait}, which the sandbox's wire doesn't read.`);
    }
  }
  return traits;
}

/** Schemas are recursive: what a shape refers to is compiled when it is first asked for. */
function lazily<T>(compute: () => T): () => T {
  let value: { of: T } | undefined;
  return () => {
    value ??= { of: compute() };
    return value.of;
  };
}
