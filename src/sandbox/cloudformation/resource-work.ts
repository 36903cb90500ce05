/** Creating, updating and deleting one resource of a stack: record, call, record again. */

import { AwsError } from '../contract.ts';
import { withDynamicReferences } from './dynamic-references.ts';
import type { JsonObject } from './json.ts';
import { forgetWork } from './memory.ts';
import { changeBetween } from './properties.ts';
import { isGone, resourceContext, workOn } from './resource-context.ts';
import type { ResourceType } from './resource-type.ts';
import { resourceType } from './resources/registry.ts';
import type { Leftover, StackResource } from './stack.ts';
import type { StackRun } from './stack-run.ts';
import type { DeletionPolicy, ResourceDeclaration } from './template.ts';

/** A record for a resource that isn't there yet. */
export function blankResource(
  run: StackRun,
  logicalId: string,
  declaration: ResourceDeclaration,
  properties: JsonObject,
  dependsOn: readonly string[],
): StackResource {
  return {
    logicalId,
    type: declaration.type,
    status: 'CREATE_IN_PROGRESS',
    timestamp: run.now(),
    properties,
    attributes: {},
    metadata: declaration.metadata,
    updatePolicy: declaration.updatePolicy,
    ...policiesOf(declaration, properties),
    dependsOn,
  };
}

/** The policies in force: as declared, or the type's own default. */
export function policiesOf(
  declaration: ResourceDeclaration,
  properties: JsonObject,
): Pick<StackResource, 'deletionPolicy' | 'updateReplacePolicy'> {
  const fallback = knownType(declaration.type).defaultDeletionPolicy?.(properties) ?? 'Delete';
  return {
    deletionPolicy: declaration.deletionPolicy ?? fallback,
    updateReplacePolicy: declaration.updateReplacePolicy ?? fallback,
  };
}

/** Creates the physical resource of a record. `verb` is the operation it is part of: an update replaces by creating. */
export async function createResource(
  run: StackRun,
  blank: StackResource,
  verb: 'CREATE' | 'UPDATE' = 'CREATE',
  reason?: string,
): Promise<StackResource> {
  const type = knownType(blank.type);
  let current = stamped(run, blank, `${verb}_IN_PROGRESS`, reason);
  run.resource(current);
  const created = (id: string, attributes: JsonObject): void => {
    const first = current.physicalId === undefined;
    current = { ...current, physicalId: id, attributes: { ...current.attributes, ...attributes } };
    if (first) run.resource(stamped(run, current, `${verb}_IN_PROGRESS`, 'Resource creation Initiated'));
    else run.keep(current);
  };
  return attempt(
    run,
    verb,
    () => current,
    async () => {
      const context = resourceContext(run, { ...blank, created });
      const sent = await withDynamicReferences(blank.type, blank.properties, context.call);
      const { id, attributes = {} } = await type.create(sent, context);
      if (current.physicalId !== id) created(id, attributes);
      current = stamped(run, { ...current, attributes: { ...current.attributes, ...attributes } }, `${verb}_COMPLETE`);
      run.resource(current);
      return current;
    },
  );
}

/**
 * Updates in place from what `previous` was sent to what `next` holds. A type may answer another physical id (custom resources do):
 * the old one is then left over.
 */
export async function updateResource(
  run: StackRun,
  previous: StackResource,
  next: StackResource,
): Promise<StackResource> {
  const type = knownType(next.type);
  const { physicalId: id } = previous;
  if (id === undefined || type.update === undefined)
    throw new AwsError('InternalFailure', `${next.type} can't be updated`);
  const { update } = type;
  const start = { ...next, physicalId: id, attributes: previous.attributes };
  const current = stamped(run, start, 'UPDATE_IN_PROGRESS');
  run.resource(current);
  return attempt(
    run,
    'UPDATE',
    () => current,
    async () => {
      const context = resourceContext(run, { ...next, created: () => {} });
      const change = changeBetween(previous.properties, next.properties);
      const sent = await withDynamicReferences(next.type, next.properties, context.call);
      const answer = await update.call(
        type,
        { ...change, properties: sent, id, attributes: previous.attributes },
        context,
      );
      const done = stamped(
        run,
        { ...current, physicalId: answer?.id ?? id, attributes: { ...previous.attributes, ...answer?.attributes } },
        'UPDATE_COMPLETE',
      );
      if (answer?.id !== undefined && answer.id !== id) leave(run, previous, next.updateReplacePolicy);
      run.resource(done);
      return done;
    },
  );
}

/**
 * Deletes (or keeps, as its policy says) a physical resource. The record is kept for the stack's last word on it when `record` is
 * given: leftovers of replaced resources have none of their own.
 */
export async function deleteResource(run: StackRun, { resource, policy }: Leftover, record: boolean): Promise<void> {
  const type = knownType(resource.type);
  const note = (status: string, reason?: string): void => {
    if (status !== 'DELETE_IN_PROGRESS') forgetWork(run.core, run.region, workOn(run, resource.logicalId));
    const noted = stamped(run, resource, status, reason);
    if (record) {
      run.resource(noted);
      return;
    }
    run.event({
      logicalId: resource.logicalId,
      ...(resource.physicalId === undefined ? {} : { physicalId: resource.physicalId }),
      type: resource.type,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
  };
  if (policy === 'Retain' || policy === 'RetainExceptOnCreate') {
    note('DELETE_SKIPPED');
    return;
  }
  const { physicalId: id, properties, attributes } = resource;
  if (id !== undefined) {
    note('DELETE_IN_PROGRESS');
    try {
      const context = resourceContext(run, { ...resource, created: () => {} });
      // Only custom resources are told their properties again, and so what references in them stand for.
      const sent =
        type.open === true ? await withDynamicReferences(resource.type, properties, context.call) : properties;
      await type.delete({ id, properties: sent, attributes, snapshot: policy === 'Snapshot' }, context);
    } catch (error) {
      if (!isGone(error)) {
        note('DELETE_FAILED', reasonOf(run, error));
        throw error;
      }
    }
  }
  note('DELETE_COMPLETE');
}

/** Puts a physical resource aside, to be deleted once the operation has succeeded. */
export function leave(run: StackRun, resource: StackResource, policy: DeletionPolicy): void {
  if (resource.physicalId !== undefined) run.change({ leftovers: [...run.stack.leftovers, { resource, policy }] });
}

export const stamped = (run: StackRun, resource: StackResource, status: string, reason?: string): StackResource => {
  const { statusReason: _, ...rest } = resource;
  return { ...rest, status, timestamp: run.now(), ...(reason === undefined ? {} : { statusReason: reason }) };
};

export function knownType(name: string): ResourceType {
  const type = resourceType(name);
  if (type === undefined) throw new AwsError('ValidationError', `Unrecognized resource types: [${name}]`);
  return type;
}

async function attempt(
  run: StackRun,
  verb: 'CREATE' | 'UPDATE',
  current: () => StackResource,
  work: () => Promise<StackResource>,
): Promise<StackResource> {
  const over = () => forgetWork(run.core, run.region, workOn(run, current().logicalId));
  try {
    const done = await work();
    over();
    return done;
  } catch (error) {
    over();
    run.resource(stamped(run, current(), `${verb}_FAILED`, reasonOf(run, error)));
    run.cancelled ??= verb === 'CREATE' ? 'Resource creation cancelled' : 'Resource update cancelled';
    throw error;
  }
}

/** The reason as CloudFormation gives it: its own errors as they are, a service's error quoted. */
export function reasonOf(run: StackRun, error: unknown): string {
  if (!(error instanceof AwsError)) {
    run.core.log({ service: 'cloudformation', region: run.region, text: `stack ${run.stackId}`, error });
    return `Internal Failure: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (ownErrors.has(error.code)) return error.message;
  const [, handlerCode] = handlerErrors.find(([test]) => test.test(error.code)) ?? [undefined, 'InvalidRequest'];
  return `Resource handler returned message: "${error.message} (Error Code: ${error.code})" (RequestToken: ${run.core.ids.uuid()}, HandlerErrorCode: ${handlerCode})`;
}

const ownErrors = new Set(['ValidationError', 'Cancelled', 'NotStabilized', 'CustomResourceFailed', 'InternalFailure']);

const handlerErrors: readonly (readonly [RegExp, string])[] = [
  [/AccessDenied|Unauthorized|NotAuthorized/, 'AccessDenied'],
  [/AlreadyExist|Duplicate|AlreadyOwned/, 'AlreadyExists'],
  [/NotFound|NoSuch|NonExistent/, 'NotFound'],
  [/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/, 'Throttling'],
  [/ServiceUnavailable|InternalFailure|InternalError/, 'ServiceInternalError'],
  [/Limit|Quota/, 'ServiceLimitExceeded'],
];
