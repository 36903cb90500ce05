/** What the SQL function can be asked, and what it answers: the only language spoken to a database. Plain JSON both ways. */

export type SqlRequest =
  | { readonly ask: 'look' }
  /** Does this server hold every transaction of `set`? */
  | { readonly ask: 'contains'; readonly set: string }
  /** Writes a row, reads it back. */
  | { readonly ask: 'prove'; readonly run: string; readonly epoch: number; readonly at: number }
  /** Heartbeat on, in this epoch; the application's account unlocked; binary logs kept. */
  | { readonly ask: 'open'; readonly epoch: number }
  /** The application's account locked, its sessions ended. */
  | { readonly ask: 'lock' }
  /** The schema Pilot Light needs, the application's account and schema. Safe to repeat. */
  | { readonly ask: 'install'; readonly epoch: number };

export interface DatabaseLook {
  readonly dialect: 'mysql' | 'mariadb';
  readonly version: string;
  readonly readOnly: boolean;
  /** Every transaction this server has executed, in the dialect's notation. */
  readonly executed: string;
  /** Epoch milliseconds by the server's own clock. */
  readonly now: number;
  readonly replica: ReplicaLook | undefined;
  readonly heartbeat: { readonly at: number; readonly epoch: number } | undefined;
}

export interface ReplicaLook {
  readonly receiving: boolean;
  readonly applying: boolean;
  /** What has arrived, applied or not. */
  readonly received: string;
  /** Whether everything received has been applied. */
  readonly drained: boolean;
  /** Seconds by the server's account; undefined when it isn't replicating. */
  readonly secondsBehind: number | undefined;
  readonly error: string | undefined;
}

export interface SqlAnswers {
  look: DatabaseLook;
  contains: { readonly contains: boolean; readonly executed: string };
  prove: { readonly wrote: boolean };
  open: { readonly opened: true };
  lock: { readonly locked: true; readonly ended: number };
  install: { readonly installed: true };
}
