/**
 * SimulatePrincipalPolicy: what a user's or role's own policies say to an action, asked without doing it. As on AWS, resource policies
 * count only when they are given, which isn't supported here.
 */

import type { SimulatePrincipalPolicyCommandInput } from '@aws-sdk/client-iam';
import type { AnyOperation, Ask, Call, Principal, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { standingOf } from '../../iam/caller.ts';
import { globalKeys } from '../../iam/global-keys.ts';
import { judge } from '../../iam/judge.ts';
import { noSuchEntity, refuseMembers, required } from './errors.ts';
import { iamTables } from './rows.ts';

export function simulationOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    SimulatePrincipalPolicy: operation(
      (input: SimulatePrincipalPolicyCommandInput, call: Call) => {
        refuseMembers('SimulatePrincipalPolicy', input, [
          'PolicyInputList',
          'PermissionsBoundaryPolicyInputList',
          'ResourcePolicy',
          'ResourceOwner',
          'CallerArn',
          'ResourceHandlingOption',
        ]);
        const principal = principalOf(core, required(input.PolicySourceArn, 'policySourceArn'));
        const context = Object.fromEntries(
          (input.ContextEntries ?? []).map(({ ContextKeyName = '', ContextKeyValues = [] }) => [
            ContextKeyName,
            ContextKeyValues,
          ]),
        );
        const results = required(input.ActionNames, 'actionNames').flatMap((action) =>
          (input.ResourceArns ?? ['*']).map((resource) => answer(core, principal, { action, resource, context }, call)),
        );
        return { EvaluationResults: results, IsTruncated: false };
      },
      (input, call) => [
        { action: 'iam:SimulatePrincipalPolicy', resource: input.PolicySourceArn ?? `arn:aws:iam::${call.account}:*` },
      ],
    ),
  };
}

function answer(core: SandboxCore, principal: Principal, ask: Ask, call: Call) {
  const keys = () => globalKeys({ ...call, principal }, ask, [], core.clock.now());
  const { verdict } = judge(standingOf(core, principal), ask, keys, () => undefined);
  return {
    EvalActionName: ask.action,
    EvalResourceName: ask.resource,
    EvalDecision: verdict.allowed ? 'allowed' : verdict.explicit ? 'explicitDeny' : 'implicitDeny',
    MatchedStatements: verdict.allowed || verdict.explicit ? [{ SourcePolicyId: verdict.by.policy }] : [],
    MissingContextValues: [],
  };
}

function principalOf(core: SandboxCore, arn: string): Principal {
  const { account } = core;
  const { roles, users } = iamTables(core);
  const user = users.values().find((row) => row.arn === arn);
  if (user !== undefined) return { kind: 'user', account, arn, userName: user.name };
  const role = roles.values().find((row) => row.arn === arn);
  if (role !== undefined) return { kind: 'role', account, arn, roleName: role.name, sessionName: 'simulation' };
  throw noSuchEntity(`The principal ${arn} cannot be found.`);
}
