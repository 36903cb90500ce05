import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultSpec } from '../../../../src/sandbox/faults/specs.ts';
import { type MysqlClient, mysqlClient } from './mysql-client.ts';
import { type RealRds, realPair } from './real-rds.ts';
import { here, there } from './service-test.ts';

/** What somebody sees who looks at both sides with the client of the distribution. */
describe('a pair of databases in the mariadb client', { timeout: 60_000 }, () => {
  let real: RealRds;
  let primary: MysqlClient;
  let replica: MysqlClient;

  beforeAll(async () => {
    real = await realPair();
    primary = await mysqlClient(real, 'photos', here);
    replica = await mysqlClient(real, 'photos-dr', there);
    real.sandbox.clock.setCeiling(30);
  }, 60_000);
  afterAll(async () => {
    primary?.close();
    replica?.close();
    await real?.sandbox.stop();
  });

  const shows = (expected: Readonly<Record<string, unknown>>) =>
    expect.poll(() => replica.replicaStatus(), { timeout: 30_000, interval: 100 }).toMatchObject(expected);
  const working = { Slave_IO_Running: 'Yes', Slave_SQL_Running: 'Yes', Last_IO_Errno: '0', Last_SQL_Errno: '0' };

  const during = async (specs: readonly FaultSpec[], look: () => Promise<unknown>): Promise<void> => {
    const faults = await Promise.all(specs.map((spec) => real.sandbox.board.raise(spec)));
    try {
      await look();
    } finally {
      for (const { id } of faults) await real.sandbox.board.lift(id);
    }
  };

  it('shows an owner without what leads out of the hands of the service', async () => {
    const grants = await primary.run('SHOW GRANTS');
    expect(grants).toMatch(/GRANT SELECT, INSERT.* ON \*\.\* TO `admin`@`%`.*WITH GRANT OPTION/);
    expect(grants).toMatch(/GRANT EXECUTE ON PROCEDURE `mysql`\.`rds_kill`/);
    expect(grants).not.toMatch(/SUPER|SHUTDOWN|FILE|READ_ONLY ADMIN|CONNECTION ADMIN|BINLOG ADMIN|ALL PRIVILEGES/);
    expect(await primary.run('SELECT @@read_only; SELECT @@log_bin')).toBe('@@read_only\n0\n@@log_bin\n1\n');
    expect(await replica.run('SELECT @@read_only')).toBe('@@read_only\n1\n');
    await expect(primary.run('SET GLOBAL read_only = 1')).rejects.toThrow(/ERROR 1227 \(42000\)/);
    await expect(replica.run('SET GLOBAL read_only = 0')).rejects.toThrow(/ERROR 1227 \(42000\)/);
    await expect(replica.run("INSERT INTO photos.photo (name) VALUES ('no')")).rejects.toThrow(/ERROR 1290 \(HY000\)/);
    for (const forbidden of ['STOP SLAVE', "CHANGE MASTER TO MASTER_HOST = 'x'", 'PURGE BINARY LOGS BEFORE NOW()'])
      await expect(replica.run(forbidden)).rejects.toThrow(/ERROR 1227 \(42000\)/);
    await expect(primary.run("GRANT SUPER ON *.* TO admin@'%'")).rejects.toThrow(/ERROR 1045 \(28000\)/);
  });

  it('locks an account on both sides, and its password opens nothing then', async () => {
    await primary.run("CREATE USER app@'%' IDENTIFIED BY 'secret'; GRANT SELECT ON photos.* TO app@'%'");
    const app = { user: 'app', password: 'secret' };
    await expect.poll(() => replica.run('SELECT 1 AS one', app).catch(String), { timeout: 10_000 }).toBe('one\n1\n');
    await primary.run("ALTER USER app@'%' ACCOUNT LOCK");
    await expect(primary.run('SELECT 1', app)).rejects.toThrow(/account is locked/);
    await expect
      .poll(() => replica.run('SELECT 1', app).catch(String), { timeout: 10_000 })
      .toMatch(/account is locked/);
  });

  it('shows and sets the configuration, and refuses what RDS refuses', async () => {
    await primary.run("CALL mysql.rds_set_configuration('binlog retention hours', 24)");
    expect(await primary.run('CALL mysql.rds_show_configuration')).toContain('binlog retention hours\t24\t');
    await expect(primary.run("CALL mysql.rds_set_configuration('binlog retention hours', 200)")).rejects.toThrow(
      /ERROR 1644 \(45000\).*between 1 and 168 inclusive or be NULL/,
    );
    await expect(primary.run('CALL mysql.rds_stop_replication')).rejects.toThrow(/replica isn't configured/);
    await expect(replica.run('CALL mysql.rds_reset_external_master')).rejects.toThrow(/is a RDS Read Replica/);
    await expect(replica.run('CALL mysql.rds_start_replication')).rejects.toThrow(/may already be running/);
    await expect(primary.run('CALL mysql.rds_set_external_master(1)')).rejects.toThrow(/ERROR 1305 \(42000\)/);
  });

  it('shows a replica that follows the service, and one that was stopped', async () => {
    await shows({ ...working, Master_User: 'rdsrepladmin', Seconds_Behind_Master: '0', Using_Gtid: 'Slave_Pos' });
    expect(await replica.run('CALL mysql.rds_stop_replication')).toContain('Slave is now down or disabled');
    await shows({ Slave_IO_Running: 'No', Slave_SQL_Running: 'No', Seconds_Behind_Master: 'NULL', Last_IO_Errno: '0' });
    await expect(replica.run('CALL mysql.rds_stop_replication')).rejects.toThrow(/already stopped/);
    expect(await replica.run('CALL mysql.rds_set_source_delay(5)')).toContain('source delay is set successfully.');
    expect(await replica.run('CALL mysql.rds_start_replication')).toContain('Slave is now running normally.');
    await shows({ ...working, SQL_Delay: '5' });
    // The service looks after its replicas meanwhile, and leaves the owner's delay as it is.
    const began = real.sandbox.clock.now();
    await expect.poll(() => real.sandbox.clock.now() - began, { timeout: 10_000 }).toBeGreaterThan(40_000);
    await shows({ ...working, SQL_Delay: '5' });
    await replica.run(
      'CALL mysql.rds_stop_replication; CALL mysql.rds_set_source_delay(0); CALL mysql.rds_start_replication',
    );
    await shows({ ...working, SQL_Delay: '0' });
  });

  it('shows a partition as a source that does not answer, and that it is over', async () => {
    const cut: FaultSpec[] = [
      { kind: 'partition', from: here, to: there },
      { kind: 'partition', from: there, to: here },
    ];
    // A thread that waits counts by the speed of the clock when it began to: this one begins anew.
    await primary.run("INSERT INTO photos.photo (name) VALUES ('before')");
    const arrived = () => replica.run("SELECT COUNT(*) AS n FROM photos.photo WHERE name = 'before'");
    await expect.poll(arrived, { timeout: 10_000 }).toBe('n\n1\n');
    await during(cut, () =>
      shows({
        Slave_IO_Running: 'Connecting',
        Slave_SQL_Running: 'Yes',
        Seconds_Behind_Master: 'NULL',
        // RDS says 2003: there the connection isn't made. The relay makes it, and is silent.
        Last_IO_Errno: '2013',
        Last_IO_Error: expect.stringContaining('rdsrepladmin@'),
      }),
    );
    await shows({ ...working, Seconds_Behind_Master: '0' });
  });

  it('shows lag as seconds behind, while everything is received', async () => {
    await during([{ kind: 'replication-lag', region: there, seconds: 60 }], async () => {
      await primary.run("INSERT INTO photos.photo (name) VALUES ('late')");
      await shows({
        Slave_IO_Running: 'Yes',
        SQL_Delay: '60',
        Seconds_Behind_Master: expect.stringMatching(/^[1-9]\d*$/),
      });
    });
    await shows({ ...working, Seconds_Behind_Master: '0' });
  });

  it('shows a break as a duplicate key (1062), and that it can be skipped', async () => {
    await during([{ kind: 'broken-replica', region: there }], async () => {
      await shows({
        Slave_IO_Running: 'Yes',
        Slave_SQL_Running: 'No',
        Seconds_Behind_Master: 'NULL',
        Last_SQL_Errno: '1062',
        Last_SQL_Error: expect.stringContaining('Duplicate entry'),
      });
      await expect(replica.run('CALL mysql.rds_start_replication')).rejects.toThrow(/might be running/);
      expect(await replica.run('CALL mysql.rds_skip_repl_error')).toContain('Statement in error has been skipped');
      await shows(working);
      await expect(replica.run('CALL mysql.rds_skip_repl_error')).rejects.toThrow(/No errors detected to skip/);
    });
  });
});
