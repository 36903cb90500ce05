/** A change set for a stack: made, waited for, read, removed. */

import type {
  CloudFormationClient,
  CreateChangeSetCommandInput,
  Parameter,
  ResourceChange,
  Stack,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock.ts';
import { sleep } from '../../kernel/clock.ts';
import { terminalError, usageError } from '../../kernel/errors.ts';
import type { StackToDeploy } from './deploy-stack.ts';
import { pollsOf } from './watch-stack.ts';

export interface ChangeSetMaking {
  readonly client: CloudFormationClient;
  readonly clock: Clock;
  readonly name: string;
  /** Whether the stack stands already. */
  readonly exists: boolean;
}

export interface OpenChangeSet {
  readonly stackId: string;
  readonly hasChanges: boolean;
}

export async function openChangeSet(stack: StackToDeploy, making: ChangeSetMaking): Promise<OpenChangeSet> {
  const { client, exists, name } = making;
  const { CreateChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  const created = await client.send(
    new CreateChangeSetCommand({
      StackName: stack.stackName,
      ChangeSetName: name,
      ChangeSetType: exists ? 'UPDATE' : 'CREATE',
      ...requestOf(stack),
    }),
  );
  return { stackId: created.StackId ?? stack.stackName, hasChanges: await hasChanges(stack, making) };
}

/** With the template the stack has, and what its parameters stand for now. */
export async function openPreviousTemplate(
  stack: StackToDeploy,
  standing: Stack,
  making: Omit<ChangeSetMaking, 'exists'>,
): Promise<OpenChangeSet> {
  const { client, name } = making;
  const { CreateChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  const created = await client.send(
    new CreateChangeSetCommand({
      StackName: stack.stackName,
      ChangeSetName: name,
      ChangeSetType: 'UPDATE',
      UsePreviousTemplate: true,
      Parameters: (standing.Parameters ?? []).map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true })),
      Tags: standing.Tags ?? [],
      Capabilities: capabilities,
      ...(stack.executionRole === undefined ? {} : { RoleARN: stack.executionRole }),
    }),
  );
  const exists = true;
  return { stackId: created.StackId ?? stack.stackName, hasChanges: await hasChanges(stack, { ...making, exists }) };
}

/** What it was given, and what that stood for. */
export async function parametersIn(
  client: CloudFormationClient,
  StackName: string,
  ChangeSetName: string,
): Promise<readonly Parameter[]> {
  const { DescribeChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  return (await client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }))).Parameters ?? [];
}

/** Also where there is none. */
export async function removeChangeSet(client: CloudFormationClient, StackName: string, ChangeSetName: string) {
  const { DeleteChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  await client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName }));
}

/** What it would change, with values. */
export async function changesIn(client: CloudFormationClient, StackName: string, ChangeSetName: string) {
  const { DescribeChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  const changes: ResourceChange[] = [];
  for (let NextToken: string | undefined; ; ) {
    const page = await client.send(
      new DescribeChangeSetCommand({ StackName, ChangeSetName, NextToken, IncludePropertyValues: true }),
    );
    for (const { ResourceChange } of page.Changes ?? []) if (ResourceChange !== undefined) changes.push(ResourceChange);
    NextToken = page.NextToken;
    if (NextToken === undefined) return changes;
  }
}

/** CloudFormation takes templates up to this size in the request itself. */
const largestBody = 51_200;

export const mustBeUploaded = ({ template }: Pick<StackToDeploy, 'template'>): boolean =>
  Buffer.byteLength(template) > largestBody;

function requestOf(stack: StackToDeploy): Partial<CreateChangeSetCommandInput> {
  const { executionRole, parameters, stackName, tags, template, templateUrl } = stack;
  if (templateUrl === undefined && mustBeUploaded(stack)) {
    throw usageError(`The template of ${stackName} is too large to be sent along.`, {
      given: `${Buffer.byteLength(template)} bytes`,
      allowed: `${largestBody} bytes, or a template that is an asset`,
    });
  }
  return {
    ...(templateUrl === undefined ? { TemplateBody: template } : { TemplateURL: templateUrl }),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: capabilities,
    ...(executionRole === undefined ? {} : { RoleARN: executionRole }),
  };
}

const capabilities: CreateChangeSetCommandInput['Capabilities'] = [
  'CAPABILITY_IAM',
  'CAPABILITY_NAMED_IAM',
  'CAPABILITY_AUTO_EXPAND',
];

/** Waits for the change set; answers whether it would change anything. */
async function hasChanges(
  { stackName, region }: StackToDeploy,
  { client, clock, name }: ChangeSetMaking,
): Promise<boolean> {
  const { DescribeChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  for (const wait of pollsOf()) {
    const described = await client.send(new DescribeChangeSetCommand({ StackName: stackName, ChangeSetName: name }));
    const { Status: status, StatusReason: reason = '' } = described;
    if (status === 'CREATE_COMPLETE') return true;
    if (status === 'FAILED') {
      if (nothingToDo.some((start) => reason.startsWith(start))) return false;
      throw terminalError(`The change set for ${stackName} in ${region} failed: ${reason}`);
    }
    await sleep(clock, wait);
  }
  throw terminalError(`The change set for ${stackName} in ${region} never settled.`);
}

/** How CloudFormation says that a change set is empty. */
const nothingToDo = ["The submitted information didn't contain changes.", 'No updates are to be performed.'];
