/** The end of a rehearsal in a few lines of text. */

import type { RoleVerdict } from './least-privilege.ts';
import { quoteBesideLoss } from './quoted-loss.ts';
import type { RehearsalResult, Span } from './result.ts';

export function summary(result: RehearsalResult): string {
  const { rto, writes, failback, lost } = result;
  const rows: [string, string][] = [
    ['Outcome', result.outcome.toUpperCase()],
    [
      'RTO',
      rto.resolved === undefined
        ? result.stayed
          ? 'the workload stayed where it was'
          : 'service did not come back'
        : `${span(rto.resolved)} from the kill to the first acknowledged write`,
    ],
    [
      '  parts',
      (['decided', 'writable', 'serving'] as const)
        .flatMap((name) => (rto[name] === undefined ? [] : [`${name} ${seconds(rto[name].awsSeconds)}`]))
        .join(', '),
    ],
    [
      'Writes',
      `${writes.acknowledged} acknowledged, ${writes.present} present, ${writes.lost} lost, ${writes.named} of them named`,
    ],
    ['RPO', `${seconds(result.rpoSeconds)} by the customers' own record`],
    ['  quoted', result.quote === undefined ? '' : quoteBesideLoss(result.quote)],
    [
      'Objects',
      `${result.objectsLate} not there yet when service came back, ${result.objectsWithoutRows} without a row; ${result.strandedMessages} messages were stranded`,
    ],
    [
      'Failback',
      failback.windowAwsSeconds === undefined
        ? 'not done'
        : `${failback.writesLost} writes lost, no writes for ${seconds(failback.windowAwsSeconds)}`,
    ],
    [
      'Fence',
      result.stayed
        ? 'none was needed'
        : result.fence.owedAwsSeconds === undefined
          ? 'still owed'
          : `raised ${seconds(result.fence.owedAwsSeconds)} after ${result.moments.back === undefined ? 'the commit' : 'the Region came back'}`,
    ],
    ['  promise', result.stayed ? '' : result.fence.guarantee],
  ];
  if (result.roles !== undefined) rows.push(['Roles', rolesText(result.roles)]);
  const shown = rows.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  const named = lost
    .slice(0, 10)
    .map(
      ({ id, acknowledgedAt, what, reason }) =>
        `  ${id} acknowledged ${acknowledgedAt}: ${what}: ${reason ?? 'no explanation'}`,
    );
  return [
    '',
    result.title,
    ...shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(named.length === 0
      ? []
      : [
          'Lost writes:',
          ...named,
          ...(lost.length > named.length ? [`  and ${lost.length - named.length} more, in the report`] : []),
        ]),
    'Expected:',
    ...result.expectations.map(({ says, met, seen }) => `  ${met ? 'met    ' : 'NOT MET'}  ${says}: ${seen}`),
    'Invariants:',
    ...result.invariants.map(({ name, held, evidence }) => `  ${held ? 'held  ' : 'BROKEN'}  ${name}: ${evidence}`),
    ...(result.failures.length === 0 ? [] : ['Why it failed:', ...result.failures.map((failure) => `  ${failure}`)]),
    `Measured in the ${result.measuredIn}. Not rehearsed: ${result.notRehearsed.join(' ')}`,
  ].join('\n');
}

function rolesText(roles: readonly RoleVerdict[]): string {
  const count = (of: (role: RoleVerdict) => number) => roles.reduce((sum, role) => sum + of(role), 0);
  const idle = count((role) => role.idle.length);
  const refused = count((role) => role.refused.length);
  return `${roles.length} of Pilot Light's own: ${count((role) => role.used)} grants used, ${count((role) => role.held.length)} held for other occasions, ${idle} idle, ${refused} refused`;
}

const span = ({ awsSeconds, realSeconds }: Span): string => `${seconds(awsSeconds)} (${realSeconds.toFixed(1)} real s)`;

const seconds = (value: number): string =>
  value < 120 ? `${value.toFixed(1)} AWS s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s AWS time`;
