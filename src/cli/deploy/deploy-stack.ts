/**
 * One stack, brought to its template by a change set, as the CDK CLI does: nothing happens when the change set is empty, and a
 * failure is told by the first resource that failed.
 */

import type { CloudFormationClient, ResourceChange, Stack } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock.ts';
import { sleep } from '../../kernel/clock.ts';
import { terminalError } from '../../kernel/errors.ts';
import { changesIn, openChangeSet, removeChangeSet } from './change-set.ts';
import { roleHasMoved, settleRole } from './settle-role.ts';
import { neverCameUp, updatable } from './stack-states.ts';
import type { ResourceEvent } from './watch-stack.ts';
import { deployedStates, describedStack, latestEvent, StackFailure, watchStack } from './watch-stack.ts';

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
  /** Sees the changes right before they are made; throws when they mustn't be. */
  readonly judge?: (changes: readonly ResourceChange[]) => void;
}

export interface DeployedStack {
  readonly stackName: string;
  readonly region: string;
  readonly stackId: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly outputs: Readonly<Record<string, string>>;
}

const changeSetName = 'pilot-light-deploy';

export async function deployStack(stack: StackToDeploy, deployment: StackDeployment): Promise<DeployedStack> {
  for (let tries = 1; ; tries++) {
    try {
      return await bringTo(stack, deployment);
    } catch (error) {
      if (tries === mostTries || !wasBusy(error)) throw error;
      await sleep(deployment.clock, betweenTries);
    }
  }
}

/** A database can't be replicated while it is backed up, which happens daily and takes minutes: CloudFormation gives the new stack up at once. */
const wasBusy = (error: unknown): boolean =>
  error instanceof StackFailure &&
  error.status === 'ROLLBACK_COMPLETE' &&
  error.resource?.reason?.includes('InvalidDBInstanceState') === true;
const mostTries = 90;
const betweenTries = 10_000;

async function bringTo(stack: StackToDeploy, deployment: StackDeployment): Promise<DeployedStack> {
  const { client } = deployment;
  const { stackName, region } = stack;
  const standing = await readyToDeploy(stack, deployment);
  const exists = standing !== undefined && standing.StackStatus !== 'REVIEW_IN_PROGRESS';
  if (standing !== undefined) await removeChangeSet(client, stackName, changeSetName);
  const open = () => openChangeSet(stack, { ...deployment, name: changeSetName, exists });
  let opened = await open();
  if (exists && opened.hasChanges && (await roleHasMoved(client, standing, changeSetName))) {
    await removeChangeSet(client, stackName, changeSetName);
    await settleRole(stack, standing, deployment);
    opened = await open();
  }
  const { hasChanges, stackId } = opened;
  if (hasChanges && deployment.judge !== undefined) {
    deployment.judge(await changesIn(client, stackName, changeSetName));
  }
  await protect(stack, standing, deployment);
  let outcome: DeployedStack['outcome'] = 'unchanged';
  if (hasChanges) {
    await execute(stack, stackId, exists, deployment);
    outcome = exists ? 'updated' : 'created';
  } else {
    await removeChangeSet(client, stackName, changeSetName);
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

/** Settles when the stack has come to the change set; a failover in the meantime is caught up with, however it ended. */
async function execute(
  stack: StackToDeploy,
  stackId: string,
  exists: boolean,
  deployment: StackDeployment,
): Promise<void> {
  const { client } = deployment;
  const { stackName, region } = stack;
  const since = await latestEvent(client, stackId);
  const { ExecuteChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  // What a rollback leaves behind under its name would be in the way of the next deployment.
  const RetainExceptOnCreate = !exists;
  await client.send(
    new ExecuteChangeSetCommand({ StackName: stackName, ChangeSetName: changeSetName, RetainExceptOnCreate }),
  );
  const caughtUp = async () => {
    const now = await describedStack(client, stackId);
    if (now !== undefined) await settleRole(stack, now, deployment);
  };
  try {
    await watchStack({ ...deployment, region, stackName, stackId, since, succeeds: deployedStates });
  } catch (error) {
    // What made it fail is what is to be told, whatever becomes of this.
    if (error instanceof StackFailure && error.status === 'UPDATE_ROLLBACK_COMPLETE') await caughtUp().catch(() => {});
    throw error;
  }
  await caughtUp();
}

/** The stack as it stands, once it can take a change set: what never came up is cleared away first. */
async function readyToDeploy(stack: StackToDeploy, deployment: StackDeployment): Promise<Stack | undefined> {
  const { client } = deployment;
  const { stackName, region } = stack;
  const standing = await describedStack(client, stackName);
  const status = standing?.StackStatus ?? '';
  if (standing === undefined || updatable.has(status)) return standing;
  if (neverCameUp.has(status)) {
    const { DeleteStackCommand } = await import('@aws-sdk/client-cloudformation');
    await protect({ ...stack, terminationProtection: false }, standing, deployment);
    const stackId = standing.StackId ?? stackName;
    const since = await latestEvent(client, stackId);
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
