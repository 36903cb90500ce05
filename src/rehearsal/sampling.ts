/** Looks at both Regions while a rehearsal goes on, for people to watch. A look that fails shows as what it was before: nothing waits for it. */

import { groupOf } from '../engines/compute/group.ts';
import { rdsOf } from '../engines/database/rds.ts';
import { parametersOf } from '../engines/parameters/parameters.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import type { SideSample } from './events.ts';
import { authorityOf } from './runs.ts';
import type { Stage } from './stage.ts';

/** Real milliseconds between looks: often enough for a screen, rarely enough not to be in the way of two cores. */
const every = 1000;

/** Begins to sample; the answer ends it. */
export function sampling(stage: Stage): () => Promise<void> {
  let over = false;
  const seen: Record<Side, SideSample> = { primary: unseen(stage, 'primary'), recovery: unseen(stage, 'recovery') };
  const loop = (async () => {
    while (!over) {
      await Promise.allSettled(
        (['primary', 'recovery'] as const).map(async (side) => {
          seen[side] = stage.down.has(side)
            ? { ...seen[side], state: 'dark', instances: 0, database: 'gone', active: seen[side].active }
            : await look(stage, side, seen[side]);
        }),
      );
      await markActive(stage, seen).catch(() => undefined);
      // The file may be half-way through a line; the next look reads on.
      await stage.record?.refresh().catch(() => undefined);
      const now = stage.now();
      const attempts = stage.record?.attempts ?? [];
      const outage =
        stage.moments.dark !== undefined && stage.moments.resolved === undefined
          ? now.aws - stage.moments.dark.aws
          : undefined;
      stage.say({
        kind: 'sample',
        at: now,
        sample: {
          speed: stage.target.speed(),
          sides: { ...seen },
          lagSeconds: undefined,
          customers: {
            acknowledged: attempts.filter(({ acknowledged }) => acknowledged).length,
            failed: attempts.filter(({ acknowledged }) => !acknowledged).length,
            success: stage.record?.successSince(now.aws - 10_000),
          },
          outage,
        },
      });
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  })();
  return async () => {
    over = true;
    await loop;
  };
}

async function look(stage: Stage, side: Side, before: SideSample): Promise<SideSample> {
  const clients = stage.clients(side);
  const [role, instances, database] = await Promise.allSettled([
    parametersOf(clients).get(stage.names.roleParameter),
    Promise.all(
      Object.keys(stage.workload.compute).map((group) => groupOf(clients, stage.names.group(group)).serving()),
    ),
    rdsOf(clients).describe(stage.names.database),
  ]);
  return {
    ...before,
    state: 'up',
    role: role.status === 'fulfilled' ? (role.value?.Value ?? '') : before.role,
    instances:
      instances.status === 'fulfilled' ? sumOf(instances.value.map(({ healthy }) => healthy)) : before.instances,
    database: database.status === 'fulfilled' ? describe(database.value) : before.database,
  };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

function describe(
  instance:
    | { DBInstanceStatus?: string | undefined; ReadReplicaSourceDBInstanceIdentifier?: string | undefined }
    | undefined,
): string {
  if (instance === undefined) return 'none';
  return `${instance.ReadReplicaSourceDBInstanceIdentifier === undefined ? 'primary' : 'replica'}, ${instance.DBInstanceStatus ?? ''}`;
}

async function markActive(stage: Stage, seen: Record<Side, SideSample>): Promise<void> {
  if (stage.phase === 'set-up' || stage.phase === 'deploy') return;
  const { active } = await authorityOf(stage);
  for (const side of ['primary', 'recovery'] as const) seen[side] = { ...seen[side], active: side === active };
}

const unseen = (stage: Stage, side: Side): SideSample => ({
  region: regionOf(stage.workload, side),
  state: 'up',
  active: side === 'primary',
  role: '',
  instances: 0,
  database: 'none',
});
