import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  containsMySql,
  countMySql,
  type MySqlSet,
  parseMySqlSet,
  printMySqlSet,
  subtractMySql,
  unionMySql,
} from '../../../src/engines/database/gtid/mysql-set.ts';

const one = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const other = '3e11fa47-71ca-11e1-9e33-c80aa9429563';

/** Sources of few kinds and numbers close together, so that sets overlap, touch and leave holes. */
const source = fc.constantFrom(one, other, `${one}:nightly`, `${other}:nightly`);
const numbers = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(8));
const sets: fc.Arbitrary<MySqlSet> = fc
  .array(fc.tuple(source, numbers), { maxLength: 8 })
  .map((parts) => parts.map(([of, [from, more]]) => `${of}:${from}-${from + more}`).join(','))
  .map(parseMySqlSet);

/** Every GTID of a set, one by one: what its operations must agree with. */
const members = (set: MySqlSet): Set<string> =>
  new Set(
    [...set].flatMap(([of, list]) =>
      list.flatMap(({ from, to }) =>
        Array.from({ length: Number(to - from) + 1 }, (_, at) => `${of}:${from + BigInt(at)}`),
      ),
    ),
  );

test('operations are those of sets of single transactions', () => {
  fc.assert(
    fc.property(sets, sets, (left, right) => {
      const [mine, theirs] = [members(left), members(right)];
      expect(members(unionMySql(left, right))).toEqual(new Set([...mine, ...theirs]));
      expect(members(subtractMySql(left, right))).toEqual(new Set([...mine].filter((gtid) => !theirs.has(gtid))));
      expect(containsMySql(left, right)).toBe([...theirs].every((gtid) => mine.has(gtid)));
      expect(countMySql(left)).toBe(BigInt(mine.size));
    }),
  );
});

test('a set is printed in one way only, and read back as the same set', () => {
  fc.assert(
    fc.property(sets, sets, (left, right) => {
      expect(parseMySqlSet(printMySqlSet(left))).toEqual(left);
      const equal = containsMySql(left, right) && containsMySql(right, left);
      expect(printMySqlSet(left) === printMySqlSet(right)).toBe(equal);
      expect(printMySqlSet(unionMySql(left, right))).toBe(printMySqlSet(unionMySql(right, left)));
    }),
  );
});

test.each([
  [`${one}:1-3:4`, `${one}:1-4`],
  [`${one}:7-9:1-5`, `${one}:1-5:7-9`],
  [`${other}:1,\n${one}:2`, `${one}:2,${other}:1`],
  [`${one.toUpperCase()}:5-5`, `${one}:5`],
  [`${one}:1-5:Nightly:1-3:4`, `${one}:1-5:nightly:1-4`],
  [`${one}:nightly:1,${one}:1-2`, `${one}:1-2:nightly:1`],
  [`${one}:b:1:a:2`, `${one}:a:2:b:1`],
  ['', ''],
])('%s is printed %s', (given, printed) => {
  expect(printMySqlSet(parseMySqlSet(given))).toBe(printed);
});

test.each([
  'nonsense',
  one,
  `${one}:`,
  `${one}:0-3`,
  `${one}:5-3`,
  `${one}:1-9223372036854775807`,
  `${one}:1,`,
  `${one}:nightly`,
  `${one}:nightly:1:weekly`,
  `${one}:1-2-3`,
  `${one}:9to5:1`,
  '0-1001-42',
])('%s is refused', (given) => {
  expect(() => parseMySqlSet(given)).toThrow(/GTID set of MySQL can't be read.*Given.*Allowed/s);
});
