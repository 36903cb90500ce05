/** A test sandbox whose door is guarded by IAM, with short ways to make roles and to call as one. */

import type { Principal, ServiceFactory } from '../../../../src/sandbox/contract.ts';
import type { IamAuthorizer } from '../../../../src/sandbox/iam/authorizer.ts';
import { createAuthorizer } from '../../../../src/sandbox/iam/authorizer.ts';
import type { AdministratorCredentials } from '../../../../src/sandbox/services/iam/administrator.ts';
import { administratorCredentials } from '../../../../src/sandbox/services/iam/administrator.ts';
import { credentials } from '../../../../src/sandbox/services/iam/credentials.ts';
import { createIamService } from '../../../../src/sandbox/services/iam/service.ts';
import { createStsService } from '../../../../src/sandbox/services/sts/service.ts';
import type { TestSandbox } from '../../../support/test-sandbox.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

export const account = '111122223333';
export const home = 'us-east-1';
export const away = 'us-west-2';

export const policy = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

export const trusting = (principal: object | string, more: object = {}): string =>
  policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal, ...more });

export const allow = (action: string | string[], resource: string | string[] = '*', more: object = {}): object => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});

export interface GuardedSandbox extends TestSandbox {
  readonly iam: IamAuthorizer;
  readonly administrator: AdministratorCredentials;
  /** Calls as the administrator unless a principal is given. */
  as<Output = Record<string, unknown>>(
    principal: Principal | undefined,
    service: string,
    operation: string,
    input?: object,
    region?: string,
  ): Promise<Output>;
  /** Makes a role that EC2 and the account may assume, with inline policies. */
  role(name: string, ...statements: object[]): Promise<string>;
  /** The principal of a new session of the role, taken by EC2. */
  session(name: string): Promise<Principal>;
}

export function guardedSandbox(factories: readonly ServiceFactory[] = []): GuardedSandbox {
  const sandbox = testSandbox([createIamService, createStsService, ...factories]);
  const { core, dispatcher } = sandbox;
  const iam = createAuthorizer(core);
  dispatcher.authorizer = iam.authorizer;
  const administrator = administratorCredentials(core);
  const as: GuardedSandbox['as'] = (principal, service, operation, input = {}, region = home) =>
    sandbox.call(service, operation, input, region, principal ?? administrator.principal);
  return {
    ...sandbox,
    iam,
    administrator,
    as,
    async role(name, ...statements) {
      const { Role } = await as<{ Role: { Arn: string } }>(undefined, 'iam', 'CreateRole', {
        RoleName: name,
        AssumeRolePolicyDocument: trusting({ Service: 'ec2.amazonaws.com', AWS: account }),
      });
      if (statements.length > 0) {
        await as(undefined, 'iam', 'PutRolePolicy', {
          RoleName: name,
          PolicyName: 'own',
          PolicyDocument: policy(...statements),
        });
      }
      return Role.Arn;
    },
    async session(name) {
      const { Credentials } = await as<{ Credentials: { AccessKeyId: string; SessionToken: string } }>(
        core.as('ec2'),
        'sts',
        'AssumeRole',
        { RoleArn: `arn:aws:iam::${account}:role/${name}`, RoleSessionName: 'i-1' },
      );
      const known = credentials(core, Credentials.AccessKeyId, Credentials.SessionToken);
      if (known === undefined || known === 'expired') throw new Error('the new credentials are not known');
      return known.principal;
    },
  };
}

/** The code and message of the refusal of a call that must fail. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
  throw new Error('the call was not refused');
}
