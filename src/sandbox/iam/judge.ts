/** One question to IAM, answered: each layer is looked at alone, then they are combined. */

import type { Ask } from '../contract.ts';
import type { Standing } from './caller.ts';
import { compiled } from './caller.ts';
import type { Finding, Layer, NamedPolicy } from './layer.ts';
import { analyse } from './layer.ts';
import type { PolicyRequest } from './request.ts';
import { contextOf, layered } from './request.ts';
import type { Verdict } from './verdict.ts';
import { combine } from './verdict.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** The names of the policies that were looked at in a layer. */
  readonly looked: (layer: Layer) => readonly string[];
}

/**
 * `globals` answers the context keys every request has. `resourcePolicy` answers the JSON text attached to the resource, if any. `endpoint`
 * is the policy of the VPC endpoint the call came through. The sandbox holds one account: every resource is judged as the caller's own.
 */
export function judge(
  standing: Standing,
  ask: Ask,
  globals: () => NonNullable<Ask['context']>,
  resourcePolicy: (arn: string) => string | undefined,
  endpoint?: NamedPolicy,
): Judgement {
  const request: PolicyRequest = {
    action: ask.action,
    resource: ask.resource,
    caller: standing.caller,
    context: layered(
      () => contextOf(ask.context ?? {}),
      () => standing.keys,
      () => contextOf(globals()),
    ),
  };
  const resource = policiesOn(ask, resourcePolicy);
  const { identity, boundary, session } = standing;
  const verdict = combine(
    {
      identity: standing.caller.kind === 'root' ? byRoot : analyse('identity', identity, request),
      resource: analyse('resource', resource, request),
      boundary: boundary && analyse('boundary', boundary, request),
      session: session && analyse('session', session, request),
      endpoint: endpoint && analyse('endpoint', [endpoint], request),
    },
    isRequired(ask) ? 'required' : 'sufficient',
  );
  const layers: Record<Layer, readonly NamedPolicy[]> = {
    identity,
    resource,
    boundary: boundary ?? [],
    session: session ?? [],
    endpoint: endpoint === undefined ? [] : [endpoint],
  };
  return { verdict, looked: (layer) => layers[layer].map(({ name }) => name) };
}

/** Whether the resource's own policy has to let the caller in: keys and roles are shut even to their account without it. */
const isRequired = ({ action, resource }: Ask): boolean =>
  isTrust(action) || /^arn:aws:kms:[^:]*:[^:]*:key\//.test(resource);

const isTrust = (action: string): boolean => /^sts:(AssumeRole|TagSession|SetSourceIdentity)$/i.test(action);

function policiesOn({ action, resource }: Ask, resourcePolicy: (arn: string) => string | undefined): NamedPolicy[] {
  const isIam = resource.startsWith('arn:aws:iam:');
  // A role's trust policy speaks of assuming it, not of managing or passing it.
  if (resource === '*' || (isIam && !isTrust(action))) return [];
  const document = resourcePolicy(resource);
  if (document === undefined) return [];
  const name = `${isIam ? 'the trust policy' : 'the policy'} of ${resource}`;
  return [{ name, policy: compiled(document, isIam ? 'trust' : 'resource') }];
}

const byRoot: Finding = {
  outcome: 'allowed',
  by: { layer: 'identity', policy: 'the account itself (root user)', sid: undefined, index: 0 },
  reach: 'direct',
};
