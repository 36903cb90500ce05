/**
 * Brings what CloudFormation remembers of a stack to the Region's live role, without changing the template.
 *
 * A failover moves sizes, event sources and rules past CloudFormation, which remembers the role of the last deployment; and a failed
 * update goes back to what is remembered. Unsettled, a deployment that fails after a failover would scale the serving Region to nothing,
 * or wake a fenced one. So a stack is updated with its own template first: that is no change where the failover has been, and from then
 * on going back leads to the role as it is.
 */

import type { CloudFormationClient, Parameter, Stack } from '@aws-sdk/client-cloudformation';
import { openPreviousTemplate, parametersIn, removeChangeSet } from './change-set.ts';
import type { StackDeployment, StackToDeploy } from './deploy-stack.ts';
import { deployedStates, latestEvent, watchStack } from './watch-stack.ts';

const changeSetName = 'pilot-light-role';

/** Whether a change set reads parameters of Parameter Store otherwise than the stack has. */
export async function roleHasMoved(client: CloudFormationClient, standing: Stack, changeSet: string): Promise<boolean> {
  const before = resolved(standing.Parameters);
  if (before.size === 0) return false;
  const now = resolved(await parametersIn(client, standing.StackName ?? '', changeSet));
  return [...before].some(([key, value]) => now.has(key) && now.get(key) !== value);
}

/** Answers whether there was anything to settle. */
export async function settleRole(
  stack: StackToDeploy,
  standing: Stack,
  deployment: Omit<StackDeployment, 'judge'>,
): Promise<boolean> {
  const { client } = deployment;
  const { region, stackName } = stack;
  if (resolved(standing.Parameters).size === 0) return false;
  await removeChangeSet(client, stackName, changeSetName);
  const { hasChanges, stackId } = await openPreviousTemplate(stack, standing, { ...deployment, name: changeSetName });
  if (!hasChanges) {
    await removeChangeSet(client, stackName, changeSetName);
    return false;
  }
  const since = await latestEvent(client, stackId);
  const { ExecuteChangeSetCommand } = await import('@aws-sdk/client-cloudformation');
  // Going back from here would lead to the role that is no more.
  const DisableRollback = true;
  await client.send(
    new ExecuteChangeSetCommand({ StackName: stackName, ChangeSetName: changeSetName, DisableRollback }),
  );
  await watchStack({ ...deployment, region, stackName, stackId, since, succeeds: deployedStates });
  return true;
}

const resolved = (parameters: readonly Parameter[] | undefined): Map<string, string> =>
  new Map(
    (parameters ?? []).flatMap(({ ParameterKey = '', ResolvedValue }) =>
      ResolvedValue === undefined ? [] : [[ParameterKey, ResolvedValue] as const],
    ),
  );
