/**
 * The procedures of the schema `mysql` that stand in for privileges only the service has. They write with the binary log off: their effects
 * belong to one server, and a replica that logged transactions of its own could not follow its source any more.
 *
 * Source of names and limits: RDS User Guide, "RDS for MySQL stored procedure reference"; of what they refuse and say: the routines of an
 * RDS for MySQL 8.0, as a customer dumped them (github.com/leemeem14/PersonalColorasdf). Left out is their pause of two seconds, after which
 * they look whether the threads run: `SHOW SLAVE STATUS` says it.
 */

import { replicationUser, serviceUser } from './accounts.ts';

/** Procedures the owner may run and let others run. What is about sources outside RDS, logs by name or MySQL's GTIDs isn't there. */
export const ownersProcedures = [
  'rds_kill',
  'rds_kill_query',
  'rds_reset_external_master',
  'rds_reset_external_source',
  'rds_set_configuration',
  'rds_set_source_delay',
  'rds_show_configuration',
  'rds_skip_repl_error',
  'rds_start_replication',
  'rds_stop_replication',
] as const;

/** What the service has a server follow is a row here: nothing else in SQL tells whether a server is a replica. */
export const linkAction = 'disable set master';

/** To be read with the delimiter `//`. */
export const procedures = `
CREATE DEFINER=${serviceUser}@localhost FUNCTION mysql.rds_replication_service_state() RETURNS VARCHAR(10)
READS SQL DATA SQL SECURITY DEFINER
BEGIN
  DECLARE running INT;
  IF NOT EXISTS (SELECT 1 FROM mysql.rds_history WHERE action = '${linkAction}') THEN
    RETURN 'NOT_EXIST';
  END IF;
  IF EXISTS (SELECT 1 FROM information_schema.global_status
    WHERE variable_name = 'SLAVE_RUNNING' AND variable_value = 'ON') THEN
    RETURN 'ON';
  END IF;
  SELECT COUNT(*) INTO running FROM information_schema.processlist WHERE command IN ('Slave_IO', 'Slave_SQL');
  RETURN IF(running = 0, 'OFF', 'BROKEN');
END//
${procedure('rds_kill(IN thread BIGINT)', [refuseReserved(), 'KILL thread;'])}
${procedure('rds_kill_query(IN thread BIGINT)', [refuseReserved(), 'KILL QUERY thread;'])}
${procedure('rds_show_configuration()', ['SELECT name, value, description FROM mysql.rds_configuration;'])}
${procedure('rds_set_configuration(IN wanted VARCHAR(30), IN setting INT)', [
  'DECLARE refused VARCHAR(128);',
  'IF NOT EXISTS (SELECT 1 FROM mysql.rds_configuration WHERE name = wanted) THEN',
  "  SET refused = CONCAT('Cannot set unknown configuration parameter ', QUOTE(wanted), ' using mysql.rds_set_configuration.');",
  "  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = refused;",
  'END IF;',
  refuseIf(
    "wanted = 'binlog retention hours' AND setting NOT BETWEEN 1 AND 168",
    'For binlog retention hours the value must be between 1 and 168 inclusive or be NULL',
  ),
  refuseIf(
    "wanted = 'target delay' AND (setting IS NULL OR setting NOT BETWEEN 0 AND 86400)",
    'For target delay the value must be between 0 and 86400 inclusive',
  ),
  "IF wanted = 'source delay' THEN",
  '  CALL mysql.rds_set_source_delay(setting);',
  'ELSE',
  withoutLog('UPDATE mysql.rds_configuration SET value = setting WHERE name = wanted;'),
  'END IF;',
])}
${procedure('rds_set_source_delay(IN delay INT)', [
  state(),
  refuseIf(
    'delay IS NULL OR delay NOT BETWEEN 0 AND 86400',
    'For source delay the value must be between 0 and 86400 inclusive.',
  ),
  refuseIn(
    'NOT_EXIST',
    "You can't set replication delay because the replica isn't configured. First call mysql.rds_set_external_master.",
  ),
  refuseIn(
    "ON', 'BROKEN",
    "You can't set replication delay because replication is running. First call mysql.rds_stop_replication.",
  ),
  "EXECUTE IMMEDIATE CONCAT('CHANGE MASTER TO MASTER_USE_GTID = slave_pos, MASTER_DELAY = ', delay);",
  withoutLog("UPDATE mysql.rds_configuration SET value = delay WHERE name = 'source delay';"),
  "SELECT 'source delay is set successfully.' AS Message;",
])}
${procedure('rds_stop_replication()', [
  state(),
  refuseIn('OFF', 'Slave is already stopped or may not be configured. Run SHOW SLAVE STATUS\\\\G;'),
  refuseIn(
    'NOT_EXIST',
    "You can't stop replication because the replica isn't configured. First call mysql.rds_set_external_master.",
  ),
  'STOP SLAVE;',
  withoutLog("REPLACE INTO mysql.rds_replication_status VALUES ('stop slave');"),
  "SELECT 'Slave is now down or disabled' AS Message;",
])}
${procedure('rds_start_replication()', [
  state(),
  refuseIn('ON', 'Replication may already be running. Call rds_stop_replication to stop replication'),
  refuseIn(
    'NOT_EXIST',
    "You can't start replication because the replica isn't configured. First call mysql.rds_set_external_master.",
  ),
  refuseIn('BROKEN', 'Replication might be running. First call mysql.rds_stop_replication.'),
  withoutLog('DELETE FROM mysql.rds_replication_status;'),
  'START SLAVE;',
  "SELECT 'Replication started. Slave is now running normally.' AS Message;",
])}
${procedure('rds_skip_repl_error()', [
  state(),
  refuseIn(
    'NOT_EXIST',
    "You can't skip a replication error because the replica isn't configured. First call mysql.rds_set_external_master.",
  ),
  refuseIn('ON', 'Slave is running normally.  No errors detected to skip.'),
  refuseIn('OFF', 'Slave is down or disabled.'),
  "IF EXISTS (SELECT 1 FROM information_schema.processlist WHERE command = 'Slave_SQL') THEN",
  '  SELECT CONCAT(',
  "    'The replica SQL thread is running for the specified channel without encountering errors. ',",
  "    'Run SHOW REPLICA STATUS FOR CHANNEL \\'\\';') AS Message;",
  'ELSE',
  '  STOP SLAVE;',
  '  SET GLOBAL sql_slave_skip_counter = 1;',
  '  START SLAVE;',
  "  SELECT 'Statement in error has been skipped' AS Message;",
  'END IF;',
])}
${reset('rds_reset_external_master')}
${reset('rds_reset_external_source')}
`;

/** MySQL 8.4 calls it by its new name, 8.0 by its old one. A replica of RDS's own stays one until RDS promotes it. */
function reset(name: string): string {
  return procedure(`${name}()`, [
    state(),
    refuseIf("state <> 'NOT_EXIST'", 'Permission Denied: This instance is a RDS Read Replica.'),
    refuseIn(
      'NOT_EXIST',
      "You can't reset replication because replication isn't configured. First run mysql.rds_set_external_master.",
    ),
  ]);
}

function procedure(signature: string, body: readonly string[]): string {
  return `CREATE DEFINER=${serviceUser}@localhost PROCEDURE mysql.${signature} SQL SECURITY DEFINER
BEGIN
${body.join('\n')}
END//`;
}

function state(): string {
  return 'DECLARE state VARCHAR(10) DEFAULT mysql.rds_replication_service_state();';
}

function refuseIn(states: string, message: string): string {
  return refuseIf(`state IN ('${states}')`, message);
}

function refuseIf(condition: string, message: string): string {
  return `IF ${condition} THEN
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${message.replaceAll("'", "''")}';
END IF;`;
}

function refuseReserved(): string {
  return `IF thread <> CONNECTION_ID() AND EXISTS (SELECT 1 FROM information_schema.processlist
  WHERE id = thread AND user IN ('${serviceUser}', '${replicationUser}')) THEN
  BEGIN
    DECLARE refused VARCHAR(128) DEFAULT (SELECT CONCAT('CANNOT KILL ', UPPER(user), ' SESSION')
      FROM information_schema.processlist WHERE id = thread);
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = refused;
  END;
END IF;`;
}

function withoutLog(statement: string): string {
  return `SET @rds_log_was = @@session.sql_log_bin;
SET SESSION sql_log_bin = OFF;
${statement}
SET SESSION sql_log_bin = @rds_log_was;`;
}
