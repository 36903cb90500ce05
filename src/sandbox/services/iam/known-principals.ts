/** Whether the users and roles a policy names exist: IAM, KMS and Secrets Manager refuse policies that name nobody. */

import type { SandboxCore } from '../../contract.ts';
import type { Policy } from '../../iam/policy.ts';
import { iamTables } from './rows.ts';

/** The principals of this account that the policy names and that don't exist. */
export function unknownPrincipals(core: SandboxCore, policy: Policy): string[] {
  const names = policy.statements.flatMap(({ principals }) => principals?.names ?? []);
  return names.filter(({ type, value }) => type === 'arn' && !exists(core, value)).map(({ value }) => value);
}

function exists(core: SandboxCore, arn: string): boolean {
  const [, , service, , account, resource = ''] = arn.split(':');
  // What is in other accounts can't be known here.
  if (account !== core.account) return true;
  const tables = iamTables(core);
  const [kind, ...rest] = resource.split('/');
  if (service === 'sts') return kind !== 'assumed-role' || tables.roles.has(rest[0] ?? '');
  const row = (kind === 'role' ? tables.roles : tables.users).get(rest.at(-1) ?? '');
  return row?.arn === arn;
}
