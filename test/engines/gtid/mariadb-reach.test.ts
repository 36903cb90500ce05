import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transactionsBetween, transactionsIn } from '../../../src/engines/database/gtid/dialect-count.ts';
import {
  containsReach,
  countReach,
  lastOfEachDomain,
  parseReach,
  printReach,
  subtractReach,
  unionReach,
} from '../../../src/engines/database/gtid/mariadb-reach.ts';

const texts = fc
  .array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.nat(12)), { maxLength: 6 })
  .map((parts) => parts.map((part) => part.join('-')).join(','));
const reaches = texts.map(parseReach);

/** A history as servers write it: which server wrote each of a domain's transactions, in order. */
const histories = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 30 });
const written = (writers: readonly number[]) =>
  writers.map((server, index) => ({ server, sequence: index + 1, gtid: `0-${server}-${index + 1}` }));

test('what a server that applied a history up to some point holds of it is what is before that point', () => {
  fc.assert(
    fc.property(histories, fc.nat(30), fc.nat(30), (writers, applied, asked) => {
      const history = written(writers);
      const reach = parseReach(
        history
          .slice(0, applied)
          .map(({ gtid }) => gtid)
          .join(','),
      );
      const last = history[asked];
      if (last !== undefined) expect(containsReach(reach, parseReach(last.gtid))).toBe(asked < applied);
    }),
  );
});

test('two that wrote at the same time never hold what the other alone has, however far they have counted', () => {
  fc.assert(
    fc.property(
      histories,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      (writers, ours, theirs) => {
        const common = written(writers).map(({ gtid }) => gtid);
        const alone = (server: number, count: number) =>
          Array.from({ length: count }, (_, index) => `0-${server}-${writers.length + index + 1}`);
        const [one, other] = [alone(8, ours), alone(9, theirs)].map((own) => parseReach([...common, ...own].join(',')));
        if (one === undefined || other === undefined) return;
        expect(containsReach(one, lastOfEachDomain(other))).toBe(false);
        expect(containsReach(other, lastOfEachDomain(one))).toBe(false);
        expect(containsReach(unionReach(one, other), one)).toBe(true);
      },
    ),
  );
});

test('union, subtraction and holding fit together, and holding is an order', () => {
  fc.assert(
    fc.property(reaches, reaches, reaches, (one, other, third) => {
      const both = unionReach(one, other);
      expect(containsReach(both, one) && containsReach(both, other)).toBe(true);
      expect(subtractReach(one, other).size === 0).toBe(containsReach(other, one));
      expect(unionReach(other, subtractReach(one, other))).toEqual(unionReach(other, one));
      expect(containsReach(one, one)).toBe(true);
      if (containsReach(one, other) && containsReach(other, third)) expect(containsReach(one, third)).toBe(true);
    }),
  );
});

test('printed in one way only, and read back as the same', () => {
  fc.assert(
    fc.property(reaches, reaches, (one, other) => {
      expect(parseReach(printReach(one))).toEqual(one);
      expect(printReach(unionReach(one, other))).toBe(printReach(unionReach(other, one)));
    }),
  );
  expect(printReach(parseReach('1-5-3, 0-1002-7,0-1001-9'))).toBe('0-1001-9,0-1002-7,1-5-3');
});

test('transactions are counted through every domain, and between two positions of one history', () => {
  expect(countReach(parseReach('0-1-10,0-2-12,1-5-3'))).toBe(15n);
  expect(transactionsIn('mariadb', '0-1-10,1-5-3')).toBe(13);
  expect(transactionsBetween('mariadb', '0-1-10', '0-1-14')).toBe(4);
  expect(transactionsBetween('mariadb', '0-1-10', '0-2-14')).toBe(4);
  expect(transactionsBetween('mariadb', '0-1-14', '0-1-10')).toBe(0);
  // Applied past it by number, but not it.
  expect(transactionsBetween('mariadb', '0-2-14', '0-1-12')).toBe(1);
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
  expect(transactionsBetween('mysql', `${uuid}:1-10`, `${uuid}:8-14`)).toBe(4);
});

test.each([
  'nonsense',
  '0-1',
  '0-1-',
  '-0-1-5',
  '0-1-5,',
  '0-1-5;0-1-6',
  '4294967296-1-5',
  '0-1-18446744073709551616',
  '0-1-1.5',
])('%s is refused', (given) => {
  expect(() => parseReach(given)).toThrow(/GTID list of MariaDB can't be read.*Given.*Allowed/s);
});
