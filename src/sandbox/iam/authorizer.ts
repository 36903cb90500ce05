/** IAM at the door: every call of every principal but AWS itself is judged here, and what roles use is recorded. */

import { globalControlPlaneRegion } from '../../facts/regions.ts';
import type { Ask, Call, Principal, SandboxCore } from '../contract.ts';
import type { Authorizer } from '../dispatch.ts';
import { standingOf } from './caller.ts';
import { accessDenied } from './denial.ts';
import { judge } from './judge.ts';
import type { RoleUsage } from './usage.ts';
import { UsageRecord } from './usage.ts';
import type { Verdict } from './verdict.ts';

export interface IamAuthorizer {
  readonly authorizer: Authorizer;
  /** What each role was allowed and refused since the sandbox started. */
  usage(): readonly RoleUsage[];
}

/** Reads IAM's and STS's tables on every call: a policy counts from the moment it is attached. */
export function createAuthorizer(core: SandboxCore): IamAuthorizer {
  const record = new UsageRecord();
  return {
    authorizer(principal, asks, call, resourcePolicy) {
      const [first] = asks;
      if (principal.kind === 'internal' || first === undefined) return;
      const standing = standingOf(core, principal);
      for (const ask of asks) {
        const { verdict, looked } = judge(standing, ask, globalKeys(core, principal, call, ask), resourcePolicy);
        note(record, principal, ask, verdict);
        if (!verdict.allowed) throw accessDenied(principal, first, ask, verdict, looked);
      }
    },
    usage: () => record.all(),
  };
}

/** Source: IAM User Guide, "AWS global condition context keys". */
function globalKeys(core: SandboxCore, principal: Principal, call: Call, ask: Ask): Record<string, string> {
  const now = core.clock.now();
  return {
    'aws:RequestedRegion': /^(iam|route53):/i.test(ask.action) ? globalControlPlaneRegion : call.region,
    'aws:ResourceAccount': call.account,
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    ...(/^kms:/i.test(ask.action) ? { 'kms:CallerAccount': principal.account } : {}),
  };
}

function note(record: UsageRecord, principal: Principal, { action, resource }: Ask, verdict: Verdict): void {
  if (principal.kind !== 'role') return;
  const statement = verdict.allowed || verdict.explicit ? verdict.by : undefined;
  record.add(principal.roleName, verdict.allowed ? 'allowed' : 'denied', { action, resource, statement });
}
