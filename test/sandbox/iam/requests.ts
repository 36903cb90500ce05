/** Requests and layers for evaluator tests, in as few words as a table can take. */

import type { Standing } from '../../../src/sandbox/iam/caller.ts';
import { judge } from '../../../src/sandbox/iam/judge.ts';
import type { NamedPolicy } from '../../../src/sandbox/iam/layer.ts';
import type { PolicyKind } from '../../../src/sandbox/iam/policy.ts';
import { parsePolicy } from '../../../src/sandbox/iam/policy.ts';
import type { Caller } from '../../../src/sandbox/iam/request.ts';
import { contextOf } from '../../../src/sandbox/iam/request.ts';
import type { Verdict } from '../../../src/sandbox/iam/verdict.ts';

export const account = '111122223333';
export const roleArn = `arn:aws:iam::${account}:role/app/web`;
export const sessionArn = `arn:aws:sts::${account}:assumed-role/web/i-1`;
export const rootArn = `arn:aws:iam::${account}:root`;
export const userArn = `arn:aws:iam::${account}:user/ana`;

export const session: Caller = {
  kind: 'role',
  account,
  arn: sessionArn,
  entityArn: roleArn,
  uniqueIds: ['AROAWEB', 'AROAWEB:i-1'],
  bounded: false,
};

export const user: Caller = { ...session, kind: 'user', arn: userArn, entityArn: userArn, uniqueIds: ['AIDAANA'] };

export const root: Caller = { ...session, kind: 'root', arn: rootArn, entityArn: rootArn, uniqueIds: [] };

type Statements = object | readonly object[];

export const documentOf = (statements: Statements, version = '2012-10-17'): string =>
  JSON.stringify({ Version: version, Statement: statements });

export function named(name: string, statements: Statements, kind: PolicyKind = 'identity'): NamedPolicy {
  return { name, policy: parsePolicy(documentOf(statements), kind) };
}

export interface Layers {
  readonly caller?: Caller;
  readonly identity?: Statements;
  readonly resource?: Statements;
  readonly boundary?: Statements;
  readonly session?: Statements;
  readonly keys?: Record<string, string | readonly string[]>;
}

export function verdictOn(action: string, resource: string, layers: Layers): Verdict {
  const { caller = session } = layers;
  const standing: Standing = {
    caller: { ...caller, bounded: layers.boundary !== undefined },
    identity: layers.identity === undefined ? [] : [named('identity', layers.identity)],
    boundary: layers.boundary === undefined ? undefined : [named('boundary', layers.boundary)],
    session: layers.session === undefined ? undefined : [named('session', layers.session)],
    keys: contextOf({ 'aws:PrincipalArn': caller.entityArn, ...layers.keys }),
  };
  return judge(
    standing,
    { action, resource },
    () => ({}),
    () => (layers.resource === undefined ? undefined : documentOf(layers.resource)),
  ).verdict;
}

/** `allowed by identity`, `denied by boundary`, `resource says nothing`. */
export function inWords(verdict: Verdict): string {
  if (verdict.allowed) return `allowed by ${verdict.by.layer}`;
  return verdict.explicit ? `denied by ${verdict.by.layer}` : `${verdict.layer} says nothing`;
}
