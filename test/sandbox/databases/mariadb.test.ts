import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database, Databases } from '../../../src/sandbox/databases/database.ts';
import { mariaDatabases } from '../../../src/sandbox/databases/mariadb.ts';
import { type Ground, ground } from './machines.ts';

const owner = { user: 'admin', password: "a 'quoted' secret", database: 'photos' };
const position = '@@global.gtid_binlog_pos';

describe('a MariaDB database', () => {
  let here: Ground;
  let open: (id: string, serverId: number) => Database;
  let databases: Databases;
  let primary: Database;
  const exits: string[] = [];

  beforeAll(async () => {
    here = ground();
    databases = mariaDatabases({
      directory: here.directory,
      network: here.network,
      region: () => ({ machines: here.machines }),
      replicationPassword: 'replicate-me',
    });
    open = (id, serverId) => databases.open({ region: 'us-east-1', id, serverId, onExit: () => void exits.push(id) });
    primary = open('primary', 1001);
    await primary.create(owner);
    await primary.start({ event_scheduler: 'ON' });
    await sql(primary, 'CREATE TABLE photos.photo (id INT PRIMARY KEY, name VARCHAR(40))');
    await sql(primary, "INSERT INTO photos.photo VALUES (1, 'one')");
  });
  afterAll(() => here.close());

  it('gives its owner what RDS gives and nothing that leads out of it', async () => {
    await expect(sql(primary, 'SET GLOBAL read_only = 1')).rejects.toThrow(/READ_?ONLY|SUPER|Access denied/i);
    await expect(sql(primary, 'SET SESSION sql_log_bin = 0')).rejects.toThrow(/Access denied/);
    for (const refused of [
      'SET GLOBAL read_only = 0',
      'SET GLOBAL max_connections = 10',
      'SET GLOBAL event_scheduler = OFF',
      "SET GLOBAL binlog_format = 'STATEMENT'",
      "SET GLOBAL gtid_slave_pos = ''",
      "SET SESSION binlog_format = 'STATEMENT'",
      'SET GLOBAL expire_logs_days = 1',
      'SHUTDOWN',
      'STOP SLAVE',
      "PURGE BINARY LOGS TO 'mysql-bin-changelog.000001'",
      "CHANGE MASTER TO MASTER_HOST = 'elsewhere'",
      "SELECT 1 INTO OUTFILE '/tmp/out'",
    ]) {
      const outcome = await sql(primary, refused).then(
        () => 'done',
        (error: Error) => error.message,
      );
      expect(outcome, refused).toMatch(/Access denied/);
    }
    const other = await connect(primary);
    await sql(primary, "CREATE USER other@'%' IDENTIFIED BY 'x'");
    const theirs = await createConnection({ ...primary.endpoint, user: 'other', password: 'x' });
    const [[session]] = (await theirs.query('SELECT CONNECTION_ID() AS id')) as unknown as [[{ id: number }]];
    // Without CONNECTION ADMIN a session of somebody else isn't theirs to kill, but for the procedure.
    await expect(other.query(`KILL ${session.id}`)).rejects.toThrow(/not owner|denied/i);
    await sql(primary, `CALL mysql.rds_kill(${session.id})`);
    await expect(theirs.query('SELECT 1')).rejects.toThrow();
    theirs.destroy();
    other.destroy();
    await sql(primary, "DROP USER other@'%'");
    await sql(primary, "CREATE USER app@'%' IDENTIFIED BY 'x'");
    await sql(primary, "GRANT SELECT, INSERT ON photos.* TO app@'%'");
    await sql(primary, "GRANT EXECUTE ON PROCEDURE mysql.rds_kill TO app@'%'");
    await sql(primary, "ALTER USER app@'%' ACCOUNT LOCK");
    await sql(primary, "DROP USER app@'%'");
    expect(await sql(primary, 'SHOW SLAVE STATUS')).toEqual([]);
    expect(await sql(primary, 'SHOW BINARY LOGS')).toHaveLength(2);
  });

  it("keeps the service's own account off the network", async () => {
    const { host, port } = primary.endpoint;
    await expect(createConnection({ host, port, user: 'rdsadmin' })).rejects.toThrow(/Access denied/);
    await expect(createConnection({ host, port, user: 'root' })).rejects.toThrow(/Access denied/);
  });

  it("kills another's session through rds_kill, and not the service's", async () => {
    const victim = await connect(primary);
    victim.on('error', () => {});
    const [[row]] = (await victim.query('SELECT CONNECTION_ID() AS id')) as unknown as [[{ id: number }]];
    await sql(primary, `CALL mysql.rds_kill(${row.id})`);
    await expect(victim.query('SELECT 1')).rejects.toThrow();
    victim.destroy();
    await expect(sql(primary, 'CALL mysql.rds_kill(99999999)')).rejects.toThrow(/Unknown thread/);
  });

  it('keeps the binary log retention asked for, without a transaction of its own', async () => {
    const [before] = await sql(primary, `SELECT ${position} AS at`);
    expect(await primary.binlogRetentionHours()).toBeUndefined();
    await expect(sql(primary, "CALL mysql.rds_set_configuration('binlog retention hours', 169)")).rejects.toThrow(
      /between 1 and 168/,
    );
    await sql(primary, "CALL mysql.rds_set_configuration('binlog retention hours', 24)");
    expect(await primary.binlogRetentionHours()).toBe(24);
    await expect(sql(primary, "CALL mysql.rds_set_configuration('binlog retention', 24)")).rejects.toThrow(
      /Cannot set unknown configuration parameter 'binlog retention'/,
    );
    for (const hours of ['0', '-1'])
      await expect(
        sql(primary, `CALL mysql.rds_set_configuration('binlog retention hours', ${hours})`),
      ).rejects.toThrow(/between 1 and 168/);
    const [shown] = (await sql(primary, 'CALL mysql.rds_show_configuration()')) as unknown as {
      name: string;
      value: string;
    }[][];
    expect(shown?.map(({ name, value }) => [name, value])).toEqual([
      ['binlog retention hours', '24'],
      ['source delay', '0'],
      ['target delay', '0'],
    ]);
    expect(await sql(primary, `SELECT ${position} AS at`)).toEqual([before]);
    await primary.beat(1_700_000_000_000);
    expect(await sql(primary, `SELECT ${position} AS at`)).not.toEqual([before]);
  });

  it("logs the service's own transactions as statements, between the owner's rows", async () => {
    const file = await primary.rotateLogs();
    await sql(primary, "INSERT INTO photos.photo VALUES (2000, 'a row')");
    await primary.beat(1_700_000_000_000);
    const events = await sql(primary, `SHOW BINLOG EVENTS IN '${file}'`);
    const statements = events.filter(({ Event_type: type }) => type === 'Query').map(({ Info }) => String(Info));
    expect(statements.map((text) => text.replace(/^use `\w*`; /, ''))).toEqual([
      'INSERT INTO mysql.rds_heartbeat2(id, value) values (1,1700000000000) ON DUPLICATE KEY UPDATE value = 1700000000000',
      "INSERT INTO mysql.rds_sysinfo(name, value) values ('innodb_txn_key','Tue, 14 Nov 2023 22:13:20 GMT')",
      "DELETE FROM mysql.rds_sysinfo where name = 'innodb_txn_key'",
    ]);
    expect(events.filter(({ Event_type: type }) => type === 'Write_rows_v1')).toHaveLength(1);
    expect(events.filter(({ Event_type: type }) => type === 'Gtid')).toHaveLength(4);
    await sql(primary, 'DELETE FROM photos.photo WHERE id = 2000');
  });

  it('rotates and removes binary logs', async () => {
    const current = await primary.rotateLogs();
    const kept = async () => {
      await primary.purgeLogs(current);
      return (await sql(primary, 'SHOW BINARY LOGS')).map(({ Log_name }) => Log_name);
    };
    // InnoDB lets go of the previous log in its own time; the service asks again at its next round.
    await expect.poll(kept).toEqual([current]);
  });

  it('keeps every acknowledged commit when it is killed', async () => {
    for (let id = 2; id <= 60; id++) await sql(primary, `INSERT INTO photos.photo VALUES (${id}, 'x')`);
    const [before] = await sql(primary, `SELECT ${position} AS at`);
    await here.outage();
    expect(primary.running).toBe(false);
    await expect.poll(() => exits).toContain('primary');
    await primary.start({ event_scheduler: 'ON' });
    expect(await sql(primary, 'SELECT COUNT(*) AS n FROM photos.photo')).toEqual([{ n: 60 }]);
    expect(await sql(primary, `SELECT ${position} AS at`)).toEqual([before]);
  });

  it('is replicated by a hot copy, and the replica refuses writes until it leaves', async () => {
    const replica = open('replica', 1002);
    await sql(primary, 'CREATE EVENT photos.old ON SCHEDULE EVERY 1 DAY DO DELETE FROM photos.photo WHERE id = -1');
    // What the copy reads of the log is what the server has written, not what the kernel's cache once held of it.
    expect(await sql(primary, 'SELECT @@innodb_log_file_buffering AS cached')).toEqual([{ cached: 1 }]);
    const backup = await primary.backup(join(here.directory, 'copy'));
    await sql(primary, 'CREATE EVENT photos.new ON SCHEDULE EVERY 1 DAY DO DELETE FROM photos.photo WHERE id = -1');
    await sql(primary, "INSERT INTO photos.photo VALUES (100, 'after the copy')");
    await replica.restore(backup);
    await replica.start({ read_only: 'ON', event_scheduler: 'ON' });
    await replica.follow(primary.endpoint, backup.position);

    const [{ at: wanted } = {}] = await sql(primary, `SELECT ${position} AS at`);
    await expect.poll(async () => (await replica.replication())?.applied, { timeout: 10_000 }).toBe(wanted);
    expect(await sql(replica, 'SELECT COUNT(*) AS n FROM photos.photo')).toEqual([{ n: 61 }]);
    await expect(sql(replica, "INSERT INTO photos.photo VALUES (101, 'no')")).rejects.toThrow(/read-only/);
    // An event that arrives by replication is off; one that came with the copy is on.
    expect(await sql(replica, 'SELECT event_name AS e, status AS s FROM information_schema.events ORDER BY 1')).toEqual(
      [
        { e: 'new', s: 'SLAVESIDE_DISABLED' },
        { e: 'old', s: 'ENABLED' },
      ],
    );

    // As the owner sees it at promotion.
    const [status] = await sql(replica, 'SHOW SLAVE STATUS');
    expect(status).toMatchObject({ Slave_IO_Running: 'Yes', Slave_SQL_Running: 'Yes', Gtid_IO_Pos: wanted });
    await sql(replica, 'CALL mysql.rds_stop_replication()');
    expect(await replica.replication()).toMatchObject({ receiving: 'no', applying: false, lag: undefined });
    await sql(replica, 'CALL mysql.rds_start_replication()');

    await replica.leave();
    await replica.stop();
    await replica.start({ read_only: 'OFF', event_scheduler: 'ON' });
    expect(await replica.replication()).toBeUndefined();
    await sql(replica, "INSERT INTO photos.photo VALUES (101, 'promoted')");
    expect(await sql(replica, 'SELECT @@global.gtid_slave_pos AS at')).toEqual([{ at: wanted }]);
    const [{ at } = {}] = await sql(replica, `SELECT ${position} AS at`);
    expect(at).toBe(`0-1002-${Number(String(wanted).split('-')[2]) + 1}`);
  });

  it.each([false, true])('whose owner stopped replication is still stopped after a restart: %s', async (survives) => {
    databases = mariaDatabases({
      directory: here.directory,
      network: here.network,
      region: () => ({ machines: here.machines }),
      replicationPassword: 'replicate-me',
      stoppedReplicationSurvives: survives,
    });
    const id = `stopped-${survives}`;
    const replica = databases.open({ region: 'us-west-2', id, serverId: survives ? 1006 : 1005, onExit: () => {} });
    const backup = await primary.backup(join(here.directory, id));
    await replica.restore(backup);
    await replica.start({ read_only: 'ON' });
    await replica.follow(primary.endpoint, backup.position);
    const receiving = async () => (await replica.replication())?.receiving;
    const restart = async (): Promise<void> => {
      await replica.stop();
      await replica.start({ read_only: 'ON' });
    };
    await restart();
    await expect.poll(receiving).toBe('yes');

    await sql(replica, 'CALL mysql.rds_stop_replication()');
    await restart();
    if (survives) expect(await replica.replication()).toMatchObject({ receiving: 'no', applying: false });
    else await expect.poll(receiving).toBe('yes');

    if (survives) await sql(replica, 'CALL mysql.rds_start_replication()');
    await restart();
    await expect.poll(receiving).toBe('yes');

    // Promoted after a stop, it must not hand the stop on to the replicas made of it.
    await sql(replica, 'CALL mysql.rds_stop_replication()');
    await replica.leave();
    await restart();
    const next = databases.open({
      region: 'us-east-1',
      id: `${id}-next`,
      serverId: survives ? 1008 : 1007,
      onExit: () => {},
    });
    const copy = await replica.backup(join(here.directory, `${id}-next`));
    await next.restore(copy);
    await next.start({ read_only: 'ON' });
    await next.follow(replica.endpoint, copy.position);
    await next.stop();
    await next.start({ read_only: 'ON' });
    await expect.poll(async () => (await next.replication())?.receiving).toBe('yes');
    await next.destroy();
    await replica.destroy();
  });

  it('skips what it cannot apply when its owner says so, and only the service ends what it follows', async () => {
    const replica = open('repaired', 1009);
    const backup = await primary.backup(join(here.directory, 'to repair'));
    await replica.restore(backup);
    // A parameter group can open a replica: what is written there meets the source's writes later.
    await replica.start({ read_only: 'OFF' });
    await replica.follow(primary.endpoint, backup.position);
    await sql(replica, "CREATE USER guest@'%' IDENTIFIED BY 'x'");
    await sql(replica, "INSERT INTO photos.photo VALUES (400, 'by mistake')");
    await sql(primary, "INSERT INTO photos.photo VALUES (400, 'by right')");
    await sql(primary, "INSERT INTO photos.photo VALUES (401, 'behind it')");
    await expect
      .poll(() => replica.replication(), { timeout: 10_000 })
      .toMatchObject({
        applying: false,
        lag: undefined,
        error: expect.stringContaining('Duplicate entry'),
      });
    await sql(replica, 'CALL mysql.rds_skip_repl_error()');
    const found = () => sql(replica, 'SELECT name FROM photos.photo WHERE id IN (400, 401) ORDER BY id');
    await expect.poll(found, { timeout: 10_000 }).toEqual([{ name: 'by mistake' }, { name: 'behind it' }]);

    await expect(sql(replica, 'CALL mysql.rds_reset_external_master()')).rejects.toThrow(
      /instance is a RDS Read Replica/,
    );
    await replica.leave();
    for (const procedure of [
      'rds_stop_replication',
      'rds_start_replication',
      'rds_skip_repl_error',
      'rds_reset_external_master',
    ])
      await expect(sql(replica, `CALL mysql.${procedure}()`)).rejects.toThrow(/isn't configured/);
    await replica.destroy();
    await sql(primary, 'DELETE FROM photos.photo WHERE id >= 400');
  });

  it('is broken for good (1236) when its source has removed what it had not received', async () => {
    const replica = open('too-late', 1010);
    const backup = await primary.backup(join(here.directory, 'too late'));
    await sql(primary, "INSERT INTO photos.photo VALUES (500, 'removed before it was received')");
    // A log that was just closed is in use for a moment.
    const logs = async () => {
      await primary.purgeLogs(await primary.rotateLogs());
      return (await sql(primary, 'SHOW BINARY LOGS')).length;
    };
    await expect.poll(logs, { timeout: 30_000, interval: 500 }).toBe(1);
    await replica.restore(backup);
    await replica.start({ read_only: 'ON' });
    await replica.follow(primary.endpoint, backup.position);
    const status = async () => (await sql(replica, 'SHOW SLAVE STATUS'))[0];
    await expect.poll(status, { timeout: 10_000 }).toMatchObject({
      Slave_IO_Running: 'No',
      Slave_SQL_Running: 'Yes',
      Last_IO_Errno: 1236,
      Seconds_Behind_Master: null,
    });
    expect(await replica.replication()).toMatchObject({ receiving: 'no', error: expect.stringContaining('1236') });
    await replica.destroy();
    await sql(primary, 'DELETE FROM photos.photo WHERE id = 500');
  });

  it('stops in order while its appliers work through writes to one row', async () => {
    const replica = open('busy', 1004);
    const backup = await primary.backup(join(here.directory, 'busy copy'));
    await replica.restore(backup);
    await replica.start({ read_only: 'ON' });
    await replica.follow(primary.endpoint, backup.position);
    for (let round = 0; round < 5; round++) {
      const writers = await Promise.all(Array.from({ length: 4 }, () => connect(primary)));
      const writing = writers.map(async (writer) => {
        for (let turn = 0; turn < 60; turn++)
          await writer.query("UPDATE photos.photo SET name = CONCAT('turn ', ?) WHERE id = 1", [turn]);
      });
      await new Promise((resolve) => setTimeout(resolve, 60));
      await replica.stop();
      await Promise.all(writing);
      for (const writer of writers) writer.destroy();
      await replica.start({ read_only: 'ON' });
    }
    await replica.stop();
    const log = readFileSync(join(here.directory, 'busy.log'), 'utf8');
    // A server that doesn't end by itself is killed after a minute, which leaves no last word.
    expect(log.match(/mariadbd: Shutdown complete/g)).toHaveLength(log.match(/Normal shutdown/g)?.length ?? 0);
  }, 120_000);

  it('goes on numbering where its backup ended', async () => {
    const backup = await primary.backup(join(here.directory, 'snapshot'));
    const copy = open('copy', 1003);
    await copy.restore(backup);
    await copy.start({});
    await copy.continueFrom(backup.position);
    await sql(copy, "INSERT INTO photos.photo VALUES (200, 'restored')");
    const [{ at } = {}] = await sql(copy, `SELECT ${position} AS at`);
    expect(at).toBe(`0-1003-${Number(backup.position.split('-')[2]) + 1}`);
    await copy.destroy();
    expect(copy.running).toBe(false);
  });

  it('holds in each copy of a backup what was there when it was taken, whatever became of the others', async () => {
    const held = async (database: Database) =>
      (await sql(database, 'SELECT * FROM photos.photo ORDER BY id')) as unknown[];
    const then = await held(primary);
    const taken = await primary.backup(join(here.directory, 'taken'));
    const again = await databases.copy(taken, join(here.directory, 'again'));
    const files = contentOf(again.directory);
    expect(files.size).toBeGreaterThan(100);
    await sql(primary, "INSERT INTO photos.photo VALUES (900, 'later')");

    // One is restored and written to, one is removed, one is copied and restored: none of it shows in another.
    const first = open('first', 1011);
    await first.restore(again);
    await first.start({});
    expect(await held(first)).toEqual(then);
    await sql(first, 'DELETE FROM photos.photo');
    await first.stop();
    await databases.discard(taken.directory);
    expect(contentOf(again.directory)).toEqual(files);

    const third = await databases.copy(again, join(here.directory, 'third'));
    await databases.discard(again.directory);
    const second = open('second', 1012);
    await second.restore(third);
    await second.start({});
    expect(await held(second)).toEqual(then);
    await sql(primary, 'DELETE FROM photos.photo WHERE id = 900');
    await Promise.all([first.destroy(), second.destroy()]);
  });

  it('takes no room for tables nobody has made', () => {
    const { size } = statSync(join(here.directory, 'databases', 'primary', 'data', 'ibtmp1'));
    expect(size).toBeLessThan(16 * 1024 ** 2);
  });

  it('changes variables and passwords while it runs', async () => {
    await primary.apply({ read_only: 'ON', max_connections: '77' });
    await expect(sql(primary, "INSERT INTO photos.photo VALUES (300, 'no')")).rejects.toThrow(/read-only/);
    await primary.apply({ read_only: 'OFF' });
    await sql(primary, "INSERT INTO photos.photo VALUES (300, 'yes')");
    expect(await sql(primary, 'SELECT @@max_connections AS n')).toEqual([{ n: 77 }]);
    await primary.setPassword(owner.user, 'another');
    await expect(connect(primary)).rejects.toThrow(/Access denied/);
    await primary.setPassword(owner.user, owner.password);
  });
});

function connect(database: Database) {
  return createConnection({ ...database.endpoint, user: owner.user, password: owner.password });
}

async function sql(database: Database, statement: string): Promise<Record<string, unknown>[]> {
  const connection = await connect(database);
  try {
    const [rows] = await connection.query(statement);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}

/** What each file below a folder holds, by its path. */
function contentOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return new Map(
    files.toSorted().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}
