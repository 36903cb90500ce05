/** Who a stack's calls are made as: its role, assumed by CloudFormation, or whoever started the operation. */

import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { messageOf } from '../../kernel/errors.ts';
import type { Principal, SandboxCore } from '../contract.ts';
import { validationError } from './errors.ts';

export async function stackPrincipal(
  core: SandboxCore,
  region: string,
  roleArn: string | undefined,
  caller: Principal,
): Promise<Principal> {
  if (roleArn === undefined) return caller;
  const roleName = roleArn.split('/').at(-1) ?? '';
  const sessionName = 'AWSCloudFormation';
  try {
    const answer = await core.invoke<AssumeRoleCommandOutput>({
      service: 'sts',
      operation: 'AssumeRole',
      region,
      input: { RoleArn: roleArn, RoleSessionName: sessionName },
      principal: core.as('cloudformation'),
    });
    const account = roleArn.split(':')[4] ?? core.account;
    const arn = answer.AssumedRoleUser?.Arn ?? `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
    return { kind: 'role', account, arn, roleName, sessionName };
  } catch (error) {
    core.log({ service: 'cloudformation', region, text: `assuming ${roleArn}: ${messageOf(error)}` });
    throw validationError(`Role ${roleArn} is invalid or cannot be assumed`);
  }
}
