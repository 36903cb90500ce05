/** Deletes the stacks of a synthesized CDK assembly, dependents first. Bootstrap stacks and their buckets stay. */

import { wallClock } from '../../kernel/clock.ts';
import { usageError } from '../../kernel/errors.ts';
import { readAssembly } from './assembly.ts';
import type { DeployOptions } from './deploy-assembly.ts';
import { accountOf } from './deploy-assembly.ts';
import { inOrder } from './in-order.ts';
import { Progress } from './progress.ts';
import { describedStack, watchStack } from './watch-stack.ts';

export interface Destruction {
  /** Names of the stacks that were deleted, in the order they went. */
  readonly deleted: readonly { readonly stackName: string; readonly region: string }[];
}

/** Raises a usage error, before anything is deleted, when a stack is protected against termination. */
export async function destroyAssembly(options: DeployOptions): Promise<Destruction> {
  const { assemblyDirectory, clients, clock = wallClock, concurrency = 8, onProgress = () => {} } = options;
  const stacks = await readAssembly(assemblyDirectory, accountOf(clients));
  const progress = new Progress(stacks.length, onProgress);
  const standing = new Map(
    await Promise.all(
      stacks.map(async ({ id, region, stackName }) => {
        const found = await describedStack(await clients(region).cloudFormation(), stackName);
        return [id, found] as const;
      }),
    ),
  );
  const guarded = stacks.filter(({ id }) => standing.get(id)?.EnableTerminationProtection === true);
  if (guarded.length > 0) {
    throw usageError('Stacks are protected against termination.', {
      given: guarded.map(({ region, stackName }) => `${stackName} in ${region}`).join(', '),
      next: 'Turn the protection off first, if they are really to go.',
    });
  }
  const deleted: { stackName: string; region: string }[] = [];
  await inOrder(
    stacks,
    ({ id }) => stacks.filter(({ after }) => after.includes(id)).map((dependent) => dependent.id),
    concurrency,
    async ({ executionRole, id, region, stackName }) => {
      const stackId = standing.get(id)?.StackId;
      if (stackId === undefined) return;
      const client = await clients(region).cloudFormation();
      const sdk = await import('@aws-sdk/client-cloudformation');
      const { StackEvents } = await client.send(new sdk.DescribeStackEventsCommand({ StackName: stackId }));
      const RoleARN = executionRole === undefined ? {} : { RoleARN: executionRole };
      await client.send(new sdk.DeleteStackCommand({ StackName: stackId, ...RoleARN }));
      const since = StackEvents?.[0]?.EventId;
      const onEvent = progress.event.bind(progress);
      await watchStack({ client, clock, region, stackName, stackId, since, succeeds: ['DELETE_COMPLETE'], onEvent });
      deleted.push({ stackName, region });
      progress.stackDone(region, stackName, 1, 'deleted');
    },
  );
  return { deleted };
}
