/**
 * The layers' findings combined into one verdict that names what decided.
 *
 *  1. Something has to open the door: an identity policy, or in the same account a resource policy that names the caller. Where
 *     the resource policy is `required` (keys, trust policies), it must name the caller or delegate to the account.
 *  2. From there the verdict is only lowered: by the boundary, by the session policy, and by an explicit Deny anywhere.
 *  3. What a resource policy grants directly (to a user, a session, everybody) is not lowered by an absent Allow in boundary or
 *     session policy; what it grants to a role is.
 *  4. A VPC endpoint's policy stands on the way, whoever granted what: it lowers everything.
 * Source: IAM User Guide, "Policy evaluation for requests within a single account"; KMS Developer Guide, "Key policies"; AWS PrivateLink
 * Guide, "Control access to VPC endpoints using endpoint policies".
 */

import type { Finding, Layer, StatementRef } from './layer.ts';

export interface Findings {
  readonly identity: Finding;
  readonly resource: Finding;
  readonly boundary: Finding | undefined;
  readonly session: Finding | undefined;
  /** Absent where the call came through no endpoint. */
  readonly endpoint: Finding | undefined;
}

export type Verdict =
  | { readonly allowed: true; readonly by: StatementRef }
  | { readonly allowed: false; readonly explicit: true; readonly by: StatementRef }
  | { readonly allowed: false; readonly explicit: false; readonly layer: Layer };

/** `required`: an identity policy alone doesn't suffice. */
export type ResourcePolicyRole = 'sufficient' | 'required';

export function combine(findings: Findings, role: ResourcePolicyRole): Verdict {
  const { boundary, session, endpoint } = findings;
  const claims = claimsOf(findings, role).map(({ verdict, direct }) =>
    direct ? verdict : lower(lower(verdict, boundary), session),
  );
  const best = lower(claims.find((claim) => claim.allowed) ?? claims.at(-1) ?? silent('identity'), endpoint);
  return [findings.resource, findings.identity, boundary, session, endpoint].reduce<Verdict>(deny, best);
}

interface Claim {
  readonly verdict: Verdict;
  /** Granted to the caller itself by the resource. */
  readonly direct: boolean;
}

/** What could open the door, the one that explains a refusal last. */
function claimsOf({ identity, resource }: Findings, role: ResourcePolicyRole): Claim[] {
  const byResource: Claim[] =
    resource.outcome === 'allowed' && resource.reach !== 'account'
      ? [{ verdict: { allowed: true, by: resource.by }, direct: resource.reach === 'direct' }]
      : [];
  const delegated = role === 'sufficient' || resource.outcome === 'allowed';
  const byIdentity: Claim = {
    verdict: !delegated
      ? silent('resource')
      : identity.outcome === 'allowed'
        ? { allowed: true, by: identity.by }
        : silent('identity'),
    direct: false,
  };
  return [byIdentity, ...byResource];
}

/** A layer that must allow too. */
const lower = (verdict: Verdict, limit: Finding | undefined): Verdict =>
  verdict.allowed && limit?.outcome === 'silent' ? silent(limit.layer) : verdict;

const deny = (verdict: Verdict, finding: Finding | undefined): Verdict =>
  finding?.outcome === 'denied' && (verdict.allowed || !verdict.explicit)
    ? { allowed: false, explicit: true, by: finding.by }
    : verdict;

const silent = (layer: Layer): Verdict => ({ allowed: false, explicit: false, layer });
