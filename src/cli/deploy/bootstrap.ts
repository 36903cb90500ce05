/** Makes an account and Region ready for assemblies: the bootstrap stack, where its version parameter is missing or too old. */

import type { AccountClients } from '../../aws/account-clients.ts';
import { usageError } from '../../kernel/errors.ts';
import type { AssemblyStack } from './assembly.ts';
import { bootstrapStackName, bootstrapTemplate, bootstrapVariant, bootstrapVersion } from './bootstrap-template.ts';
import type { StackDeployment } from './deploy-stack.ts';
import { deployStack } from './deploy-stack.ts';
import { describedStack } from './watch-stack.ts';

export type BootstrapClients = Pick<AccountClients, 'cloudFormation' | 'ssm'>;

export interface BootstrapNeed {
  readonly parameter: string;
  readonly version: number;
}

/** What deployments of these stacks need of each Region: the newest of their wishes. */
export function bootstrapNeeds(
  stacks: readonly Pick<AssemblyStack, 'region' | 'bootstrap'>[],
): (BootstrapNeed & { readonly region: string })[] {
  const needs = new Map<string, BootstrapNeed & { region: string }>();
  for (const { bootstrap, region } of stacks) {
    if (bootstrap === undefined) continue;
    const key = `${region} ${bootstrap.parameter}`;
    const version = Math.max(bootstrap.version, needs.get(key)?.version ?? 0);
    needs.set(key, { region, parameter: bootstrap.parameter, version });
  }
  return [...needs.values()];
}

export interface BootstrapStanding {
  /** `makeable`: nothing that is in the way of ours stands there. */
  readonly state: 'ready' | 'makeable' | 'foreign';
  /** The version that was found. */
  readonly given: string;
  readonly qualifier: string;
}

export async function bootstrapStanding(
  { parameter, version }: BootstrapNeed,
  clients: BootstrapClients,
): Promise<BootstrapStanding> {
  const found = await versionIn(parameter, clients);
  const qualifier = /^\/cdk-bootstrap\/([^/]+)\/version$/.exec(parameter)?.[1] ?? '';
  const given = found === undefined ? `no parameter ${parameter}` : `version ${found}`;
  if (found !== undefined && found >= version) return { state: 'ready', given, qualifier };
  const standing = await describedStack(await clients.cloudFormation(), bootstrapStackName);
  const variant = standing?.Parameters?.find(({ ParameterKey }) => ParameterKey === 'BootstrapVariant')?.ParameterValue;
  const foreign = standing !== undefined && variant !== bootstrapVariant;
  const state = qualifier === '' || version > bootstrapVersion || foreign ? 'foreign' : 'makeable';
  return { state, given, qualifier };
}

/** @returns whether the environment was bootstrapped now. */
export async function bootstrapIfNeeded(
  region: string,
  need: BootstrapNeed,
  clients: BootstrapClients,
  deployment: Omit<StackDeployment, 'client'>,
): Promise<boolean> {
  const { given, qualifier, state } = await bootstrapStanding(need, clients);
  if (state === 'ready') return false;
  if (state === 'foreign') {
    throw usageError(`${region} is not bootstrapped for this assembly.`, {
      given,
      allowed: `version ${need.version} or newer`,
      next: `Run npx cdk bootstrap in ${region} first.`,
    });
  }
  await deployStack(
    {
      stackName: bootstrapStackName,
      region,
      template: JSON.stringify(bootstrapTemplate(qualifier)),
      parameters: {},
      tags: {},
      terminationProtection: false,
    },
    { ...deployment, client: await clients.cloudFormation() },
  );
  return true;
}

async function versionIn(Name: string, clients: BootstrapClients): Promise<number | undefined> {
  const { GetParameterCommand } = await import('@aws-sdk/client-ssm');
  try {
    const { Parameter } = await (await clients.ssm()).send(new GetParameterCommand({ Name }));
    return Number(Parameter?.Value);
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}
