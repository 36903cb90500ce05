/**
 * The Principal and NotPrincipal elements, and how closely one of them names the caller: that decides how much its Allow is worth.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
 */

import { PolicyProblem } from './problem.ts';
import type { Caller } from './request.ts';

/**
 * `direct`: the user, the session, the service, or everybody. `role`: the role behind a session; boundary and session policy
 * still limit it. `account`: the account, which only delegates to its identity policies.
 */
export type Reach = 'direct' | 'role' | 'account';

export interface Principals {
  readonly negated: boolean;
  readonly names: readonly PrincipalName[];
}

export interface PrincipalName {
  readonly type: 'any' | 'account' | 'arn' | 'unique-id' | 'service' | 'other';
  readonly value: string;
}

/** Compiles `"*"`, `{ AWS: […] }`, `{ Service: … }`. Throws `PolicyProblem`. */
export function principalsOf(element: unknown, negated: boolean, path: string): Principals {
  if (element === '*') return { negated, names: [{ type: 'any', value: '*' }] };
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw new PolicyProblem(path, `Invalid principal in policy: ${JSON.stringify(element)}.`);
  }
  const names = Object.entries(element as Record<string, unknown>).flatMap(([type, values]) =>
    (Array.isArray(values) ? (values as unknown[]) : [values]).map((value) => nameOf(type, value, `${path}.${type}`)),
  );
  if (names.length === 0) throw new PolicyProblem(path, 'Invalid principal in policy: it names nobody.');
  return { negated, names };
}

/** How the element reaches the caller; undefined when it doesn't. */
export function reachOf({ negated, names }: Principals, caller: Caller): Reach | undefined {
  if (!negated) return closest(names.map((name) => reachOfName(name, caller)));
  // A Deny with NotPrincipal spares only a caller all of whose ARNs are listed: session, role and account.
  const spared =
    !caller.bounded &&
    (caller.kind === 'service'
      ? names.some((name) => reachOfName(name, caller) !== undefined)
      : arnsOf(caller).every((arn) => names.some((name) => isNamed(name, arn, caller.account))));
  return spared ? undefined : 'direct';
}

function nameOf(type: string, value: unknown, path: string): PrincipalName {
  if (typeof value !== 'string')
    throw new PolicyProblem(path, `Invalid principal in policy: ${JSON.stringify(value)}.`);
  const invalid = new PolicyProblem(path, `Invalid principal in policy: "${type}":"${value}".`);
  if (type === 'Service') {
    if (!/^[\w.-]+\.(amazonaws\.com|aws\.internal)$/.test(value)) throw invalid;
    return { type: 'service', value };
  }
  if (type === 'Federated' || type === 'CanonicalUser') return { type: 'other', value };
  if (type !== 'AWS') throw invalid;
  if (value === '*') return { type: 'any', value };
  if (/^\d{12}$/.test(value)) return { type: 'account', value };
  const root = /^arn:aws:iam::(\d{12}):root$/.exec(value);
  if (root?.[1] !== undefined) return { type: 'account', value: root[1] };
  if (/^arn:aws:(iam::\d{12}:(role|user)|sts::\d{12}:(assumed-role|federated-user))\/[^*?]+$/.test(value)) {
    return { type: 'arn', value };
  }
  if (/^A(ROA|IDA)[A-Z0-9]+(:[\w+=,.@-]+)?$/.test(value)) return { type: 'unique-id', value };
  throw invalid;
}

function reachOfName({ type, value }: PrincipalName, caller: Caller): Reach | undefined {
  if (type === 'any') return 'direct';
  if (type === 'service') return caller.kind === 'service' && isService(value, caller.arn) ? 'direct' : undefined;
  if (caller.kind === 'service') return undefined;
  if (type === 'account') {
    if (value !== caller.account) return undefined;
    return caller.kind === 'root' ? 'direct' : 'account';
  }
  if (type === 'arn' && value === caller.arn) return 'direct';
  if (type === 'arn' && value === caller.entityArn) return 'role';
  if (type === 'unique-id' && caller.uniqueIds.includes(value)) {
    return caller.kind === 'role' && !value.includes(':') ? 'role' : 'direct';
  }
  return undefined;
}

/** `states.eu-west-1.amazonaws.com` is the same principal as `states.amazonaws.com`. */
const isService = (value: string, service: string): boolean =>
  value === service || value.replace(/\.[a-z]{2}(-[a-z]+)+-\d(?=\.amazonaws\.com$)/, '') === service;

const arnsOf = (caller: Caller): string[] => [
  ...new Set([caller.arn, caller.entityArn, `arn:aws:iam::${caller.account}:root`]),
];

const isNamed = ({ type, value }: PrincipalName, arn: string, account: string): boolean =>
  type === 'any' || (type === 'account' ? arn === `arn:aws:iam::${account}:root` && value === account : value === arn);

function closest(reaches: readonly (Reach | undefined)[]): Reach | undefined {
  return (['direct', 'role', 'account'] as const).find((reach) => reaches.includes(reach));
}
