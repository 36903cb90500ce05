/**
 * What RDS puts into a new database before its owner sees it: the service's account, its tables, and its procedures. Read by the server
 * while it bootstraps, so nothing of it is in a binary log.
 */

import { serviceUser } from './accounts.ts';
import { procedures } from './procedures.ts';

/**
 * The service's account has no password: it answers only on the Unix socket, in a folder that only the sandbox's user can enter
 * (`localhost` never matches a TCP connection, for names aren't resolved).
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
CREATE TABLE rds_history (
  action_timestamp TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, called_by_user VARCHAR(352) NOT NULL,
  action VARCHAR(40) NOT NULL PRIMARY KEY, mysql_version VARCHAR(50) NOT NULL,
  master_host VARCHAR(255), master_port INT, master_user VARCHAR(96)
) ENGINE=InnoDB;
INSERT INTO rds_configuration VALUES
  ('binlog retention hours', NULL,
    'binlog retention hours specifies the duration in hours before binary logs are automatically deleted.'),
  ('source delay', '0',
    'source delay specifies replication delay in seconds between current instance and its master.'),
  ('target delay', '0',
    'target delay specifies replication delay in seconds between current instance and its future read-replica.');

DELIMITER //
${procedures}
DELIMITER ;
FLUSH PRIVILEGES;
`;
