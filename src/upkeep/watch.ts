/**
 * One minute of watching: look, decide, act on the decision, publish the latch. Invoked each minute, looping inside, because rules and
 * schedules tick no faster.
 *
 *  1. Whatever fails in one round is said, and the round and the next go on: a watcher must not die of what it watches.
 *  2. Nothing is decided without the authority: who can't see the brake must not act.
 *  3. What is found, begun and told is done once, also by two watchers at a time and by one that starts anew.
 *  4. Written is what a restart needs: at once when something changes, else once a minute.
 */

import { putMetric } from '../engines/alarms/metric.ts';
import type { Base } from '../engines/base.ts';
import { publish } from '../engines/notify/topic.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Quote } from '../ledger/quote.ts';
import { isResolved } from '../observe/alarms.ts';
import { blankJury, look } from '../observe/jury.ts';
import type { Senses } from '../observe/senses.ts';
import { worldly } from '../observe/senses.ts';
import type { ApprovalRequest } from '../plan/approval.ts';
import type { Decision } from '../plan/decide.ts';
import { decide } from '../plan/decide.ts';
import { passedOf } from '../plan/find.ts';
import { nothingSeen, withFindings, withLook } from '../plan/memory.ts';
import { policyOf } from '../plan/policy.ts';
import type { World } from '../plan/world.ts';
import type { Authority } from '../state/authority.ts';
import { readAuthority } from '../state/authority.ts';
import { writeCapacity } from '../state/capacity.ts';
import { readCourse } from '../state/course.ts';
import { readResolved, writeDecision, writeResolved } from '../state/decisions.ts';
import type { WatchRecord } from '../state/looks.ts';
import { readWatch, writeWatch } from '../state/looks.ts';
import { tellOnce } from '../state/notices.ts';
import { readRamp } from '../state/ramps.ts';
import { readFact, readRun } from '../state/runs.ts';
import { fedFunctions } from '../steps/ramp-sources.ts';
import type { Side } from '../workload/judged.ts';
import { arnsOf } from '../workload/names.ts';
import { linkTo } from './approving/link.ts';
import { sampleRate } from './sample-rate.ts';
import type { Hooks } from './watching/act.ts';
import { actOn } from './watching/act.ts';
import { isClear, isToTell, noticesOf } from './watching/notices.ts';
import { askPeople } from './watching/requests.ts';
import { runNotices } from './watching/run-notices.ts';
import { worldNow } from './watching/world.ts';

export interface Watcher {
  readonly base: Base;
  /** Kept between minutes while its function is warm. */
  readonly kept: Kept;
  readonly say: (line: Record<string, unknown>) => void;
  readonly senses?: Senses;
  readonly hooks?: Hooks;
  /** Where a person can decide by a link; without it they are told of the command line alone. */
  readonly approveUrl?: string | undefined;
}

export interface Kept {
  record: WatchRecord;
  /** As last written, to see whether there is anything new, and when. */
  written: { readonly key: string; readonly at: number };
  publishedFor: Side | undefined;
  capturedAt: number;
  resolved: number | undefined;
  /** Notices of runs, so that the table isn't asked about them in every round. */
  readonly toldOfRun: Set<string>;
  /** When event sources were last seen to, and the epoch in which they are as declared. */
  rampedAt: number;
  rampedFor: number | undefined;
  /** The link to the request that stands: its key isn't read each round. */
  link: { readonly request: string; readonly link: string } | undefined;
}

export const nothingKept = (): Kept => ({
  record: { memory: nothingSeen, jury: blankJury, prepared: undefined, started: undefined, troubled: undefined },
  written: { key: '', at: 0 },
  publishedFor: undefined,
  capturedAt: 0,
  resolved: undefined,
  toldOfRun: new Set(),
  rampedAt: 0,
  rampedFor: undefined,
  link: undefined,
});

/** Milliseconds between writes while nothing changes. */
const writeEvery = 55_000;
const captureEvery = 50_000;
const rampEvery = 50_000;

/** Watches until `until` (epoch milliseconds). */
export async function watch(watcher: Watcher, until: number): Promise<void> {
  const { base, kept, say } = watcher;
  const { clock, workload } = base;
  await attempt(say, 'the memory of the last minute', () => takeUp(base, kept));
  // The looks don't wait for it: the primary may be dark.
  const alive = signOfLife(base);
  // Published anew each minute: the alarm behind it must not starve.
  kept.publishedFor = undefined;
  for (;;) {
    const startedAt = clock.now();
    await attempt(say, 'a round', () => round(watcher));
    const next = startedAt + 1000 * workload.watch.intervalSeconds;
    if (Math.max(next, clock.now()) >= until) return alive;
    await sleep(clock, Math.max(0, next - clock.now()));
  }
}

/** Who watches the watcher: a recovery Region that is down can't say so, and the primary has to. */
async function signOfLife({ clock, names, on }: Base): Promise<void> {
  try {
    await putMetric(on('primary').clients, names.watchMetric, 1, clock.now());
  } catch {
    // Whether the primary answers is for the jury to say; that nothing arrives there, for the alarm that stands there.
  }
}

/** Another watcher may have gone on meanwhile, or this one is new. */
async function takeUp({ store }: Base, kept: Kept): Promise<void> {
  const stored = await readWatch(store);
  const latest = ({ memory }: WatchRecord) => memory.stretches.at(-1)?.at ?? 0;
  if (stored !== undefined && latest(stored) > latest(kept.record)) kept.record = stored;
}

async function round(watcher: Watcher): Promise<void> {
  const { base, hooks = {}, kept, say, senses = worldly } = watcher;
  const { clock, store, workload } = base;
  const seen = await look(base, kept.record.jury, senses);
  kept.record = { ...kept.record, jury: seen.memory, memory: withLook(kept.record.memory, seen.look) };
  const authority = await readAuthority(store);
  const policy = policyOf(workload);
  const world = await worldNow(base, policy, kept.record, authority);
  const decision = decide(world, policy, clock.now());
  const { code, finding, sentence } = decision;
  say({ decision: code, finding: finding.code, sentence });
  // A run that has moved the workload on has taken over what was prepared.
  const { prepared, started } = kept.record;
  const begun = { started, prepared: world.active === 'primary' ? prepared : undefined };
  const memory = withFindings(kept.record.memory, [finding, ...decision.beside], passedOf(world, policy, clock.now()));
  kept.record = { ...kept.record, ...begun, memory };
  await attempt(say, code, async () => {
    kept.record = { ...kept.record, ...(await actOn(base, hooks, decision, world, begun)) };
  });
  let request = decision.code === 'ask' ? undefined : world.request;
  await attempt(say, 'asking a person', async () => {
    request = await askPeople(base, decision, world, memory, policy);
  });
  // After acting: what leads customers may be asked in a Region that doesn't answer.
  await attempt(say, 'the latch', () => lead(base, kept, authority));
  await attempt(say, 'notices', () => tell(watcher, decision, world, request));
  await attempt(say, 'notices of the run', () => tellOfRun(base, kept, authority));
  await attempt(say, 'the capacity', () => capture(base, kept, decision, authority));
  await attempt(say, 'event sources', () => ramp(base, kept, hooks, authority));
  await attempt(say, 'what ends the recovery', () => resolve(base, kept, authority));
  await attempt(say, 'writing down what was seen', () => write(base, kept, decision, world));
}

async function attempt(say: Watcher['say'], what: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    say({ problem: `${what}: ${messageOf(error)}` });
  }
}

/** Once a minute, and at once when the active side has changed. */
async function lead({ clock, latch }: Base, kept: Kept, { active }: Authority): Promise<void> {
  if (kept.publishedFor === active) return;
  await latch.publish(active, clock.now());
  kept.publishedFor = active;
}

async function tell(
  { approveUrl, base, kept, say }: Watcher,
  decision: Decision,
  world: World,
  request: ApprovalRequest | undefined,
): Promise<void> {
  const { clock, names, on, store, workload } = base;
  const topic = arnsOf(workload).topic('recovery');
  const { clients } = on('recovery');
  let link: string | undefined;
  if (decision.code === 'ask' && request !== undefined) {
    const waiting = request;
    // A notice without a link is better than none.
    await attempt(say, 'the link', async () => {
      link = await linkOf(base, kept, approveUrl, waiting);
    });
  }
  const asked = request === undefined ? undefined : { request, link };
  for (const { id, subject, text } of noticesOf(names.prefix, decision, world, kept.record.troubled, asked))
    await tellOnce(store, id, clock.now(), () => publish(clients, topic, subject, text));
  if (isClear(decision, world)) kept.record = { ...kept.record, troubled: undefined };
  else if (isToTell(decision)) {
    const { code, since } = decision.finding;
    kept.record = { ...kept.record, troubled: { finding: code, since } };
  }
}

/** While a run is under way, how far it has come and what waits for a person. */
async function tellOfRun(
  { clock, names, on, store, workload }: Base,
  kept: Kept,
  { holder }: Authority,
): Promise<void> {
  const run = holder === undefined ? undefined : await readRun(store, holder);
  if (run === undefined) return;
  const [course, quote] = await Promise.all([readCourse(store, run.id), readFact<Quote>(store, run.id, 'quote')]);
  const topic = arnsOf(workload).topic('recovery');
  const { clients } = on('recovery');
  for (const { id, subject, text } of runNotices(names.prefix, run, course, quote)) {
    if (kept.toldOfRun.has(id)) continue;
    await tellOnce(store, id, clock.now(), () => publish(clients, topic, subject, text));
    kept.toldOfRun.add(id);
  }
}

/** None where there is nothing to sign with: the command line can decide all the same. */
async function linkOf(
  { names, on }: Base,
  kept: Kept,
  url: string | undefined,
  request: ApprovalRequest,
): Promise<string | undefined> {
  if (url === undefined) return undefined;
  if (kept.link?.request === request.id) return kept.link.link;
  const key = (await on('recovery').parameters.get(names.approvalKey))?.Value;
  if (key === undefined) return undefined;
  const link = linkTo(url, key, names.prefix, request);
  kept.link = { request: request.id, link };
  return link;
}

/** What a failover will want to know of the primary, taken while it is well: its capacity, and how fast it commits. */
async function capture(base: Base, kept: Kept, { finding }: Decision, { active }: Authority): Promise<void> {
  const { clock, on, store, workload } = base;
  if (finding.code !== 'all-well' || active !== 'primary' || clock.now() - kept.capturedAt <= captureEvery) return;
  const sizes = await Promise.all(
    Object.keys(workload.compute).map(async (name) => [name, await on('primary').group(name).size()] as const),
  );
  await writeCapacity(store, { groups: Object.fromEntries(sizes), seenAt: clock.now() });
  await sampleRate(base);
  kept.capturedAt = clock.now();
}

/** After a move, until the sources it switched on are as declared; before the first one there are none. */
async function ramp({ clock, store, workload }: Base, kept: Kept, hooks: Hooks, { epoch }: Authority): Promise<void> {
  if (epoch === 1 || kept.rampedFor === epoch || fedFunctions(workload).length === 0) return;
  if (clock.now() - kept.rampedAt <= rampEvery) return;
  const standing = await readRamp(store);
  if (standing?.epoch === epoch && standing.endedAt !== undefined) kept.rampedFor = epoch;
  else if (standing?.epoch === epoch) await hooks.ramp?.();
  kept.rampedAt = clock.now();
}

/** After a failover: when the workload's own alarms say that it is over. */
async function resolve(base: Base, kept: Kept, { active, epoch }: Authority): Promise<void> {
  const { clock, store } = base;
  if (active !== 'recovery' || kept.resolved === epoch) return;
  const over = await isResolved(base);
  if (over === undefined) return;
  if (over && (await readResolved(store, epoch)) === undefined) await writeResolved(store, epoch, clock.now());
  if (over) kept.resolved = epoch;
}

async function write({ clock, store }: Base, kept: Kept, decision: Decision, world: World): Promise<void> {
  const { memory, prepared, started, troubled } = kept.record;
  const { code, finding, lastGood, sentence, beside } = decision;
  const key = JSON.stringify([
    memory.stretches.at(-1)?.since,
    memory.spells,
    prepared,
    started,
    troubled,
    code,
    finding.code,
  ]);
  const now = clock.now();
  if (key === kept.written.key && now - kept.written.at < writeEvery) return;
  await writeWatch(store, kept.record);
  const before = kept.written.key;
  if (key !== before) {
    await writeDecision(store, {
      at: now,
      epoch: world.epoch,
      code,
      sentence,
      finding: finding.code,
      since: finding.since,
      lastGood,
      beside: beside.map((one) => one.code),
      evidence: finding.evidence,
    });
  }
  kept.written = { key, at: now };
}
