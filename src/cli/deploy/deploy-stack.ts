/**
 * One stack, brought to its template by a change set, as the CDK CLI does: nothing happens when the change set is empty, and a
 * failure is told by the first resource that failed.
 */

import type { CloudFormationClient, CreateChangeSetCommandInput, Stack } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock.ts';
import { sleep } from '../../kernel/clock.ts';
import { terminalError, usageError } from '../../kernel/errors.ts';
import type { ResourceEvent } from './watch-stack.ts';
import { describedStack, pollsOf, watchStack } from './watch-stack.ts';

export interface StackToDeploy {
  readonly stackName: string;
  readonly region: string;
  readonly template: string;
  /** Where the template is, for those too large to be sent along. */
  readonly templateUrl?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly terminationProtection: boolean;
  readonly executionRole?: string;
  readonly stackPolicy?: string;
}

export interface StackDeployment {
  readonly client: CloudFormationClient;
  readonly clock: Clock;
  readonly onEvent: (event: ResourceEvent) => void;
}

export interface DeployedStack {
  readonly stackName: string;
  readonly region: string;
  readonly stackId: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly outputs: Readonly<Record<string, string>>;
}

const changeSetName = 'pilot-light-deploy';

/** CloudFormation takes templates up to this size in the request itself. */
const largestBody = 51_200;

export async function deployStack(stack: StackToDeploy, deployment: StackDeployment): Promise<DeployedStack> {
  const { client } = deployment;
  const { stackName, region } = stack;
  const standing = await readyToDeploy(stack, deployment);
  const exists = standing !== undefined && standing.StackStatus !== 'REVIEW_IN_PROGRESS';
  const sdk = await import('@aws-sdk/client-cloudformation');
  if (standing !== undefined) {
    await client.send(new sdk.DeleteChangeSetCommand({ StackName: stackName, ChangeSetName: changeSetName }));
  }
  const created = await client.send(
    new sdk.CreateChangeSetCommand({
      StackName: stackName,
      ChangeSetName: changeSetName,
      ChangeSetType: exists ? 'UPDATE' : 'CREATE',
      ...requestOf(stack),
    }),
  );
  const stackId = created.StackId ?? stackName;
  const hasChanges = await changeSetReady(stack, deployment);
  await protect(stack, standing, deployment);
  let outcome: DeployedStack['outcome'] = 'unchanged';
  if (hasChanges) {
    const since = await latestEvent(stackId, deployment);
    await client.send(new sdk.ExecuteChangeSetCommand({ StackName: stackName, ChangeSetName: changeSetName }));
    await watchStack({ ...deployment, region, stackName, stackId, since, succeeds: deployedStates });
    outcome = exists ? 'updated' : 'created';
  } else {
    await client.send(new sdk.DeleteChangeSetCommand({ StackName: stackName, ChangeSetName: changeSetName }));
  }
  await setPolicy(stack, deployment);
  const now = await describedStack(client, stackId);
  return {
    stackName,
    region,
    stackId,
    outcome,
    outputs: Object.fromEntries((now?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
  };
}

const deployedStates = ['CREATE_COMPLETE', 'UPDATE_COMPLETE'];

/** The stack as it stands, once it can take a change set: what never came up is cleared away first. */
async function readyToDeploy(stack: StackToDeploy, deployment: StackDeployment): Promise<Stack | undefined> {
  const { client } = deployment;
  const { stackName, region } = stack;
  const standing = await describedStack(client, stackName);
  const status = standing?.StackStatus ?? '';
  if (standing === undefined || updatable.has(status)) return standing;
  if (['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED'].includes(status)) {
    const { DeleteStackCommand } = await import('@aws-sdk/client-cloudformation');
    const stackId = standing.StackId ?? stackName;
    const since = await latestEvent(stackId, deployment);
    await client.send(new DeleteStackCommand({ StackName: stackId }));
    await watchStack({ ...deployment, region, stackName, stackId, since, succeeds: ['DELETE_COMPLETE'] });
    return undefined;
  }
  throw terminalError(`The stack ${stackName} in ${region} can't be deployed now.`, {
    given: status,
    allowed: [...updatable].join(', '),
    next:
      status === 'UPDATE_ROLLBACK_FAILED'
        ? `Run aws cloudformation continue-update-rollback --stack-name ${stackName} --region ${region} first.`
        : 'Wait until what is under way has ended, then deploy again.',
  });
}

const updatable = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'REVIEW_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

function requestOf(stack: StackToDeploy): Partial<CreateChangeSetCommandInput> {
  const { executionRole, parameters, stackName, tags, template, templateUrl } = stack;
  if (templateUrl === undefined && Buffer.byteLength(template) > largestBody) {
    throw usageError(`The template of ${stackName} is too large to be sent along.`, {
      given: `${Buffer.byteLength(template)} bytes`,
      allowed: `${largestBody} bytes, or a template that is an asset`,
    });
  }
  return {
    ...(templateUrl === undefined ? { TemplateBody: template } : { TemplateURL: templateUrl }),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    ...(executionRole === undefined ? {} : { RoleARN: executionRole }),
  };
}

/** Waits for the change set; answers whether it would change anything. */
async function changeSetReady(
  { stackName, region }: StackToDeploy,
  { client, clock }: StackDeployment,
): Promise<boolean> {
  const { DescribeChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  for (const wait of pollsOf()) {
    const described = await client.send(
      new DescribeChangeSetCommand({ StackName: stackName, ChangeSetName: changeSetName }),
    );
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

async function protect(
  { stackName, terminationProtection }: StackToDeploy,
  standing: Stack | undefined,
  { client }: StackDeployment,
): Promise<void> {
  if ((standing?.EnableTerminationProtection ?? false) === terminationProtection) return;
  const { UpdateTerminationProtectionCommand } = await import('@aws-sdk/client-cloudformation');
  await client.send(
    new UpdateTerminationProtectionCommand({
      StackName: stackName,
      EnableTerminationProtection: terminationProtection,
    }),
  );
}

async function setPolicy({ stackName, stackPolicy }: StackToDeploy, { client }: StackDeployment): Promise<void> {
  if (stackPolicy === undefined) return;
  const { GetStackPolicyCommand, SetStackPolicyCommand } = await import('@aws-sdk/client-cloudformation');
  const { StackPolicyBody: body } = await client.send(new GetStackPolicyCommand({ StackName: stackName }));
  if (body !== undefined && JSON.stringify(JSON.parse(body)) === stackPolicy) return;
  await client.send(new SetStackPolicyCommand({ StackName: stackName, StackPolicyBody: stackPolicy }));
}

/** The id of the newest event: what is older isn't news. */
async function latestEvent(stackId: string, { client }: StackDeployment): Promise<string | undefined> {
  const { DescribeStackEventsCommand } = await import('@aws-sdk/client-cloudformation');
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: stackId }));
  return StackEvents?.[0]?.EventId;
}
