/**
 * A story played once, and again with the sandbox killed at every point at which anything was kept. What is kept is what a journal
 * keeps: the changes between two flushes are there together, or not at all, and what a call changed is flushed before it is answered.
 *
 * Files are put back as they were at each point, and so is what stands outside of the tables in a world (`outside`).
 */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Change, Changes, replay } from '../../src/sandbox/state/changes.ts';
import { decode } from '../../src/sandbox/state/codec.ts';
import { Tables } from '../../src/sandbox/tables.ts';
import type { Life, TestSandbox } from './test-sandbox.ts';

/** A sandbox of one life, with whatever stands around it. */
export interface World {
  readonly sandbox: TestSandbox;
  /** What lives on when the sandbox is killed: plain data. */
  readonly outside?: object;
}

export interface Story<W extends World, Begun> {
  /** Builds the world of a life; `outside` is what the one before left. */
  readonly world: (life: Partial<Life>, outside: object | undefined) => W;
  /** What customers do. It is all acknowledged when this settles, and the sandbox is killed after that. */
  readonly begin: (world: W) => Promise<Begun>;
  /** Milliseconds of AWS time in which what was begun comes to its end. */
  readonly lasts: number;
  /** Whether every life ends at the moment the whole one ended, and not as long after its own beginning. */
  readonly onTime?: boolean;
  /** Milliseconds of AWS time that pass at once, where real files or sockets are at work in it; all of it unless said. */
  readonly step?: number;
  /** Milliseconds of AWS time that pass while it is down, once; 2,000 unless said. */
  readonly down?: number;
  /** What stands in the end, as customers see it. */
  readonly end: (world: W, begun: Begun) => Promise<unknown>;
}

export interface Played {
  /** The end without a kill. */
  readonly whole: unknown;
  /** The ends of all the others, by what happened to them. */
  readonly others: readonly { readonly killed: string; readonly end: unknown }[];
}

/** A sandbox is down for a moment: its time goes on a little, as `life.ts` reserves it. */
const down = 2_000;
/** No more lives than these at points of one story, evenly spread: more of them show the same. */
const mostKills = 12;

export async function play<W extends World, Begun>(story: Story<W, Begun>): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'story-'));
  try {
    const first = await live(story, folder, undefined, true);
    const begun = await story.begin(first.world);
    const from = first.points.length - 1;
    await pass(first.world, story);
    const ended = first.world.sandbox.clock.now();
    const points = first.points.slice(from);
    const whole = await story.end(first.world, begun);
    await first.close();
    const others: Played['others'][number][] = [];
    const step = Math.max(1, Math.ceil(points.length / mostKills));
    for (const [index, point] of points.entries()) {
      if (index % step !== 0 && index !== points.length - 1) continue;
      const life = await live(story, folder, point, false);
      await pass(life.world, story, story.onTime === true ? ended : undefined);
      others.push({ killed: `after record ${index} of ${points.length}`, end: await story.end(life.world, begun) });
      await life.close();
    }
    // Killed over and over: each life gets a little further.
    let point = story.down === undefined ? points[0] : undefined;
    for (let count = 0; point !== undefined; count++) {
      const life = await live(story, folder, point, true);
      await pass(life.world, story, story.onTime === true ? ended : undefined);
      const next = count < mostLives ? life.points[recordsALife] : undefined;
      if (next === undefined) others.push({ killed: `${count + 1} times`, end: await story.end(life.world, begun) });
      await life.close();
      point = next;
    }
    return { whole, others };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const recordsALife = 5;
const mostLives = 4;

/** Where a sandbox may have been killed: what was kept, and when. */
interface Point {
  readonly records: readonly string[];
  readonly at: number;
  readonly files: string;
  readonly outside: string | undefined;
}

/** Time passes; where real files and sockets are at work, slowly enough for them. */
export async function pass(
  { sandbox }: World,
  { lasts, step }: { readonly lasts: number; readonly step?: number },
  until = sandbox.clock.now() + lasts,
) {
  for (let left = until - sandbox.clock.now(); left > 0; left = until - sandbox.clock.now()) {
    await sandbox.clock.advance(Math.min(step ?? left, left));
    if (step !== undefined) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function live<W extends World>(
  story: Pick<Story<W, never>, 'world' | 'down'>,
  folder: string,
  before: Point | undefined,
  marking: boolean,
) {
  const directory = join(folder, 'files');
  rmSync(directory, { recursive: true, force: true });
  if (before === undefined) cpSync(mkdtempSync(join(folder, 'empty-')), directory, { recursive: true });
  else cpSync(before.files, directory, { recursive: true });

  const points: Point[] = [];
  const records = [...(before?.records ?? [])];
  const afterwards: (() => void)[] = [];
  const changes = new Changes(() => setImmediate(() => flush()));
  const tables = new Tables(changes);
  for (const record of records) {
    for (const change of JSON.parse(record) as Change[]) replay(tables, change, decode);
  }
  let world: W | undefined;
  let over = false;
  const flush = (): void => {
    if (over || !changes.any) return;
    const taken = changes.take(tables);
    if (taken.length > 0) {
      records.push(JSON.stringify(taken));
      if (marking && world !== undefined) mark(world);
    }
    for (const action of afterwards.splice(0)) action();
  };
  const mark = ({ sandbox, outside }: W): void => {
    const files = mkdtempSync(join(folder, 'point-'));
    cpSync(directory, files, { recursive: true });
    points.push({
      records: [...records],
      at: sandbox.clock.now(),
      files,
      outside: outside === undefined ? undefined : JSON.stringify(outside),
    });
  };
  world = story.world(
    {
      tables,
      keep: flush,
      onceKept: (action) => (changes.any ? afterwards.push(action) : action()),
      directory,
      ...(before === undefined
        ? {}
        : { start: before.at + (story.down ?? down), seed: 2 + points.length + records.length }),
    },
    before?.outside === undefined ? undefined : (JSON.parse(before.outside) as object),
  );
  const { sandbox } = world;
  flush();
  if (marking) mark(world);
  if (before !== undefined) for (const service of sandbox.dispatcher.services) await service.resume?.();
  return {
    world,
    points,
    async close() {
      over = true;
      for (const service of [...sandbox.dispatcher.services].reverse()) await service.close?.();
    },
  };
}
