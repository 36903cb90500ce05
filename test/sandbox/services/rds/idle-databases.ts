/** Databases that hold nothing, for tests of states and times: they remember what they were told, and can be made to fail or lag. */

import type {
  Backup,
  Database,
  Databases,
  Replication,
  Variables,
} from '../../../../src/sandbox/databases/database.ts';

export interface IdleDatabase extends Database {
  readonly told: string[];
  variables: Variables;
  follows: Replication | undefined;
  retention: number | undefined;
  failing: Error | undefined;
  /** The server ends by itself. */
  crash(): void;
  /** The sandbox it ran in was killed, and another one opens it. */
  reopen(onExit: () => void): void;
}

export interface IdleDatabases extends Databases {
  readonly all: Map<string, IdleDatabase>;
}

export function idleDatabases(): IdleDatabases {
  const all = new Map<string, IdleDatabase>();
  return {
    all,
    open({ id, serverId, onExit }) {
      const known = all.get(id);
      known?.reopen(onExit);
      const database = known ?? idleDatabase(serverId, onExit);
      all.set(id, database);
      return database;
    },
    copy: async (backup, directory) => ({ ...backup, directory }),
    discard: async () => {},
  };
}

function idleDatabase(serverId: number, whenExited: () => void): IdleDatabase {
  let onExit = whenExited;
  let running = false;
  let log = 1;
  const told: string[] = [];
  const tell = async (what: string): Promise<void> => {
    if (database.failing !== undefined) throw database.failing;
    told.push(what);
  };
  const database: IdleDatabase = {
    told,
    variables: {},
    follows: undefined,
    retention: undefined,
    failing: undefined,
    endpoint: { host: `127.8.0.${serverId % 250}`, port: 3306 },
    get running() {
      return running;
    },
    crash() {
      running = false;
      onExit();
    },
    reopen(whenExitedNow) {
      running = false;
      onExit = whenExitedNow;
    },
    create: () => tell('create'),
    restore: ({ position }) => tell(`restore ${position}`),
    async start(variables) {
      await tell('start');
      running = true;
      database.variables = variables;
    },
    async kill() {
      running = false;
    },
    async stop() {
      running = false;
      await tell('stop');
    },
    async apply(variables) {
      await tell(`apply ${Object.keys(variables).join()}`);
      database.variables = { ...database.variables, ...variables };
    },
    async backup(directory): Promise<Backup> {
      await tell('backup');
      return { directory, position: `0-${serverId}-7` };
    },
    async follow(_, position) {
      await tell(`follow ${position}`);
      database.follows = {
        receiving: 'yes',
        applying: true,
        lag: 0,
        error: '',
        received: position,
        applied: position,
        delay: 0,
      };
    },
    continueFrom: (position) => tell(`continue ${position}`),
    async leave() {
      await tell('leave');
      database.follows = undefined;
    },
    replication: async () => database.follows,
    async delay(seconds) {
      await tell(`delay ${seconds}`);
      if (database.follows !== undefined) database.follows = { ...database.follows, delay: seconds };
    },
    obstruct: () => tell('obstruct'),
    trip: () => tell('trip'),
    clear: () => tell('clear'),
    setPassword: () => tell('password'),
    beat: () => tell('beat'),
    usage: async () => ({ connections: 3, bytes: 2 ** 20, logBytes: 2 ** 10 }),
    binlogRetentionHours: async () => database.retention,
    async rotateLogs() {
      await tell('rotate');
      return `log.${++log}`;
    },
    purgeLogs: (before) => tell(`purge ${before}`),
    async destroy() {
      running = false;
      await tell('destroy');
    },
  };
  return database;
}
