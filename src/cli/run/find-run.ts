/** Which run a command is about. */

import type { Base } from '../../engines/base.ts';
import { usageError } from '../../kernel/errors.ts';
import { readAuthority } from '../../state/authority.ts';
import type { StoredRun } from '../../state/runs.ts';
import { listRuns, readRun } from '../../state/runs.ts';

/** The latest first. @throws a usage error where there is no state of the workload. */
export async function runsOf({ names, store, workload }: Base): Promise<StoredRun[]> {
  try {
    return (await listRuns(store)).sort((one, other) => other.startedAt - one.startedAt);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    throw usageError(
      `There is no state of ${names.prefix}: no table ${names.table} in ${workload.recovery.region}, account ${workload.account}.`,
      { next: 'Deploy the workload, or give --config, --profile or --sandbox of one that is.', cause: error },
    );
  }
}

/** The one that holds the lock, or the latest; with `id`, the one whose id begins so. @throws a usage error when there is none. */
export async function findRun(base: Base, id: string | undefined): Promise<StoredRun> {
  const runs = await runsOf(base);
  if (id === undefined) {
    const { holder } = await readAuthority(base.store);
    const found = (holder === undefined ? undefined : await readRun(base.store, holder)) ?? runs[0];
    if (found !== undefined) return found;
    throw usageError(`${base.names.prefix} has had no run.`, { next: 'Runs appear once a plan has been started.' });
  }
  const found = runs.filter((run) => run.id === id || run.id.startsWith(id));
  const exact = found.find((run) => run.id === id);
  if (exact !== undefined) return exact;
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw usageError(found.length === 0 ? 'There is no such run.' : 'Several runs begin so.', {
    given: id,
    allowed:
      (found.length === 0 ? runs : found)
        .slice(0, 8)
        .map((run) => run.id)
        .join(', ') || 'none: there was no run',
    next: 'pilot-light run list shows them.',
  });
}
