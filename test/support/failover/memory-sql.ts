/** The statements Pilot Light speaks to a database, answered by one in memory as MariaDB answers them. Any other is refused. */

import type { Query } from '../../../src/engines/database/dialect.ts';
import { admission } from '../../../src/plan/lease.ts';
import type { Effect, LeaseRow, MemoryDatabase } from './memory-database.ts';

type Row = Record<string, unknown>;
type Answer = (database: MemoryDatabase, values: readonly unknown[], found: RegExpExecArray) => Row[];

/** `open`: whether a connection can be made, and stays. */
export function queryOf(database: MemoryDatabase, open: () => boolean): Query {
  return async (statement, values = []) => {
    database.fleet.catchUp();
    if (!open() || !database.running) {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', fatal: true });
    }
    for (const [pattern, answer] of statements) {
      const found = pattern.exec(statement);
      if (found !== null) return answer(database, values, found);
    }
    throw new Error(`The database in memory doesn't know the statement: ${statement}`);
  };
}

/** The master user has no READ_ONLY ADMIN: MariaDB refuses every statement that could change something. */
function write(database: MemoryDatabase, effect: Effect): Row[] {
  if (database.readOnly) {
    throw Object.assign(
      new Error('The MariaDB server is running with the --read-only option so it cannot execute this statement'),
      { code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290 },
    );
  }
  database.write(effect);
  return [];
}

const leased = (database: MemoryDatabase, lease: LeaseRow): Row[] => write(database, { kind: 'lease', lease });

const tables = (database: MemoryDatabase, ...names: string[]): Row[] =>
  names.every((name) => database.data.tables.includes(name)) ? [] : write(database, { kind: 'schema', tables: names });

const yes = (answer: boolean): Row[] => (answer ? [{ '1': 1 }] : []);

const statements: readonly (readonly [RegExp, Answer])[] = [
  [/^SELECT @@version AS version$/, () => [{ version: '10.11.6-MariaDB-log' }]],
  [
    /^SELECT @@global.gtid_current_pos AS position, @@global.gtid_binlog_pos AS logged$/,
    ({ positions }) => [{ position: positions.current, logged: positions.logged }],
  ],
  [/^SELECT @@global.gtid_slave_pos AS position$/, ({ positions }) => [{ position: positions.slave }]],
  [
    /^SELECT @@global.gtid_binlog_state AS state, @@global.gtid_binlog_pos AS logged, @@global.gtid_slave_pos AS applied$/,
    ({ positions }) => [{ state: positions.state, logged: positions.logged, applied: positions.slave }],
  ],
  [
    /^SHOW SLAVE STATUS$/,
    ({ slave }) =>
      slave === undefined
        ? []
        : [
            {
              Gtid_IO_Pos: slave.received,
              Slave_IO_Running: slave.stopped ? 'No' : slave.reached ? 'Yes' : 'Connecting',
              Slave_SQL_Running: slave.stopped ? 'No' : 'Yes',
              Seconds_Behind_Master: slave.reached && !slave.stopped ? 0 : null,
              Last_SQL_Error: '',
              Last_IO_Error: slave.reached || slave.stopped ? '' : 'error connecting to the source',
            },
          ],
  ],
  [
    /^SELECT @@global.read_only AS readOnly, UNIX_TIMESTAMP/,
    (database) => [{ readOnly: database.readOnly ? 1 : 0, now: database.world.now() }],
  ],
  [/^SELECT @@global.read_only AS readOnly$/, (database) => [{ readOnly: database.readOnly ? 1 : 0 }]],
  [
    /^CALL mysql.rds_(stop|start)_replication\(\)$/,
    (database, _, [, what]) => {
      const { slave } = database;
      if (slave === undefined || slave.stopped === (what === 'stop')) throw new Error(`Slave can't be told to ${what}`);
      database.replicate(what === 'start');
      return [];
    },
  ],
  [
    /^SELECT @@server_id AS server, .* AS started, .* AS now$/,
    (database) => [{ server: database.identity.serverId, started: database.started, now: database.world.now() }],
  ],
  [/^SELECT @@global.init_connect AS admission$/, () => [{ admission: admission('application') }]],
  [/^(DROP|CREATE) PROCEDURE /, (database) => write(database, { kind: 'schema', tables: [] })],
  [
    /^SELECT epoch, fenced, ends FROM pilot_light.lease/,
    ({ data: { lease } }) =>
      lease === undefined ? [] : [{ epoch: lease.epoch, fenced: lease.fenced ? 1 : 0, ends: lease.ends }],
  ],
  [
    /^REPLACE INTO pilot_light.lease /,
    (database, [epoch, server, started, ends]) =>
      leased(database, {
        epoch: Number(epoch),
        server: Number(server),
        started: Number(started),
        ends: ends === null ? null : Number(ends),
        fenced: false,
      }),
  ],
  [
    /^UPDATE pilot_light.lease SET server = /,
    (database, [server, started, ends, epoch]) => {
      const { lease } = database.data;
      if (lease === undefined || lease.fenced || lease.epoch !== Number(epoch)) return [];
      return leased(database, { ...lease, server: Number(server), started: Number(started), ends: Number(ends) });
    },
  ],
  [
    /^UPDATE pilot_light.lease SET fenced = 1/,
    (database) => (database.data.lease === undefined ? [] : leased(database, { ...database.data.lease, fenced: true })),
  ],
  [
    /^(DROP|CREATE) EVENT (IF EXISTS )?pilot_light.guard\b/,
    (database, _, [, what]) => write(database, { kind: 'guard', made: what === 'CREATE' }),
  ],
  [
    /^SELECT status, @@global.event_scheduler AS scheduler /,
    ({ data: { guard } }) =>
      guard === undefined ? [] : [{ status: guard.on ? 'ENABLED' : 'SLAVESIDE_DISABLED', scheduler: 'ON' }],
  ],
  [
    /^SELECT 1 FROM information_schema.tables WHERE .*'lease'$/,
    ({ data }) => yes(data.tables.includes('pilot_light.lease')),
  ],
  [
    /^SELECT 1 FROM information_schema.tables WHERE/,
    ({ data }, [schema, table]) => yes(data.tables.includes(`${String(schema)}.${String(table)}`)),
  ],
  [/^SELECT 1 FROM information_schema.columns WHERE .*'beats'$/, () => yes(true)],
  [/FROM pilot_light.heartbeat WHERE id = 1$/, ({ data }) => (data.heartbeat === undefined ? [] : [data.heartbeat])],
  [
    /^REPLACE INTO pilot_light.proof/,
    (database, [run, epoch, at]) =>
      write(database, { kind: 'proof', run: String(run), epoch: Number(epoch), at: Number(at) }),
  ],
  [
    /^SELECT at FROM pilot_light.proof/,
    ({ data }, [run, epoch]) => {
      const at = data.proofs[`${String(run)}/${String(epoch)}`];
      return at === undefined ? [] : [{ at }];
    },
  ],
  [/^DROP EVENT IF EXISTS pilot_light.beat$/, (database) => write(database, { kind: 'event', epoch: undefined })],
  [
    /^CREATE EVENT pilot_light.beat .* VALUES \(1, NOW\(6\), (\d+),/,
    (database, _, [, epoch]) => {
      if (database.data.event !== undefined && !database.readOnly) throw new Error("Event 'beat' already exists");
      return write(database, { kind: 'event', epoch: Number(epoch) });
    },
  ],
  [
    /^ALTER USER '(\w+)'@'%' ACCOUNT (LOCK|UNLOCK)$/,
    (database, _, [, user = '', what]) => write(database, { kind: 'user', user, locked: what === 'LOCK' }),
  ],
  [
    /^CREATE USER IF NOT EXISTS '(\w+)'@'%'/,
    (database, _, [, user = '']) =>
      user in database.data.users ? [] : write(database, { kind: 'user', user, locked: false }),
  ],
  [
    /^CALL mysql.rds_set_configuration\('binlog retention hours', (\d+)\)$/,
    (database, _, [, hours]) => {
      database.retention = Number(hours);
      return [];
    },
  ],
  [
    /^SELECT id FROM information_schema.processlist WHERE user = \?$/,
    ({ sessions }, [user]) => sessions.filter((one) => one.user === user).map(({ id }) => ({ id })),
  ],
  [
    /^CALL mysql.rds_kill\(\?\)$/,
    (database, [id]) => {
      database.sessions = database.sessions.filter((one) => one.id !== id);
      return [];
    },
  ],
  [/^CREATE DATABASE IF NOT EXISTS `?(\w+)`?$/, (database, _, [, name = '']) => tables(database, name)],
  [/^CREATE TABLE IF NOT EXISTS (\S+) /, (database, _, [, name = '']) => tables(database, name)],
  [/^GRANT /, () => []],
];
