/** CreateStack, UpdateStack, DeleteStack and what acts on a stack as a whole. */

import type {
  ContinueUpdateRollbackCommandInput,
  ContinueUpdateRollbackCommandOutput,
  CreateStackCommandInput,
  CreateStackCommandOutput,
  DeleteStackCommandInput,
  UpdateStackCommandInput,
  UpdateStackCommandOutput,
  UpdateTerminationProtectionCommandInput,
  UpdateTerminationProtectionCommandOutput,
} from '@aws-sdk/client-cloudformation';
import { changesOf } from '../../cloudformation/changes.ts';
import type { Engine } from '../../cloudformation/engine.ts';
import { noSuchStack, validationError } from '../../cloudformation/errors.ts';
import { stackPrincipal } from '../../cloudformation/identity.ts';
import type { Prepared } from '../../cloudformation/prepare.ts';
import { prepare } from '../../cloudformation/prepare.ts';
import type { Stack, StackContent } from '../../cloudformation/stack.ts';
import { emptyContent, findStack, stackTables } from '../../cloudformation/stack.ts';
import { checkStackPolicy } from '../../cloudformation/stack-policy.ts';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import type { StackRequest } from './requests.ts';
import { askOnStack, checkCapabilities, refuseUnsupported, tagsOf, templateText } from './requests.ts';

export function stackOperations(engine: Engine): Record<string, AnyOperation> {
  const { core } = engine;
  return {
    CreateStack: operation<CreateStackCommandInput, Omit<CreateStackCommandOutput, '$metadata'>>(
      (input, call) => create(engine, input, call),
      askOnStack(core, 'CreateStack'),
    ),
    UpdateStack: operation<UpdateStackCommandInput, Omit<UpdateStackCommandOutput, '$metadata'>>(
      (input, call) => update(engine, input, call),
      askOnStack(core, 'UpdateStack'),
    ),
    DeleteStack: operation<DeleteStackCommandInput, object>(
      (input, call) => remove(engine, input, call),
      askOnStack(core, 'DeleteStack'),
    ),
    ContinueUpdateRollback: operation<
      ContinueUpdateRollbackCommandInput,
      Omit<ContinueUpdateRollbackCommandOutput, '$metadata'>
    >((input, call) => continueRollback(engine, input, call), askOnStack(core, 'ContinueUpdateRollback')),
    UpdateTerminationProtection: operation<
      UpdateTerminationProtectionCommandInput,
      Omit<UpdateTerminationProtectionCommandOutput, '$metadata'>
    >(
      (input, call) => {
        const stack = existing(core, call, input.StackName);
        stackTables(core, call.region).stacks.put(stack.id, {
          ...stack,
          terminationProtection: input.EnableTerminationProtection === true,
        });
        return { StackId: stack.id };
      },
      askOnStack(core, 'UpdateTerminationProtection'),
    ),
  };
}

/** A stack that stands, or ValidationError. */
export function existing(core: SandboxCore, call: Call, nameOrId: string | undefined): Stack {
  const stack = findStack(stackTables(core, call.region), nameOrId ?? '');
  if (stack === undefined) throw noSuchStack(nameOrId ?? '');
  return stack;
}

/** A new stack's record, named and numbered. */
export function newStack(core: SandboxCore, call: Call, name: string): Stack {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
    );
  }
  return {
    id: `arn:aws:cloudformation:${call.region}:${call.account}:stack/${name}/${core.ids.uuid()}`,
    name,
    status: 'CREATE_IN_PROGRESS',
    creationTime: core.region(call.region).clock.now(),
    content: emptyContent,
    resources: {},
    terminationProtection: false,
    disableRollback: false,
    leftovers: [],
  };
}

/** What a request sets, with the template prepared. */
export function contentOf(prepared: Prepared, input: StackRequest, previous: StackContent): StackContent {
  return {
    template: prepared.text,
    parameters: prepared.parameters,
    capabilities: input.Capabilities ?? [],
    tags: input.Tags === undefined ? previous.tags : tagsOf(input.Tags),
    outputs: [],
    imports: [],
  };
}

const updatable = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'CREATE_FAILED',
  'UPDATE_FAILED',
]);

export function checkUpdatable({ id, status }: Stack): void {
  if (!updatable.has(status)) throw validationError(`Stack:${id} is in ${status} state and can not be updated.`);
}

async function create(engine: Engine, input: CreateStackCommandInput, call: Call): Promise<{ StackId: string }> {
  const { core } = engine;
  refuseUnsupported(input, {
    TimeoutInMinutes: input.TimeoutInMinutes !== undefined,
    StackPolicyURL: input.StackPolicyURL !== undefined,
    'DeploymentConfig.Mode EXPRESS': input.DeploymentConfig?.Mode === 'EXPRESS',
  });
  const { stacks } = stackTables(core, call.region);
  const name = input.StackName ?? '';
  const taken = (): void => {
    if (findStack(stackTables(core, call.region), name) !== undefined) {
      throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
    }
  };
  taken();
  if (input.StackPolicyBody !== undefined) checkStackPolicy(input.StackPolicyBody);
  if (input.DisableRollback === true && input.OnFailure !== undefined) {
    throw validationError('Either DisableRollback or OnFailure can be specified, not both.');
  }
  const stack = newStack(core, call, name);
  const text = await templateText(core, call, input, undefined);
  const identity = { id: stack.id, name, region: call.region };
  const given = input.Parameters ?? [];
  const principal = await stackPrincipal(core, call.region, input.RoleARN, call.principal);
  const prepared = await prepare(core, { text, identity, given, previous: [], principal });
  checkCapabilities(prepared.template, input.Capabilities ?? []);
  taken();
  stacks.put(stack.id, {
    ...stack,
    content: contentOf(prepared, input, emptyContent),
    terminationProtection: input.EnableTerminationProtection === true,
    disableRollback: input.DisableRollback === true,
    ...(input.RoleARN === undefined ? {} : { roleArn: input.RoleARN }),
    ...(input.StackPolicyBody === undefined ? {} : { policy: input.StackPolicyBody }),
  });
  const onFailure = input.DisableRollback === true ? 'DO_NOTHING' : (input.OnFailure ?? 'ROLLBACK');
  const retainExceptOnCreate = input.RetainExceptOnCreate === true;
  const place = { region: call.region, stackId: stack.id, token: input.ClientRequestToken };
  const options = { onFailure, retainExceptOnCreate } as const;
  engine.start(place, principal, { kind: 'create', options }, prepared);
  return { StackId: stack.id };
}

async function update(engine: Engine, input: UpdateStackCommandInput, call: Call): Promise<{ StackId: string }> {
  const { core } = engine;
  refuseUnsupported(input, {
    StackPolicyURL: input.StackPolicyURL !== undefined,
    StackPolicyDuringUpdateURL: input.StackPolicyDuringUpdateURL !== undefined,
    'DeploymentConfig.Mode EXPRESS': input.DeploymentConfig?.Mode === 'EXPRESS',
  });
  const stack = existing(core, call, input.StackName);
  checkUpdatable(stack);
  const temporary = input.StackPolicyDuringUpdateBody;
  for (const policy of [input.StackPolicyBody, temporary]) if (policy !== undefined) checkStackPolicy(policy);
  const roleArn = input.RoleARN ?? stack.roleArn;
  const principal = await stackPrincipal(core, call.region, roleArn, call.principal);
  const prepared = await prepare(core, {
    text: await templateText(core, call, input, stack.content.template),
    identity: { id: stack.id, name: stack.name, region: call.region },
    given: input.Parameters ?? [],
    previous: stack.content.parameters,
    principal,
  });
  checkCapabilities(prepared.template, input.Capabilities ?? []);
  const content = contentOf(prepared, input, stack.content);
  const unfinished = stack.status.endsWith('_FAILED');
  if (changesOf(prepared, stack, content.tags).none && !unfinished) {
    throw validationError('No updates are to be performed.');
  }
  const policy = input.StackPolicyBody ?? stack.policy;
  const inForce = temporary ?? policy;
  startUpdate(engine, stack.id, input.ClientRequestToken, call, principal, {
    prepared,
    content,
    patch: { ...(roleArn === undefined ? {} : { roleArn }), ...(policy === undefined ? {} : { policy }) },
    disableRollback: input.DisableRollback ?? false,
    retainExceptOnCreate: input.RetainExceptOnCreate === true,
    ...(inForce === undefined ? {} : { inForce }),
  });
  return { StackId: stack.id };
}

export interface StartUpdate {
  readonly prepared: Prepared;
  readonly content: StackContent;
  readonly patch: Partial<Stack>;
  readonly disableRollback: boolean;
  readonly retainExceptOnCreate: boolean;
  readonly inForce?: string;
}

/** Marks the stack as being updated and lets the update run. */
export function startUpdate(
  engine: Engine,
  stackId: string,
  token: string | undefined,
  call: Call,
  principal: Call['principal'],
  { prepared, content, patch, disableRollback, retainExceptOnCreate, inForce }: StartUpdate,
): void {
  const { stacks } = stackTables(engine.core, call.region);
  const stack = stacks.get(stackId);
  if (stack === undefined) throw noSuchStack(stackId);
  // Between reading the stack and now another operation may have begun.
  checkUpdatable(stack);
  stacks.put(stackId, { ...stack, ...patch, status: 'UPDATE_IN_PROGRESS' });
  const options = {
    disableRollback,
    retainExceptOnCreate,
    ...(inForce === undefined ? {} : { policy: inForce }),
  };
  engine.start({ region: call.region, stackId, token }, principal, { kind: 'update', content, options }, prepared);
}

async function remove(engine: Engine, input: DeleteStackCommandInput, call: Call): Promise<object> {
  const { core } = engine;
  if (input.DeletionMode === 'FORCE_DELETE_STACK') {
    throw validationError("The sandbox's CloudFormation doesn't support DeletionMode FORCE_DELETE_STACK");
  }
  const { stacks } = stackTables(core, call.region);
  const stack = findStack(stackTables(core, call.region), input.StackName ?? '');
  // Deleting what isn't there succeeds, on AWS too.
  if (stack === undefined || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return {};
  if (stack.terminationProtection) {
    throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (stack.status.endsWith('IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS') {
    throw validationError(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
  }
  const retain = input.RetainResources ?? [];
  if (retain.length > 0 && stack.status !== 'DELETE_FAILED') {
    throw validationError(
      'Invalid operation on stack: specify which resources to retain only when the stack is in the DELETE_FAILED state.',
    );
  }
  const roleArn = input.RoleARN ?? stack.roleArn;
  const principal = await stackPrincipal(core, call.region, roleArn, call.principal);
  stacks.put(stack.id, { ...stack, status: 'DELETE_IN_PROGRESS' });
  const place = { region: call.region, stackId: stack.id, token: input.ClientRequestToken };
  engine.start(place, principal, { kind: 'delete', retain });
  return {};
}

async function continueRollback(
  engine: Engine,
  input: ContinueUpdateRollbackCommandInput,
  call: Call,
): Promise<object> {
  const stack = existing(engine.core, call, input.StackName);
  if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not continue update rollback.`);
  }
  const roleArn = input.RoleARN ?? stack.roleArn;
  const principal = await stackPrincipal(engine.core, call.region, roleArn, call.principal);
  const token = input.ClientRequestToken;
  const skip = input.ResourcesToSkip ?? [];
  engine.start({ region: call.region, stackId: stack.id, token }, principal, { kind: 'continue rollback', skip });
  return {};
}
