/**
 * Deploys a synthesized CDK assembly with nothing but AWS's APIs: Regions are bootstrapped where they aren't, files are uploaded,
 * and stacks are deployed in the order they depend on each other, independent ones at the same time.
 */

import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import type { AccountClients } from '../../aws/account-clients.ts';
import type { Clock } from '../../kernel/clock.ts';
import { wallClock } from '../../kernel/clock.ts';
import type { AssemblyStack } from './assembly.ts';
import { readAssembly } from './assembly.ts';
import { bootstrapIfNeeded, bootstrapNeeds } from './bootstrap.ts';
import type { DeployedStack } from './deploy-stack.ts';
import { deployStack } from './deploy-stack.ts';
import { inOrder } from './in-order.ts';
import type { DeployProgress } from './progress.ts';
import { Progress } from './progress.ts';
import { AssetPublisher } from './publish-assets.ts';

export type DeployClients = Pick<AccountClients, 'cloudFormation' | 's3' | 'ssm' | 'sts'>;

export interface DeployOptions {
  /** The folder with manifest.json. */
  readonly assemblyDirectory: string;
  readonly clients: (region: string) => DeployClients;
  /** Stacks at a time. @default 8 */
  readonly concurrency?: number;
  readonly onProgress?: (progress: DeployProgress) => void;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Whose credentials bootstrap a Region: the deploy role is made by it. @default `clients` */
  readonly bootstrapClients?: (region: string) => DeployClients;
  /** Once it aborts, no further stack is started. */
  readonly signal?: AbortSignal;
  /** Sees each stack's changes right before they are made; throws when they mustn't be. */
  readonly judge?: (stack: AssemblyStack, changes: readonly ResourceChange[]) => void;
}

export interface Deployment {
  readonly stacks: readonly DeployedStack[];
  /** How many stacks were created or updated. */
  readonly changed: number;
}

export async function deployAssembly(options: DeployOptions): Promise<Deployment> {
  const { assemblyDirectory, clients } = options;
  return deployStacks(await readAssembly(assemblyDirectory, accountOf(clients)), options);
}

/** As many of an assembly's stacks as are given; what they wait for and isn't among them is taken to stand. */
export async function deployStacks(
  stacks: readonly AssemblyStack[],
  options: Omit<DeployOptions, 'assemblyDirectory'>,
): Promise<Deployment> {
  const { clients, clock = wallClock, concurrency = 8, judge, onProgress = () => {} } = options;
  const progress = new Progress(
    stacks.reduce((total, { resources }) => total + resources, 0),
    onProgress,
  );
  await bootstrapRegions(stacks, options.bootstrapClients ?? clients, clock, progress);
  const publisher = new AssetPublisher(clients);
  // Files go up while the first stacks are at work; a failure is told by the stack that needs the file.
  for (const { assets } of stacks) publisher.publish(assets).catch(() => {});
  const deployed: DeployedStack[] = [];
  await inOrder(
    stacks,
    ({ after }) => after,
    concurrency,
    async (stack) => {
      const { region, stackName } = stack;
      options.signal?.throwIfAborted();
      await publisher.publish(stack.assets);
      const client = await clients(region).cloudFormation();
      const onEvent = progress.event.bind(progress);
      const judged =
        judge === undefined ? {} : { judge: (changes: readonly ResourceChange[]) => judge(stack, changes) };
      const done = await deployStack(stack, { client, clock, onEvent, ...judged });
      deployed.push(done);
      progress.stackDone(region, stackName, stack.resources, done.outcome);
    },
  );
  return { stacks: deployed, changed: deployed.filter(({ outcome }) => outcome !== 'unchanged').length };
}

/** The account behind the clients' credentials, asked once. */
export function accountOf(
  clients: (region: string) => Pick<DeployClients, 'sts'>,
): (region: string) => Promise<string> {
  let known: Promise<string> | undefined;
  return (region) => {
    known ??= (async () => {
      const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const { Account = '' } = await (await clients(region).sts()).send(new GetCallerIdentityCommand({}));
      return Account;
    })();
    return known;
  };
}

async function bootstrapRegions(
  stacks: readonly AssemblyStack[],
  clients: (region: string) => DeployClients,
  clock: Clock,
  progress: Progress,
): Promise<void> {
  await Promise.all(
    bootstrapNeeds(stacks).map(async ({ region, ...need }) => {
      const onEvent = () => {};
      const now = await bootstrapIfNeeded(region, need, clients(region), { clock, onEvent });
      if (now) progress.say(`${region} bootstrapped`);
    }),
  );
}
