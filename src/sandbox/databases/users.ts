/** The accounts of a new database: its owner's, cut as RDS cuts it, and the one replicas receive with. */

import { replicationUser } from './accounts.ts';
import type { Owner } from './database.ts';
import { ownersProcedures } from './procedures.ts';
import type { Session } from './session.ts';

/**
 * The master user's privileges. RDS's list for MariaDB, which withholds what would let an owner out of the service's hands: SUPER,
 * READ_ONLY ADMIN (so `read_only` binds them), CONNECTION ADMIN (`mysql.rds_kill` instead), BINLOG ADMIN, FILE, SHUTDOWN.
 * Source: RDS User Guide, "Master user account privileges". MariaDB can't take one schema out of a global grant: an owner who edits
 * the grant tables by hand gets further here than on RDS.
 */
const ownersPrivileges = [
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES',
  'CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER',
  'EVENT, TRIGGER, REPLICATION SLAVE, SLAVE MONITOR, BINLOG MONITOR',
].join(', ');

/** Nothing of it is in the binary log: replicas are copies, and a database's history begins with its owner's first statement. */
export async function createAccounts(session: Session, owner: Owner, replicationPassword: string): Promise<void> {
  await session.run('SET SESSION sql_log_bin = OFF');
  await session.run(`CREATE USER ${replicationUser}@'%' IDENTIFIED BY ?`, [replicationPassword]);
  await session.run(`GRANT REPLICATION SLAVE ON *.* TO ${replicationUser}@'%'`);
  await session.run("CREATE USER ?@'%' IDENTIFIED BY ?", [owner.user, owner.password]);
  await session.run(`GRANT ${ownersPrivileges} ON *.* TO ?@'%' WITH GRANT OPTION`, [owner.user]);
  for (const procedure of ownersProcedures) {
    await session.run(`GRANT EXECUTE ON PROCEDURE mysql.${procedure} TO ?@'%' WITH GRANT OPTION`, [owner.user]);
  }
  if (owner.database !== undefined) await session.run('CREATE DATABASE ??', [owner.database]);
}

/** Logged, so that replicas learn it. */
export async function setPassword(session: Session, user: string, password: string): Promise<void> {
  await session.run("ALTER USER ?@'%' IDENTIFIED BY ?", [user, password]);
}
