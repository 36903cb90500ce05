/** STS: temporary credentials. Every Region has its own endpoint; what one issues is valid in all. */

import type { AssumeRoleCommandInput, GetSessionTokenCommandInput } from '@aws-sdk/client-sts';
import type { Call, Principal, SandboxCore, Service } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { refuseMembers, validationError } from '../iam/errors.ts';
import { iamTables } from '../iam/rows.ts';
import { assumeRole, assumeRoleAsks } from './assume-role.ts';
import { credentialsOutput, issueSession } from './issue.ts';

export function createStsService(core: SandboxCore): Service {
  return {
    name: 'sts',
    operations: {
      AssumeRole: operation(
        (input: AssumeRoleCommandInput, call) => assumeRole(core, input, call),
        (input) => assumeRoleAsks(core, input),
      ),
      // Nobody needs a permission to ask who they are, nor for a session of their own.
      GetCallerIdentity: operation(
        (_: object, { principal }) => ({
          UserId: userId(core, principal),
          Account: principal.account,
          Arn: principal.arn,
        }),
        () => [],
      ),
      GetSessionToken: operation(
        (input: GetSessionTokenCommandInput, call) => getSessionToken(core, input, call),
        () => [],
      ),
    },
  };
}

function userId(core: SandboxCore, principal: Principal): string {
  const { users, roles } = iamTables(core);
  if (principal.kind === 'user') return users.get(principal.userName)?.id ?? principal.userName;
  if (principal.kind === 'role') return `${roles.get(principal.roleName)?.id ?? ''}:${principal.sessionName}`;
  return principal.account;
}

function getSessionToken(core: SandboxCore, input: GetSessionTokenCommandInput, { principal }: Call) {
  refuseMembers('GetSessionToken', input, ['SerialNumber', 'TokenCode']);
  if (principal.kind === 'role' || principal.kind === 'internal' || 'accessKeyId' in principal) {
    throw new AwsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', { status: 403 });
  }
  const limit = principal.kind === 'root' ? 3600 : 129_600;
  const duration = input.DurationSeconds ?? Math.min(limit, 43_200);
  if (duration < 900 || duration > limit) {
    throw validationError(`DurationSeconds must be between 900 and ${limit}, not ${duration}.`);
  }
  const holderId = principal.kind === 'user' ? (iamTables(core).users.get(principal.userName)?.id ?? '') : '';
  return { Credentials: credentialsOutput(issueSession(core, { principal, holderId, duration })) };
}
