/**
 * What a sandbox remembers of itself between its lives, in rows of its own: how far time and random numbers had gone, where it stood on
 * the network, what was dark or cut.
 *
 *  1. AWS time goes on from where it was, and not from the wall clock: while nobody ran it, nothing happened, and nothing is overdue
 *     because of it. Catching up with the wall clock would let every lease, session and schedule of the pause lapse or fire at once,
 *     as no outage does. Clients outside sign with the wall clock, which is accepted beside AWS time, so they don't mind.
 *  2. Time and random numbers are reserved ahead, a little at a time: a killed sandbox goes on after what it may have handed out. Time
 *     that was reserved and not lived passes as in an outage.
 */

import { SeededDraws } from '../../kernel/ids.ts';
import type { AwsClock } from '../clock/aws-clock.ts';
import { longestLead } from '../clock/leading-pace.ts';
import { realTime } from '../clock/real-time.ts';
import { encode } from './codec.ts';
import type { Journal } from './journal.ts';

/** Of the sandbox itself, beside the services': `<sandbox>/<scope>/<table>`. */
const tableName = 'sandbox/global/life';
/** Real milliseconds of time reserved ahead, and how often they are looked at. */
const ahead = 5_000;
const lookEvery = 500;
/** Random numbers reserved at a time: a few thousand ids. */
const draws = 1 << 18;

/** Rows of the sandbox itself. */
export class Life {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get<T>(key: 'time' | 'drawn' | 'network' | 'listeners' | 'outages' | 'faults'): T | undefined {
    return this.#table.get(key) as T | undefined;
  }

  set(key: 'time' | 'drawn' | 'network' | 'listeners' | 'outages' | 'faults', value: unknown): void {
    this.#table.put(key, value);
    this.#journal.flush();
  }

  get #table() {
    return this.#journal.tables.named(tableName);
  }
}

/**
 * The 127/8 addresses any row names: they are taken before anything new is given one. Those of the listeners are left to be taken by
 * themselves.
 */
export function addressesIn(
  journal: Journal,
  prefix: string,
  listeners: readonly { readonly address: string }[],
): Set<string> {
  const found = new Set<string>();
  const pattern = new RegExp(`${prefix.replaceAll('.', '\\.')}\\d{1,3}\\.\\d{1,3}`, 'g');
  for (const [, table] of journal.tables.all()) {
    for (const row of table.values()) {
      for (const [address] of (JSON.stringify(encode(row)) ?? '').matchAll(pattern)) found.add(address);
    }
  }
  for (const { address } of listeners) found.delete(address);
  return found;
}

/** Keeps ahead of the clock. Answers how to end it: exactly, as time stands then. */
export function keepTime(life: Life, clock: AwsClock): () => void {
  let reserved = 0;
  let stopped = false;
  const reserve = (): void => {
    const now = clock.now();
    const { rate, nominal } = clock.pace;
    if (now + (rate * ahead) / 2 < reserved) return;
    const until = now + Math.max(rate, nominal) * ahead + longestLead;
    try {
      life.set('time', until);
      reserved = until;
    } catch {
      // The disk is full, which the journal has told: calls are refused, and nobody is handed a time that isn't kept.
    }
  };
  const look = (): void => {
    if (stopped) return;
    reserve();
    realTime.after(lookEvery, look);
  };
  look();
  const unlisten = clock.onPace(reserve);
  return () => {
    if (stopped) return;
    stopped = true;
    unlisten();
    // Database servers may have been ahead of AWS time by as much.
    try {
      life.set('time', clock.now() + longestLead);
    } catch {
      // As above: what was reserved last is kept.
    }
  };
}

/** A seeded sequence that goes on behind every number an earlier life may have drawn. Answers how to end it, exactly. */
export function keptRandom(life: Life, seed: number): { readonly random: SeededDraws; readonly end: () => void } {
  let reserved = life.get<number>('drawn') ?? 0;
  const random = new SeededDraws(seed, reserved, (drawn) => {
    if (drawn < reserved) return;
    reserved = drawn + draws;
    life.set('drawn', reserved);
  });
  return { random, end: () => life.set('drawn', random.drawn) };
}
