/** What a role used of what it may, what it never used, and what it was refused: the record of a rehearsal beside the role's policies. */

import type { NamedPolicy, StatementRef } from './layer.ts';
import type { Pattern } from './pattern.ts';
import type { Statement } from './policy.ts';
import type { RoleUsage, Use } from './usage.ts';

export interface RoleReport {
  readonly role: string;
  readonly used: readonly UsedAction[];
  readonly neverUsed: readonly UnusedGrant[];
  readonly denied: readonly Use[];
}

/** One action, over all resources and statements. Times are AWS time, epoch milliseconds. */
export interface UsedAction {
  readonly action: string;
  readonly resources: readonly string[];
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** The statements that allowed it, in the role's policies or the resources'. */
  readonly by: readonly StatementRef[];
}

/** One entry of an Allow's actions, with those of the actions it stands for that were never used. */
export interface UnusedGrant {
  /** As it is written: `s3:Get*`, or `NotAction iam:*`. */
  readonly grant: string;
  readonly by: StatementRef;
  readonly actions: readonly string[];
}

/** `policies` are the role's identity policies; `catalogue` is what its wildcards can stand for (`knownActions`). */
export function roleReport(
  { role, allowed, denied }: RoleUsage,
  policies: readonly NamedPolicy[],
  catalogue: readonly string[],
): RoleReport {
  const used = new Set(allowed.map(({ action }) => action.toLowerCase()));
  const isUnused = (action: string): boolean => !used.has(action.toLowerCase());
  const neverUsed = grantsIn(policies).flatMap(({ statement, by }) =>
    entriesOf(statement, catalogue).flatMap(({ grant, actions }) => {
      const unused = actions.filter(isUnused);
      return unused.length === 0 ? [] : [{ grant, by, actions: unused }];
    }),
  );
  return { role, used: byAction(allowed), neverUsed, denied };
}

interface Entry {
  readonly grant: string;
  readonly actions: readonly string[];
}

function grantsIn(policies: readonly NamedPolicy[]): { statement: Statement; by: StatementRef }[] {
  return policies.flatMap(({ name, policy }) =>
    policy.statements
      .filter(({ effect }) => effect === 'Allow')
      .map((statement) => ({
        statement,
        by: { layer: 'identity', policy: name, sid: statement.sid, index: statement.index },
      })),
  );
}

function entriesOf({ actions: { negated, patterns } }: Statement, catalogue: readonly string[]): Entry[] {
  const matches = (action: string, one: Pattern): boolean => one.matches(action, () => undefined) === true;
  if (negated) {
    const actions = catalogue.filter((action) => !patterns.some((one) => matches(action, one)));
    return [{ grant: `NotAction ${patterns.map(({ text }) => text).join(', ')}`, actions }];
  }
  return patterns.map((one) => ({
    grant: one.text,
    // Without a wildcard the entry is the action itself, known here or not.
    actions: /[*?]/.test(one.text) ? catalogue.filter((action) => matches(action, one)) : [one.text],
  }));
}

function byAction(uses: readonly Use[]): UsedAction[] {
  const actions = new Map<string, Use[]>();
  for (const use of uses) actions.set(use.action, [...(actions.get(use.action) ?? []), use]);
  return [...actions]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([action, all]) => ({
      action,
      resources: [...new Set(all.map(({ resource }) => resource))],
      count: all.reduce((sum, { count }) => sum + count, 0),
      first: Math.min(...all.map(({ first }) => first)),
      last: Math.max(...all.map(({ last }) => last)),
      by: distinct(all.flatMap(({ statement }) => statement ?? [])),
    }));
}

const distinct = (statements: readonly StatementRef[]): StatementRef[] => [
  ...new Map(statements.map((one) => [JSON.stringify(one), one])).values(),
];
