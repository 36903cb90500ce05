/** Rows survive being written down, whatever SDK inputs put into them, and a patch says exactly what changed. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../../src/sandbox/state/codec.ts';
import { applyPatch, type Patch, patchBetween } from '../../../src/sandbox/state/patch.ts';

const leaf = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array(),
  fc.bigInt(),
);
const key = fc.oneof(fc.string(), fc.constantFrom('$date', '$object', '__proto__', 'length'));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value')),
    fc.dictionary(key, tie('value'), { noNullPrototype: true }),
    fc.array(tie('value')).map((members) => new Set(members)),
    fc.array(fc.tuple(fc.string(), tie('value'))).map((members) => new Map(members)),
  ),
}));
const throughText = (encoded: unknown): unknown => JSON.parse(JSON.stringify(encoded));

describe('rows', () => {
  test('come back from text as they were', () => {
    fc.assert(
      fc.property(value, (row) => {
        expect(decode(throughText(encode(row)))).toEqual(row);
      }),
    );
  });

  test('are refused by the path of what can not be kept', () => {
    class Session {}
    expect(() => encode({ targets: [{ session: new Session() }] })).toThrow(
      'an instance of Session at targets[0].session',
    );
    expect(() => encode({ done: () => {} })).toThrow('a function at done');
  });
});

describe('a patch', () => {
  test('makes the later row of the earlier one', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        const patch = patchBetween(before, after);
        const made = patch === undefined ? before : applyPatch(before, throughText(patch) as Patch);
        expect(made).toEqual(after);
      }),
    );
  });

  test('finds what was added to a row that shares the rest', () => {
    const before = {
      id: 'a',
      events: Array.from({ length: 1000 }, (_, at) => ({ at })),
      tags: { kept: 'yes', gone: 'soon' },
    };
    const { gone: _, ...tags } = before.tags;
    const after = { ...before, events: [...before.events, { at: 1000 }], tags };
    expect(patchBetween(before, after)).toEqual({
      o: { events: { a: [1000, 0, [{ at: 1000 }]] }, tags: { o: { gone: null } } },
    });
  });
});
