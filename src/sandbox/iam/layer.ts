/** One layer of policies, looked at alone: does it deny, allow or say nothing, by which statement, and how closely it names the caller. */

import type { Resolve } from './pattern.ts';
import type { Policy, Selection, Statement } from './policy.ts';
import type { Reach } from './principal.ts';
import { reachOf } from './principal.ts';
import type { PolicyRequest } from './request.ts';

/** `endpoint`: the policy of the VPC endpoint a call came through. */
export type Layer = 'identity' | 'resource' | 'boundary' | 'session' | 'endpoint';

export interface NamedPolicy {
  /** As a reader would look it up: `inline policy guard`, `AWSLambdaBasicExecutionRole`. */
  readonly name: string;
  readonly policy: Policy;
}

/** The statement that decided. */
export interface StatementRef {
  readonly layer: Layer;
  readonly policy: string;
  readonly sid: string | undefined;
  readonly index: number;
}

export type Finding =
  | { readonly outcome: 'denied'; readonly by: StatementRef }
  | { readonly outcome: 'allowed'; readonly by: StatementRef; readonly reach: Reach }
  | { readonly outcome: 'silent'; readonly layer: Layer };

/** A layer's finding: a Deny that fits decides; else the Allow that names the caller most closely. */
export function analyse(layer: Layer, policies: readonly NamedPolicy[], request: PolicyRequest): Finding {
  const resolve = resolverOf(request);
  let best: Extract<Finding, { outcome: 'allowed' }> | undefined;
  for (const { name, policy } of policies) {
    for (const statement of policy.statements) {
      const reach = reachIn(statement, request, resolve);
      if (reach === undefined) continue;
      const by: StatementRef = { layer, policy: name, sid: statement.sid, index: statement.index };
      if (statement.effect === 'Deny') return { outcome: 'denied', by };
      if (best === undefined || rank[reach] > rank[best.reach]) best = { outcome: 'allowed', by, reach };
    }
  }
  return best ?? { outcome: 'silent', layer };
}

const rank: Record<Reach, number> = { direct: 2, role: 1, account: 0 };

/** How the statement reaches the request; undefined when it doesn't apply. Statements without principals apply to their holder. */
function reachIn(statement: Statement, request: PolicyRequest, resolve: Resolve): Reach | undefined {
  if (!selects(statement.actions, request.action, resolve)) return undefined;
  if (statement.resources !== undefined && !selects(statement.resources, request.resource, resolve)) return undefined;
  const reach = statement.principals === undefined ? 'direct' : reachOf(statement.principals, request.caller);
  if (reach === undefined) return undefined;
  return statement.conditions.every((condition) => condition(request.context, resolve)) ? reach : undefined;
}

function selects({ negated, patterns }: Selection, value: string, resolve: Resolve): boolean {
  let unresolved = false;
  for (const one of patterns) {
    const matches = one.matches(value, resolve);
    if (matches === true) return !negated;
    unresolved ||= matches === undefined;
  }
  return negated && !unresolved;
}

function resolverOf({ context }: PolicyRequest): Resolve {
  return (key) => {
    const values = context.get(key.toLowerCase());
    return values?.length === 1 ? values[0] : undefined;
  };
}
