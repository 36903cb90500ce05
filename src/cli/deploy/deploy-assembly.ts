/**
 * Deploys a synthesized CDK assembly with nothing but AWS's APIs: Regions are bootstrapped where they aren't, files are uploaded,
 * and stacks are deployed in the order they depend on each other, independent ones at the same time.
 */

import type { Clients } from '../../aws/clients.ts';
import type { Clock } from '../../kernel/clock.ts';
import { wallClock } from '../../kernel/clock.ts';
import type { AssemblyStack } from './assembly.ts';
import { readAssembly } from './assembly.ts';
import { bootstrapIfNeeded } from './bootstrap.ts';
import type { DeployedStack } from './deploy-stack.ts';
import { deployStack } from './deploy-stack.ts';
import { inOrder } from './in-order.ts';
import type { DeployProgress } from './progress.ts';
import { Progress } from './progress.ts';
import { AssetPublisher } from './publish-assets.ts';

export type DeployClients = Pick<Clients, 'cloudFormation' | 's3' | 'ssm' | 'sts'>;

export interface DeployOptions {
  /** The folder with manifest.json. */
  readonly assemblyDirectory: string;
  readonly clients: (region: string) => DeployClients;
  /** Stacks at a time. @default 8 */
  readonly concurrency?: number;
  readonly onProgress?: (progress: DeployProgress) => void;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

export interface Deployment {
  readonly stacks: readonly DeployedStack[];
  /** How many stacks were created or updated. */
  readonly changed: number;
}

export async function deployAssembly(options: DeployOptions): Promise<Deployment> {
  const { assemblyDirectory, clients, clock = wallClock, concurrency = 8, onProgress = () => {} } = options;
  const stacks = await readAssembly(assemblyDirectory, accountOf(clients));
  const progress = new Progress(
    stacks.reduce((total, { resources }) => total + resources, 0),
    onProgress,
  );
  await bootstrapRegions(stacks, clients, clock, progress);
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
      await publisher.publish(stack.assets);
      const client = await clients(region).cloudFormation();
      const onEvent = progress.event.bind(progress);
      const done = await deployStack(stack, { client, clock, onEvent });
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
  const needs = new Map<string, { region: string; parameter: string; version: number }>();
  for (const { bootstrap, region } of stacks) {
    if (bootstrap === undefined) continue;
    const key = `${region} ${bootstrap.parameter}`;
    const version = Math.max(bootstrap.version, needs.get(key)?.version ?? 0);
    needs.set(key, { region, parameter: bootstrap.parameter, version });
  }
  await Promise.all(
    [...needs.values()].map(async ({ region, ...need }) => {
      const onEvent = () => {};
      const now = await bootstrapIfNeeded(region, need, clients(region), { clock, onEvent });
      if (now) progress.say(`${region} bootstrapped`);
    }),
  );
}
