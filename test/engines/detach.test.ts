// Detaching as MySQL speaks, on a scripted server: no server of MySQL's is rehearsed with.

import { beforeEach, expect, test } from 'vitest';
import { detach } from '../../src/engines/database/detach.ts';
import type { Query } from '../../src/engines/database/dialect.ts';

const source = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
let running: boolean;
let received: number;
let applied: number;
/** What arrives while replication is being stopped. */
let late: number;
let calls: string[];
beforeEach(() => {
  [running, received, applied, late, calls] = [true, 10, 10, 0, []];
});

const query: Query = async (statement, values = []) => {
  if (statement.startsWith('CALL ')) {
    calls.push(statement);
    running = statement.includes('start');
    if (!running) received += late;
    late = 0;
    return [];
  }
  if (statement.includes('@@version')) return [{ version: '8.0.39' }];
  if (statement.includes('@@GLOBAL.gtid_executed AS position')) return [{ position: `${source}:1-${applied}` }];
  if (statement.startsWith('SELECT GTID_SUBSET'))
    return [{ holds: String(values[0]) <= `${source}:1-${applied}` ? 1 : 0 }];
  if (statement === 'SHOW REPLICA STATUS') {
    const thread = running ? 'Yes' : 'No';
    return [
      {
        Replica_IO_Running: running ? 'Connecting' : 'No',
        Replica_SQL_Running: thread,
        Retrieved_Gtid_Set: `${source}:5-${received}`,
      },
    ];
  }
  if (statement.startsWith('SELECT @@global.read_only')) return [{ readOnly: 1, now: 1000 }];
  return [];
};

test('one that has applied what it received is stopped, its source reached or not, and once', async () => {
  const { detached, look } = await detach(query, { ask: 'detach' });
  expect(detached).toBe(true);
  expect(look.replica).toMatchObject({ stopped: true, drained: true, received: `${source}:5-10` });
  expect((await detach(query, { ask: 'detach' })).detached).toBe(true);
  expect(calls).toEqual(['CALL mysql.rds_stop_replication()']);
});

test('one that is behind goes on applying', async () => {
  applied = 8;
  expect((await detach(query, { ask: 'detach' })).detached).toBe(false);
  expect(calls).toEqual([]);
  expect((await detach(query, { ask: 'detach', enough: `${source}:1-8` })).detached).toBe(true);
});

test('what comes in between the look and the stop is applied before the next try', async () => {
  late = 1;
  expect((await detach(query, { ask: 'detach' })).detached).toBe(false);
  expect(calls).toEqual(['CALL mysql.rds_stop_replication()', 'CALL mysql.rds_start_replication()']);
  applied = 11;
  const { detached, look } = await detach(query, { ask: 'detach' });
  expect({ detached, executed: look.executed }).toEqual({ detached: true, executed: `${source}:1-11` });
});

test('one that is open for writes is stopped whatever it holds', async () => {
  applied = 8;
  expect((await detach(query, { ask: 'detach', regardless: true })).detached).toBe(true);
});
