/**
 * What Lambda makes sure of before it relies on a function's role: that it can reach the queue it shall poll, and make interfaces in the
 * VPC it shall stand in. Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC" and "Using Lambda
 * with Amazon SQS"; the sentence is Lambda's own (https://github.com/aws/aws-sam-cli/issues/617).
 */

import type { Ask, Principal, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { invalid } from './rows.ts';

interface Asker {
  readonly region: string;
  /** The role's session. */
  readonly principal: Principal;
}

export function checkQueueAccess(core: SandboxCore, asker: Asker, queueArn: string): void {
  const asks = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => ({
    action: `sqs:${action}`,
    resource: queueArn,
  }));
  check(core, asker, 'SQS', asks);
}

export function checkInterfaceAccess(
  core: SandboxCore,
  asker: Asker,
  {
    subnetIds,
    securityGroupIds,
  }: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] },
): void {
  const arn = (kind: string, id: string) => `arn:aws:ec2:${asker.region}:${core.account}:${kind}/${id}`;
  const made = arn('network-interface', '*');
  const touched = [
    made,
    ...subnetIds.map((id) => arn('subnet', id)),
    ...securityGroupIds.map((id) => arn('security-group', id)),
  ];
  check(core, asker, 'EC2', [
    ...touched.map((resource) => ({ action: 'ec2:CreateNetworkInterface', resource })),
    { action: 'ec2:DescribeNetworkInterfaces', resource: '*' },
    { action: 'ec2:DeleteNetworkInterface', resource: made },
  ]);
}

function check(core: SandboxCore, asker: Asker, service: 'SQS' | 'EC2', asks: readonly Ask[]): void {
  for (const ask of asks) {
    try {
      core.ask(asker, [ask]);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const [, action = ''] = ask.action.split(':');
      throw invalid(`The provided execution role does not have permissions to call ${action} on ${service}`);
    }
  }
}
