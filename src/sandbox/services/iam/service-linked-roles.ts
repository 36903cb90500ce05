/**
 * Service-linked roles: made for a service, changed by nobody else. Services act as AWS itself in the sandbox, so these roles carry no
 * policies: they exist to be named, in key policies and grants.
 */

import type { CreateServiceLinkedRoleCommandInput } from '@aws-sdk/client-iam';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { roleOutput, taken } from './entities.ts';
import { invalidInput, required } from './errors.ts';
import { iamArn } from './names.ts';
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
      (input: CreateServiceLinkedRoleCommandInput, call) => {
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
        const path = `/aws-service-role/${service}/`;
        const row = roles.put(name, {
          name,
          path,
          id: uniqueId(core, 'AROA'),
          arn: iamArn(call.account, 'role', path, name),
          createdAt: core.clock.now(),
          tags: {},
          inline: {},
          attached: [],
          trust: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
          }),
          description: input.Description,
          maxSessionDuration: 3600,
          linkedService: service,
        });
        return { Role: roleOutput(row, true) };
      },
      (input, call) => [
        {
          action: 'iam:CreateServiceLinkedRole',
          resource: iamArn(call.account, 'role', `/aws-service-role/${input.AWSServiceName ?? ''}/`, '*'),
          context: { 'iam:AWSServiceName': input.AWSServiceName ?? '' },
        },
      ],
    ),
  };
}
