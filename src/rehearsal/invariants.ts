/** The invariants of the design, as far as one rehearsal can see them, each with what was looked at. */

import { rdsOf } from '../engines/database/rds.ts';
import { isoTime } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Quote } from '../ledger/quote.ts';
import type { StoredRun } from '../state/runs.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import { oldPrimaryInserts } from './audit.ts';
import type { Happened } from './conduct.ts';
import type { FenceFact } from './guarantee.ts';
import { isUpperBound, lossEnd, quoteBesideLoss, quotedLoss } from './quoted-loss.ts';
import type { Invariant } from './result.ts';
import { allRuns, latestRun, storeOf } from './runs.ts';
import type { Stage } from './stage.ts';

export async function judgeInvariants(stage: Stage, happened: Happened): Promise<Invariant[]> {
  return Promise.all([
    judge('Never two Regions that traffic is routed to', () => oneRouted(stage)),
    ...(stage.workload.witness === undefined
      ? []
      : [judge('Never two Regions that can write', () => oneWriter(stage))]),
    judge("Nothing is deleted that holds data the ledger hasn't accounted for", () => oldPrimaryKept(stage)),
    judge('Every acknowledged write is in the active database or named as lost', () => accounted(happened)),
    judge('Every run ends in a named state', () => runsEnded(stage)),
    judge('The loss quote was an upper bound of what was lost', () => quoteHeld(stage, happened)),
    judge('The recovery path needs nothing from the dead Region', () => recoveredInTheDark(stage)),
  ]);
}

type Verdict = readonly [held: boolean, evidence: string];

async function judge(name: string, look: () => Verdict | Promise<Verdict>): Promise<Invariant> {
  try {
    const [held, evidence] = await look();
    return { name, held, evidence };
  } catch (error) {
    return { name, held: false, evidence: `it could not be judged: ${messageOf(error)}` };
  }
}

/**
 * Until the commit no write is acknowledged by the recovery Region; from the fence to the way home none by the primary Region, and after
 * it none by the recovery Region. Between commit and fence a primary that is back, or was never gone, may answer who holds an old DNS
 * answer: those are told, and the audit finds them.
 */
function oneRouted({ moments, attempts, workload }: Stage): Verdict {
  const { committed, fenced, quiesced, home } = moments;
  const all = attempts.acknowledged;
  const by = (side: Side) => all.filter(({ region }) => region === regionOf(workload, side));
  const [there, here] = [by('recovery'), by('primary')];
  if (committed === undefined)
    return [there.length === 0, `${all.length} acknowledged writes, ${there.length} by the recovery Region`];
  const left = quiesced?.aws ?? Number.POSITIVE_INFINITY;
  const late = here.filter(({ startedAt, endedAt }) => startedAt > committed.aws && endedAt < left);
  const wrong = [
    ...late.filter(({ startedAt }) => fenced !== undefined && startedAt > fenced.aws),
    ...there.filter(({ startedAt }) => startedAt < committed.aws || (home !== undefined && startedAt > home.aws)),
  ];
  if (wrong.length > 0)
    return [
      false,
      `${wrong.length} writes were acknowledged by the other side, the first at ${new Date(wrong[0]?.endedAt ?? 0).toISOString()}`,
    ];
  const old =
    late.length === 0
      ? ''
      : `; ${late.length} by the old primary before its fence stood, from customers with an old DNS answer`;
  return [true, `${all.length} acknowledged writes, each by the side that was active when it began${old}`];
}

/**
 * What the lease promises: no customer's write is acknowledged by the primary Region, nor stands in its database's own log, from when the
 * run took it to be over, or wrote to the new database, whichever came first.
 */
async function oneWriter(stage: Stage): Promise<Verdict> {
  const run = await latestRun(stage, 'failover');
  if (run === undefined) return [true, 'there was no failover'];
  const fence = run.facts.fence as FenceFact | undefined;
  const writable = run.facts.writable as { at: number } | undefined;
  if (fence?.kind !== 'lease' && fence?.kind !== 'fenced')
    return [false, `the run had no lease to rely on: ${fence?.why ?? 'it never came to the end of one'}`];
  const [what, end] =
    fence.kind === 'lease' ? ["the primary's lease", fence.lapsedAt] : ["the primary's writing", fence.at];
  const over = Math.min(end, writable?.at ?? Number.POSITIVE_INFINITY);
  if (over < end) return [false, `the new database was written to at ${isoTime(over)}, before ${what} was over`];
  const { dark, back, quiesced } = stage.moments;
  // From the quiesce on it is the way home: several customers may be on their way when the first is answered there.
  const left = quiesced?.aws ?? Number.POSITIVE_INFINITY;
  const late = stage.attempts.acknowledged.filter(
    ({ endedAt, region }) => region === regionOf(stage.workload, 'primary') && endedAt >= over && endedAt < left,
  );
  if (late.length > 0)
    return [false, `${late.length} writes were acknowledged by the primary Region after ${isoTime(over)}`];
  const says = `${what} was over at ${isoTime(over)}, and the new database's first write came after it`;
  if (dark !== undefined && back === undefined) return [true, `${says}; the old primary's log is in the dark Region`];
  const position = (run.facts.position as { executed: string } | undefined)?.executed ?? '';
  const log = await oldPrimaryInserts(stage, position);
  const after = log.filter(({ at }) => at >= over);
  const last = log.at(-1)?.at;
  return [
    after.length === 0,
    after.length > 0
      ? `${after.length} customers' transactions stand in the old primary's log after ${isoTime(over)}, the first ${after[0]?.transaction}`
      : `${says}; the last customer's transaction in the old primary's log that isn't here is ${last === undefined ? 'none' : `of ${isoTime(last)}`}`,
  ];
}

async function oldPrimaryKept(stage: Stage): Promise<Verdict> {
  if (stage.moments.home === undefined) return [true, 'no database was replaced'];
  const run = (await storeOf(stage).list<StoredRun>('run#')).find(({ plan }) => plan === 'failback');
  if (run === undefined) return [false, 'there is no record of a failback'];
  const rds = rdsOf(stage.clients('primary'));
  const kept = stage.names.keptDatabase(run.epoch);
  const [instance, snapshot] = await Promise.all([
    rds.describe(kept),
    rds.describeSnapshot(stage.names.keptSnapshot(run.epoch)),
  ]);
  return [
    instance !== undefined && snapshot?.Status === 'available',
    `the old primary is kept as ${kept} (${instance?.DBInstanceStatus ?? 'gone'}), its snapshot is ${snapshot?.Status ?? 'missing'}`,
  ];
}

function accounted({ audit }: Happened): Verdict {
  if (audit === undefined) return [false, 'there was no audit'];
  const unnamed = audit.lost.filter(({ reason }) => reason === undefined).length;
  return [
    unnamed === 0,
    `${audit.present} present, ${audit.lost.length - unnamed} lost and named, ${unnamed} unexplained, of ${audit.acknowledged.length}`,
  ];
}

async function runsEnded(stage: Stage): Promise<Verdict> {
  const runs = await allRuns(stage);
  return [
    runs.every(({ status }) => status !== 'running'),
    runs.map(({ plan, status, epoch }) => `${plan} (epoch ${epoch}) ${status}`).join(', ') || 'there was no run',
  ];
}

async function quoteHeld(stage: Stage, { audit }: Happened): Promise<Verdict> {
  const run = await latestRun(stage, 'failover');
  if (run === undefined) return [true, 'nothing was quoted: there was no failover'];
  if (stage.moments.committed === undefined) return [true, 'nothing was lost: no failover was committed'];
  const quote = run.facts.quote as Quote | undefined;
  const quoted = quotedLoss(quote, audit?.lost ?? [], lossEnd(stage, quote));
  if (quoted === undefined) return [false, `run ${run.id} has no quote`];
  return [isUpperBound(quoted), quoteBesideLoss(quoted)];
}

/** A primary that came back, or never went, says nothing about it. */
function recoveredInTheDark({ moments }: Stage): Verdict {
  const { back, dark, resolved } = moments;
  if (dark === undefined || resolved === undefined) return [true, 'nothing was recovered from a dark Region'];
  if (back !== undefined && back.aws < resolved.aws) return [true, 'the primary Region was back before service was'];
  return [true, 'service came back while the primary Region was dark'];
}
