/**
 * What RDS puts into a new database before its owner sees it: the service's account, its tables, and the procedures that stand in
 * for privileges nobody but the service has. Read by the server while it bootstraps, so nothing of it is in a binary log.
 *
 * Source of the procedures' names and limits: RDS User Guide, "RDS for MySQL stored procedure reference".
 */

export const serviceUser = 'rdsadmin';
export const replicationUser = 'rdsrepladmin';

/** Procedures the owner may run and let others run. */
export const ownersProcedures = [
  'rds_kill',
  'rds_kill_query',
  'rds_reset_external_master',
  'rds_reset_external_source',
  'rds_set_configuration',
  'rds_show_configuration',
  'rds_skip_repl_error',
  'rds_start_replication',
  'rds_stop_replication',
] as const;

/**
 * The service's account has no password: it answers only on the Unix socket, in a folder that only the sandbox's user can enter
 * (`localhost` never matches a TCP connection, for names aren't resolved). The procedures write with the binary log off: their
 * effects belong to one server, and a replica that logged transactions of its own could not follow its source any more.
 */
export const systemSchema = `
FLUSH PRIVILEGES;
USE mysql;
CREATE USER ${serviceUser}@localhost;
GRANT ALL PRIVILEGES ON *.* TO ${serviceUser}@localhost WITH GRANT OPTION;
DELETE FROM global_priv WHERE User IN ('root', '');
DELETE FROM db;
DELETE FROM proxies_priv;

CREATE TABLE rds_heartbeat2 (id INT NOT NULL PRIMARY KEY, value BIGINT) ENGINE=InnoDB;
CREATE TABLE rds_configuration (
  name VARCHAR(100) NOT NULL PRIMARY KEY, value VARCHAR(100), description VARCHAR(300) NOT NULL
) ENGINE=InnoDB;
CREATE TABLE rds_sysinfo (name VARCHAR(25) NOT NULL PRIMARY KEY, value VARCHAR(50)) ENGINE=InnoDB;
CREATE TABLE rds_replication_status (action VARCHAR(20) NOT NULL PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO rds_configuration VALUES ('binlog retention hours', NULL,
  'binlog retention hours specifies the duration in hours before binary logs are automatically deleted.');

DELIMITER //
${procedure(
  'rds_kill(IN thread BIGINT)',
  `
  ${refuseOwn()}
  KILL thread;`,
)}
${procedure(
  'rds_kill_query(IN thread BIGINT)',
  `
  ${refuseOwn()}
  KILL QUERY thread;`,
)}
${procedure(
  'rds_set_configuration(IN wanted VARCHAR(100), IN setting INT)',
  `
  IF wanted <> 'binlog retention hours' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The sandbox knows one configuration: binlog retention hours';
  END IF;
  IF setting IS NOT NULL AND (setting < 1 OR setting > 168) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'For binlog retention hours the value must be between 1 and 168 inclusive or be NULL';
  END IF;
  ${withoutLog('UPDATE mysql.rds_configuration SET value = setting WHERE name = wanted;')}`,
)}
${procedure('rds_show_configuration()', '\n  SELECT name, value, description FROM mysql.rds_configuration;')}
${procedure(
  'rds_stop_replication()',
  `
  STOP SLAVE;
  ${withoutLog("REPLACE INTO mysql.rds_replication_status VALUES ('stop slave');")}
  SELECT 'Slave is down or disabled' AS Message;`,
)}
${procedure(
  'rds_start_replication()',
  `
  ${withoutLog('DELETE FROM mysql.rds_replication_status;')}
  START SLAVE;
  SELECT 'Slave running normally.' AS Message;`,
)}
${reset('rds_reset_external_master')}
${reset('rds_reset_external_source')}
${procedure(
  'rds_skip_repl_error()',
  `
  STOP SLAVE;
  SET GLOBAL sql_slave_skip_counter = 1;
  START SLAVE;
  SELECT 'Statement in error has been skipped' AS Message;`,
)}
DELIMITER ;
FLUSH PRIVILEGES;
`;

/** MySQL 8.4 calls it by its new name, 8.0 by its old one. */
function reset(name: string): string {
  return procedure(
    `${name}()`,
    `
  STOP SLAVE;
  RESET SLAVE ALL;
  ${withoutLog('DELETE FROM mysql.rds_replication_status;')}
  SELECT 'Slave has been reset' AS Message;`,
  );
}

function procedure(signature: string, body: string): string {
  return `CREATE DEFINER=${serviceUser}@localhost PROCEDURE mysql.${signature} SQL SECURITY DEFINER
BEGIN${body}
END//`;
}

function refuseOwn(): string {
  return `IF EXISTS (SELECT 1 FROM information_schema.processlist
    WHERE id = thread AND user IN ('${serviceUser}', '${replicationUser}')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ERROR (RDS): CANNOT KILL RDSADMIN SESSION';
  END IF;`;
}

function withoutLog(statement: string): string {
  return `SET @rds_log_was = @@session.sql_log_bin;
  SET SESSION sql_log_bin = OFF;
  ${statement}
  SET SESSION sql_log_bin = @rds_log_was;`;
}
