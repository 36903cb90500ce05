/** Tables on disk: what was flushed is there again, in its order, however the file ends; and the files stay bounded. */

import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../../src/sandbox/state/journal.ts';

interface Row {
  readonly value: number;
}

const folderOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
const open = (folder: string, smallestLog?: number): Journal =>
  new Journal({
    folder,
    onFailure: (error) => {
      throw error;
    },
    ...(smallestLog === undefined ? {} : { smallestLog }),
  });
const contents = (journal: Journal) =>
  Object.fromEntries(
    journal.tables.all().flatMap(([name, table]) => (table.size > 0 ? [[name, table.entries()]] : [])),
  );
const sole = (folder: string, suffix: string): string =>
  join(
    folder,
    readdirSync(folder)
      .filter((name) => name.endsWith(suffix))
      .at(-1) ?? '',
  );

describe('a journal', () => {
  test('holds the rows of every table in their order after any changes', () => {
    const change = fc.record({
      table: fc.constantFrom('one', 'two'),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      act: fc.constantFrom('put', 'update', 'delete', 'flush', 'reopen'),
      value: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const folder = mkdtempSync(join(tmpdir(), 'journal-'));
        let journal = open(folder);
        for (const { table: name, key, act, value } of changes) {
          const table = journal.tables.open<Row>('test', 'here', name);
          if (act === 'put') table.put(key, { value });
          else if (act === 'update') table.update(key, (row) => ({ value: row.value + value }));
          else if (act === 'delete') table.delete(key);
          else if (act === 'flush') journal.flush();
          else {
            const before = contents(journal);
            journal.close();
            journal = open(folder);
            expect(contents(journal)).toEqual(before);
          }
        }
        const before = contents(journal);
        journal.close();
        const again = open(folder);
        expect(contents(again)).toEqual(before);
        again.close();
        rmSync(folder, { recursive: true });
      }),
    );
  });

  test('forgets a record that was cut short, and goes on after the one before it', () => {
    const folder = folderOf();
    const journal = open(folder);
    const table = journal.tables.open<Row>('test', 'here', 'rows');
    table.put('first', { value: 1 });
    journal.flush();
    const whole = statSync(sole(folder, '.log')).size;
    table.put('second', { value: 2 });
    table.put('third', { value: 3 });
    journal.close();
    const end = statSync(sole(folder, '.log')).size;
    for (const cut of [whole + 1, whole + 12, end - 1]) {
      truncateSync(sole(folder, '.log'), cut);
      const again = open(folder);
      expect(contents(again)).toEqual({ 'test/here/rows': [['first', { value: 1 }]] });
      again.tables.open<Row>('test', 'here', 'rows').put('later', { value: cut });
      again.close();
      const last = open(folder);
      expect(last.tables.open<Row>('test', 'here', 'rows').get('later')).toEqual({ value: cut });
      last.tables.open<Row>('test', 'here', 'rows').delete('later');
      last.close();
    }
  });

  test('refuses a file that is damaged before its end', () => {
    const folder = folderOf();
    const journal = open(folder);
    for (let value = 0; value < 3; value++) {
      journal.tables.open<Row>('test', 'here', 'rows').put(`row ${value}`, { value });
      journal.flush();
    }
    journal.close();
    const path = sole(folder, '.log');
    const bytes = readFileSync(path);
    bytes.writeUInt8(0x20, 20);
    writeFileSync(path, bytes);
    expect(() => open(folder)).toThrow(/damaged/);
  });

  test('stays bounded while rows change, and loses none of them on the way', async () => {
    const folder = folderOf();
    const journal = open(folder, 10_000);
    const table = journal.tables.open<Row>('test', 'here', 'rows');
    for (let value = 0; value < 20_000; value++) {
      table.put(`row ${value % 500}`, { value });
      if (value % 7 === 0) journal.flush();
      if (value % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    journal.flush();
    await journal.settled();
    const before = contents(journal);
    journal.close();
    const size = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(size).toBeLessThan(300_000);
    const again = open(folder);
    expect(contents(again)).toEqual(before);
    again.close();
  });

  test('starts from the old files when a snapshot was not finished', async () => {
    const folder = folderOf();
    const journal = open(folder, 1_000);
    const table = journal.tables.open<Row>('test', 'here', 'rows');
    for (let value = 0; value < 1_000; value++) table.put(`row ${value}`, { value });
    journal.flush();
    table.put('after', { value: -1 });
    const before = contents(journal);
    // The snapshot has just been begun: what it would hold is only in the old log.
    journal.close();
    expect(readdirSync(folder).some((name) => name.endsWith('.snapshot'))).toBe(false);
    appendFileSync(join(folder, '1.snapshot.next'), 'half of a snapshot');
    const again = open(folder);
    expect(contents(again)).toEqual(before);
    again.close();
  });
});
