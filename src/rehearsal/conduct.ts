/**
 * A rehearsal, start to report: bring the workload up, let customers write, break the primary Region, watch what the product does by
 * itself, bring the Region back, go home, and hold every customer's record against what is there in the end.
 *
 * The rehearsal's own hand deploys, pulls the plug, plugs it in, and starts the failback. Everything else is the deployed product's.
 */

import { isReplicating, rdsOf } from '../engines/database/rds.ts';
import { parametersOf } from '../engines/parameters/parameters.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf, terminalError } from '../kernel/errors.ts';
import { findingOf } from '../plan/findings.ts';
import { readDebt } from '../state/debts.ts';
import { readLooks } from '../state/looks.ts';
import { regionOf } from '../workload/config.ts';
import { assemble } from './assemble.ts';
import type { Audit } from './audit.ts';
import { audit } from './audit.ts';
import { objectKeys } from './objects.ts';
import { CustomerRecord } from './record.ts';
import type { RehearsalResult } from './result.ts';
import { authorityOf, executionOf, latestRun, startPlan, stepTimes, storeOf } from './runs.ts';
import { sampling } from './sampling.ts';
import type { Stage } from './stage.ts';

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
    const finding = findingOf(await readLooks(storeOf(stage)), stage.workload.watch.agreeing);
    if (finding.says !== told) stage.progress(`the watcher finds: ${finding.code}: ${finding.says}`);
    told = finding.says;
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

/** The deployed upkeep images an instance, copies the image, moves the pointer and copies the parameters; nothing is put there by hand. */
async function awaitUpkeep(stage: Stage): Promise<void> {
  const { workload, names } = stage;
  stage.enter('upkeep', stage.speeds.dull, 'waiting for the deployed upkeep to fill the recovery Region');
  const here = parametersOf(stage.clients('primary'));
  const there = parametersOf(stage.clients('recovery'));
  const rds = rdsOf(stage.clients('recovery'));
  await stage.until('the service to be ready through its public name', 3600, 5, () => readyThroughName(stage));
  stage.progress('the primary Region serves');
  await stage.until('the recovery database to replicate', 7200, 10, async () =>
    isReplicating(await rds.describe(names.database)),
  );
  stage.progress('the recovery database replicates');
  await stage.until('parameters to be copied', 3600, 10, async () => {
    const [wanted, copied] = await Promise.all([here.under(names.parameterPath), there.under(names.parameterPath)]);
    const own = Object.keys(workload.parameters.values).map((name) => `${names.parameterPath}${name}`);
    return own.every(
      (name) =>
        copied.find(({ Name }) => Name === name)?.Value === wanted.find(({ Name }) => Name === name)?.Value &&
        wanted.some(({ Name }) => Name === name),
    );
  });
  stage.progress('parameters are copied');
  await stage.until('an image to be made, copied and pointed to', 7200, 10, async () => {
    const [mine, theirs] = await Promise.all([here.get(names.imageParameter), there.get(names.imageParameter)]);
    return mine?.Value !== workload.compute.image && theirs?.Version !== undefined && theirs.Version > 1;
  });
  stage.progress('the image pointer of the recovery Region points to a copy');
  await stage.until(
    'the watcher to have looked',
    600,
    5,
    async () => (await storeOf(stage).get('capacity')) !== undefined,
  );
  stage.progress('the watcher looks on');
}

async function readyThroughName({ target, workload }: Stage): Promise<boolean> {
  return target.answersReady(`http://${workload.traffic.name}${workload.compute.readyPath}`);
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
      NAME: workload.traffic.name,
      CUSTOMERS: String(customers),
      EVERY_SECONDS: String(everySeconds),
      TIMEOUT_SECONDS: '5',
      WRITE: JSON.stringify(write),
    },
  });
  stage.record = new CustomerRecord(started.log, (address) => target.regionOfAddress(address));
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
  stage.moment('back', 'the primary Region is back, its old database writable, its functions draining their queues');
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

async function strandedMessages(stage: Stage): Promise<number> {
  const { GetQueueAttributesCommand, GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  const client = await stage.clients('primary').sqs();
  let count = 0;
  for (const { queue } of Object.values(stage.workload.functions)) {
    if (queue === undefined) continue;
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: stage.names.queue(queue) }));
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    count +=
      Number(Attributes?.ApproximateNumberOfMessages ?? 0) +
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0);
  }
  return count;
}

/** Home: reseeding is dull and goes fast; from the quiesce to the first write at home is measured. */
async function goHome(stage: Stage): Promise<string> {
  const { names, workload } = stage;
  stage.enter('failback', stage.speeds.dull, 'the failback is started, with a name and no input');
  const execution = await startPlan(stage, 'failback', `rehearsed-${Math.floor(stage.target.clock.now() / 1000)}`);
  const failed = async () => {
    const now = await executionOf(stage, 'failback');
    if (now === undefined || now.status === 'RUNNING' || now.status === 'SUCCEEDED') return;
    throw new FailedRun(
      `The failback ${now.status.toLowerCase()}: ${(await latestRun(stage, 'failback'))?.failure?.error ?? 'see its execution'}.`,
    );
  };
  const until = <T>(what: string, within: number, every: number, look: () => Promise<T | undefined | false>) =>
    untilOrFailed(stage, what, within, every, look, failed);

  const rds = rdsOf(stage.clients('primary'));
  await until('the new primary replica to replicate', 40_000, 15, async () => {
    await follow(stage, 'failback', execution);
    return isReplicating(await rds.describe(names.database));
  });
  // Slower already, so that the measured speed is there before the quiesce: the step that is left asks every ten seconds.
  stage.target.setSpeed(Math.min(approachSpeed, stage.speeds.dull === 'max' ? approachSpeed : stage.speeds.dull));
  await until('the new primary replica to have backups', 7200, 4, async () => {
    const replica = await rds.describe(names.database);
    return replica?.DBInstanceStatus === 'available' && (replica.BackupRetentionPeriod ?? 0) > 0;
  });
  stage.target.setSpeed(stage.speeds.measured);
  await until('the workload to be home', 7200, 3, async () => {
    await follow(stage, 'failback', execution);
    await stage.attempts.refresh();
    const run = await latestRun(stage, 'failback');
    const quiesced = run?.facts.quiesced as { at: number } | undefined;
    if (quiesced === undefined) return undefined;
    stage.moment('quiesced', 'writes stop in the recovery Region', quiesced.at);
    const home = stage.attempts.acknowledged.filter(
      ({ endedAt, region }) => endedAt > quiesced.at && region === regionOf(workload, 'primary'),
    );
    const [first] = [...home].sort((one, other) => one.endedAt - other.endedAt);
    return first === undefined
      ? undefined
      : stage.moment('home', "a customer's write is acknowledged by the primary Region", first.endedAt);
  });
  // A minute of service at home, as measured as the move; then protection is restored at the dull speed.
  await sleep(stage.target.clock, 60_000);
  stage.target.setSpeed(stage.speeds.dull);
  await until('the failback to end', 40_000, 60, async () => {
    await follow(stage, 'failback', execution);
    return (await executionOf(stage, 'failback'))?.status === 'SUCCEEDED';
  });
  const times = await stepTimes(stage, execution);
  const protectedAt = times.find(({ step }) => step === 'AwaitRecoveryCaughtUp')?.endedAt;
  if (protectedAt !== undefined)
    stage.moment('protected', 'the recovery Region holds a standby copy again', protectedAt);
  return execution;
}

/** AWS seconds per real second between the reseeding and the measured move. */
const approachSpeed = 40;

class FailedRun extends Error {}

/** Like `stage.until`, but a run that has failed ends the wait. */
async function untilOrFailed<T>(
  stage: Stage,
  what: string,
  within: number,
  every: number,
  look: () => Promise<T | undefined | false>,
  failed: () => Promise<void>,
): Promise<T> {
  let failure: FailedRun | undefined;
  const seen = await stage.until<{ value: T } | 'failed'>(what, within, every, async () => {
    const value = await look();
    if (value !== undefined && value !== false) return { value };
    try {
      await failed();
    } catch (error) {
      if (!(error instanceof FailedRun)) throw error;
      failure = error;
      return 'failed';
    }
    return undefined;
  });
  if (seen === 'failed') throw failure ?? new FailedRun('The run failed.');
  return seen.value;
}

/** Tells the steps of a run as they begin and end. */
async function follow(stage: Stage, plan: 'failover' | 'failback', execution: string): Promise<void> {
  const told = toldOf(stage);
  for (const { step, startedAt, endedAt } of await stepTimes(stage, execution)) {
    if (!told.has(`${plan} ${step} running`)) {
      told.add(`${plan} ${step} running`);
      stage.say({ kind: 'step', at: stage.at(startedAt), plan, step, state: 'running' });
    }
    if (endedAt !== undefined && !told.has(`${plan} ${step} done`)) {
      told.add(`${plan} ${step} done`);
      stage.say({ kind: 'step', at: stage.at(endedAt), plan, step, state: 'done' });
    }
  }
}

const told = new WeakMap<Stage, Set<string>>();
function toldOf(stage: Stage): Set<string> {
  const known = told.get(stage) ?? new Set<string>();
  told.set(stage, known);
  return known;
}

/** What was written last is on its way still: thumbnails to make, objects to replicate. */
async function settle(stage: Stage): Promise<void> {
  await stage.attempts.refresh();
  await sleep(stage.target.clock, 60_000);
}
