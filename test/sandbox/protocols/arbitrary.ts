/** Values of a schema's shapes, for property tests. */

import fc from 'fast-check';
import type { Leaf, Member, Shape, Structure } from '../../../src/sandbox/protocols/shapes.ts';

export interface Bounds {
  readonly text: fc.Arbitrary<string>;
  readonly deepest: number;
  /** Whether members that travel as streams are among the drawn ones: as the bytes they are to carry. */
  readonly withStreams?: boolean;
}

/** Any text XML can carry; the SDK's own parser drops text that is nothing but white space. */
export const xmlText = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((text) => !/\p{Cc}|\ufffe|\uffff/u.test(text.replace(/[\t\r\n]/g, '')))
  .filter((text) => text === '' || text.trim() !== '');
export const anyText = fc.string({ unit: 'binary', maxLength: 12 });
/** What survives in a header, path or query string everywhere. */
const plainText = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019-_~/:,"%+ =&?#'.split('')), minLength: 1, maxLength: 12 })
  .map((text) => `a${text}z`);

/** Names of headers are tokens, and of one case. */
const headerName = fc.string({ unit: fc.constantFrom(...'abc019-_'.split('')), minLength: 1, maxLength: 8 });

/** A structure with some of its optional members, the required ones, and never none where it could have one. */
export function structure(shape: Structure, bounds: Bounds, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const { members } = shape;
  if (shape.union) {
    const leaves = members.filter((member) => !['structure', 'list', 'map'].includes(member.shape.kind));
    const usable = depth < bounds.deepest || leaves.length === 0 ? members : leaves;
    return fc.oneof(...usable.map((member) => fc.record({ [member.name]: memberValue(member, bounds, depth + 1) })));
  }
  const required = members.filter((member) => member.required);
  const optional = members.filter(
    (member) =>
      !member.required &&
      (bounds.withStreams === true || member.traits.streaming !== 1) &&
      (depth < bounds.deepest || required.length === 0),
  );
  // Wide structures are sampled: all of EC2's hundreds of members at once say no more than a few.
  const few = {
    minLength: required.length === 0 && optional.length > 0 ? 1 : 0,
    maxLength: Math.min(6, optional.length),
  };
  return fc
    .subarray(optional, depth < bounds.deepest ? few : { ...few, maxLength: few.minLength })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(
          [...required, ...chosen].map((member) => [member.name, memberValue(member, bounds, depth + 1)]),
        ),
      ),
    );
}

function memberValue(member: Member, bounds: Bounds, depth: number): fc.Arbitrary<unknown> {
  const { traits, shape } = member;
  if (traits.httpResponseCode === 1) return fc.constant(200);
  // A body that is one text can't tell an empty one from none.
  if (traits.httpPayload === 1 && shape.kind === 'string') return bounds.text.map((text) => `${text}.`);
  if (traits.httpPrefixHeaders !== undefined) {
    return fc.dictionary(headerName, plainText, { minKeys: 1, maxKeys: 3 });
  }
  const isBound = traits.httpHeader ?? traits.httpQuery ?? traits.httpLabel;
  if (isBound === undefined) return anyValue(shape, bounds, depth);
  const inHeader = traits.httpHeader !== undefined;
  return anyValue(shape, { ...bounds, text: plainText }, depth, inHeader ? 1000 : 1);
}

function anyValue(shape: Shape, bounds: Bounds, depth: number, milliseconds = 1): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'structure':
      return structure(shape, bounds, depth);
    case 'list':
      return fc.array(anyValue(shape.item.shape, bounds, depth, milliseconds), { minLength: 1, maxLength: 3 });
    case 'map':
      return fc.dictionary(
        bounds.text.filter((key) => key !== '__proto__'),
        anyValue(shape.value.shape, bounds, depth),
        { minKeys: 1, maxKeys: 3 },
      );
    default:
      return leaf(shape, bounds, milliseconds);
  }
}

function leaf(shape: Leaf, { text }: Bounds, milliseconds: number): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'string':
      return text;
    case 'number':
      return fc
        .oneof(
          fc.integer(),
          fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
        )
        .map((value) => (value === 0 ? 0 : value));
    case 'boolean':
      return fc.boolean();
    case 'blob':
      return fc.uint8Array({ minLength: 1, maxLength: 20 });
    case 'timestamp': {
      const unit = shape.format === 'http-date' ? 1000 : milliseconds;
      return fc.integer({ min: 0, max: Math.floor(4e12 / unit) }).map((value) => new Date(value * unit));
    }
  }
}
