/**
 * What people are told, and when: once that something was found, once per decision about it, and once that it has passed. Pure; a
 * notice's id is the same in every round and in every watcher, so that it goes out once.
 */

import type { ApprovalRequest, ApprovalState } from '../../plan/approval.ts';
import { isOfSpell, whoAnswered } from '../../plan/approval.ts';
import type { Decision, Hindrance } from '../../plan/decide.ts';
import type { FindingCode } from '../../plan/findings.ts';
import { recoveryRules } from '../../plan/findings.ts';
import type { Sighting, World } from '../../plan/world.ts';
import { quoteInWords } from '../approving/words.ts';

export interface Notice {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

/** What waits for a person, and the link it can be decided by, if there is one. */
export interface Asked {
  readonly request: ApprovalRequest;
  readonly link: string | undefined;
}

/** `troubled` is the finding that was told last and hasn't passed. */
export function noticesOf(
  workload: string,
  decision: Decision,
  world: Pick<World, 'active' | 'epoch'>,
  troubled: { readonly finding: FindingCode; readonly since: number } | undefined,
  asked?: Asked,
): readonly Notice[] {
  const { code, finding } = decision;
  const of = (what: string, about: { readonly finding: FindingCode; readonly since: number }) =>
    `${world.epoch}#${about.finding}#${about.since}#${what}`;
  const spell = { finding: finding.code, since: finding.since };
  if (isClear(decision, world)) {
    if (troubled === undefined) return [];
    const text = `${workload}: all clear. It was: ${troubled.finding}, since ${when(troubled.since)}. Now: ${finding.says}.`;
    return [{ id: of('passed', troubled), subject: `${workload}: all clear`, text }];
  }
  const declined = asked?.request.state === 'declined' && isOfSpell(asked.request, { epoch: world.epoch, ...spell });
  if (declined && code === 'hold') return [refused(workload, asked.request)];
  if (!isToTell(decision)) return [];
  const detected: Notice = {
    id: of('found', spell),
    subject: `${workload}: ${finding.code}`,
    text: lines([
      `${workload}: found ${finding.code}: ${finding.says}.`,
      `Since ${when(finding.since)}.`,
      ...seen(decision),
    ]),
  };
  if (code === 'warn') {
    const { hindrance } = decision;
    // Told anew when something else stands in the way.
    return hindrance === undefined
      ? [detected]
      : [detected, held(workload, decision, hindrance, of(`warn#${hindrance}`, spell))];
  }
  // Who is asked is told with the request, once it stands.
  if (code === 'ask') return asked === undefined ? [detected] : [detected, waiting(workload, decision, asked)];
  return [detected, going(workload, decision, of(decision.approval?.id ?? code, spell))];
}

/** What was told of has passed: customers are served from the primary Region, and nothing is wrong beside. */
export const isClear = ({ beside, code, finding }: Decision, { active }: Pick<World, 'active'>): boolean =>
  finding.code === 'all-well' && code === 'hold' && active === 'primary' && !beside.some(({ settled }) => settled);

/** Looks that don't agree, suspicions and what a person knows already are nobody's news. */
export const isToTell = ({ code, finding }: Decision): boolean =>
  (code === 'warn' || code === 'ask' || code === 'fail-over') && finding.code !== 'all-well';

const held = (workload: string, decision: Decision, hindrance: Hindrance, id: string): Notice => ({
  id,
  subject: `${workload}: nothing is failed over`,
  text: lines([
    `${workload}: nothing is failed over: ${decision.sentence}.`,
    ...sightingsBehind(hindrance, decision),
    ...(nextMoves[hindrance] ?? []),
  ]),
});

/** What of the last look says so. */
function sightingsBehind(hindrance: Hindrance, { finding }: Decision): string[] {
  const rule = recoveryRules.find(({ code }) => code === hindrance);
  const behind = rule?.when.flatMap(({ failed = [] }) => failed) ?? [];
  return finding.evidence.filter(({ observer }) => behind.includes(observer)).map(sightingSays);
}

const byHand = 'pilot-light quote says what a failover would lose, pilot-light failover --why … starts it';
const nextMoves: Readonly<Partial<Record<Hindrance, readonly string[]>>> = {
  brake: ['pilot-light brake off releases it; what is found is then acted on as the policy says.'],
  manual: [`${byHand}.`],
  'never-seen-well': [`If it is an outage: ${byHand}.`],
  'recovery-no-capacity': [
    'It is looked at again every few seconds, and acted on as the policy says as soon as that has passed. What the groups were told to have goes on being launched.',
    `To move the database meanwhile, and wait for instances there: ${byHand}.`,
  ],
  'recovery-impaired': [
    'It is looked at again every few seconds, and acted on as the policy says as soon as that has passed.',
  ],
};

const going = (workload: string, decision: Decision, id: string): Notice => ({
  id,
  subject: `${workload}: failing over`,
  text: lines([
    `${workload}: failing over: ${decision.sentence}.`,
    ...(decision.approval === undefined ? [] : [`Approved was: ${decision.approval.quote.says}`]),
    ...seen(decision),
  ]),
});

/** What a person needs to decide, and how. Of secrets it holds the link alone. */
function waiting(workload: string, decision: Decision, { link, request }: Asked): Notice {
  return {
    id: `approval#${request.id}`,
    subject: `${workload}: a failover waits for a person`,
    text: lines([
      `${workload}: a failover waits for a person: ${request.sentence}.`,
      ...anew(request),
      ...quoteInWords(request.quote),
      '',
      `Until ${when(request.expiresAt)}, approve or decline it:`,
      `  pilot-light approve ${request.id}`,
      ...(link === undefined ? [] : [`  ${link}`]),
      'The link shows what was found and decides nothing by being opened; whoever has it can decide, so keep it to those who may.',
      'Left alone nothing happens, and you are asked anew while it lasts.',
      '',
      ...seen(decision),
    ]),
  };
}

function anew({ before, id, ordinal }: ApprovalRequest): string[] {
  if (before === undefined) return [];
  const became: Partial<Record<ApprovalState, string>> = {
    expired: 'The request before this one has expired',
    used: 'The run that was approved before has ended without moving anything',
    withdrawn: 'The request before this one was withdrawn, for more stands in the way now',
  };
  return [
    `${became[before] ?? 'There was a request before this one'}: this is request ${ordinal} (${id}), with a fresh quote.`,
  ];
}

const refused = (workload: string, request: ApprovalRequest): Notice => ({
  id: `approval#${request.id}#declined`,
  subject: `${workload}: the failover was declined`,
  text: `${workload}: the failover was declined by ${whoAnswered(request)}: ${request.answered?.why ?? ''}. Nothing is failed over while this finding lasts: ${request.sentence}.`,
});

const seen = ({ beside, finding, health, lastGood }: Decision): string[] => [
  ...(lastGood === undefined ? [] : [`Last seen well ${when(lastGood)}.`]),
  ...finding.evidence.map(sightingSays),
  ...beside.map(({ says }) => `Beside: ${says}.`),
  ...health.map(({ at, says }) => `AWS Health, ${when(at)}: ${says}`),
];

const sightingSays = ({ observer, seen: what, verdict }: Sighting): string => `- ${observer}: ${verdict} (${what})`;

const lines = (all: readonly string[]): string => all.join('\n');
const when = (at: number): string => new Date(at).toISOString();
