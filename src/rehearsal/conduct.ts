/**
 * A rehearsal, start to report: bring the workload up, let customers write, let go wrong what the scenario says, do what it says a hand
 * does, watch what the product makes of it, and hold every expectation and every customer's record against what was seen.
 *
 * The rehearsal's own hand deploys, and does the scenario's acts. Everything else is the deployed product's.
 */

import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { customerUrl } from '../workload/judged.ts';
import { perform } from './acts/perform.ts';
import { Timetable } from './acts/timetable.ts';
import { assemble } from './assemble.ts';
import type { Audit } from './audit.ts';
import { audit } from './audit.ts';
import { awaitUpkeep } from './await-upkeep.ts';
import type { EndSeen } from './course/course.ts';
import { Watching } from './course/watching.ts';
import type { Verdict } from './expectations/expected.ts';
import { Judge } from './expectations/judge.ts';
import { waitingMessages } from './messages.ts';
import { objectKeys } from './objects.ts';
import type { Production } from './production.ts';
import type { RehearsalResult } from './result.ts';

import { sampling } from './sampling.ts';
import { settled } from './settled.ts';
import type { Stage } from './stage.ts';

/** What happened, before it is judged. */
export interface Happened {
  /** Objects in the recovery bucket when service came back. */
  readonly objectsAtResolution: ReadonlySet<string>;
  readonly strandedMessages: number;
  readonly verdicts: readonly Verdict[];
  readonly audit: Audit | undefined;
  readonly failures: readonly string[];
}

/** Plays the scenario. Never rejects for what the product did wrong: that is a result. */
export async function conduct(stage: Stage, production: Production): Promise<RehearsalResult> {
  const failures: string[] = [];
  const watching = new Watching(stage);
  const judge = new Judge(stage);
  const timetable = new Timetable(stage.scenario.acts, stage.target.clock, (act) => perform(stage, production, act));
  const asides = new Asides(stage);
  stage.onMoment = (moment, { aws }) => {
    timetable.comes(moment, aws);
    asides.comes(moment);
  };
  const stopSampling = sampling(stage);
  let customers: { stop(): Promise<void> } | undefined;
  let found: Audit | undefined;
  try {
    await deploy(stage, production);
    await awaitUpkeep(stage);
    customers = await startCustomers(stage);
    stage.moment('steady', 'customers write');
    await Promise.all([steady(stage), watching.begin()]);
    stage.enter('outage', stage.speeds.measured, stage.scenario.title);
    stage.moment('outage', 'it begins to go wrong');
    await untilSettled(stage, timetable, watching, judge, failures);
    await timetable.end();
    // At the dull speed a watcher's probes would time out on a busy machine, and begin what nobody wants.
    stage.enter(
      'audit',
      stage.speeds.measured,
      'customers stop; every one of their records is held against what is there',
    );
    await customers.stop();
    customers = undefined;
    await stage.faults.end();
    await settle(stage);
    const changed = wantsDeploy(stage) ? await production.deploy(() => {}) : undefined;
    found = await audit(stage);
    judge.hear(await watching.end(endOf(found, changed)));
  } catch (error) {
    failures.push(messageOf(error));
    stage.problem(messageOf(error));
    judge.hear(await watching.end(endOf(found, undefined)));
  } finally {
    await timetable.end();
    await customers?.stop();
    await stage.faults.end();
    await stopSampling();
  }
  for (const failure of [...stage.faults.failures, ...timetable.failures]) {
    failures.push(failure);
    stage.problem(failure);
  }
  return assemble(stage, { ...(await asides.noted()), verdicts: judge.verdicts, audit: found, failures });
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
  stage.follow(started);
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

/** Looks on until everything the scenario lists has been done and judged. */
async function untilSettled(
  stage: Stage,
  timetable: Timetable,
  watching: Watching,
  judge: Judge,
  failures: string[],
): Promise<void> {
  for (;;) {
    const course = await watching.look();
    judge.hear(course);
    const { over, failure } = settled(course, judge.verdicts, timetable, stage.faults);
    if (failure !== undefined) {
      failures.push(failure);
      stage.problem(failure);
    }
    if (over) return;
    await watching.rest();
  }
}

/** What was written last is on its way still: thumbnails to make, objects to replicate. */
async function settle(stage: Stage): Promise<void> {
  await stage.attempts.refresh();
  await sleep(stage.target.clock, 60_000);
}

const wantsDeploy = ({ scenario }: Stage): boolean => scenario.expect.some(({ kind }) => kind === 'deploy');

const endOf = (found: Audit | undefined, changed: number | undefined): EndSeen => ({
  lost: found?.lost.length,
  named: found?.lost.filter(({ reason }) => reason !== undefined).length ?? 0,
  changed,
});

/** What is looked at once, as its moment comes, while everything else goes on. */
class Asides {
  readonly #stage: Stage;
  #objects: Promise<ReadonlySet<string>> = Promise.resolve(new Set<string>());
  #stranded: Promise<number> = Promise.resolve(0);

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  comes(moment: string): void {
    const stage = this.#stage;
    if (moment === 'resolved')
      this.#objects = objectKeys(stage, 'recovery').catch((error: unknown) => {
        stage.problem(`the recovery Region's objects couldn't be listed: ${messageOf(error)}`);
        return new Set<string>();
      });
    if (moment !== 'back') return;
    this.#stranded = waitingMessages(stage, 'primary').catch((error: unknown) => {
      stage.problem(`stranded messages couldn't be counted: ${messageOf(error)}`);
      return 0;
    });
  }

  async noted(): Promise<Pick<Happened, 'objectsAtResolution' | 'strandedMessages'>> {
    return { objectsAtResolution: await this.#objects, strandedMessages: await this.#stranded };
  }
}
