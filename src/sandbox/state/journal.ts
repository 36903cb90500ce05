/**
 * Tables on disk: a snapshot of all rows, and a log of what changed since.
 *
 *  1. What changed is in the kernel's hands once `flush` returns: nothing acknowledged after it is lost when the process is killed. (A
 *     power cut of the machine could lose what the kernel hadn't written.) One flush is one record: all of it is there later, or none.
 *  2. When the log has outgrown the snapshot, a new log is begun and a new snapshot is written beside it, a little at a time. Until it
 *     is complete the old ones are there; a start reads the newest complete snapshot and every log from it on.
 *  3. A torn last record is cut off. A damaged one before the last can't come from a kill, and is refused.
 */

import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../kernel/errors.ts';
import { Tables } from '../tables.ts';
import { type Change, Changes, replay, unkeepable } from './changes.ts';
import { decode, encode } from './codec.ts';
import { record, recordsIn } from './records.ts';

/** Bytes a log may have before it is worth a snapshot, however small that is. */
const smallestLog = 8 * 1024 * 1024;
/** Rows in one record of a snapshot: what is written between two looks at other work. */
const rowsAtOnce = 200;

export interface JournalOptions {
  readonly folder: string;
  /** Told when the tables can't be written any more: nothing can be acknowledged from then on. */
  readonly onFailure: (error: unknown) => void;
  readonly smallestLog?: number;
}

export class Journal {
  readonly tables: Tables;
  readonly #folder: string;
  readonly #onFailure: (error: unknown) => void;
  readonly #smallestLog: number;
  readonly #changes: Changes;
  #generation: number;
  #log: number;
  #logBytes: number;
  #snapshotBytes = 0;
  #compacting: Promise<void> | undefined;
  #failure: unknown;
  readonly #afterFlush: (() => void)[] = [];
  #closed = false;

  constructor({ folder, onFailure, smallestLog: least = smallestLog }: JournalOptions) {
    this.#folder = folder;
    this.#onFailure = onFailure;
    this.#smallestLog = least;
    this.#changes = new Changes(() => setImmediate(() => this.#flushLater()));
    this.tables = new Tables(this.#changes);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#generation = this.#load();
    this.#log = openSync(this.#logOf(this.#generation), 'a+', 0o600);
    this.#logBytes = fstatSync(this.#log).size;
  }

  /** Everything that changed is kept when this returns. Throws when it can't be. */
  flush(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#changes.any) return;
    if (this.#closed) throw new Error('The sandbox is stopping: what changes now is not kept.');
    try {
      const changes = this.#changes.take(this.tables);
      if (changes.length > 0) {
        const bytes = record(changes);
        write(this.#log, bytes);
        this.#logBytes += bytes.length;
      }
    } catch (error) {
      this.#failure = error;
      this.#onFailure(error);
      throw error;
    }
    for (const action of this.#afterFlush.splice(0)) action();
    if (this.#logBytes > Math.max(this.#smallestLog, 2 * this.#snapshotBytes) && this.#compacting === undefined) {
      this.#compacting = this.#compact()
        .catch((error: unknown) => this.#onFailure(error))
        .finally(() => {
          this.#compacting = undefined;
        });
    }
  }

  /** Runs `action` when what has changed so far is kept. */
  onceKept(action: () => void): void {
    if (this.#changes.any) this.#afterFlush.push(action);
    else action();
  }

  /** Settles when no snapshot is being written. */
  async settled(): Promise<void> {
    await this.#compacting;
  }

  /** Writes what is left, and lets go of the files. A snapshot half written is left to the next start. Safe while the process exits. */
  close(): void {
    if (this.#closed) return;
    try {
      if (this.#failure === undefined) this.flush();
    } finally {
      this.#closed = true;
      closeSync(this.#log);
    }
  }

  #flushLater(): void {
    try {
      if (!this.#closed && this.#failure === undefined) this.flush();
    } catch {
      // Said already; whoever waits for an answer is told by the next flush.
    }
  }

  /** Reads what is there; answers the generation to go on with. */
  #load(): number {
    const generations = (suffix: string): number[] =>
      readdirSync(this.#folder)
        .flatMap((name) => (name.endsWith(suffix) ? [Number(name.slice(0, -suffix.length))] : []))
        .filter(Number.isSafeInteger)
        .sort((one, other) => one - other);
    const snapshot = generations('.snapshot').at(-1);
    if (snapshot !== undefined) this.#snapshotBytes = this.#read(this.#snapshotOf(snapshot), false);
    const logs = generations('.log').filter((generation) => generation >= (snapshot ?? 0));
    for (const generation of logs) this.#read(this.#logOf(generation), generation === logs.at(-1));
    this.#removeBefore(snapshot ?? 0);
    return logs.at(-1) ?? snapshot ?? 0;
  }

  /** Answers the size of the file. */
  #read(path: string, mayBeTorn: boolean): number {
    const bytes = readFileSync(path);
    let end = 0;
    for (const found of recordsIn(bytes)) {
      for (const change of found.content as readonly Change[]) replay(this.tables, change, decode);
      end = found.end;
    }
    if (end === bytes.length) return end;
    // A record's last byte is its newline: one cut short has none.
    if (!mayBeTorn || bytes.indexOf(0x0a, end) >= 0) {
      throw usageError('A file of the sandbox is damaged: it was not cut short by a kill.', {
        given: `${path}, from byte ${end} of ${bytes.length}`,
        next: 'Restore the folder from a copy, or begin a new one.',
      });
    }
    const file = openSync(path, 'r+');
    ftruncateSync(file, end);
    closeSync(file);
    return end;
  }

  async #compact(): Promise<void> {
    // Nothing is awaited between the flush before and this: the new log begins exactly where the rows below stand.
    const rows = this.tables.all().map(([name, table]) => [name, table.entries()] as const);
    const generation = this.#generation + 1;
    const log = openSync(this.#logOf(generation), 'a', 0o600);
    closeSync(this.#log);
    this.#log = log;
    this.#logBytes = 0;
    this.#generation = generation;

    const path = this.#snapshotOf(generation);
    const file = openSync(`${path}.next`, 'w', 0o600);
    let bytes = 0;
    try {
      let batch: Change[] = [];
      const put = () => {
        const written = record(batch);
        write(file, written);
        bytes += written.length;
        batch = [];
      };
      for (const [name, entries] of rows) {
        for (const [key, value] of entries) {
          batch.push([name, key, '+', encoded(name, key, value)]);
          if (batch.length < rowsAtOnce) continue;
          put();
          await new Promise((resolve) => setImmediate(resolve));
          if (this.#closed) return;
        }
      }
      if (batch.length > 0) put();
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.next`, path);
    this.#snapshotBytes = bytes;
    this.#removeBefore(generation);
  }

  #removeBefore(generation: number): void {
    for (const name of readdirSync(this.#folder)) {
      const [number, suffix] = name.split('.');
      const isOld = suffix === 'log' || suffix === 'snapshot' ? Number(number) < generation : false;
      if (isOld || (name.endsWith('.next') && Number(number) <= generation))
        rmSync(join(this.#folder, name), { force: true });
    }
  }

  readonly #logOf = (generation: number): string => join(this.#folder, `${generation}.log`);
  readonly #snapshotOf = (generation: number): string => join(this.#folder, `${generation}.snapshot`);
}

export const hasJournal = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.log') || name.endsWith('.snapshot'));

function encoded(table: string, key: string, value: unknown): unknown {
  try {
    return encode(value);
  } catch (error) {
    throw unkeepable(table, key, error);
  }
}

/** A write may take less than it was given. */
function write(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
