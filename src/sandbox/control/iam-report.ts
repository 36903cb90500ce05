/** Per deployed role: which actions it used, which were refused, and which a statement grants that no call has needed. */

import { usageError } from '../../kernel/errors.ts';
import type { SandboxCore } from '../contract.ts';
import { standingOf } from '../iam/caller.ts';
import type { NamedPolicy } from '../iam/layer.ts';
import type { Statement } from '../iam/policy.ts';
import type { RoleUsage, Use } from '../iam/usage.ts';
import { iamTables } from '../services/iam/rows.ts';
import type { RoleReport } from './protocol.ts';

/** @throws a usage error when a role is asked for that isn't there. */
export function iamReport(core: SandboxCore, usage: readonly RoleUsage[], role?: string): RoleReport[] {
  // A service-linked role is AWS's own: nobody here may narrow it.
  const roles = iamTables(core)
    .roles.values()
    .filter(({ linkedService }) => linkedService === undefined)
    .map(({ name }) => name)
    .sort();
  if (role !== undefined && !roles.includes(role)) {
    throw usageError('There is no such role.', {
      given: role,
      allowed: roles.length === 0 ? 'none: nothing is deployed' : roles.join(', '),
    });
  }
  return roles
    .filter((name) => role === undefined || name === role)
    .map((name) =>
      reportOf(
        core,
        name,
        usage.find((known) => known.role === name),
      ),
    );
}

function reportOf(core: SandboxCore, role: string, usage: RoleUsage | undefined): RoleReport {
  const { allowed = [], denied = [] } = usage ?? {};
  return {
    role,
    used: byAction(allowed),
    unused: policiesOf(core, role).flatMap(({ name, policy }) =>
      policy.statements.flatMap((statement) => unusedIn(name, statement, allowed)),
    ),
    denied: denied.map(({ action, resource, statement, count }) => ({
      action,
      resources: [resource],
      count,
      by: statement === undefined ? 'no statement allows it' : `${statement.policy}, ${named(statement)}`,
    })),
  };
}

function policiesOf(core: SandboxCore, roleName: string): readonly NamedPolicy[] {
  const { account } = core;
  const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/report`;
  return standingOf(core, { kind: 'role', account, arn, roleName, sessionName: 'report' }).identity;
}

/** Patterns of an Allow that no allowed call was decided by. What `NotAction` grants has no end to be listed. */
function unusedIn(policy: string, statement: Statement, allowed: readonly Use[]): RoleReport['unused'] {
  if (statement.effect === 'Deny' || statement.actions.negated) return [];
  const decided = allowed.filter((use) => use.statement?.policy === policy && use.statement.index === statement.index);
  return statement.actions.patterns
    .filter((pattern) => !decided.some(({ action }) => pattern.matches(action, () => undefined) === true))
    .map(({ text }) => ({
      action: text,
      resources: statement.resources?.patterns.map((pattern) => pattern.text) ?? [],
      policy,
      statement: named(statement),
    }));
}

const named = ({ sid, index }: { readonly sid: string | undefined; readonly index: number }): string =>
  sid ?? `statement ${index + 1}`;

function byAction(uses: readonly Use[]): RoleReport['used'] {
  const actions = new Map<string, { count: number; resources: Set<string> }>();
  for (const { action, resource, count } of uses) {
    const known = actions.get(action) ?? { count: 0, resources: new Set() };
    actions.set(action, known);
    known.count += count;
    known.resources.add(resource);
  }
  return [...actions]
    .map(([action, { count, resources }]) => ({ action, count, resources: [...resources].sort() }))
    .sort((one, other) => one.action.localeCompare(other.action));
}
