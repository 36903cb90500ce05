/**
 * What people are told, and when: once that something was found, once per decision about it, and once that it has passed. Pure; a
 * notice's id is the same in every round and in every watcher, so that it goes out once.
 */

import type { Decision } from '../../plan/decide.ts';
import type { FindingCode } from '../../plan/findings.ts';
import type { World } from '../../plan/world.ts';

export interface Notice {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

/** `troubled` is the finding that was told last and hasn't passed. */
export function noticesOf(
  workload: string,
  decision: Decision,
  world: Pick<World, 'active' | 'epoch'>,
  troubled: { readonly finding: FindingCode; readonly since: number } | undefined,
): readonly Notice[] {
  const { code, finding, sentence } = decision;
  const of = (what: string, about: { readonly finding: FindingCode; readonly since: number }) =>
    `${world.epoch}#${about.finding}#${about.since}#${what}`;
  const spell = { finding: finding.code, since: finding.since };
  if (isClear(decision, world)) {
    if (troubled === undefined) return [];
    const text = `${workload}: all clear. It was: ${troubled.finding}, since ${when(troubled.since)}. Now: ${finding.says}.`;
    return [{ id: of('passed', troubled), subject: `${workload}: all clear`, text }];
  }
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
  if (code === 'warn')
    return sentence === finding.says ? [detected] : [detected, held(decision, workload, of('warn', spell))];
  if (code === 'stand-down') return [];
  return [detected, decided(decision, workload, of(code, spell))];
}

/** What was told of has passed: customers are served from the primary Region, and nothing is wrong beside. */
export const isClear = ({ beside, code, finding }: Decision, { active }: Pick<World, 'active'>): boolean =>
  finding.code === 'all-well' && code === 'hold' && active === 'primary' && !beside.some(({ settled }) => settled);

/** Looks that don't agree, suspicions and what a person knows already are nobody's news. */
export const isToTell = ({ code, finding }: Decision): boolean =>
  (code === 'warn' || code === 'ask' || code === 'fail-over') && finding.code !== 'all-well';

const held = ({ sentence }: Decision, workload: string, id: string): Notice => ({
  id,
  subject: `${workload}: nothing is failed over`,
  text: `${workload}: nothing is failed over: ${sentence}.`,
});

const decided = (decision: Decision, workload: string, id: string): Notice => {
  const { code, sentence } = decision;
  if (code === 'fail-over')
    return {
      id,
      subject: `${workload}: failing over`,
      text: lines([`${workload}: failing over: ${sentence}.`, ...seen(decision)]),
    };
  return {
    id,
    subject: `${workload}: a failover waits for a person`,
    text: lines([
      `${workload}: a failover waits for a person: ${sentence}.`,
      'Start it with pilot-light failover, or leave it: nothing happens by itself.',
      ...seen(decision),
    ]),
  };
};

const seen = ({ beside, finding, health, lastGood }: Decision): string[] => [
  ...(lastGood === undefined ? [] : [`Last seen well ${when(lastGood)}.`]),
  ...finding.evidence.map(({ observer, seen: what, verdict }) => `- ${observer}: ${verdict} (${what})`),
  ...beside.map(({ says }) => `Beside: ${says}.`),
  ...health.map(({ at, says }) => `AWS Health, ${when(at)}: ${says}`),
];

const lines = (all: readonly string[]): string => all.join('\n');
const when = (at: number): string => new Date(at).toISOString();
