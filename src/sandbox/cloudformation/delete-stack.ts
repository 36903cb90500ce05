/** Deleting a stack: every resource after all that depend on it, as each one's policy says. */

import { reversed, walk } from './graph.ts';
import { deleteResource } from './resource-work.ts';
import type { StackResource } from './stack.ts';
import { importersOf } from './stack.ts';
import type { StackRun } from './stack-run.ts';
import type { DeletionPolicy } from './template.ts';

export async function deleteStack(run: StackRun, retain: readonly string[]): Promise<void> {
  if (!run.resumed) run.status('DELETE_IN_PROGRESS', 'User Initiated');
  const used = run.stack.content.outputs.flatMap(({ exportName }) => {
    const importers = exportName === undefined ? [] : importersOf(run.tables, exportName);
    return importers.length > 0
      ? [`Export ${exportName} cannot be deleted as it is in use by ${importers.join(', ')}`]
      : [];
  });
  if (used.length > 0) {
    run.status('DELETE_FAILED', used.join('; '));
    return;
  }
  const failed = await deleteAll(run, ({ logicalId, deletionPolicy }) => {
    if (retain.includes(logicalId)) return 'Retain';
    return deletionPolicy;
  });
  if (failed.length > 0) {
    run.status('DELETE_FAILED', `The following resource(s) failed to delete: [${failed.join(', ')}]. `);
    return;
  }
  run.change({ deletionTime: run.now(), leftovers: [], content: { ...run.stack.content, outputs: [], imports: [] } });
  run.status('DELETE_COMPLETE');
}

/** Deletes the stack's resources (and what earlier updates left over); answers the logical ids that failed. */
export async function deleteAll(
  run: StackRun,
  policyOf: (resource: StackResource) => DeletionPolicy,
): Promise<string[]> {
  const resources = new Map(
    Object.entries(run.stack.resources).filter(
      ([, { status }]) => status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED',
    ),
  );
  const graph = reversed(
    new Map(
      [...resources].map(([id, { dependsOn }]) => [id, new Set(dependsOn.filter((other) => resources.has(other)))]),
    ),
  );
  const { failed } = await walk(
    graph,
    async (id) => {
      const resource = resources.get(id);
      if (resource !== undefined) await deleteResource(run, { resource, policy: policyOf(resource) }, true);
    },
    { goOn: true },
  );
  return [...failed.keys()];
}
