/** IAM at the door: every call of every principal but AWS itself is judged here, and what roles use is recorded. */

import type { Ask, Call, Principal, SandboxCore } from '../contract.ts';
import type { Authorizer } from '../dispatch.ts';
import { keyContext } from '../services/kms/asks.ts';
import type { Standing } from './caller.ts';
import { compiled, standingOf } from './caller.ts';
import { accessDenied } from './denial.ts';
import { describeStatement } from './explain.ts';
import { globalKeys } from './global-keys.ts';
import type { Judgement } from './judge.ts';
import { judge } from './judge.ts';
import type { NamedPolicy, StatementRef } from './layer.ts';
import type { RoleUsage } from './usage.ts';
import { UsageRecord } from './usage.ts';

export interface IamAuthorizer {
  readonly authorizer: Authorizer;
  /** What each role was allowed and refused since the sandbox started. */
  usage(): readonly RoleUsage[];
  /** What the answer to a question would be now, and why. Nothing is recorded. */
  explain(...question: Parameters<Authorizer>): readonly Explanation[];
}

/** One ask's answer: for a refusal, the sentence its caller would read; else the statement that allows it. */
export interface Explanation {
  readonly ask: Ask;
  readonly allowed: boolean;
  /** The statement that decided; absent where nothing allows it. */
  readonly by: StatementRef | undefined;
  readonly text: string;
}

/** Reads IAM's and STS's tables on every call: a policy counts from the moment it is attached. */
export function createAuthorizer(core: SandboxCore): IamAuthorizer {
  const record = new UsageRecord();
  const told = new Set<string>();
  const judged = function* (...[principal, asks, call, resourcePolicy]: Parameters<Authorizer>) {
    const [first] = asks;
    if (principal.kind === 'internal' || first === undefined) return;
    const standing = standingOf(core, principal);
    for (const ask of asks) yield { ask, first, ...answer(core, standing, { ask, first, call }, resourcePolicy) };
  };
  return {
    authorizer(...question) {
      const [principal, , call] = question;
      for (const { ask, first, verdict, looked } of judged(...question)) {
        note(record, principal, ask, verdict, core.clock.now());
        if (verdict.allowed) continue;
        const error = accessDenied(principal, first, ask, verdict, looked);
        tell(core, told, call.region, error.message);
        throw error;
      }
    },
    usage: () => record.all(),
    explain(...question) {
      const [principal] = question;
      return [...judged(...question)].map(({ ask, first, verdict, looked }) => ({
        ask,
        allowed: verdict.allowed,
        by: verdict.allowed || verdict.explicit ? verdict.by : undefined,
        text: verdict.allowed
          ? `${ask.action} on ${ask.resource} is allowed by ${describeStatement(verdict.by)}`
          : accessDenied(principal, first, ask, verdict, looked).message,
      }));
    },
  };
}

interface Question {
  readonly ask: Ask;
  /** The question that belongs to the operation itself. */
  readonly first: Ask;
  readonly call: Call;
}

function answer(
  core: SandboxCore,
  standing: Standing,
  { ask, first, call }: Question,
  resourcePolicy: (arn: string) => string | undefined,
): Judgement {
  const isOwn = serviceOf(ask) === serviceOf(first);
  // A key is used by the service that was called, in its caller's name; a role is passed by the caller itself.
  const before = call.calledVia ?? [];
  const via = !isOwn && serviceOf(ask) === 'kms' ? [...before, serviceOf(first)] : before;
  const globals = () => globalKeys(call, ask, via, core.clock.now());
  // A service that uses a key in its caller's name asks beside KMS: the key's own keys are known all the same.
  const known =
    serviceOf(ask) === 'kms' ? { ...ask, context: { ...keyContext(core, ask.resource), ...ask.context } } : ask;
  return judge(standing, known, globals, resourcePolicy, isOwn && via.length === 0 ? endpointPolicy(call) : undefined);
}

/** The endpoint was for the service that was called: its policy says nothing about what that one asks of others. */
function endpointPolicy({ origin }: Call): NamedPolicy | undefined {
  const { endpoint } = origin ?? {};
  if (endpoint === undefined) return undefined;
  return { name: `the policy of ${endpoint.id}`, policy: compiled(endpoint.policy, 'resource') };
}

const serviceOf = ({ action }: Ask): string => action.split(':')[0]?.toLowerCase() ?? '';

function note(
  record: UsageRecord,
  principal: Principal,
  { action, resource }: Ask,
  verdict: Judgement['verdict'],
  now: number,
): void {
  if (principal.kind !== 'role') return;
  const statement = verdict.allowed || verdict.explicit ? verdict.by : undefined;
  const layer = verdict.allowed || verdict.explicit ? verdict.by.layer : verdict.layer;
  const asked = { action, resource, statement, layer };
  record.add(principal.roleName, verdict.allowed ? 'allowed' : 'denied', asked, now);
}

/** As many different refusals as a log can be read for. */
const mostTold = 1000;

/** A refusal is told once: who polls is refused every second. */
function tell(core: SandboxCore, told: Set<string>, region: string, text: string): void {
  if (told.has(text) || told.size >= mostTold) return;
  told.add(text);
  core.log({ service: 'iam', region, text });
}
