/**
 * A rehearsal, start to report: bring the workload up, let customers write, break the primary Region, watch what the product does by
 * itself, bring the Region back, go home, and hold every customer's record against what is there in the end.
 *
 * The rehearsal's own hand deploys, pulls the plug, plugs it in, and starts the failback. Everything else is the deployed product's.
 */

import { sleep } from '../kernel/clock.ts';
import { messageOf, terminalError } from '../kernel/errors.ts';
import { readDebt } from '../state/debts.ts';
import { readDecision } from '../state/decisions.ts';
import { customerUrl, regionOf } from '../workload/judged.ts';
import { assemble } from './assemble.ts';
import type { Audit } from './audit.ts';
import { audit } from './audit.ts';
import { awaitUpkeep } from './await-upkeep.ts';
import { follow } from './follow.ts';
import { goHome } from './go-home.ts';
import { objectKeys } from './objects.ts';
import { CustomerRecord } from './record.ts';
import type { RehearsalResult } from './result.ts';
import { authorityOf, executionOf, latestRun, storeOf } from './runs.ts';
import { sampling } from './sampling.ts';
import type { Stage } from './stage.ts';
import { strandedMessages } from './stranded-messages.ts';

export interface Production {
  /** Deploys the synthesized app; answers how many stacks it changed. */
  readonly deploy: (onProgress: (says: string, done: number, of: number) => void) => Promise<number>;
}

/** What happened, before it is judged. */
export interface Happened {
  /** Objects in the recovery bucket when service came back. */
  readonly objectsAtResolution: ReadonlySet<string>;
  readonly strandedMessages: number;
  /** Stacks that a plain deploy changed at the end. */
  readonly changedAtEnd: number | undefined;
  readonly executions: { readonly failover: string | undefined; readonly failback: string | undefined };
  readonly audit: Audit | undefined;
  readonly failures: readonly string[];
}

/** Plays the scenario. Never rejects for what the product did wrong: that is a result. */
export async function conduct(stage: Stage, production: Production): Promise<RehearsalResult> {
  const failures: string[] = [];
  let happened: Happened = {
    objectsAtResolution: new Set(),
    strandedMessages: 0,
    changedAtEnd: undefined,
    executions: { failover: undefined, failback: undefined },
    audit: undefined,
    failures,
  };
  const note = (news: Partial<Happened>) => {
    happened = { ...happened, ...news };
  };
  const stopSampling = sampling(stage);
  let customers: { stop(): Promise<void> } | undefined;
  try {
    await deploy(stage, production);
    await awaitUpkeep(stage);
    customers = await startCustomers(stage);
    stage.faults.begin('steady');
    await steady(stage);
    if (stage.scenario.expect.failover) await failOver(stage, note);
    else await stay(stage);
    stage.enter(
      'audit',
      stage.speeds.measured,
      'customers stop; every one of their records is held against what is there',
    );
    await customers.stop();
    customers = undefined;
    await stage.faults.end();
    await settle(stage);
    // Nothing can be deployed to a Region that is dark.
    if (stage.scenario.fault.returns) note({ changedAtEnd: await production.deploy(() => {}) });
    note({ audit: await audit(stage) });
  } catch (error) {
    failures.push(messageOf(error));
    stage.problem(messageOf(error));
  } finally {
    await customers?.stop();
    await stage.faults.end();
    await stopSampling();
  }
  for (const failure of stage.faults.failures) {
    failures.push(failure);
    stage.problem(failure);
  }
  return assemble(stage, happened);
}

/** The outage, what the product makes of it, and the way home. What is found out on the way is noted at once: the rest may fail. */
async function failOver(stage: Stage, note: (news: Partial<Happened>) => void): Promise<void> {
  const { failback: wanted, fault } = stage.scenario;
  const failover = await outage(stage);
  note({ executions: { failover, failback: undefined }, objectsAtResolution: await objectKeys(stage, 'recovery') });
  await afterwards(stage, failover);
  if (!fault.returns) return;
  note({ strandedMessages: await comeBack(stage) });
  if (wanted) note({ executions: { failover, failback: await goHome(stage) } });
}

/** Nothing is killed: for as long as the scenario watches, the product must leave the workload where it is. */
async function stay(stage: Stage): Promise<void> {
  const { clock } = stage.target;
  const { watchSeconds } = stage.scenario.fault;
  stage.enter(
    'outage',
    stage.speeds.measured,
    `nothing is killed; ${watchSeconds} AWS s in which nothing may fail over`,
  );
  stage.faults.begin('outage');
  const end = clock.now() + 1000 * watchSeconds;
  let told = '';
  await stage.until('the time to pass', watchSeconds + 60, 2, async () => {
    const decision = await readDecision(storeOf(stage));
    const says = decision === undefined ? 'nothing yet' : `${decision.finding}, ${decision.code}: ${decision.sentence}`;
    if (says !== told) stage.progress(`the watcher finds: ${says}`);
    told = says;
    return clock.now() >= end || (await latestRun(stage, 'failover')) !== undefined;
  });
  const run = await latestRun(stage, 'failover');
  if (run !== undefined)
    throw terminalError(`The workload failed over, though nothing called for it: ${run.trigger.why}.`);
}

async function deploy(stage: Stage, production: Production): Promise<void> {
  stage.enter('deploy', 'max', 'deploying all stacks of both Regions');
  await production.deploy((says, done, of) => stage.progress(says, done, of));
}

async function startCustomers(stage: Stage): Promise<{ stop(): Promise<void> }> {
  const { scenario, target, workload } = stage;
  const { customers, everySeconds } = scenario.given;
  const { write } = stage.customers;
  stage.enter(
    'steady',
    stage.speeds.measured,
    `${customers} customers ${write.method} ${write.path} each ${everySeconds} s`,
  );
  const started = await target.startOutside({
    name: 'customers',
    script: new URL('./customers.mjs', import.meta.url),
    args: [],
    env: {
      ROOT: customerUrl(workload) ?? '',
      CUSTOMERS: String(customers),
      EVERY_SECONDS: String(everySeconds),
      TIMEOUT_SECONDS: '5',
      WRITE: JSON.stringify(write),
    },
  });
  stage.record = new CustomerRecord(started.log, (address, port) => started.regionThatAnswered(address, port));
  return started;
}

async function steady(stage: Stage): Promise<void> {
  const { scenario } = stage;
  const began = stage.target.clock.now();
  await stage.until(`${scenario.given.steadyWrites} acknowledged writes`, 3600, 2, async () => {
    await stage.attempts.refresh();
    const enough = stage.attempts.acknowledged.length >= scenario.given.steadyWrites;
    return enough && stage.target.clock.now() - began >= 1000 * scenario.given.steadySeconds;
  });
}

/** Pulls the plug and watches. Answers the failover's execution once customers' writes are acknowledged again. */
async function outage(stage: Stage): Promise<string> {
  const { target, workload, scenario } = stage;
  const { primary, recovery } = { primary: regionOf(workload, 'primary'), recovery: regionOf(workload, 'recovery') };
  if (scenario.fault.linkCutSeconds > 0) {
    await cutLink(stage);
    stage.problem('the link between the Regions is cut');
    await sleep(target.clock, 1000 * scenario.fault.linkCutSeconds);
  }
  stage.enter('outage', stage.speeds.measured, 'the primary Region goes dark');
  const dark = stage.moment('dark', 'every process in the primary Region is killed; everything addressed to it hangs');
  stage.faults.begin('outage');
  await target.goDark(primary);

  await stage.until('the product to decide', 900, 1, async () => (await authorityOf(stage)).holder !== undefined);
  const run = await stage.until('the run to be recorded', 120, 1, () => latestRun(stage, 'failover'));
  stage.moment('decided', run.trigger.why, run.startedAt);
  const execution = await stage.until('the failover execution', 120, 1, () => executionOf(stage, 'failover'));
  await stage.until('customers to be served again', scenario.expect.resolvedWithinSeconds + 900, 3, async () => {
    await follow(stage, 'failover', execution.arn);
    await stage.attempts.refresh();
    const now = await executionOf(stage, 'failover');
    if (now?.status === 'FAILED' || now?.status === 'TIMED_OUT' || now?.status === 'ABORTED') {
      throw terminalError(
        `The failover ${now.status.toLowerCase()}: ${(await latestRun(stage, 'failover'))?.failure?.error ?? 'see its execution'}.`,
      );
    }
    const answered = stage.attempts.attempts.filter(
      ({ startedAt, region }) => startedAt > dark.aws && region === recovery,
    );
    const [first] = answered.sort((one, other) => one.endedAt - other.endedAt);
    if (first !== undefined)
      stage.moment('serving', 'the recovery load balancer gives its first answer', first.endedAt);
    const acknowledged = answered.filter((attempt) => attempt.acknowledged);
    const [resolved] = acknowledged.sort((one, other) => one.endedAt - other.endedAt);
    if (resolved === undefined) return undefined;
    return stage.moment('resolved', "a customer's write is acknowledged through the public name", resolved.endedAt);
  });
  return execution.arn;
}

/** Both ways, until the primary Region comes back. */
async function cutLink(stage: Stage): Promise<void> {
  for (const [from, to] of [
    ['primary', 'recovery'],
    ['recovery', 'primary'],
  ])
    mends.set(stage, [...(mends.get(stage) ?? []), await stage.target.raise({ kind: 'partition', from, to })]);
}

const mends = new WeakMap<Stage, (() => Promise<void>)[]>();

/** The rest of the failover's run, and the time the Region stays dark. */
async function afterwards(stage: Stage, execution: string): Promise<void> {
  await stage.until('the failover to end', 1800, 5, async () => {
    await follow(stage, 'failover', execution);
    return (await executionOf(stage, 'failover'))?.status === 'SUCCEEDED';
  });
  const facts = (await latestRun(stage, 'failover'))?.facts;
  const writable = facts?.writable as { at: number } | undefined;
  if (writable !== undefined)
    stage.moment('writable', 'a row was written to the promoted database and read back', writable.at);
  await sleep(stage.target.clock, 1000 * stage.scenario.fault.darkSecondsAfterResolved);
}

/** The Region returns. Answers how many messages were stranded in its queues. */
async function comeBack(stage: Stage): Promise<number> {
  const { target, workload } = stage;
  const primary = regionOf(workload, 'primary');
  stage.enter('return', stage.speeds.measured, 'the primary Region comes back');
  for (const mend of mends.get(stage) ?? []) await mend();
  await target.bringBack(primary);
  const database = workload.witness === undefined ? 'writable' : 'without a lease';
  stage.moment('back', `the primary Region is back, its old database ${database}, its functions draining their queues`);
  const stranded = await strandedMessages(stage).catch((error: unknown) => {
    stage.problem(`stranded messages couldn't be counted: ${messageOf(error)}`);
    return 0;
  });
  const paid = await stage.until(
    'the old primary to be fenced',
    900,
    1,
    async () => (await readDebt(storeOf(stage), 'primary'))?.paidAt,
  );
  stage.moment('fenced', 'every part of the fence was acknowledged', paid);
  return stranded;
}

/** What was written last is on its way still: thumbnails to make, objects to replicate. */
async function settle(stage: Stage): Promise<void> {
  await stage.attempts.refresh();
  await sleep(stage.target.clock, 60_000);
}
