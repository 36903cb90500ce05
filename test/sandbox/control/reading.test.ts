// Logs that grow: whoever reads on from a cursor gets every line once.

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvents } from '../../../src/sandbox/control/log-events.ts';
import { readLines } from '../../../src/sandbox/control/text-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilot-light-reading-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the last lines of a file, then what is added; half a line waits for its other half', () => {
  const file = join(folder, 'a.log');
  writeFileSync(file, 'one\ntwo\nthree\n');
  const first = readLines(file, { lines: 2 });
  expect(first.lines).toEqual(['two', 'three']);
  appendFileSync(file, 'four\nfi');
  const second = readLines(file, { lines: 10, after: first.cursor });
  expect(second.lines).toEqual(['four']);
  appendFileSync(file, 've\n');
  expect(readLines(file, { lines: 10, after: second.cursor }).lines).toEqual(['five']);
});

test('what is there already can be left out, and a file begun anew is read anew', () => {
  const file = join(folder, 'b.log');
  writeFileSync(file, 'one\ntwo\n');
  const none = readLines(file, { lines: 0 });
  expect(none.lines).toEqual([]);
  expect(readLines(file, { lines: 10, after: none.cursor }).lines).toEqual([]);
  writeFileSync(file, 'new\n');
  expect(readLines(file, { lines: 10, after: none.cursor }).lines).toEqual(['new']);
});

test('however a file grows and however little is taken at once, no line is lost or told twice', () => {
  const file = join(folder, 'c.log');
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          added: fc.string({ unit: fc.constantFrom('a', 'ß', '\n') }),
          lines: fc.integer({ min: 1, max: 3 }),
        }),
      ),
      (growths) => {
        writeFileSync(file, '');
        const told: string[] = [];
        let after = '0';
        for (const { added, lines } of growths) {
          appendFileSync(file, added);
          const reading = readLines(file, { lines, after });
          told.push(...reading.lines);
          after = reading.cursor;
        }
        appendFileSync(file, '\n');
        told.push(...readLines(file, { lines: 1000, after }).lines);
        const all = `${growths.map(({ added }) => added).join('')}\n`.split('\n').slice(0, -1);
        expect(told).toEqual(all);
      },
    ),
  );
});

const event = (id: string, ingested: number, message = id) => ({ id, ingested, timestamp: ingested, message });

test('events of several streams that arrive in one millisecond are told once each', () => {
  const one = [event('a', 5)];
  const first = readEvents(one, { lines: 10 });
  const second = readEvents([...one, event('b', 5), event('c', 5)], { lines: 10, after: first.cursor });
  expect(second.lines.map((line) => line.at(-1))).toEqual(['b', 'c']);
  const third = readEvents([...one, event('b', 5), event('c', 5), event('d', 6)], { lines: 10, after: second.cursor });
  expect(third.lines.map((line) => line.at(-1))).toEqual(['d']);
  expect(readEvents([...one, event('d', 6)], { lines: 10, after: third.cursor }).lines).toEqual([]);
});

test('a message keeps its own time and its lines', () => {
  const message = '2026-11-27T10:00:00.000Z\tid\tINFO\thello\n  more\n';
  expect(readEvents([event('a', 5, message)], { lines: 10 }).lines).toEqual([
    '2026-11-27T10:00:00.000Z\tid\tINFO\thello',
    '  more',
  ]);
  expect(readEvents([event('a', 0, 'START')], { lines: 10 }).lines).toEqual(['1970-01-01T00:00:00.000Z START']);
});
