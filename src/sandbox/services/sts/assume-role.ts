/**
 * AssumeRole. Users and sessions are judged at the door, by the role's trust policy and their own; services are judged here, by the
 * trust policy alone: it must name `lambda.amazonaws.com` for Lambda to take the role.
 */

import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import type { Ask, Call, Principal, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { denialMessage } from '../../iam/explain.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { PolicyProblem } from '../../iam/problem.ts';
import { judgeService } from '../../iam/service-grant.ts';
import { awsManaged } from '../iam/aws-managed.ts';
import { refuseMembers, validationError } from '../iam/errors.ts';
import type { RoleRow } from '../iam/rows.ts';
import { iamTables } from '../iam/rows.ts';
import { credentialsOutput, issueSession } from './issue.ts';
import { sessionTags } from './session-tags.ts';
import { sessionOf } from './sessions.ts';

export function assumeRole(core: SandboxCore, input: AssumeRoleCommandInput, call: Call) {
  refuseMembers('AssumeRole', input, ['SerialNumber', 'TokenCode', 'SourceIdentity', 'ProvidedContexts']);
  const { principal } = call;
  if (principal.kind === 'root') throw denied('Roles may not be assumed by root accounts.');
  const arn = roleArn(input);
  const sessionName = sessionNameOf(input.RoleSessionName);
  const role = roleAt(core, arn);
  if (principal.kind === 'internal') judgeTrust(core, role, arn, principal, input);
  // A caller the trust policy let in has proved that the role is there.
  if (role === undefined)
    throw denied(`User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`);
  const session = issueSession(core, {
    principal: {
      kind: 'role',
      account: core.account,
      arn: `arn:aws:sts::${core.account}:assumed-role/${role.name}/${sessionName}`,
      roleName: role.name,
      sessionName,
    },
    holderId: role.id,
    duration: durationOf(input.DurationSeconds, role, principal),
    policies: sessionPolicies(core, input),
    keys: principal.kind === 'internal' ? (principal as ServicePrincipal).sessionKeys : undefined,
    ...sessionTags(input, sessionOf(core, principal)),
  });
  return {
    Credentials: credentialsOutput(session),
    AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: session.principal.arn },
    ...(input.Policy === undefined && input.PolicyArns === undefined ? {} : { PackedPolicySize: 1 }),
  };
}

/** What IAM is asked of a user or session that assumes a role. */
export function assumeRoleAsks(core: SandboxCore, input: AssumeRoleCommandInput): Ask[] {
  const arn = roleArn(input);
  const tags = input.Tags ?? [];
  const roleTags = Object.entries(roleAt(core, arn)?.tags ?? {});
  const context = {
    ...Object.fromEntries(
      roleTags.flatMap(([key, value]) => [
        [`aws:ResourceTag/${key}`, value],
        [`iam:ResourceTag/${key}`, value],
      ]),
    ),
    ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
    ...(input.RoleSessionName === undefined ? {} : { 'sts:RoleSessionName': input.RoleSessionName }),
    ...Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [`aws:RequestTag/${Key}`, Value])),
    ...(tags.length === 0 ? {} : { 'aws:TagKeys': tags.map(({ Key = '' }) => Key) }),
    ...(input.TransitiveTagKeys === undefined ? {} : { 'sts:TransitiveTagKeys': input.TransitiveTagKeys }),
  };
  const asks: Ask[] = [{ action: 'sts:AssumeRole', resource: arn, context }];
  if (tags.length > 0) asks.push({ action: 'sts:TagSession', resource: arn, context });
  return asks;
}

function roleArn({ RoleArn: arn }: AssumeRoleCommandInput): string {
  if (arn === undefined || !/^arn:aws:iam::\d{12}:role\/[\x21-\x7e]+$/.test(arn)) {
    throw validationError(`${arn ?? 'No ARN'} is invalid: RoleArn is arn:aws:iam::<account>:role/<path><name>.`);
  }
  return arn;
}

function roleAt(core: SandboxCore, arn: string): RoleRow | undefined {
  const row = iamTables(core).roles.get(arn.split('/').at(-1) ?? '');
  return row?.arn === arn ? row : undefined;
}

function sessionNameOf(name: string | undefined): string {
  if (name === undefined || !/^[\w+=,.@-]{2,64}$/.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name ?? ''}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]* and have length between 2 and 64`,
    );
  }
  return name;
}

/** A principal of AWS itself; `sourceArn` is what the service acts for (a schedule, a rule), `sessionKeys` is for `SessionRow`. */
type ServicePrincipal = Extract<Principal, { kind: 'internal' }> & {
  readonly sourceArn?: string;
  readonly sessionKeys?: Readonly<Record<string, string>>;
};

function judgeTrust(
  core: SandboxCore,
  role: RoleRow | undefined,
  arn: string,
  principal: ServicePrincipal,
  input: AssumeRoleCommandInput,
): void {
  const service =
    principal.service.includes('.') && principal.service.endsWith('.com')
      ? principal.service
      : `${principal.service}.amazonaws.com`;
  const verdict = judgeService(
    role?.trust,
    {
      service,
      action: 'sts:AssumeRole',
      resource: arn,
      account: core.account,
      sourceArn: principal.sourceArn,
      context: input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId },
    },
    'trust',
  );
  if (verdict.allowed) return;
  const looked = role === undefined ? [] : [`the trust policy of ${arn}`];
  throw denied(denialMessage({ arn: service, action: 'sts:AssumeRole', resource: arn, verdict, looked }));
}

function durationOf(asked: number | undefined, role: RoleRow, principal: Principal): number {
  const seconds = asked ?? 3600;
  if (seconds < 900 || seconds > 43_200) {
    throw validationError(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200`,
    );
  }
  if (seconds > role.maxSessionDuration) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  if (principal.kind === 'role' && seconds > 3600) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  return seconds;
}

function sessionPolicies(core: SandboxCore, input: AssumeRoleCommandInput): Record<string, string> {
  const policies: Record<string, string> = {};
  if (input.Policy !== undefined) {
    try {
      parsePolicy(input.Policy, 'identity');
    } catch (error) {
      if (error instanceof PolicyProblem) throw new AwsError('MalformedPolicyDocument', error.message);
      throw error;
    }
    policies['the session policy'] = input.Policy;
  }
  for (const { arn = '' } of input.PolicyArns ?? []) {
    const row = iamTables(core).policies.get(arn);
    const document = awsManaged(arn)?.document ?? row?.versions.find(({ id }) => id === row.defaultVersion)?.document;
    if (document === undefined) throw validationError(`The session policy ${arn} does not exist.`);
    policies[`the session policy ${arn}`] = document;
  }
  return policies;
}

const denied = (message: string): AwsError => new AwsError('AccessDenied', message, { status: 403 });
