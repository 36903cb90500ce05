/** A role assumed by a service on the account's behalf: EventBridge for a target, Lambda for a function, Scheduler for a schedule. */

import type { SandboxCore } from '../../contract.ts';
import type { SessionPrincipal } from '../sts/sessions.ts';

export interface RoleSession {
  readonly principal: SessionPrincipal;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds of AWS time. */
  readonly expires: number;
}

interface AssumeRoleAnswer {
  Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string; Expiration: Date };
  AssumedRoleUser: { Arn: string };
}

/** Assumes `roleArn` as `<service>.amazonaws.com`; the role's trust policy is judged. Rejects with `AccessDenied`. */
export async function assumeRole(
  core: SandboxCore,
  request: { service: string; region: string; roleArn: string; sessionName: string },
): Promise<RoleSession> {
  const { service, region, roleArn } = request;
  const sessionName = request.sessionName
    .replaceAll(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-');
  const { Credentials, AssumedRoleUser } = await core.invoke<AssumeRoleAnswer>({
    service: 'sts',
    operation: 'AssumeRole',
    region,
    input: { RoleArn: roleArn, RoleSessionName: sessionName, DurationSeconds: 3600 },
    principal: core.as(service),
  });
  return {
    principal: {
      kind: 'role',
      account: core.account,
      arn: AssumedRoleUser.Arn,
      roleName: roleArn.split('/').at(-1) ?? roleArn,
      sessionName,
      accessKeyId: Credentials.AccessKeyId,
    },
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
    expires: Credentials.Expiration.getTime(),
  };
}
