/**
 * Service-linked roles: made for a service, changed by nobody else. Services act as AWS itself in the sandbox, so these roles carry no
 * policies: they exist to be named in key policies and grants, and to be judged by them where a customer's key is used in their name.
 */

import type { CreateServiceLinkedRoleCommandInput } from '@aws-sdk/client-iam';
import type { AnyOperation, Ask, Principal, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { roleOutput, taken } from './entities.ts';
import { invalidInput, required } from './errors.ts';
import { iamArn } from './names.ts';
import type { RoleRow } from './rows.ts';
import { iamTables, uniqueId } from './rows.ts';

/** Source: IAM User Guide, "AWS services that work with IAM", and each service's page on service-linked roles. */
const names: Readonly<Record<string, { name: string; suffix: boolean }>> = {
  'autoscaling.amazonaws.com': { name: 'AutoScaling', suffix: true },
  'elasticloadbalancing.amazonaws.com': { name: 'ElasticLoadBalancing', suffix: false },
  'rds.amazonaws.com': { name: 'RDS', suffix: false },
  'replication.dynamodb.amazonaws.com': { name: 'DynamoDBReplication', suffix: false },
  'events.amazonaws.com': { name: 'CloudWatchEvents', suffix: false },
  'ssm.amazonaws.com': { name: 'AmazonSSM', suffix: false },
};

export function serviceLinkedRoleOperations(core: SandboxCore): Record<string, AnyOperation> {
  const { roles } = iamTables(core);
  return {
    CreateServiceLinkedRole: operation(
      (input: CreateServiceLinkedRoleCommandInput) => {
        const service = required(input.AWSServiceName, 'AWSServiceName');
        const known = names[service];
        if (known === undefined)
          throw invalidInput(
            `Service role of ${service} is not known to the sandbox: ${Object.keys(names).join(', ')}.`,
          );
        if (input.CustomSuffix !== undefined && !known.suffix)
          throw invalidInput(`Custom suffix is not allowed for ${service}`);
        const suffix = input.CustomSuffix === undefined ? '' : `_${input.CustomSuffix}`;
        const name = `AWSServiceRoleFor${known.name}${suffix}`;
        if (taken(roles, name)) {
          throw invalidInput(
            `Service role name ${name} has been taken in this account, please try a different suffix.`,
          );
        }
        const row = linkedRole(core, service, name, input.Description);
        return { Role: roleOutput(row, true) };
      },
      (input) => [askToLink(core, input.AWSServiceName ?? '')],
    ),
  };
}

/** The role a service makes for itself when it first needs it; whoever makes it need it is asked `askToLink`. */
export function ensureLinkedRole(core: SandboxCore, service: string): RoleRow {
  const name = `AWSServiceRoleFor${names[service]?.name ?? service}`;
  return iamTables(core).roles.get(name) ?? linkedRole(core, service, name, undefined);
}

export const isLinked = (core: SandboxCore, service: string): boolean =>
  iamTables(core).roles.has(`AWSServiceRoleFor${names[service]?.name ?? service}`);

export const askToLink = ({ account }: Pick<SandboxCore, 'account'>, service: string): Ask => ({
  action: 'iam:CreateServiceLinkedRole',
  resource: iamArn(account, 'role', `/aws-service-role/${service}/`, '*'),
  context: { 'iam:AWSServiceName': service },
});

/** A service in its linked role, for what is judged by others' policies: Auto Scaling's launches, by a key's. */
export function linkedSession(core: SandboxCore, service: string): Principal {
  const { name: roleName } = ensureLinkedRole(core, service);
  const sessionName = names[service]?.name ?? service;
  const arn = `arn:aws:sts::${core.account}:assumed-role/${roleName}/${sessionName}`;
  return { kind: 'role', account: core.account, arn, roleName, sessionName };
}

function linkedRole(core: SandboxCore, service: string, name: string, description: string | undefined): RoleRow {
  const path = `/aws-service-role/${service}/`;
  return iamTables(core).roles.put(name, {
    name,
    path,
    id: uniqueId(core, 'AROA'),
    arn: iamArn(core.account, 'role', path, name),
    createdAt: core.clock.now(),
    tags: {},
    inline: {},
    attached: [],
    trust: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    }),
    description,
    maxSessionDuration: 3600,
    linkedService: service,
  });
}
