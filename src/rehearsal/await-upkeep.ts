/** Waits until the pilot light is lit. */

import { isReplicating, rdsOf } from '../engines/database/rds.ts';
import { parametersOf } from '../engines/parameters/parameters.ts';
import { storeOf } from './runs.ts';
import type { Stage } from './stage.ts';

/** The deployed upkeep images an instance, copies the image, moves the pointer and copies the parameters; nothing is put there by hand. */
export async function awaitUpkeep(stage: Stage): Promise<void> {
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
