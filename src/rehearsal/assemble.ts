/** Judges what happened: figures, invariants, and whether the rehearsal passed. */

import { readFileSync } from 'node:fs';
import { isoTime } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Quote } from '../ledger/quote.ts';
import { rolesOf } from '../plan/roles.ts';
import type { FenceDebt } from '../state/debts.ts';
import { readDebt } from '../state/debts.ts';
import type { Workload } from '../workload/config.ts';
import { regionOf, schemeOf } from '../workload/judged.ts';
import type { Happened } from './conduct.ts';
import type { Instant } from './events.ts';
import type { FenceFact } from './guarantee.ts';
import { guaranteeOf } from './guarantee.ts';
import { judgeInvariants } from './invariants.ts';
import { complaintsOf, judgeRoles } from './least-privilege.ts';
import { keyOf } from './objects.ts';
import { lossEnd, outageOf, quotedLoss } from './quoted-loss.ts';
import type { Attempt } from './record.ts';
import type { RehearsalResult, Span, StepSpan } from './result.ts';
import { allRuns, latestRun, spansOf, storeOf } from './runs.ts';
import type { Stage } from './stage.ts';

export async function assemble(stage: Stage, happened: Happened): Promise<RehearsalResult> {
  const { scenario, workload, names, moments } = stage;
  const failures = [...happened.failures];
  const { audit } = happened;
  const acknowledged = audit?.acknowledged ?? stage.record?.acknowledged ?? [];
  const lost = audit?.lost ?? [];
  const named = lost.filter(({ reason }) => reason !== undefined).length;
  const debt = await quietly<FenceDebt>(() => readDebt(storeOf(stage), 'primary'));
  const steps = await quietly<StepSpan[]>(() => allSpans(stage));
  const failover = await quietly(() => latestRun(stage, 'failover'));
  const began = outageOf(stage);
  const fromDark = (instant: Instant | undefined): Span | undefined => spanBetween(began, instant);
  const rto = Object.fromEntries(
    (['decided', 'writable', 'serving', 'resolved'] as const).flatMap((name) => {
      const span = fromDark(moments[name]);
      return span === undefined ? [] : [[name, span]];
    }),
  );
  const invariants = await judgeInvariants(stage, happened);
  for (const { name, held, evidence } of invariants) if (!held) failures.push(`${name}: ${evidence}`);
  for (const { state, says, seen } of happened.verdicts)
    if (state !== 'met') failures.push(`${says}: ${seen === '' ? 'it was not judged' : seen}`);
  if (audit === undefined) failures.push('the audit could not be made');
  if (named < lost.length) failures.push(`${lost.length - named} lost writes have no explanation`);
  if ((audit?.altered.length ?? 0) > 0)
    failures.push(`${audit?.altered.length} writes aren't what their customers stored`);
  // Only who went the whole way has had occasion to use everything.
  const roles = moments.protected === undefined ? undefined : await rolesJudged(stage, failures);
  const position = failover?.facts.position as { dialect?: string; version?: string } | undefined;
  return {
    scenario: scenario.name,
    title: scenario.title,
    outcome: failures.length === 0 ? 'passed' : 'failed',
    failures,
    measuredIn: stage.target.kind,
    workload: names.prefix,
    regions: { primary: regionOf(workload, 'primary'), recovery: regionOf(workload, 'recovery') },
    date: isoTime(Date.now()),
    version: packageVersion(),
    realSeconds: Math.round(stage.now().real / 1000),
    stayed: moments.committed === undefined,
    expectations: happened.verdicts.map(({ says, state, seen }) => ({ says, met: state === 'met', seen })),
    rto,
    productRtoSeconds: productRto(failover),
    moments,
    writes: { acknowledged: acknowledged.length, present: audit?.present ?? 0, lost: lost.length, named },
    lost,
    rpoSeconds: rpo(stage, lost),
    quote: quotedLoss(
      failover?.facts.quote as Quote | undefined,
      lost,
      lossEnd(stage, failover?.facts.quote as Quote | undefined),
    ),
    objectsLate: objectsLate(stage, acknowledged, happened.objectsAtResolution),
    objectsWithoutRows: audit?.objectsWithoutRows ?? 0,
    strandedMessages: happened.strandedMessages,
    failback: {
      writesLost: lost.filter(
        ({ acknowledgedAt }) => moments.back !== undefined && Date.parse(acknowledgedAt) > moments.back.aws,
      ).length,
      windowAwsSeconds: spanBetween(moments.quiesced, moments.home)?.awsSeconds,
      windowRealSeconds: spanBetween(moments.quiesced, moments.home)?.realSeconds,
      unprotectedAwsSeconds: spanBetween(began, moments.protected)?.awsSeconds,
    },
    fence: {
      // Without a witness the run's own word is why a fence couldn't be raised, and changes nothing about the promise.
      guarantee: guaranteeOf(workload.witness === undefined ? undefined : (failover?.facts.fence as FenceFact)),
      owedAwsSeconds: debt?.paidAt === undefined ? undefined : owedSeconds(stage, debt.paidAt),
    },
    steps: steps ?? [],
    invariants,
    roles,
    speeds: stage.speedsMeasured(),
    notRehearsed: notRehearsed(workload, position),
    traffic: traffic(stage.record?.attempts ?? []),
    timeline: [],
  };
}

/** The latest run of each plan, in the order they began. */
async function allSpans(stage: Stage): Promise<StepSpan[]> {
  const latest = new Map((await allRuns(stage)).map((run) => [run.plan, run]));
  const runs = [...latest.values()].sort((one, other) => one.startedAt - other.startedAt);
  return (await Promise.all(runs.map((run) => spansOf(stage, run)))).flat();
}

function spanBetween(from: Instant | undefined, to: Instant | undefined): Span | undefined {
  if (from === undefined || to === undefined) return undefined;
  return { awsSeconds: tenths((to.aws - from.aws) / 1000), realSeconds: tenths((to.real - from.real) / 1000) };
}

/** From the Region's return, or from the commit where it was never brought back by hand. */
function owedSeconds({ moments: { back, committed } }: Stage, paidAt: number): number | undefined {
  const from = back ?? committed;
  return from === undefined ? undefined : (paidAt - from.aws) / 1000;
}

/** The product's own count: it can't know the kill, so it begins with the last time the primary was seen well. */
function productRto(run: Awaited<ReturnType<typeof latestRun>>): number | undefined {
  const serving = run?.facts.serving as { at: number } | undefined;
  return run?.trigger.lastGood === undefined || serving === undefined
    ? undefined
    : tenths((serving.at - run.trigger.lastGood) / 1000);
}

function rpo(stage: Stage, lost: RehearsalResult['lost']): number {
  const dark = outageOf(stage);
  const first = Math.min(
    ...lost
      .map(({ acknowledgedAt }) => Date.parse(acknowledgedAt))
      .filter((at) => dark !== undefined && at <= dark.aws),
  );
  return dark === undefined || !Number.isFinite(first) ? 0 : tenths((dark.aws - first) / 1000);
}

function objectsLate(stage: Stage, acknowledged: readonly Attempt[], keys: ReadonlySet<string>): number {
  const { moments, workload } = stage;
  const dark = outageOf(stage);
  const object = workload.sandbox.customers?.object;
  if (dark === undefined || moments.resolved === undefined || object === undefined) return 0;
  return acknowledged.filter(({ id, endedAt }) => endedAt <= dark.aws && !keys.has(keyOf(object, id))).length;
}

function notRehearsed(workload: Workload, position: { dialect?: string; version?: string } | undefined): string[] {
  const statements: string[] = [];
  if (position?.dialect === 'mariadb' && workload.database.engine === 'mysql') {
    statements.push(
      `MySQL's replication dialect: the databases were ${position.version ?? 'MariaDB'}, so MariaDB's was spoken.`,
    );
  }
  statements.push(
    schemeOf(workload) === 'https'
      ? 'Who issued the certificates: they were of the sandbox’s own authority.'
      : 'TLS between customers and load balancers: the workload has no certificates, so it serves HTTP.',
  );
  return statements;
}

/** Attempts by AWS second of their end. */
function traffic(attempts: readonly Attempt[]): RehearsalResult['traffic'] {
  const seconds = new Map<number, { acknowledged: number; failed: number }>();
  for (const { endedAt, acknowledged } of attempts) {
    const at = Math.floor(endedAt / 1000) * 1000;
    const count = seconds.get(at) ?? { acknowledged: 0, failed: 0 };
    if (acknowledged) count.acknowledged++;
    else count.failed++;
    seconds.set(at, count);
  }
  return [...seconds].sort(([one], [other]) => one - other).map(([at, count]) => ({ at, ...count }));
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

async function rolesJudged({ target, workload }: Stage, failures: string[]): Promise<RehearsalResult['roles']> {
  try {
    const roles = judgeRoles(rolesOf(workload), await target.roleUses());
    failures.push(...complaintsOf(roles));
    return roles;
  } catch (error) {
    failures.push(`what the roles used could not be looked at: ${messageOf(error)}`);
    return undefined;
  }
}

async function quietly<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await look();
  } catch {
    // A rehearsal that failed may have left nothing to ask; its failures are told already.
    return undefined;
  }
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version;
}
