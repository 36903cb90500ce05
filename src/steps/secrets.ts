/** Steps that let the database's passwords be changed where the database is written, and bring them home with it. */

import { notYet } from '../kernel/errors.ts';
import { regionOf } from '../workload/judged.ts';
import type { Step, StepContext } from './step.ts';

const secretsIn = ({ names }: StepContext): readonly string[] => [names.masterSecret, names.applicationSecret];

/** Replicas of a Region that may be gone become the recovery Region's own, under the same names. */
export const releaseSecrets: Step = {
  check: areReleased,
  async act(context) {
    for (const name of await replicasIn(context)) await context.on('recovery').secrets.release(name);
  },
  verify: areReleased,
};

async function areReleased(context: StepContext): Promise<boolean> {
  return (await replicasIn(context)).length === 0;
}

async function replicasIn(context: StepContext): Promise<string[]> {
  const { on, workload } = context;
  const found: string[] = [];
  for (const name of secretsIn(context)) {
    const { primaryRegion } = await on('recovery').secrets.describe(name);
    if (primaryRegion !== undefined && primaryRegion !== regionOf(workload, 'recovery')) found.push(name);
  }
  return found;
}

/** A database that is built from the live one has its passwords: those that were changed meanwhile go home before it is spoken to. */
export const bringSecretsHome: Step = {
  async act(context) {
    const { on } = context;
    for (const name of secretsIn(context)) {
      const [here, there] = await Promise.all([
        on('recovery').secrets.describe(name),
        on('primary').secrets.describe(name),
      ]);
      if (here.current === there.current) continue;
      const { id, value } = await on('recovery').secrets.read(name);
      await on('primary').secrets.write(name, value, id);
    }
  },
};

/** As the template declares it: the primary Region's secrets, with a replica each in the recovery Region. */
export const replicateSecrets: Step = {
  check: areReplicated,
  async act(context) {
    const { on, workload } = context;
    const { secrets } = on('primary');
    const region = regionOf(workload, 'recovery');
    for (const name of secretsIn(context)) {
      if (await isReplicated(context, name)) continue;
      const status = (await secrets.describe(name)).replicas[region];
      if (status === 'InProgress') throw notYet(`${name} is being replicated.`);
      // A primary that was dark still lists the replica it had.
      if (status !== undefined) await secrets.stopReplicatingTo(name, region);
      await secrets.replicateTo(name, region);
    }
  },
  verify: areReplicated,
};

async function areReplicated(context: StepContext): Promise<boolean> {
  for (const name of secretsIn(context)) if (!(await isReplicated(context, name))) return false;
  return true;
}

async function isReplicated({ on, workload }: StepContext, name: string): Promise<boolean> {
  const [from, to] = [regionOf(workload, 'primary'), regionOf(workload, 'recovery')];
  if ((await on('primary').secrets.describe(name)).replicas[to] !== 'InSync') return false;
  return (await on('recovery').secrets.describe(name)).primaryRegion === from;
}
