/** The findings: each a named condition over the last looks that agree, as a table. Order is precedence: the first that holds is the finding. */

import type { Look, Observer, Sighting } from './world.ts';

export const findingCodes = [
  'recovery-blind',
  'primary-region-dark',
  'primary-application-down',
  'public-name-down',
  'all-well',
  'unclear',
] as const;
export type FindingCode = (typeof findingCodes)[number];

export interface Finding {
  readonly code: FindingCode;
  readonly says: string;
  /** Whether failing over would help: the primary can't serve, and it isn't we who can't see. */
  readonly actionable: boolean;
  readonly evidence: readonly Sighting[];
}

interface Rule {
  readonly code: FindingCode;
  readonly says: string;
  readonly actionable: boolean;
  readonly holds: (look: View) => boolean;
}

/** One look, asked by observer. */
interface View {
  failed(observer: Observer): boolean;
  well(observer: Observer): boolean;
}

const rules: readonly Rule[] = [
  {
    code: 'recovery-blind',
    says: "nothing can be seen from the recovery Region, but the primary's database still sends: it is this side that is cut off",
    actionable: false,
    holds: (look) => look.failed('primary-balancer') && look.failed('primary-apis') && look.well('replica-stream'),
  },
  {
    code: 'recovery-blind',
    says: "the recovery Region can't reach the primary, but Route 53's checkers, from many places, can: it is this side that is cut off",
    actionable: false,
    holds: (look) => look.failed('primary-balancer') && look.well('route53-verdict'),
  },
  {
    code: 'primary-region-dark',
    says: 'the primary Region answers nobody: not its load balancer, not its APIs, and its database has stopped sending',
    actionable: true,
    holds: (look) =>
      look.failed('primary-balancer') &&
      look.failed('primary-apis') &&
      look.failed('replica-stream') &&
      !look.well('public-name') &&
      !look.well('route53-verdict'),
  },
  {
    code: 'primary-application-down',
    says: "the primary application answers nobody, while the Region's APIs do",
    actionable: false,
    holds: (look) => look.failed('primary-balancer') && look.well('primary-apis'),
  },
  {
    code: 'public-name-down',
    says: "the public name doesn't answer, while the primary's own load balancer does",
    actionable: false,
    holds: (look) => look.failed('public-name') && look.well('primary-balancer'),
  },
  {
    code: 'all-well',
    says: 'the service answers',
    actionable: false,
    holds: (look) => look.well('public-name') && look.well('primary-balancer'),
  },
];

/** What the last `agreeing` looks all show; `unclear` when they don't agree or there are too few. */
export function findingOf(looks: readonly Look[], agreeing: number): Finding {
  const recent = looks.slice(-agreeing);
  const evidence = recent.flatMap(({ sightings }) => sightings);
  if (recent.length >= agreeing) {
    const views = recent.map(viewOf);
    const rule = rules.find(({ holds }) => views.every(holds));
    if (rule !== undefined) return { code: rule.code, says: rule.says, actionable: rule.actionable, evidence };
  }
  return { code: 'unclear', says: "the last looks don't agree yet", actionable: false, evidence };
}

function viewOf(look: Look): View {
  const verdictOf = (observer: Observer) =>
    look.sightings.find((sighting) => sighting.observer === observer)?.verdict ?? 'unknown';
  return { failed: (observer) => verdictOf(observer) === 'failed', well: (observer) => verdictOf(observer) === 'well' };
}
