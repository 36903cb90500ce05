/** Key policies: judged when they are put, and together with the grants when the key is used. */

import type { Call, SandboxCore } from '../../contract.ts';
import { standingOf } from '../../iam/caller.ts';
import { analyse } from '../../iam/layer.ts';
import type { Policy } from '../../iam/policy.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { PolicyProblem } from '../../iam/problem.ts';
import { unknownPrincipals } from '../iam/known-principals.ts';
import { malformedPolicy } from './errors.ts';
import type { GrantRow, KeyRow } from './rows.ts';

/** The policy a key has when none is given: it leaves the decision to the account's identity policies. */
export const defaultPolicy = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

/** Refuses policies that break the grammar, name nobody, or would lock the caller out (unless that check is bypassed). */
export function checkPolicy(
  core: SandboxCore,
  call: Call,
  document: string,
  bypassLockout: boolean | undefined,
): string {
  const policy = parsed(document);
  const [unknown] = unknownPrincipals(core, policy);
  if (unknown !== undefined) {
    throw malformedPolicy(`Policy contains a statement with one or more invalid principals: ${unknown}.`);
  }
  if (document.length > 32_768) throw malformedPolicy('A key policy has at most 32768 bytes.');
  if (bypassLockout !== true && !mayChangeLater(core, call, policy)) {
    throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
  }
  return document;
}

/** The key policy with the key's grants as statements of their own: that is how far a grant reaches. */
export function effectivePolicy({ policy }: KeyRow, grants: readonly GrantRow[]): string {
  if (grants.length === 0) return policy;
  const document = JSON.parse(policy) as { Statement: object | object[] };
  const own = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return JSON.stringify({ ...document, Statement: [...own, ...grants.flatMap(statementsOf)] });
}

function parsed(document: string): Policy {
  try {
    return parsePolicy(document, 'resource');
  } catch (error) {
    if (error instanceof PolicyProblem) throw malformedPolicy(error.message);
    throw error;
  }
}

function mayChangeLater(core: SandboxCore, { principal }: Call, policy: Policy): boolean {
  if (principal.kind === 'internal') return true;
  const { caller, keys } = standingOf(core, principal);
  const request = { action: 'kms:PutKeyPolicy', resource: '*', caller, context: keys };
  return analyse('resource', [{ name: 'the new key policy', policy }], request).outcome === 'allowed';
}

/** Constraints speak of encryption contexts: they bind only the operations that have one. */
function statementsOf(grant: GrantRow): object[] {
  const plain = new Set(['DescribeKey', 'CreateGrant', 'RetireGrant']);
  const statement = (operations: readonly string[], condition: object): object[] =>
    operations.length === 0
      ? []
      : [
          {
            Effect: 'Allow',
            Principal: grant.grantee.startsWith('arn:') ? { AWS: grant.grantee } : { Service: grant.grantee },
            Action: operations.map((operation) => `kms:${operation}`),
            Resource: '*',
            ...condition,
          },
        ];
  return [
    ...statement(
      grant.operations.filter((operation) => plain.has(operation)),
      {},
    ),
    ...statement(
      grant.operations.filter((operation) => !plain.has(operation)),
      constraintsOf(grant),
    ),
  ];
}

function constraintsOf({ contextSubset, contextEquals }: GrantRow): object {
  const wanted = contextEquals ?? contextSubset;
  if (wanted === undefined) return {};
  const pairs = Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]),
  );
  const only = contextEquals && {
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(contextEquals) },
  };
  return { Condition: { StringEquals: pairs, ...only } };
}
