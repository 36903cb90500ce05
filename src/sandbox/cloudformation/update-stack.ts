/**
 * Updating a stack, by the difference between what was sent last and what the new template would send; live state is never asked.
 *
 *  1. Replacements are created before what they replace is deleted: dependents move over in between.
 *  2. Nothing is deleted until every resource has been created and updated; so a failure can always go back.
 *  3. Going back is the same difference, from what stands to what stood.
 */

import { validationError } from './errors.ts';
import type { Graph } from './graph.ts';
import { ordered, reversed, walk } from './graph.ts';
import { asText, sameJson } from './json.ts';
import { evaluateOutputs } from './outputs.ts';
import type { Prepared } from './prepare.ts';
import { changeBetween, replacing, resolvedProperties } from './properties.ts';
import {
  blankResource,
  createResource,
  deleteResource,
  knownType,
  leave,
  reasonOf,
  stamped,
  updateResource,
} from './resource-work.ts';
import type { Leftover, Stack, StackContent, StackResource } from './stack.ts';
import { deniedBy } from './stack-policy.ts';
import type { StackRun } from './stack-run.ts';
import { stackState } from './stack-state.ts';

export interface UpdateOptions {
  readonly disableRollback: boolean;
  readonly retainExceptOnCreate: boolean;
  /** The policy in force; a temporary one wins over the stack's own. */
  readonly policy?: string;
}

export async function updateStack(
  run: StackRun,
  prepared: Prepared,
  content: StackContent,
  options: UpdateOptions,
): Promise<void> {
  if (run.resumed && (await goOn(run, prepared, options))) return;
  const { content: oldContent, resources: oldResources } = (run.resumed ? run.stack.before : undefined) ?? run.stack;
  if (!run.resumed || run.stack.before === undefined) {
    run.change({
      before: { content: oldContent, resources: oldResources },
      content: { ...content, outputs: oldContent.outputs, imports: oldContent.imports },
      lastUpdatedTime: run.now(),
      updated: [],
    });
    run.status('UPDATE_IN_PROGRESS', 'User Initiated');
  }
  const removed = Object.values(oldResources).filter(({ logicalId }) => !prepared.resources.has(logicalId));
  const failures = refusedRemovals(run, removed, options.policy);
  if (failures.length === 0) failures.push(...(await applyChanges(run, prepared, options.policy)));
  let reason = `The following resource(s) failed to update: [${failures.join(', ')}]. `;
  if (failures.length === 0) {
    try {
      run.change({ content: { ...run.stack.content, outputs: evaluateOutputs(run, prepared) } });
      for (const resource of removed) leave(run, resource, resource.deletionPolicy);
      await finish(run, 'UPDATE_COMPLETE', removed);
      return;
    } catch (error) {
      reason = reasonOf(run, error);
    }
  }
  if (options.disableRollback) {
    run.status('UPDATE_FAILED', reason);
    return;
  }
  await rollBackUpdate(run, reason, options.retainExceptOnCreate);
}

/** An update that an earlier life had brought past its changes is brought to its end. Answers whether it had. */
async function goOn(run: StackRun, prepared: Prepared, options: UpdateOptions): Promise<boolean> {
  const { status, resources, before } = run.stack;
  const all = Object.values(resources);
  if (status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') {
    await finish(
      run,
      'UPDATE_COMPLETE',
      all.filter(({ logicalId }) => !prepared.resources.has(logicalId)),
    );
  } else if (status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS') {
    await finish(
      run,
      'UPDATE_ROLLBACK_COMPLETE',
      all.filter(({ logicalId }) => before?.resources[logicalId] === undefined),
    );
  } else if (status === 'UPDATE_ROLLBACK_IN_PROGRESS') {
    await rollBackUpdate(run, undefined, options.retainExceptOnCreate);
  } else return false;
  return true;
}

/** Goes back to what stood before the update. `skip` are logical ids left as they are, whatever state they are in. */
export async function rollBackUpdate(
  run: StackRun,
  reason: string | undefined,
  retainExceptOnCreate: boolean,
  skip: readonly string[] = [],
): Promise<void> {
  const { before, resources: current } = run.stack;
  if (before === undefined) throw validationError(`Stack ${run.stackId} has nothing to go back to`);
  const begun = run.resumed && run.stack.status === 'UPDATE_ROLLBACK_IN_PROGRESS';
  if (!begun) run.status('UPDATE_ROLLBACK_IN_PROGRESS', reason);
  run.cancelled = undefined;
  run.rollingBack = true;
  // What replaced resources left over stands again; what was created instead is left over now.
  if (!begun) run.change({ leftovers: [] });
  const added = Object.values(current).filter(({ logicalId }) => before.resources[logicalId] === undefined);
  const graph: Graph = new Map(
    Object.values(before.resources).map(({ logicalId, dependsOn }) => [logicalId, new Set(dependsOn)]),
  );
  const { failed } = await walk(graph, async (id) => {
    const old = before.resources[id];
    if (old !== undefined) await restore(run, old, current[id], skip.includes(id));
  });
  if (failed.size > 0) {
    run.status(
      'UPDATE_ROLLBACK_FAILED',
      `The following resource(s) failed to update: [${[...failed.keys()].join(', ')}]. `,
    );
    return;
  }
  for (const resource of added) {
    const { deletionPolicy: policy } = resource;
    leave(
      run,
      resource,
      policy === 'RetainExceptOnCreate' || (retainExceptOnCreate && policy === 'Retain') ? 'Delete' : policy,
    );
  }
  run.change({ content: before.content });
  await finish(run, 'UPDATE_ROLLBACK_COMPLETE', added);
}

async function restore(
  run: StackRun,
  old: StackResource,
  current: StackResource | undefined,
  skip: boolean,
): Promise<void> {
  if (current === undefined) return;
  if (skip) {
    run.resource(stamped(run, old, 'UPDATE_COMPLETE', 'Resource update skipped during rollback'));
    return;
  }
  if (current.physicalId !== old.physicalId) {
    leave(run, current, 'Delete');
    run.resource(stamped(run, old, 'UPDATE_COMPLETE'));
    return;
  }
  const untouched = sameJson(current.properties, old.properties) && !current.status.endsWith('FAILED');
  if (untouched || old.physicalId === undefined) {
    run.keep(old);
    return;
  }
  if (sameJson(current.properties, old.properties)) {
    // It failed before anything was sent.
    run.resource(stamped(run, old, 'UPDATE_COMPLETE'));
    return;
  }
  await updateResource(run, current, old);
}

async function applyChanges(run: StackRun, prepared: Prepared, policy: string | undefined): Promise<string[]> {
  const imports = new Set<string>();
  const scope = prepared.scope(stackState(run), imports);
  const { failed } = await walk(prepared.graph, async (id) => {
    const declaration = prepared.resources.get(id);
    if (declaration === undefined) return;
    if (run.stack.updated?.includes(id) === true) return;
    const type = knownType(declaration.type);
    const old = run.resumed ? run.stack.before?.resources[id] : run.stack.resources[id];
    const isThrough = () => run.change({ updated: [...(run.stack.updated ?? []), id] });
    const dependsOn = [...(prepared.graph.get(id) ?? [])];
    const blankOf = (properties: StackResource['properties']) =>
      blankResource(run, id, declaration, properties, dependsOn);
    try {
      const properties = resolvedProperties(id, declaration, type, scope, run.stack.content.tags);
      const next = blankOf(properties);
      if (old === undefined || !stands(old)) {
        if (old !== undefined) leave(run, old, 'Delete');
        await createResource(run, next);
        isThrough();
        return;
      }
      await changeResource(run, old, next, policy);
      isThrough();
    } catch (error) {
      const shown = run.stack.resources[id];
      if (shown === old || shown === undefined) {
        const verb = old === undefined ? 'CREATE' : 'UPDATE';
        run.resource(stamped(run, old ?? blankOf({}), `${verb}_FAILED`, reasonOf(run, error)));
        run.cancelled ??= 'Resource update cancelled';
      }
      throw error;
    }
  });
  run.change({ content: { ...run.stack.content, imports: [...imports] } });
  return [...failed.keys()];
}

async function changeResource(
  run: StackRun,
  old: StackResource,
  next: StackResource,
  policy: string | undefined,
): Promise<void> {
  const type = knownType(next.type);
  const change = changeBetween(old.properties, next.properties);
  const kept = { ...next, ...identityOf(old), status: old.status, timestamp: old.timestamp };
  // What failed in an update that wasn't rolled back is sent again, changed or not.
  const retry = old.status === 'UPDATE_FAILED' && type.update !== undefined;
  if (change.changed.size === 0 && !retry) {
    run.keep(kept);
    return;
  }
  const because = replacing(type, change);
  const replaced = because.length > 0 || type.update === undefined;
  const refusal = deniedBy(policy, replaced ? 'Update:Replace' : 'Update:Modify', old.logicalId, old.type);
  if (refusal !== undefined) throw validationError(refusal);
  if (!replaced) {
    await updateResource(run, old, next);
    return;
  }
  const { nameProperty } = type;
  const name = nameProperty === undefined ? undefined : next.properties[nameProperty];
  if (nameProperty !== undefined && name !== undefined && !change.changed.has(nameProperty)) {
    throw validationError(
      `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${asText(name)} and update the stack again.`,
    );
  }
  const reason = 'Requested update requires the creation of a new physical resource; hence creating one.';
  const created = await createResource(run, next, 'UPDATE', reason);
  if (created.physicalId !== old.physicalId) leave(run, old, next.updateReplacePolicy);
}

const identityOf = ({ physicalId, attributes }: StackResource): Partial<StackResource> => ({
  ...(physicalId === undefined ? {} : { physicalId }),
  attributes,
});

/** Whether a record stands for something that was created. */
const stands = (resource: StackResource | undefined): boolean =>
  resource?.physicalId !== undefined && !['CREATE_FAILED', 'DELETE_COMPLETE'].includes(resource.status);

function refusedRemovals(run: StackRun, removed: readonly StackResource[], policy: string | undefined): string[] {
  return removed.flatMap((resource) => {
    const refusal = deniedBy(policy, 'Update:Delete', resource.logicalId, resource.type);
    if (refusal === undefined) return [];
    run.resource(stamped(run, resource, 'UPDATE_FAILED', refusal));
    return [resource.logicalId];
  });
}

/** Deletes what is left over, dependents first. What can't be deleted stays behind with an event; the stack's status is final anyway. */
async function finish(run: StackRun, status: Stack['status'], gone: readonly StackResource[]): Promise<void> {
  run.status(`${status}_CLEANUP_IN_PROGRESS`);
  const { leftovers } = run.stack;
  // One logical id may leave several physical resources: the key is the place in the list.
  const keys = leftovers.map((_, index) => String(index));
  const keysOf = (logicalId: string): string[] =>
    keys.filter((key) => leftovers[Number(key)]?.resource.logicalId === logicalId);
  const graph = reversed(
    new Map(
      leftovers.map(({ resource }, index) => [
        String(index),
        new Set(resource.dependsOn.flatMap(keysOf).filter((key) => key !== String(index))),
      ]),
    ),
  );
  const left: Leftover[] = [];
  await walk(
    graph,
    async (key) => {
      const leftover = leftovers[Number(key)];
      if (leftover === undefined) return;
      try {
        await deleteResource(run, leftover, false);
      } catch (error) {
        left.push(leftover);
        throw error;
      }
    },
    { goOn: true },
  );
  for (const { logicalId } of gone) run.forget(logicalId);
  const { before: _, updated: _through, ...stack } = run.stack;
  run.tables.stacks.put(run.stackId, { ...stack, leftovers: [] });
  if (left.length > 0) {
    const names = ordered(new Map(left.map(({ resource }) => [resource.logicalId, new Set<string>()])));
    run.core.log({
      service: 'cloudformation',
      region: run.region,
      text: `${stack.name} left behind ${names.join(', ')}`,
    });
  }
  run.status(status);
}
