/**
 * Takes a workload's stacks down, dependents first across both Regions. Without `deleteData` a stack that holds data, or what data
 * stands on, is reduced to just that and stays; everything else goes. With it, data is deleted right before its stack, so that a run
 * cut short at any point can go on: what is left is still found by its stack or by its name.
 */

import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock.ts';
import { wallClock } from '../../kernel/clock.ts';
import type { AssemblyStack } from './assembly.ts';
import type { DataItem, DataKind } from './data.ts';
import { kindsOfType } from './data.ts';
import type { DeployClients } from './deploy-assembly.ts';
import { deployStack } from './deploy-stack.ts';
import { inOrder } from './in-order.ts';
import type { DeployProgress } from './progress.ts';
import { Progress } from './progress.ts';
import type { DeployedTemplate } from './reduced-template.ts';
import { reducedTemplates } from './reduced-template.ts';
import { updatable } from './stack-states.ts';
import type { Template } from './template-difference.ts';
import { canonical } from './template-difference.ts';
import { watchStack } from './watch-stack.ts';

export interface StackFate {
  readonly stack: AssemblyStack;
  readonly standing: Stack;
  readonly deployed: Template;
  /** `reduced` to a template; `left` as it is, since it can't be updated or holds nothing but data already. */
  readonly fate: 'deleted' | 'reduced' | 'left';
  readonly reducedTo?: Template;
}

/** What becomes of each stack that stands. */
export async function fatesOf(
  stacks: readonly AssemblyStack[],
  standing: ReadonlyMap<string, Stack>,
  deleteData: boolean,
  clients: (region: string) => DeployClients,
): Promise<StackFate[]> {
  const there = stacks.flatMap((stack) => {
    const found = standing.get(stack.id);
    return found === undefined ? [] : [{ stack, found }];
  });
  const templates = await Promise.all(there.map(({ stack }) => templateOf(stack, clients)));
  const reduced = reducedTemplates(deleteData ? [] : templates);
  return there.map(({ found, stack }, index): StackFate => {
    const deployed = templates[index]?.template ?? {};
    const base = { stack, standing: found, deployed };
    const reducedTo = reduced.get(stack.id);
    if (reducedTo === undefined) return { ...base, fate: 'deleted' };
    const isLess = canonical(reducedTo.Resources) !== canonical(deployed.Resources);
    if (!isLess || !updatable.has(found.StackStatus ?? '')) return { ...base, fate: 'left' };
    return { ...base, fate: 'reduced', reducedTo };
  });
}

async function templateOf(
  { id, region, stackName }: AssemblyStack,
  clients: (region: string) => DeployClients,
): Promise<DeployedTemplate> {
  const { GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await clients(region).cloudFormation();
  const { TemplateBody = '{}' } = await client.send(
    new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }),
  );
  return { id, region, template: JSON.parse(TemplateBody) as Template };
}

export interface DestroyOptions {
  readonly clients: (region: string) => DeployClients;
  /** With data deletion: what there is to delete. */
  readonly data?: readonly DataItem[];
  readonly onProgress?: (progress: DeployProgress) => void;
  readonly clock?: Clock;
  readonly concurrency?: number;
  /** Once it aborts, no further stack is started. */
  readonly signal?: AbortSignal;
}

export async function carryOut(fates: readonly StackFate[], options: DestroyOptions): Promise<void> {
  const { clock = wallClock, concurrency = 8, data, onProgress = () => {}, signal } = options;
  const progress = new Progress(fates.length, onProgress);
  const gone = new Set<DataItem>();
  const remove = async (items: readonly DataItem[]) => {
    for (const item of items.filter((one) => !gone.has(one))) {
      signal?.throwIfAborted();
      progress.say(`${item.region} deleting the ${item.kind} ${item.id}`);
      await item.remove();
      gone.add(item);
    }
  };
  const tasks = fates.filter(({ fate }) => fate !== 'left').map((fate) => ({ id: fate.stack.id, ...fate }));
  const dependents = (id: string) => tasks.filter(({ stack }) => stack.after.includes(id)).map((task) => task.id);
  await inOrder(
    tasks,
    ({ id }) => dependents(id),
    concurrency,
    async (task) => {
      signal?.throwIfAborted();
      const { region } = task.stack;
      if (data !== undefined) {
        const kinds = new Set(
          Object.values(task.deployed.Resources ?? {}).flatMap(({ Type }) => kindsOfType[Type] ?? []),
        );
        await remove(data.filter((item) => item.region === region && kinds.has(item.kind)));
      }
      if (task.fate === 'reduced') await reduce(task, options, clock, progress);
      else await deleteStack(task, options, clock, progress, data !== undefined);
    },
  );
  // Found by name, not by a stack: images, snapshots, synced parameters, what an earlier run left.
  if (data !== undefined) await remove([...data].sort((one, other) => lastly(one.kind) - lastly(other.kind)));
}

/** Keys last: nothing else can be read, or looked into, without them. */
const lastly = (kind: DataKind): number => (kind === 'key' ? 1 : 0);

async function reduce(
  { reducedTo = {}, stack, standing }: StackFate,
  { clients }: DestroyOptions,
  clock: Clock,
  progress: Progress,
): Promise<void> {
  const { region, stackName, tags } = stack;
  const { outcome } = await deployStack(
    {
      stackName,
      region,
      tags,
      template: JSON.stringify(reducedTo),
      parameters: {},
      terminationProtection: standing.EnableTerminationProtection === true,
      ...(stack.executionRole === undefined ? {} : { executionRole: stack.executionRole }),
    },
    { client: await clients(region).cloudFormation(), clock, onEvent: progress.event.bind(progress) },
  );
  progress.stackDone(region, stackName, 1, outcome === 'unchanged' ? 'unchanged' : 'reduced to its data');
}

async function deleteStack(
  { stack, standing }: StackFate,
  { clients }: DestroyOptions,
  clock: Clock,
  progress: Progress,
  unprotect: boolean,
): Promise<void> {
  const { executionRole, region, stackName } = stack;
  const client = await clients(region).cloudFormation();
  const sdk = await import('@aws-sdk/client-cloudformation');
  const stackId = standing.StackId ?? stackName;
  if (standing.EnableTerminationProtection === true && unprotect) {
    await client.send(
      new sdk.UpdateTerminationProtectionCommand({ StackName: stackName, EnableTerminationProtection: false }),
    );
  }
  const { StackEvents } = await client.send(new sdk.DescribeStackEventsCommand({ StackName: stackId }));
  const RoleARN = executionRole === undefined ? {} : { RoleARN: executionRole };
  await client.send(new sdk.DeleteStackCommand({ StackName: stackId, ...RoleARN }));
  const since = StackEvents?.[0]?.EventId;
  const onEvent = progress.event.bind(progress);
  await watchStack({ client, clock, region, stackName, stackId, since, succeeds: ['DELETE_COMPLETE'], onEvent });
  progress.stackDone(region, stackName, 1, 'deleted');
}
