/** What the SQL function can be asked, and what it answers: the only language spoken to a database. Plain JSON both ways. */

export type SqlRequest =
  | { readonly ask: 'look' }
  /** Does this server hold every transaction of `set`? */
  | { readonly ask: 'contains'; readonly set: string }
  /** Stops replication once everything received is applied, or at least `enough`, and goes on with what came in between; `regardless`: at once. */
  | { readonly ask: 'detach'; readonly enough?: string; readonly regardless?: true }
  /** Writes a row, reads it back. */
  | { readonly ask: 'prove'; readonly run: string; readonly epoch: number; readonly at: number }
  /** Heartbeat on, in this epoch; the application's account unlocked; binary logs kept. */
  | { readonly ask: 'open'; readonly epoch: number; readonly lease?: LeaseTerm }
  /** The application's account locked, its sessions ended. */
  | { readonly ask: 'lock' }
  /** The schema Pilot Light needs, the application's account and schema; `leased`: who writes there needs a lease. Safe to repeat. */
  | { readonly ask: 'install'; readonly epoch: number; readonly leased?: boolean }
  | { readonly ask: 'clock' }
  /** The application may go on writing until the term ends. */
  | { readonly ask: 'renew'; readonly epoch: number; readonly lease: LeaseTerm };

/** One start of one server, and its own time. */
export interface ServerClock {
  readonly server: number;
  /** Epoch seconds. */
  readonly started: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface GuardedClock extends ServerClock {
  /** Whether the server would stop the application without a lease. */
  readonly guarded: boolean;
}

/** Of one start of one server: in its own time, so that no other clock has a say in it, and no delay on the way makes it longer. */
export interface LeaseTerm {
  readonly server: number;
  readonly started: number;
  /** Epoch milliseconds. */
  readonly ends: number;
}

export interface DatabaseLook {
  readonly dialect: 'mysql' | 'mariadb';
  readonly version: string;
  readonly readOnly: boolean;
  /** Every transaction this server has executed, in the dialect's notation: MySQL's whole set, MariaDB's last one of each domain. */
  readonly executed: string;
  /** Epoch milliseconds by the server's own clock. */
  readonly now: number;
  readonly replica: ReplicaLook | undefined;
  readonly heartbeat: Heartbeat | undefined;
  /** The last of the service's own transactions applied here, epoch milliseconds; undefined where it keeps no such row. */
  readonly serviceBeat: number | undefined;
}

/** The row the active database writes each second. */
export interface Heartbeat {
  /** Epoch milliseconds by the clock of the server that wrote it. */
  readonly at: number;
  readonly epoch: number;
  /** How many were written since the row was made, each a transaction; undefined in a row of an older version's. */
  readonly beats: number | undefined;
}

export interface ReplicaLook {
  readonly receiving: boolean;
  readonly applying: boolean;
  /** Both of its threads have ended: it asks its source for nothing. */
  readonly stopped: boolean;
  /** What has arrived, applied or not. */
  readonly received: string;
  /** What of it has been applied, in the source's own terms: nothing that was written here. */
  readonly applied: string;
  /** Whether everything received has been applied. */
  readonly drained: boolean;
  /** When the last one received was committed at its source, epoch milliseconds by the source's clock; undefined where no server says. */
  readonly receivedAt: number | undefined;
  /** Seconds by the server's account; undefined when it isn't replicating. */
  readonly secondsBehind: number | undefined;
  /** Why what was received can't be applied. */
  readonly error: string | undefined;
  /** Why nothing is received: of a source that is gone, no fault of the replica's. */
  readonly linkError: string | undefined;
}

export interface SqlAnswers {
  look: DatabaseLook;
  contains: { readonly contains: boolean; readonly executed: string };
  detach: { readonly detached: boolean; readonly look: DatabaseLook };
  prove: { readonly wrote: boolean };
  open: { readonly opened: true };
  lock: { readonly locked: true; readonly ended: number };
  install: { readonly installed: true };
  clock: GuardedClock;
  renew: {
    readonly renewed: boolean;
    /** Why it wasn't. */
    readonly refused: string | undefined;
    readonly clock: GuardedClock;
  };
}
