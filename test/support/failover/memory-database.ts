/**
 * A database server in memory: what is replicated of it (`Data`), its log of transactions, and its part in replication. It writes its
 * heartbeat, receives and applies by the clock it is given, worked out whenever somebody looks.
 */

import type {
  Backup,
  Database,
  DatabaseIdentity,
  Databases,
  Replication,
  Variables,
} from '../../../src/sandbox/databases/database.ts';

/** One transaction's effect, as plain data. */
export type Effect =
  | { readonly kind: 'schema'; readonly tables: readonly string[] }
  | { readonly kind: 'beat'; readonly at: number; readonly epoch: number; readonly server: number }
  | { readonly kind: 'event'; readonly epoch: number | undefined }
  | { readonly kind: 'user'; readonly user: string; readonly locked: boolean }
  | { readonly kind: 'proof'; readonly run: string; readonly epoch: number; readonly at: number }
  | { readonly kind: 'row'; readonly id: string }
  | { readonly kind: 'lease'; readonly lease: LeaseRow }
  | { readonly kind: 'guard'; readonly made: boolean };

/** As the product's own table holds it; `ends` in epoch milliseconds, null before it has begun. */
export interface LeaseRow {
  readonly epoch: number;
  readonly server: number;
  readonly started: number;
  readonly ends: number | null;
  readonly fenced: boolean;
}

interface Transaction {
  readonly server: number;
  readonly sequence: number;
  readonly at: number;
  readonly effect: Effect;
}

interface Data {
  tables: string[];
  heartbeat: { at: number; epoch: number; server: number; beats: number } | undefined;
  /** `on` where it was made: a replicated one arrives disabled. */
  event: { epoch: number; on: boolean } | undefined;
  users: Record<string, { locked: boolean }>;
  proofs: Record<string, number>;
  rows: string[];
  lease: LeaseRow | undefined;
  /** The event that puts writers without a lease out: `on` where it was made. */
  guard: { on: boolean } | undefined;
}

export interface Surroundings {
  now(): number;
  /** Whom a database follows, by both ids: what stands behind the link it was given. */
  sourceOf(id: string): string | undefined;
  reachable(from: string, to: string): boolean;
  /** Milliseconds until a transaction is received, and until what was received is applied. */
  readonly lag: { receive: number; apply: number };
}

export class MemoryDatabase implements Database {
  readonly endpoint;
  running = false;
  sessions: { id: number; user: string }[] = [];
  retention: number | undefined;
  data: Data = emptyData();
  /** Every statement that changed something here, in order: what must not happen twice. */
  readonly changes: { at: number; effect: Effect }[] = [];
  #variables: Variables = {};
  #log: Transaction[] = [];
  #relay: Transaction[] = [];
  /** By its owner, until the server starts again. */
  #stopped = false;
  #startedAt = 0;
  #source: MemoryDatabase | undefined;
  /** The last transaction applied from a source: MariaDB's `gtid_slave_pos`. */
  #slavePosition: string;
  #sequence = 0;
  #beatAt = 0;
  #session = 0;

  readonly identity: DatabaseIdentity;
  readonly world: Surroundings;
  readonly fleet: MemoryDatabases;

  constructor(identity: DatabaseIdentity, fleet: MemoryDatabases) {
    this.identity = identity;
    this.world = fleet.world;
    this.fleet = fleet;
    this.endpoint = { host: `127.8.0.${identity.serverId % 250}`, port: 3306 };
    this.#slavePosition = '';
  }

  get readOnly(): boolean {
    return this.#variables.read_only === '1' || this.#variables.read_only === 'ON';
  }

  get positions() {
    const own = this.#log.findLast(({ server }) => server === this.identity.serverId);
    const last = new Map<number, Transaction>();
    for (const one of this.#log) last.set(one.server, one);
    const logged = this.#log.at(-1);
    // MariaDB: what this server wrote last, once that is the newer one.
    const [, , slave = '0'] = this.#slavePosition.split('-');
    return {
      current: own !== undefined && own.sequence > Number(slave) ? gtid(own) : this.#slavePosition,
      logged: logged === undefined ? '' : gtid(logged),
      state: [...last.values()].map(gtid).join(','),
      slave: this.#slavePosition,
    };
  }

  /** What `SHOW SLAVE STATUS` tells; undefined for a server that follows nobody. */
  get slave(): { received: string; reached: boolean; stopped: boolean } | undefined {
    if (this.#source === undefined) return undefined;
    const received = this.#relay.at(-1);
    return {
      received: received === undefined ? this.#slavePosition : gtid(received),
      reached: this.#reaches(),
      stopped: this.#stopped,
    };
  }

  /** Epoch seconds: which start of this server it is. */
  get started(): number {
    return Math.floor(this.#startedAt / 1000);
  }

  /** Whether `init_connect` would let the application write, and the guard leave it in. */
  get admits(): boolean {
    const { lease } = this.data;
    if (lease === undefined) return true;
    if (lease.fenced || lease.server !== this.identity.serverId) return false;
    return lease.ends === null || (lease.started === this.started && lease.ends > this.world.now());
  }

  /** `rds_stop_replication` and `rds_start_replication`. */
  replicate(on: boolean): void {
    this.fleet.catchUp();
    this.#stopped = !on;
  }

  holds(id: string): boolean {
    return this.data.rows.includes(id);
  }

  /** Writes in a transaction of this server's own. @returns its GTID. */
  write(effect: Effect, at = this.world.now()): string {
    this.#sequence += 1;
    const transaction = { server: this.identity.serverId, sequence: this.#sequence, at, effect };
    this.#log.push(transaction);
    if (effect.kind !== 'beat') this.changes.push({ at, effect });
    change(this.data, effect, true);
    if (effect.kind === 'event') this.#beatAt = at;
    return gtid(transaction);
  }

  connect(user: string): number {
    this.#session += 1;
    this.sessions.push({ id: this.#session, user });
    return this.#session;
  }

  /** Everything up to now: its heartbeats, and what has arrived from its source. */
  catchUp(): void {
    if (!this.running) return;
    const now = this.world.now();
    if (this.data.event?.on === true && !this.readOnly && this.#variables.event_scheduler !== 'OFF') {
      for (let at = this.#beatAt + 1000; at <= now; at += 1000) {
        this.#beatAt = at;
        this.write({ kind: 'beat', at, epoch: this.data.event.epoch, server: this.identity.serverId }, at);
      }
    }
    if (this.#source === undefined || this.#stopped) return;
    if (this.#reaches()) {
      const known = this.#relay.at(-1);
      const after = known === undefined ? this.#slavePosition : gtid(known);
      const from = this.#source.#log.findIndex((one) => gtid(one) === after) + 1;
      const { receive } = this.world.lag;
      this.#relay.push(...this.#source.#log.slice(from).filter(({ at }) => at + receive <= now));
    }
    const due = ({ at }: Transaction) => at + this.world.lag.receive + this.world.lag.apply <= now;
    for (let next = this.#relay[0]; next !== undefined && due(next); next = this.#relay[0]) {
      this.#relay.shift();
      this.#log.push(next);
      this.#sequence = Math.max(this.#sequence, next.sequence);
      this.#slavePosition = gtid(next);
      change(this.data, next.effect, false);
    }
  }

  /** The process ended with its Region. */
  end(): void {
    this.running = false;
    this.sessions = [];
  }

  #reaches(): boolean {
    const source = this.#source;
    if (source === undefined || !source.running) return false;
    return this.world.reachable(this.identity.region, source.identity.region);
  }

  async create({ user, database }: { user: string; database?: string }) {
    this.data = {
      ...emptyData(),
      users: { [user]: { locked: false } },
      tables: database === undefined ? [] : [database],
    };
  }

  async restore({ directory, position }: Backup) {
    this.fleet.catchUp();
    this.data = structuredClone(this.fleet.backups.get(directory) ?? emptyData());
    this.#slavePosition = position;
    this.#sequence = Number(position.split('-')[2] ?? 0);
  }

  async start(variables: Variables) {
    this.fleet.catchUp();
    this.#variables = variables;
    this.running = true;
    this.#stopped = false;
    this.#startedAt = this.world.now();
    this.#beatAt = Math.max(this.#beatAt, this.world.now());
  }

  async stop() {
    this.fleet.catchUp();
    this.end();
  }

  async kill() {
    await this.stop();
  }

  async apply(variables: Variables) {
    this.fleet.catchUp();
    this.#variables = { ...this.#variables, ...variables };
    this.#beatAt = Math.max(this.#beatAt, this.world.now());
  }

  async backup(directory: string): Promise<Backup> {
    this.fleet.catchUp();
    const copy = structuredClone(this.data);
    // A copy's event belongs to the server it was made on: a replica's doesn't run.
    if (copy.event !== undefined) copy.event.on = false;
    if (copy.guard !== undefined) copy.guard.on = false;
    this.fleet.backups.set(directory, copy);
    return { directory, position: this.positions.current };
  }

  async follow() {
    this.#source = this.fleet.all.get(this.world.sourceOf(this.identity.id) ?? '');
    this.fleet.catchUp();
  }

  async continueFrom() {}

  async delay() {}

  async leave() {
    this.fleet.catchUp();
    this.#source = undefined;
    this.#relay = [];
  }

  async replication(): Promise<Replication | undefined> {
    this.fleet.catchUp();
    const seen = this.slave;
    if (seen === undefined) return undefined;
    return {
      receiving: seen.stopped ? 'no' : seen.reached ? 'yes' : 'connecting',
      applying: !seen.stopped,
      lag: 0,
      error: seen.reached ? '' : 'error connecting to the source',
      received: seen.received,
      applied: this.#slavePosition,
      delay: 0,
    };
  }

  async obstruct() {}
  async trip() {}
  async clear() {}
  async setPassword() {}
  async beat() {}
  usage = async () => ({ connections: this.sessions.length, bytes: 2 ** 20, logBytes: 2 ** 10 });
  binlogRetentionHours = async () => this.retention;
  rotateLogs = async () => 'log.1';
  async purgeLogs() {}
  async destroy() {
    this.end();
  }
}

/** All of a sandbox's. */
export class MemoryDatabases implements Databases {
  readonly all = new Map<string, MemoryDatabase>();
  readonly backups = new Map<string, Data>();

  readonly world: Surroundings;

  constructor(world: Surroundings) {
    this.world = world;
  }

  open(identity: DatabaseIdentity): MemoryDatabase {
    const database = this.all.get(identity.id) ?? new MemoryDatabase(identity, this);
    this.all.set(identity.id, database);
    return database;
  }

  catchUp(): void {
    // Sources first: what they write now is received now.
    for (const one of this.all.values()) if (one.slave === undefined) one.catchUp();
    for (const one of this.all.values()) if (one.slave !== undefined) one.catchUp();
  }

  copy = async (backup: Backup, directory: string): Promise<Backup> => {
    const copied = this.backups.get(backup.directory);
    if (copied !== undefined) this.backups.set(directory, copied);
    return { ...backup, directory };
  };

  discard = async () => {};
}

const gtid = ({ server, sequence }: Pick<Transaction, 'server' | 'sequence'>): string => `0-${server}-${sequence}`;

const emptyData = (): Data => ({
  tables: [],
  heartbeat: undefined,
  event: undefined,
  users: {},
  proofs: {},
  rows: [],
  lease: undefined,
  guard: undefined,
});

function change(data: Data, effect: Effect, own: boolean): void {
  switch (effect.kind) {
    case 'schema':
      data.tables = [...new Set([...data.tables, ...effect.tables])];
      return;
    case 'beat':
      data.heartbeat = {
        at: effect.at,
        epoch: effect.epoch,
        server: effect.server,
        beats: (data.heartbeat?.beats ?? 0) + 1,
      };
      return;
    case 'event':
      data.event = effect.epoch === undefined ? undefined : { epoch: effect.epoch, on: own };
      return;
    case 'user':
      data.users[effect.user] = { locked: effect.locked };
      return;
    case 'proof':
      data.proofs[`${effect.run}/${effect.epoch}`] = effect.at;
      return;
    case 'lease':
      data.lease = effect.lease;
      return;
    case 'guard':
      data.guard = effect.made ? { on: own } : undefined;
      return;
    case 'row':
      data.rows.push(effect.id);
  }
}
