/**
 * Least privilege, held against a whole rehearsal: each control role's grants are used by some step, or held for an occasion that a
 * rehearsal needn't come to, with the reason declared beside the grant. What is neither is to be taken away.
 */

import { heldReasons } from '../plan/held.ts';
import type { RoleGrant, RoleSpec } from '../plan/role.ts';
import type { RoleUse } from './target.ts';

export interface RoleVerdict {
  readonly role: string;
  /** How many of its grants were used. */
  readonly used: number;
  readonly held: readonly (Granted & { readonly why: string })[];
  /** Granted, not used, and nothing says why it is held. */
  readonly idle: readonly Granted[];
  readonly refused: readonly { readonly action: string; readonly resources: readonly string[]; readonly by: string }[];
}

interface Granted {
  readonly action: string;
  readonly resources: readonly string[];
}

/** One verdict for each control role, in the order of the specs. A role nobody has seen used nothing. */
export function judgeRoles(roles: readonly RoleSpec[], uses: readonly RoleUse[]): RoleVerdict[] {
  return roles
    .filter((role) => role.of === 'control')
    .map(({ name, grants }) => {
      const { used = [], denied = [] } = uses.find(({ role }) => role === name) ?? {};
      const unused = grants.filter((grant) => !used.some((use) => isUseOf(grant, use)));
      return {
        role: name,
        used: grants.length - unused.length,
        held: unused.flatMap(({ action, resources, held }) =>
          held === undefined ? [] : [{ action, resources, why: heldReasons[held] }],
        ),
        idle: unused.flatMap(({ action, resources, held }) => (held === undefined ? [{ action, resources }] : [])),
        refused: denied,
      };
    });
}

/** What is wrong with them, a sentence each. */
export function complaintsOf(verdicts: readonly RoleVerdict[]): string[] {
  return verdicts.flatMap(({ role, idle, refused }) => [
    ...idle.map(
      ({ action, resources }) =>
        `${role} may ${action} on ${resources.join(', ')}: no step used it, and no reason is declared for holding it`,
    ),
    ...refused.map(({ action, resources, by }) => `${role} was refused ${action} on ${resources.join(', ')}: ${by}`),
  ]);
}

const isUseOf = (grant: RoleGrant, use: Granted): boolean =>
  grant.action.toLowerCase() === use.action.toLowerCase() &&
  use.resources.some((used) => grant.resources.some((pattern) => covers(pattern, used)));

/** `…` stands for more resources than the target counts apart. */
function covers(pattern: string, used: string): boolean {
  if (used === '…' || pattern === '*') return true;
  const text = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(used);
}
