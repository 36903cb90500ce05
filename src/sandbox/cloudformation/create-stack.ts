/** Creating a stack: every resource as soon as what it needs is there; a failure deletes what was made. */

import { deleteAll } from './delete-stack.ts';
import { walk } from './graph.ts';
import { evaluateOutputs } from './outputs.ts';
import type { Prepared } from './prepare.ts';
import { resolvedProperties } from './properties.ts';
import { blankResource, createResource, knownType, reasonOf } from './resource-work.ts';
import type { StackRun } from './stack-run.ts';
import { stackState } from './stack-state.ts';

export interface CreateOptions {
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly retainExceptOnCreate: boolean;
}

export async function createStack(run: StackRun, prepared: Prepared, options: CreateOptions): Promise<void> {
  if (run.stack.status !== 'CREATE_IN_PROGRESS' && run.resumed) {
    await undo(run, options);
    return;
  }
  if (!run.resumed) run.status('CREATE_IN_PROGRESS', 'User Initiated');
  const imports = new Set<string>();
  const scope = prepared.scope(stackState(run), imports);
  const { failed } = await walk(prepared.graph, async (id) => {
    const declaration = prepared.resources.get(id);
    const before = run.stack.resources[id]?.status;
    if (declaration === undefined || before === 'CREATE_COMPLETE') return;
    if (before === 'CREATE_FAILED') throw new Error(`${id} failed before the sandbox was started again.`);
    const dependsOn = [...(prepared.graph.get(id) ?? [])];
    // A value that can't be resolved is this resource's failure, with a record to show for it.
    const blank = blankResource(run, id, declaration, {}, dependsOn);
    await resolving(run, blank, async () => {
      const type = knownType(declaration.type);
      const properties = resolvedProperties(id, declaration, type, scope, run.stack.content.tags);
      await createResource(run, blankResource(run, id, declaration, properties, dependsOn));
    });
  });
  run.change({ content: { ...run.stack.content, imports: [...imports] } });
  if (failed.size === 0) {
    try {
      const outputs = evaluateOutputs(run, prepared);
      run.change({ content: { ...run.stack.content, outputs } });
      run.status('CREATE_COMPLETE');
      return;
    } catch (error) {
      await giveUp(run, reasonOf(run, error), options);
      return;
    }
  }
  await giveUp(run, `The following resource(s) failed to create: [${[...failed.keys()].join(', ')}]. `, options);
}

/** Records a resource as failed when its properties can't be resolved. */
export async function resolving(
  run: StackRun,
  blank: ReturnType<typeof blankResource>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const known = run.stack.resources[blank.logicalId];
    if (known === undefined) {
      run.resource({ ...blank, status: 'CREATE_FAILED', statusReason: reasonOf(run, error), timestamp: run.now() });
      run.cancelled ??= 'Resource creation cancelled';
    }
    throw error;
  }
}

async function giveUp(
  run: StackRun,
  reason: string,
  { onFailure, retainExceptOnCreate }: CreateOptions,
): Promise<void> {
  if (onFailure === 'DO_NOTHING') {
    run.status('CREATE_FAILED', reason);
    return;
  }
  const verb = onFailure === 'DELETE' ? 'DELETE' : 'ROLLBACK';
  run.status(`${verb}_IN_PROGRESS`, `${reason}${onFailure === 'DELETE' ? 'Delete' : 'Rollback'} requested by user.`);
  await undo(run, { onFailure, retainExceptOnCreate });
}

/** Deletes what was made. */
async function undo(run: StackRun, { onFailure, retainExceptOnCreate }: CreateOptions): Promise<void> {
  const verb = onFailure === 'DELETE' ? 'DELETE' : 'ROLLBACK';
  run.cancelled = undefined;
  const failed = await deleteAll(run, (resource) => {
    const { deletionPolicy: policy } = resource;
    return policy === 'RetainExceptOnCreate' || (retainExceptOnCreate && policy === 'Retain') ? 'Delete' : policy;
  });
  if (failed.length > 0) {
    run.status(`${verb}_FAILED`, `The following resource(s) failed to delete: [${failed.join(', ')}]. `);
    return;
  }
  if (onFailure === 'DELETE') run.change({ deletionTime: run.now() });
  run.change({ content: { ...run.stack.content, outputs: [], imports: [] } });
  run.status(`${verb}_COMPLETE`);
}
