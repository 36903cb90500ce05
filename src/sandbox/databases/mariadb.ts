/**
 * Databases on real MariaDB servers: one process each, in the process group of its Region.
 *
 * 1. What changes one database is done one after the other, in the order asked.
 * 2. A server that ended by itself, or was killed with its Region, is simply not running: starting it again recovers its data.
 */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint, Network, RegionRuntime } from '../contract.ts';
import { copyBackup, discardBackup, restoreBackup, takeBackup } from './backup.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import type {
  Backup,
  Database,
  DatabaseIdentity,
  Databases,
  Owner,
  Replication,
  Usage,
  Variables,
} from './database.ts';
import { delay } from './delay.ts';
import { beat, binlogRetentionHours, purgeLogs, rotateLogs, setVariables, usage } from './housekeeping.ts';
import { type Layout, layoutOf } from './layout.ts';
import { clear, obstruct, trip } from './obstacle.ts';
import { serverOptions } from './options.ts';
import { continueFrom, follow, leave, replication, resume } from './replication.ts';
import { MariaServer, runToEnd } from './server.ts';
import { type Session, withSession } from './session.ts';
import { makeTemplate } from './template.ts';
import { createAccounts, setPassword } from './users.ts';

export interface MariaDatabasesOptions {
  readonly directory: string;
  /** For sockets and temporary files; `directory` unless said. */
  readonly scratch?: string;
  readonly network: Pick<Network, 'allocate' | 'release'>;
  readonly region: (name: string) => Pick<RegionRuntime, 'machines'>;
  /** One secret for all servers of the sandbox: replicas are copies of their source, accounts included. */
  readonly replicationPassword: string;
  /** What puts a server on AWS time; nothing leaves it on the machine's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether a replica whose owner stopped replication is still stopped when its server starts again. It isn't, unless said. */
  readonly stoppedReplicationSurvives?: boolean;
}

/** The port servers listen on, each on an address of its own behind the relay. */
const hiddenPort = 3306;

/** Throws a usage error when MariaDB isn't installed. */
export function mariaDatabases(options: MariaDatabasesOptions): Databases {
  const binaries = findBinaries();
  let template: Promise<string> | undefined;
  const prepare = () =>
    (template ??= makeTemplate(binaries, join(options.scratch ?? options.directory, 'databases', 'template')));
  return {
    open: (identity) => new MariaDatabase(options, binaries, prepare, identity),
    copy: copyBackup,
    discard: discardBackup,
  };
}

class MariaDatabase implements Database {
  readonly endpoint: Endpoint;
  readonly #options: MariaDatabasesOptions;
  readonly #binaries: Binaries;
  readonly #template: () => Promise<string>;
  readonly #identity: DatabaseIdentity;
  readonly #layout: Layout;
  readonly #server: MariaServer;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    options: MariaDatabasesOptions,
    binaries: Binaries,
    template: () => Promise<string>,
    identity: DatabaseIdentity,
  ) {
    this.#options = options;
    this.#binaries = binaries;
    this.#template = template;
    this.#identity = identity;
    const root = join(options.directory, 'databases', identity.id);
    // The server id is as unique as the resource id, and shorter.
    const scratch = options.scratch === undefined ? root : join(options.scratch, 'd', String(identity.serverId));
    this.#layout = layoutOf(root, scratch);
    this.endpoint = { host: options.network.allocate(identity.region), port: hiddenPort };
    this.#server = new MariaServer(identity.onExit);
  }

  get running(): boolean {
    return this.#server.running;
  }

  create(owner: Owner): Promise<void> {
    return this.#inOrder(async () => {
      await restoreBackup({ directory: await this.#template(), position: '' }, this.#layout.data);
      await this.#start({});
      await this.#session((session) => createAccounts(session, owner, this.#options.replicationPassword));
      await this.#server.stop();
    });
  }

  restore(backup: Backup): Promise<void> {
    return this.#inOrder(() => restoreBackup(backup, this.#layout.data));
  }

  start(variables: Variables): Promise<void> {
    return this.#inOrder(() => this.#start(variables));
  }

  kill(): Promise<void> {
    return this.#inOrder(() => this.#server.kill());
  }

  stop(): Promise<void> {
    return this.#inOrder(() => this.#server.stop());
  }

  apply(variables: Variables): Promise<void> {
    return this.#inOrder(() => this.#session((session) => setVariables(session, variables)));
  }

  backup(directory: string): Promise<Backup> {
    const run = (step: string, args: readonly string[]): Promise<void> =>
      runToEnd(this.#machines, {
        name: `${this.#identity.id}-${step}`,
        command: this.#binaries.backup,
        args,
        env: {},
      });
    return this.#inOrder(() => takeBackup(run, this.#layout, directory));
  }

  follow(source: Endpoint, position: string): Promise<void> {
    return this.#inOrder(() =>
      this.#session((session) => follow(session, source, position, this.#options.replicationPassword)),
    );
  }

  continueFrom(position: string): Promise<void> {
    return this.#inOrder(() => this.#session((session) => continueFrom(session, position)));
  }

  delay(seconds: number): Promise<void> {
    return this.#inOrder(() => this.#session((session) => delay(session, seconds)));
  }

  obstruct(name: string): Promise<void> {
    return this.#inOrder(() => this.#session((session) => obstruct(session, name)));
  }

  trip(name: string): Promise<void> {
    return this.#inOrder(() => this.#session((session) => trip(session, name)));
  }

  clear(name: string): Promise<void> {
    return this.#inOrder(() => this.#session((session) => clear(session, name)));
  }

  leave(): Promise<void> {
    return this.#inOrder(() => this.#session(leave));
  }

  replication(): Promise<Replication | undefined> {
    return this.#session(replication);
  }

  setPassword(user: string, password: string): Promise<void> {
    return this.#inOrder(() => this.#session((session) => setPassword(session, user, password)));
  }

  beat(now: number): Promise<void> {
    return this.#session((session) => beat(session, now));
  }

  usage(): Promise<Usage> {
    return this.#session(usage);
  }

  binlogRetentionHours(): Promise<number | undefined> {
    return this.#session(binlogRetentionHours);
  }

  rotateLogs(): Promise<string> {
    return this.#session(rotateLogs);
  }

  purgeLogs(before: string): Promise<void> {
    return this.#session((session) => purgeLogs(session, before));
  }

  destroy(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#server.kill();
      for (const folder of [this.#layout.root, this.#layout.scratch])
        await rm(folder, { recursive: true, force: true });
      this.#options.network.release(this.endpoint.host);
    });
  }

  get #machines(): RegionRuntime['machines'] {
    return this.#options.region(this.#identity.region).machines;
  }

  async #start(variables: Variables): Promise<void> {
    const survives = this.#options.stoppedReplicationSurvives === true;
    await mkdir(this.#layout.temporary, { recursive: true, mode: 0o700 });
    await this.#server.start(
      this.#machines,
      {
        name: this.#identity.id,
        command: this.#binaries.server,
        args: [
          ...serverOptions(this.#layout, this.endpoint, this.#identity.serverId, variables),
          ...(survives ? ['--skip-slave-start'] : []),
        ],
        env: this.#options.environment ?? {},
      },
      () => this.#session((session) => session.run('SELECT 1')),
    );
    if (survives) await this.#session(resume);
  }

  #session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return withSession(this.#layout.socket, work);
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
