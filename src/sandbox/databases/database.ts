/**
 * What a service needs of one database: its files, its server and its part in replication. MariaDB implements it; a test that is
 * about states and not about data can pass one that holds nothing.
 */

import type { Endpoint } from '../contract.ts';

/** Server variables by their name in SQL, values as text: `{ event_scheduler: 'ON' }`. */
export type Variables = Readonly<Record<string, string>>;

export interface Owner {
  readonly user: string;
  readonly password: string;
  /** A database to create beside the system's own. */
  readonly database?: string;
}

/** A physical copy of a database, and how far it reaches. */
export interface Backup {
  readonly directory: string;
  /** The GTID position of its last transaction: `0-1001-42`, or empty before the first one. */
  readonly position: string;
}

export interface Replication {
  /** The thread that receives: running, connecting (the source doesn't answer) or stopped. */
  readonly receiving: 'yes' | 'connecting' | 'no';
  readonly applying: boolean;
  /** Seconds behind the source; undefined while nothing is replicated. */
  readonly lag: number | undefined;
  /** The last error of either thread; empty when there is none. */
  readonly error: string;
  /** GTID positions: received from the source, and applied. */
  readonly received: string;
  readonly applied: string;
  /** Seconds after the source's commit before which nothing is applied. */
  readonly delay: number;
  /** The delay its owner asked for; none unless said. */
  readonly asked?: number;
}

export interface Usage {
  /** Of customers; the service's own sessions don't count. */
  readonly connections: number;
  /** What tables take, and what binary logs take. */
  readonly bytes: number;
  readonly logBytes: number;
}

export interface Database {
  /** Where the server listens, behind the relay. Not for customers. */
  readonly endpoint: Endpoint;
  readonly running: boolean;
  /** Writes the files of an empty database with its owner. The server must not be running. */
  create(owner: Owner): Promise<void>;
  /** Writes the files from a backup. */
  restore(backup: Backup): Promise<void>;
  /** Starts the server on its files and settles when it answers; does nothing when it runs. */
  start(variables: Variables): Promise<void>;
  /** Stops the server in order. */
  stop(): Promise<void>;
  /** Ends the server at once, as a failing machine does. Nobody is told. */
  kill(): Promise<void>;
  /** Changes dynamic variables of the running server. */
  apply(variables: Variables): Promise<void>;
  /** A hot copy of the running server's data, into a directory that must not exist. */
  backup(directory: string): Promise<Backup>;
  /** Starts receiving and applying what the source has committed after `position`; settles once the link is up, or is slow to be. */
  follow(source: Endpoint, position: string): Promise<void>;
  /** Goes on numbering transactions after `position`, for a database restored to a life of its own. */
  continueFrom(position: string): Promise<void>;
  /** Applies what is received no sooner than so many seconds after the source committed it. Nothing received is given up. */
  delay(seconds: number): Promise<void>;
  /** Puts a row in this replica's way, which its source's `trip` of the same name then collides with. */
  obstruct(name: string): Promise<void>;
  trip(name: string): Promise<void>;
  /** Takes the row out of the way and goes on applying, unless replication was stopped on purpose. */
  clear(name: string): Promise<void>;
  /** Ends replication for good; what was received and not yet applied is given up. */
  leave(): Promise<void>;
  /** Undefined for a database that follows nobody. */
  replication(): Promise<Replication | undefined>;
  setPassword(user: string, password: string): Promise<void>;
  /** The service's own transaction, as RDS writes it. `now` is AWS time in milliseconds. */
  beat(now: number): Promise<void>;
  usage(): Promise<Usage>;
  /** The hours the owner asked to keep binary logs for; undefined when they never asked. */
  binlogRetentionHours(): Promise<number | undefined>;
  /** Closes the current binary log and answers the name of the one begun. */
  rotateLogs(): Promise<string>;
  /** Removes the binary logs before the named one. */
  purgeLogs(before: string): Promise<void>;
  /** Stops the server at once and removes the files. */
  destroy(): Promise<void>;
}

export interface DatabaseIdentity {
  readonly region: string;
  /** Unique in the sandbox, kept through renames: RDS's DbiResourceId. */
  readonly id: string;
  /** Unique among all servers of the sandbox: it is part of every GTID. */
  readonly serverId: number;
  /** Called when the server ended without having been asked to. */
  readonly onExit: () => void;
}

export interface Databases {
  open(identity: DatabaseIdentity): Database;
  /** Copies a backup into a directory of its own, in place of what is there. */
  copy(backup: Backup, directory: string): Promise<Backup>;
  /** Removes a backup's directory. */
  discard(directory: string): Promise<void>;
}
