/** Makes an account and Region ready for assemblies: the bootstrap stack, where its version parameter is missing or too old. */

import type { Clients } from '../../aws/clients.ts';
import { usageError } from '../../kernel/errors.ts';
import { bootstrapStackName, bootstrapTemplate, bootstrapVariant, bootstrapVersion } from './bootstrap-template.ts';
import type { StackDeployment } from './deploy-stack.ts';
import { deployStack } from './deploy-stack.ts';
import { describedStack } from './watch-stack.ts';

export type BootstrapClients = Pick<Clients, 'cloudFormation' | 'ssm'>;

/** @returns whether the environment was bootstrapped now. */
export async function bootstrapIfNeeded(
  region: string,
  { parameter, version }: { readonly parameter: string; readonly version: number },
  clients: BootstrapClients,
  deployment: Omit<StackDeployment, 'client'>,
): Promise<boolean> {
  const found = await versionIn(parameter, clients);
  if (found !== undefined && found >= version) return false;
  const qualifier = /^\/cdk-bootstrap\/([^/]+)\/version$/.exec(parameter)?.[1];
  const client = await clients.cloudFormation();
  const standing = await describedStack(client, bootstrapStackName);
  const variant = standing?.Parameters?.find(({ ParameterKey }) => ParameterKey === 'BootstrapVariant')?.ParameterValue;
  const foreign = standing !== undefined && variant !== bootstrapVariant;
  if (qualifier === undefined || version > bootstrapVersion || foreign) {
    throw usageError(`${region} is not bootstrapped for this assembly.`, {
      given: found === undefined ? `no parameter ${parameter}` : `version ${found}`,
      allowed: `version ${version} or newer`,
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
    { ...deployment, client },
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
