/** Whether the recovery Region could take over: do the APIs answer that a failover calls, and is there what it would launch from? */

import type { Base } from '../engines/base.ts';
import type { Word } from './witness.ts';

/** All of them are needed: one that doesn't answer would hold a failover up. */
export async function recoveryApis({ names, on, workload }: Base): Promise<Word> {
  const { group, parameters, rds } = on('recovery');
  const asked = await Promise.allSettled([
    parameters.get(names.roleParameter),
    rds.describe(names.database),
    ...Object.keys(workload.compute).map((name) => group(name).size()),
  ]);
  const failure = asked.find((result) => result.status === 'rejected');
  if (failure === undefined) return ['well', 'answering'];
  return ['failed', failure.reason instanceof Error ? failure.reason.message : String(failure.reason)];
}

/** In these RDS promotes nothing, and a person has to mend it. Source: RDS User Guide, "Viewing Amazon RDS DB instance status". */
const unfit =
  /^(failed|stopp(ed|ing)|deleting|storage-full|insufficient-capacity|restore-error|inaccessible-|incompatible-)/;

export async function replicaStatus({ names, on }: Base): Promise<Word> {
  const found = await on('recovery').rds.describe(names.database);
  if (found === undefined) return ['failed', 'there is none'];
  const status = found.DBInstanceStatus ?? '';
  return [unfit.test(status) ? 'failed' : 'well', status];
}

/** An image to launch from, and a group that was told to have instances has some: a few are too few, and better than none. */
export async function recoveryCapacity({ names, on, workload }: Base): Promise<Word> {
  const { group, parameters } = on('recovery');
  const troubles = await Promise.all(
    Object.keys(workload.compute).map(async (name) => {
      if ((await parameters.get(names.imageParameter(name)))?.Value === undefined) return `${name} has no image`;
      const { desired } = await group(name).size();
      if (desired === 0) return undefined;
      const { instances, trouble } = await group(name).serving();
      return instances === 0 && trouble !== undefined ? `${name}: ${trouble}` : undefined;
    }),
  );
  const trouble = troubles.find((one) => one !== undefined);
  return trouble === undefined ? ['well', 'there is what it takes'] : ['failed', trouble];
}
