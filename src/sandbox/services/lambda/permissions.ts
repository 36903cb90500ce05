/** The resource policy of a function, statement by statement: who besides the account's own identities may invoke it. */

import type {
  AddPermissionCommandInput,
  AddPermissionCommandOutput,
  GetPolicyCommandInput,
  GetPolicyCommandOutput,
  RemovePermissionCommandInput,
} from '@aws-sdk/client-lambda';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { PolicyProblem } from '../../iam/problem.ts';
import { parseArn } from '../events/arn.ts';
import { refuseMembers } from '../events/refuse.ts';
import { unknownPrincipals } from '../iam/known-principals.ts';
import { readablePolicy } from '../resource-policies.ts';
import { onFunction } from './asks.ts';
import { functionKey } from './names.ts';
import { conflict, functionArn, invalid, lambdaTables, qualifiedKey, versionOf } from './rows.ts';

type Out<T> = Omit<T, '$metadata'>;

interface Policy {
  Version: string;
  Id: string;
  Statement: { Sid: string }[];
}

/** The policy text on a function's ARN, for IAM. */
export function functionPolicy(core: SandboxCore, arn: string): string | undefined {
  const { region, resource } = parseArn(arn);
  const [kind, name = '', qualifier] = resource.split(':');
  if (kind !== 'function') return undefined;
  return lambdaTables(core, region).policies.get(
    qualifiedKey(qualifier === undefined ? { name } : { name, qualifier }),
  );
}

export function permissionOperations(core: SandboxCore): Record<string, AnyOperation> {
  const policies = (region: string) => lambdaTables(core, region).policies;

  return {
    AddPermission: operation<AddPermissionCommandInput, Out<AddPermissionCommandOutput>>(
      (input, call) => {
        refuseMembers('AddPermission', input, ['EventSourceToken', 'PrincipalOrgID', 'RevisionId']);
        if (input.FunctionUrlAuthType !== undefined && input.Action !== 'lambda:InvokeFunctionUrl')
          throw invalid('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action');
        const key = functionKey(input.FunctionName, input.Qualifier);
        versionOf(core, call.region, key);
        const id = qualifiedKey(key);
        const policy = policyOf(policies(call.region).get(id));
        if (policy.Statement.some(({ Sid }) => Sid === input.StatementId)) {
          throw conflict(
            `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          );
        }
        const statement = statementOf(input, functionArn(core, call.region, key));
        checkPrincipal(core, input.Principal ?? '', statement);
        const document = JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
        policies(call.region).put(
          id,
          readablePolicy(document, (why) => new AwsError('InvalidParameterValueException', why)),
        );
        return { Statement: JSON.stringify(statement) };
      },
      onFunction(core, 'AddPermission'),
    ),

    RemovePermission: operation<RemovePermissionCommandInput, object>(
      (input, call) => {
        refuseMembers('RemovePermission', input, ['RevisionId']);
        const key = functionKey(input.FunctionName, input.Qualifier);
        const policy = policyOf(policies(call.region).get(qualifiedKey(key)));
        const Statement = policy.Statement.filter(({ Sid }) => Sid !== input.StatementId);
        if (Statement.length === policy.Statement.length) {
          throw new AwsError(
            'ResourceNotFoundException',
            `Statement ${input.StatementId} is not found in resource policy.`,
            { status: 404 },
          );
        }
        if (Statement.length === 0) policies(call.region).delete(qualifiedKey(key));
        else policies(call.region).put(qualifiedKey(key), JSON.stringify({ ...policy, Statement }));
        return {};
      },
      onFunction(core, 'RemovePermission'),
    ),

    GetPolicy: operation<GetPolicyCommandInput, Out<GetPolicyCommandOutput>>(
      (input, call) => {
        const key = functionKey(input.FunctionName, input.Qualifier);
        const { revision } = versionOf(core, call.region, key);
        const Policy = policies(call.region).get(qualifiedKey(key));
        if (Policy === undefined) {
          throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', {
            status: 404,
          });
        }
        return { Policy, RevisionId: revision };
      },
      onFunction(core, 'GetPolicy'),
    ),
  };
}

const policyOf = (text: string | undefined): Policy =>
  text === undefined ? { Version: '2012-10-17', Id: 'default', Statement: [] } : (JSON.parse(text) as Policy);

const isServiceName = (principal: string): boolean => /^[\w.-]+\.amazon(aws)?\.com(\.cn)?$/.test(principal);

/** Lambda's sentence for a principal that has no such form, and for one that isn't there (localstack quotes it). */
function checkPrincipal(core: SandboxCore, principal: string, statement: object): void {
  const isNamed = principal.startsWith('arn:') && isKnown(core, statement);
  if (principal === '*' || /^\d{12}$/.test(principal) || isServiceName(principal) || isNamed) return;
  throw new AwsError(
    'InvalidParameterValueException',
    'The provided principal was invalid. Please check the principal and try again.',
  );
}

function isKnown(core: SandboxCore, statement: object): boolean {
  try {
    const policy = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }), 'resource');
    return unknownPrincipals(core, policy).length === 0;
  } catch (error) {
    if (error instanceof PolicyProblem) return false;
    throw error;
  }
}

function statementOf(input: AddPermissionCommandInput, resource: string): { Sid: string } {
  const { StatementId = '', Action, Principal = '', SourceArn, SourceAccount } = input;
  const { FunctionUrlAuthType, InvokedViaFunctionUrl } = input;
  const equal = {
    ...(SourceAccount === undefined ? {} : { 'AWS:SourceAccount': SourceAccount }),
    ...(FunctionUrlAuthType === undefined ? {} : { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
  };
  const isService = isServiceName(Principal);
  const account = /^\d{12}$/.test(Principal) ? `arn:aws:iam::${Principal}:root` : Principal;
  const conditions = {
    ...(SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    ...(Object.keys(equal).length === 0 ? {} : { StringEquals: equal }),
    ...(InvokedViaFunctionUrl === undefined
      ? {}
      : { Bool: { 'lambda:InvokedViaFunctionUrl': String(InvokedViaFunctionUrl) } }),
  };
  const statement = {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: isService ? { Service: Principal } : Principal === '*' ? '*' : { AWS: account },
    Action,
    Resource: resource,
  };
  return Object.keys(conditions).length === 0 ? statement : Object.assign(statement, { Condition: conditions });
}
