/** Who a stack's calls are made as: its role, assumed by CloudFormation, or whoever started the operation. */

import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { messageOf } from '../../kernel/errors.ts';
import type { InternalRequest, Principal, SandboxCore } from '../contract.ts';
import { validationError } from './errors.ts';

const sessionName = 'AWSCloudFormation';

export async function stackPrincipal(
  core: SandboxCore,
  region: string,
  roleArn: string | undefined,
  caller: Principal,
): Promise<Principal> {
  if (roleArn === undefined) return caller;
  const roleName = roleArn.split('/').at(-1) ?? '';
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

/** Calls in the caller's own name say that they came through CloudFormation; those of the stack's role are the role's own. */
export const passedOn = (principal: Principal): Pick<InternalRequest, 'principal' | 'calledVia'> =>
  principal.kind === 'role' && principal.sessionName === sessionName
    ? { principal }
    : { principal, calledVia: ['cloudformation'] };
