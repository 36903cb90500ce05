/** Waits until the pilot light is lit. */

import { isReplicating, rdsOf } from '../engines/database/rds.ts';
import { parametersOf } from '../engines/parameters/parameters.ts';
import { customerUrl, frontGroup } from '../workload/judged.ts';
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
    const pointed = await Promise.all(
      Object.entries(workload.compute).map(async ([group, { image }]) => {
        const pointer = names.imageParameter(group);
        const [mine, theirs] = await Promise.all([here.get(pointer), there.get(pointer)]);
        return mine?.Value !== image && (theirs?.Version ?? 0) > 1;
      }),
    );
    return pointed.every((one) => one);
  });
  stage.progress('the image pointers of the recovery Region point to copies');
  await stage.until(
    'the watcher to have looked',
    600,
    5,
    async () => (await storeOf(stage).get('capacity')) !== undefined,
  );
  stage.progress('the watcher looks on');
}

async function readyThroughName({ target, workload }: Stage): Promise<boolean> {
  return (await target.sight.get(`${customerUrl(workload)}${frontGroup(workload).readyPath}`, 2000)).status === 200;
}
