/** Change sets: what would change, computed when they are created; executed as the update (or creation) they describe. */

import type {
  Change,
  ChangeSetSummary,
  CreateChangeSetCommandInput,
  CreateChangeSetCommandOutput,
  DeleteChangeSetCommandInput,
  DescribeChangeSetCommandInput,
  DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommandInput,
  ListChangeSetsCommandInput,
  ListChangeSetsCommandOutput,
} from '@aws-sdk/client-cloudformation';
import type { PlannedChange } from '../../cloudformation/changes.ts';
import { changesOf } from '../../cloudformation/changes.ts';
import type { Engine } from '../../cloudformation/engine.ts';
import { validationError } from '../../cloudformation/errors.ts';
import { stackPrincipal } from '../../cloudformation/identity.ts';
import type { JsonObject } from '../../cloudformation/json.ts';
import { liveProperties, withLive } from '../../cloudformation/live-state.ts';
import { shownParameters } from '../../cloudformation/parameters.ts';
import type { Prepared } from '../../cloudformation/prepare.ts';
import { prepare } from '../../cloudformation/prepare.ts';
import type { Stack, StackContent } from '../../cloudformation/stack.ts';
import { findStack, stackTables } from '../../cloudformation/stack.ts';
import { StackRun } from '../../cloudformation/stack-run.ts';
import type { AnyOperation, Call, SandboxCore, Table } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { shownChange } from './change-details.ts';
import { askOnStack, checkCapabilities, page, refuseUnsupported, templateText } from './requests.ts';
import { checkUpdatable, contentOf, existing, newStack, startUpdate } from './stacks.ts';

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly status: 'CREATE_COMPLETE' | 'FAILED';
  readonly statusReason?: string;
  readonly executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_COMPLETE';
  readonly creationTime: number;
  readonly description?: string;
  readonly content: StackContent;
  readonly changes: readonly PlannedChange[];
  readonly roleArn?: string;
  readonly onStackFailure?: 'DELETE' | 'DO_NOTHING' | 'ROLLBACK';
  /** Of a drift-aware change set: what drifted resources really are. */
  readonly live?: Readonly<Record<string, JsonObject>>;
}

/** AWS's words, which deployers match on to tell "nothing to do" from a failure. */
const noChanges =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

export function changeSetOperations(engine: Engine): Record<string, AnyOperation> {
  const { core } = engine;
  return {
    CreateChangeSet: operation<CreateChangeSetCommandInput, Omit<CreateChangeSetCommandOutput, '$metadata'>>(
      (input, call) => create(core, input, call),
      askOnStack(core, 'CreateChangeSet'),
    ),
    DescribeChangeSet: operation<DescribeChangeSetCommandInput, Omit<DescribeChangeSetCommandOutput, '$metadata'>>(
      (input, call) => describe(core, input, call),
      askOnChangeSet(core, 'DescribeChangeSet'),
    ),
    ExecuteChangeSet: operation<ExecuteChangeSetCommandInput, object>(
      (input, call) => execute(engine, input, call),
      askOnChangeSet(core, 'ExecuteChangeSet'),
    ),
    DeleteChangeSet: operation<DeleteChangeSetCommandInput, object>(
      (input, call) => {
        const found = find(core, call, input.ChangeSetName, input.StackName);
        if (found === undefined && input.StackName !== undefined) existing(core, call, input.StackName);
        if (found !== undefined) changeSets(core, call.region).delete(found.id);
        return {};
      },
      askOnChangeSet(core, 'DeleteChangeSet'),
    ),
    ListChangeSets: operation<ListChangeSetsCommandInput, Omit<ListChangeSetsCommandOutput, '$metadata'>>(
      (input, call) => {
        const stack = existing(core, call, input.StackName);
        const all = changeSets(core, call.region)
          .values()
          .filter(({ stackId, executionStatus }) => stackId === stack.id && executionStatus !== 'EXECUTE_COMPLETE');
        const { items, next } = page(all, input.NextToken);
        return { Summaries: items.map(summary), ...(next === undefined ? {} : { NextToken: next }) };
      },
      askOnStack(core, 'ListChangeSets'),
    ),
  };
}

const changeSets = (core: SandboxCore, region: string): Table<ChangeSet> =>
  core.table<ChangeSet>('cloudformation', region, 'change-sets');

const askOnChangeSet =
  (core: SandboxCore, name: string) =>
  (input: { StackName?: string | undefined; ChangeSetName?: string | undefined }, call: Call) => {
    const { ChangeSetName: changeSet = '', StackName } = input;
    const owner = StackName ?? changeSets(core, call.region).get(changeSet)?.stackId;
    return askOnStack(core, name)({ StackName: owner }, call);
  };

async function create(
  core: SandboxCore,
  input: CreateChangeSetCommandInput,
  call: Call,
): Promise<{ Id: string; StackId: string }> {
  const { ChangeSetName: name = '', ChangeSetType: type = 'UPDATE' } = input;
  // ImportExistingResources is taken: a resource that exists already fails by its own error instead of being imported.
  if (type === 'IMPORT' || (input.ResourcesToImport ?? []).length > 0) {
    throw validationError("The sandbox's CloudFormation doesn't support change sets of type IMPORT");
  }
  refuseUnsupported(input, {
    'DeploymentConfig.Mode EXPRESS': input.DeploymentConfig?.Mode === 'EXPRESS',
  });
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'changeSetName' failed to satisfy constraint`,
    );
  }
  const stack = stackFor(core, input.StackName ?? '', type, name, call);
  const identity = { id: stack.id, name: stack.name, region: call.region };
  const roleArn = input.RoleARN ?? stack.roleArn;
  const principal = await stackPrincipal(core, call.region, roleArn, call.principal);
  const prepared = await prepare(core, {
    text: await templateText(core, call, input, stack.content.template),
    identity,
    given: input.Parameters ?? [],
    previous: stack.content.parameters,
    principal,
  });
  const live =
    input.DeploymentMode === 'REVERT_DRIFT' ? await liveProperties(core, call.region, stack, principal) : undefined;
  checkCapabilities(prepared.template, input.Capabilities ?? []);
  const content = contentOf(prepared, input, stack.content);
  const id = `arn:aws:cloudformation:${call.region}:${call.account}:changeSet/${name}/${core.ids.uuid()}`;
  const namesake = find(core, call, name, stack.id);
  if (namesake?.executionStatus === 'EXECUTE_COMPLETE') changeSets(core, call.region).delete(namesake.id);
  else if (namesake !== undefined) {
    throw new AwsError('AlreadyExistsException', `ChangeSet ${name} already exists for stack ${stack.name}`);
  }
  const { stacks } = stackTables(core, call.region);
  if (!stacks.has(stack.id)) {
    stacks.put(stack.id, stack);
    reviewing(core, call, stack);
  }
  changeSets(core, call.region).put(id, {
    id,
    name,
    stackId: stack.id,
    stackName: stack.name,
    type,
    ...outcome(() => changesIn(prepared, stack, content, live), type),
    creationTime: core.region(call.region).clock.now(),
    content,
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(input.OnStackFailure === undefined ? {} : { onStackFailure: input.OnStackFailure }),
    ...(live === undefined ? {} : { live }),
  });
  return { Id: id, StackId: stack.id };
}

const changesIn = (prepared: Prepared, stack: Stack, { tags }: StackContent, live: ChangeSet['live']) =>
  live === undefined
    ? changesOf(prepared, stack, tags)
    : changesOf(prepared, withLive(stack, live), tags, new Set(Object.keys(live)));

/** The stack a change set is for: one that stands, or a new one to be reviewed. */
function stackFor(
  core: SandboxCore,
  nameOrId: string,
  type: 'CREATE' | 'UPDATE',
  changeSet: string,
  call: Call,
): Stack {
  const found = findStack(stackTables(core, call.region), nameOrId);
  if (type === 'UPDATE') {
    if (found === undefined) throw validationError(`Stack [${nameOrId}] does not exist`);
    checkUpdatable(found);
    return found;
  }
  if (found === undefined) return { ...newStack(core, call, nameOrId), status: 'REVIEW_IN_PROGRESS' };
  if (found.status === 'REVIEW_IN_PROGRESS') return found;
  throw validationError(
    `Stack [${nameOrId}] already exists and cannot be created again with the changeSet [${changeSet}].`,
  );
}

function reviewing(core: SandboxCore, call: Call, { id: stackId }: Stack): void {
  const responses = {
    open: () => Promise.reject(new Error('nothing is asked in a review')),
    resume: async () => {},
    close: async () => {},
  };
  const run = new StackRun({ core, responses, region: call.region, stackId, principal: call.principal });
  run.status('REVIEW_IN_PROGRESS', 'User Initiated');
}

/** A template that can't be resolved, or changes nothing, makes a change set that failed. */
function outcome(
  compute: () => ReturnType<typeof changesOf>,
  type: ChangeSet['type'],
): Pick<ChangeSet, 'status' | 'statusReason' | 'executionStatus' | 'changes'> {
  try {
    const { changes, none } = compute();
    if (!none || type === 'CREATE') return { status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE', changes };
    return { status: 'FAILED', statusReason: noChanges, executionStatus: 'UNAVAILABLE', changes };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: 'FAILED', statusReason: error.message, executionStatus: 'UNAVAILABLE', changes: [] };
  }
}

function find(
  core: SandboxCore,
  call: Call,
  nameOrId: string | undefined,
  stackNameOrId: string | undefined,
): ChangeSet | undefined {
  const table = changeSets(core, call.region);
  const byId = table.get(nameOrId ?? '');
  if (byId !== undefined || stackNameOrId === undefined) return byId;
  const stackId = findStack(stackTables(core, call.region), stackNameOrId)?.id;
  return table.values().find((item) => item.stackId === stackId && item.name === nameOrId);
}

function known(
  core: SandboxCore,
  call: Call,
  input: { ChangeSetName?: string | undefined; StackName?: string | undefined },
): ChangeSet {
  const found = find(core, call, input.ChangeSetName, input.StackName);
  if (found !== undefined) return found;
  if (input.StackName !== undefined) existing(core, call, input.StackName);
  throw new AwsError('ChangeSetNotFound', `ChangeSet [${input.ChangeSetName}] does not exist`, { status: 404 });
}

function describe(
  core: SandboxCore,
  input: DescribeChangeSetCommandInput,
  call: Call,
): Omit<DescribeChangeSetCommandOutput, '$metadata'> {
  const set = known(core, call, input);
  const { items, next } = page(set.changes, input.NextToken);
  const changes: Change[] = items.map((change) => ({
    Type: 'Resource',
    ResourceChange: shownChange(change, input.IncludePropertyValues === true, set.content.parameters, set.live),
  }));
  return {
    ...summary(set),
    Parameters: shownParameters(set.content.parameters),
    ...(set.live === undefined ? {} : { DeploymentMode: 'REVERT_DRIFT' as const }),
    Capabilities: [...set.content.capabilities] as NonNullable<DescribeChangeSetCommandOutput['Capabilities']>,
    Tags: Object.entries(set.content.tags).map(([Key, Value]) => ({ Key, Value })),
    NotificationARNs: [],
    RollbackConfiguration: {},
    Changes: changes,
    ...(next === undefined ? {} : { NextToken: next }),
  };
}

const summary = (set: ChangeSet): ChangeSetSummary => ({
  StackId: set.stackId,
  StackName: set.stackName,
  ChangeSetId: set.id,
  ChangeSetName: set.name,
  ExecutionStatus: set.executionStatus,
  Status: set.status,
  ...(set.statusReason === undefined ? {} : { StatusReason: set.statusReason }),
  CreationTime: new Date(set.creationTime),
  ...(set.description === undefined ? {} : { Description: set.description }),
  IncludeNestedStacks: false,
});

async function execute(engine: Engine, input: ExecuteChangeSetCommandInput, call: Call): Promise<object> {
  const { core } = engine;
  const set = known(core, call, input);
  if (set.executionStatus !== 'AVAILABLE') {
    throw new AwsError(
      'InvalidChangeSetStatus',
      `ChangeSet [${set.id}] cannot be executed in its current status of [${set.status === 'FAILED' ? 'FAILED' : set.executionStatus}]`,
    );
  }
  const stack = existing(core, call, set.stackId);
  const principal = await stackPrincipal(core, call.region, set.roleArn, call.principal);
  const prepared = await prepare(core, {
    text: set.content.template,
    identity: { id: stack.id, name: stack.name, region: call.region },
    given: [],
    previous: [],
    settled: set.content.parameters,
    principal,
  });
  const patch = { changeSetId: set.id, ...(set.roleArn === undefined ? {} : { roleArn: set.roleArn }) };
  const token = input.ClientRequestToken;
  if (set.type === 'UPDATE') {
    // What is updated, and gone back to, is what was really there.
    if (set.live !== undefined) stackTables(core, call.region).stacks.put(stack.id, withLive(stack, set.live));
    startUpdate(engine, stack.id, token, call, principal, {
      prepared,
      content: set.content,
      patch,
      disableRollback: input.DisableRollback ?? set.onStackFailure === 'DO_NOTHING',
      retainExceptOnCreate: input.RetainExceptOnCreate === true,
      ...(stack.policy === undefined ? {} : { inForce: stack.policy }),
    });
  } else {
    const { stacks } = stackTables(core, call.region);
    if (stacks.get(stack.id)?.status !== 'REVIEW_IN_PROGRESS') checkUpdatable(stack);
    stacks.put(stack.id, { ...stack, ...patch, status: 'CREATE_IN_PROGRESS', content: set.content });
    const onFailure = input.DisableRollback === true ? 'DO_NOTHING' : (set.onStackFailure ?? 'ROLLBACK');
    const retainExceptOnCreate = input.RetainExceptOnCreate === true;
    const options = { onFailure, retainExceptOnCreate };
    engine.start({ region: call.region, stackId: stack.id, token }, principal, { kind: 'create', options }, prepared);
  }
  settle(core, call, set);
  return {};
}

/** The executed change set stays, as the stack's own; the others were computed against what is no more. */
function settle(core: SandboxCore, call: Call, executed: ChangeSet): void {
  const table = changeSets(core, call.region);
  for (const other of table.values()) if (other.stackId === executed.stackId) table.delete(other.id);
  table.put(executed.id, { ...executed, executionStatus: 'EXECUTE_COMPLETE' });
}
