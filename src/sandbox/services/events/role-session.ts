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

export interface RoleRequest {
  readonly service: string;
  readonly region: string;
  readonly roleArn: string;
  readonly sessionName: string;
  /** What the service acts for, where it tells: a rule, a state machine, a schedule's group. Trust policies may ask for it. */
  readonly sourceArn?: string;
  /** Condition keys of every call that is made with the session. */
  readonly sessionKeys?: Readonly<Record<string, string>>;
}

/** Assumes `roleArn` as `<service>.amazonaws.com`; the role's trust policy is judged. Rejects with `AccessDenied`. */
export async function assumeRole(core: SandboxCore, request: RoleRequest): Promise<RoleSession> {
  const { service, region, roleArn, sourceArn, sessionKeys } = request;
  const sessionName = request.sessionName
    .replaceAll(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-');
  const { Credentials, AssumedRoleUser } = await core.invoke<AssumeRoleAnswer>({
    service: 'sts',
    operation: 'AssumeRole',
    region,
    input: { RoleArn: roleArn, RoleSessionName: sessionName, DurationSeconds: 3600 },
    principal: Object.assign(core.as(service), { sourceArn, sessionKeys }),
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
