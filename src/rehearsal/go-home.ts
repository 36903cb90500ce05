/** The way home, as far as a rehearsal has a hand in it: it starts the failback, sets speeds, and watches. */

import { isReplica, isReplicating, rdsOf } from '../engines/database/rds.ts';
import { sleep } from '../kernel/clock.ts';
import { regionOf } from '../workload/judged.ts';
import { follow } from './follow.ts';
import { executionOf, latestRun, startPlan, stepTimes } from './runs.ts';
import type { Stage } from './stage.ts';

/** Home: reseeding is dull and goes fast; from the quiesce to the first write at home is measured. */
export async function goHome(stage: Stage): Promise<void> {
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
  await until('the new primary replica to have backups', 7200, 4, async () =>
    isKept(await rds.describe(names.database)),
  );
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
  await until('the new recovery replica to have backups', 40_000, 60, async () => {
    await follow(stage, 'failback', execution);
    return isKept(await rdsOf(stage.clients('recovery')).describe(names.database));
  });
  // What a scenario goes on with once the workload is protected is measured again.
  stage.target.setSpeed(stage.speeds.measured);
  await until('the failback to end', 7200, 5, async () => {
    await follow(stage, 'failback', execution);
    return (await executionOf(stage, 'failback'))?.status === 'SUCCEEDED';
  });
  const times = await stepTimes(stage, execution);
  const protectedAt = times.find(({ step }) => step === 'AwaitRecoveryCaughtUp')?.endedAt;
  if (protectedAt !== undefined)
    stage.moment('protected', 'the recovery Region holds a standby copy again', protectedAt);
}

/** A replica of which there are backups, as each plan waits for at last. */
const isKept = (replica: Awaited<ReturnType<ReturnType<typeof rdsOf>['describe']>>): boolean =>
  isReplica(replica) && replica?.DBInstanceStatus === 'available' && (replica.BackupRetentionPeriod ?? 0) > 0;

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
