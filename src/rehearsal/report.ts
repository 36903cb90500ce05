/** The report: one self-contained HTML page drawn from the result and nothing else. Times are AWS time unless they say real. */

import type { Figure } from '../ledger/figure.ts';
import type { PlanName } from '../plan/graph.ts';
import type { Stretch } from './charts.ts';
import { gantt, trafficChart } from './charts.ts';
import type { RoleVerdict } from './least-privilege.ts';
import { escaped } from './markup.ts';
import { styles } from './report-styles.ts';
import type { RehearsalResult, Span, StepSpan } from './result.ts';

export function renderReport(result: RehearsalResult): string {
  const title = `${result.title}: ${result.outcome}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${styles}</style>
</head>
<body>
<main>
${header(result)}
${figures(result)}
${expectationsSection(result)}
${trafficSection(result)}
${planSections(result)}
${quoteSection(result)}
${writesSection(result)}
${invariantsSection(result)}
${rolesSection(result)}
${timelineSection(result)}
${limitsSection(result)}
</main>
</body>
</html>
`;
}

function header(result: RehearsalResult): string {
  const { outcome, failures, workload, regions, scenario, date, version, measuredIn } = result;
  return `<header>
<p class="eyebrow">Pilot Light ${escaped(version)} rehearsal, ${escaped(date.slice(0, 16).replace('T', ' '))} UTC</p>
<h1>${escaped(result.title)} <span class="badge ${outcome}">${outcome}</span></h1>
<p>Workload <b>${escaped(workload)}</b>, primary Region ${escaped(regions.primary)}, recovery Region ${escaped(regions.recovery)}. Scenario <code>${escaped(scenario)}</code>. Measured in the ${measuredIn}.</p>
${failures.length === 0 ? '' : `<ul class="failures">${failures.map((failure) => `<li>${escaped(failure)}</li>`).join('')}</ul>`}
</header>`;
}

function figures(result: RehearsalResult): string {
  const { rto, writes, failback, fence } = result;
  const cards: [string, string, string][] = [
    [
      'RTO',
      rto.resolved === undefined ? (result.stayed ? 'no failover' : 'not back') : duration(rto.resolved.awsSeconds),
      rto.resolved === undefined
        ? result.stayed
          ? 'the workload stayed where it was'
          : ''
        : `AWS time from the kill to the first acknowledged write; ${rto.resolved.realSeconds.toFixed(1)} real s`,
    ],
    [
      'Writes lost',
      String(writes.lost),
      `of ${writes.acknowledged} acknowledged; ${writes.named} named, ${writes.present} present`,
    ],
    ['RPO', duration(result.rpoSeconds), "AWS time, from the customers' own record"],
    [
      'Way home',
      failback.windowAwsSeconds === undefined ? 'not done' : duration(failback.windowAwsSeconds),
      failback.windowAwsSeconds === undefined ? '' : `AWS time without writes; ${failback.writesLost} writes lost`,
    ],
    [
      'Fence',
      result.stayed ? 'none' : fence.owedAwsSeconds === undefined ? 'owed' : duration(fence.owedAwsSeconds),
      "AWS time from the Region's return, or from the commit where it wasn't brought back, to the last part of the fence",
    ],
    [
      'Without a standby copy',
      result.stayed
        ? 'never'
        : failback.unprotectedAwsSeconds === undefined
          ? 'still'
          : duration(failback.unprotectedAwsSeconds),
      'AWS time from the kill to the new replica caught up',
    ],
  ];
  const parts = (['decided', 'writable', 'serving', 'resolved'] as const).flatMap((name) => {
    const span: Span | undefined = rto[name];
    return span === undefined
      ? []
      : [
          `<tr><td>${name}</td><td class="n">${duration(span.awsSeconds)}</td><td class="n">${span.realSeconds.toFixed(1)} s</td><td>${partMeaning[name]}</td></tr>`,
        ];
  });
  return `<section class="cards">${cards.map(([name, value, note]) => `<div class="card"><h3>${name}</h3><p class="value">${escaped(value)}</p><p class="note">${escaped(note)}</p></div>`).join('')}</section>
<section><h2>Recovery time, part by part</h2>
<table><thead><tr><th>Part</th><th class="n">AWS time</th><th class="n">Real time</th><th>From the kill to</th></tr></thead><tbody>${parts.join('')}</tbody></table>
${result.productRtoSeconds === undefined ? '' : `<p class="note">The product can't know the kill: it counts ${duration(result.productRtoSeconds)} from the last time it saw the primary well to its own verification through the public name.</p>`}
</section>`;
}

function expectationsSection({ expectations }: RehearsalResult): string {
  const rows = expectations.map(
    ({ says, met, seen }) =>
      `<tr><td class="${met ? 'held' : 'broken'}">${met ? 'met' : 'not met'}</td><td>${escaped(says)}</td><td>${escaped(seen)}</td></tr>`,
  );
  return `<section><h2>What was expected</h2><table><tbody>${rows.join('')}</tbody></table></section>`;
}

const partMeaning = {
  decided: "the failover run opened, by the watcher's own decision",
  writable: 'a canary row written to the recovery database and read back',
  serving: 'the first answer of the recovery load balancer to a customer',
  resolved: 'the first customer write acknowledged through the public name',
} as const;

function trafficSection(result: RehearsalResult): string {
  const { outage: began, dark = began, resolved, quiesced, home } = result.moments;
  const minute = 60_000;
  const outage = dark === undefined ? undefined : { from: dark.aws - minute, to: (resolved ?? dark).aws + 2 * minute };
  const move =
    quiesced === undefined ? undefined : { from: quiesced.aws - minute, to: (home ?? quiesced).aws + minute };
  const part = (name: string, stretch: Stretch | undefined) =>
    stretch === undefined ? '' : `<h3>${name}</h3>${trafficChart(result, stretch)}`;
  return `<section><h2>Customers</h2><p class="note">Writes by their end: acknowledged above the line, failed below. Vertical lines are the moments named in the timeline.</p>${part('The outage', outage)}${part('The way home', move)}</section>`;
}

function planSections({ steps }: RehearsalResult): string {
  const plans = [...new Set(steps.map(({ plan }) => plan))];
  return plans
    .map((plan) =>
      planSection(
        plan,
        steps.filter((step) => step.plan === plan),
      ),
    )
    .join('\n');
}

const told: Readonly<Record<StepSpan['toldBy'], string>> = {
  history: "From the state machine's own history.",
  journal: "From the run's own journal: it was ended without a state machine.",
};

function planSection(plan: PlanName, steps: readonly StepSpan[]): string {
  const critical = steps.filter((step) => step.critical);
  const sum = critical.reduce((total, { startedAt, endedAt }) => total + (endedAt - startedAt) / 1000, 0);
  const tellers = new Set(steps.map(({ toldBy }) => told[toldBy]));
  return `<section><h2>The ${plan}, step by step</h2>
<p class="note">${[...tellers].join(' ')} The critical path, ${duration(sum)}, is dark: ${critical.map(({ step }) => escaped(step)).join(', ')}.</p>
${gantt(steps)}</section>`;
}

function quoteSection({ quote: quoted }: RehearsalResult): string {
  if (quoted === undefined) return '';
  const { quote, rowsLost, secondsLost } = quoted;
  const { seconds, expected, transactions, expectedTransactions } = quote.database;
  const row = (what: string, most: Figure, likely: Figure, lost: string) =>
    `<tr><td>${what}</td><td class="n">${most.value ?? 'unknown'}</td><td class="n">${likely.value ?? 'unknown'}</td><td class="n">${lost}</td><td>${escaped(most.how)}</td></tr>`;
  return `<section><h2>What was quoted, and what was lost</h2>
<p>${escaped(quote.says)} Said by the failover's own run before it was committed, with the primary Region dark.</p>
<table><thead><tr><th>Of the database</th><th class="n">At most</th><th class="n">Likely</th><th class="n">Lost</th><th>How it was told</th></tr></thead><tbody>${row('Seconds of writes', seconds, expected, secondsLost.toFixed(1))}${row("Customers' transactions", transactions, expectedTransactions, String(rowsLost))}</tbody></table>
<p class="note">What the quote couldn't know: ${quote.unknown.map(escaped).join(' ')}</p></section>`;
}

function writesSection({ lost, writes, objectsLate, objectsWithoutRows, strandedMessages }: RehearsalResult): string {
  const rows = lost.map(
    ({ id, acknowledgedAt, what, reason }) =>
      `<tr><td><code>${escaped(id)}</code></td><td>${escaped(acknowledgedAt)}</td><td>${what}</td><td>${reason === undefined ? '<b>no explanation</b>' : escaped(reason)}</td></tr>`,
  );
  return `<section><h2>Every acknowledged write</h2>
<p>${writes.acknowledged} acknowledged = ${writes.present} present + ${writes.lost} lost, of which ${writes.named} are named below. ${objectsLate} of them had no object in the recovery Region yet when service came back. ${objectsWithoutRows} objects have no row. ${strandedMessages} messages were stranded in the dead Region.</p>
${rows.length === 0 ? '' : `<table><thead><tr><th>Write</th><th>Acknowledged</th><th>Lost</th><th>Why</th></tr></thead><tbody>${rows.join('')}</tbody></table>`}</section>`;
}

function invariantsSection({ invariants, fence }: RehearsalResult): string {
  const rows = invariants.map(
    ({ name, held, evidence }) =>
      `<tr><td class="${held ? 'held' : 'broken'}">${held ? 'held' : 'broken'}</td><td>${escaped(name)}</td><td>${escaped(evidence)}</td></tr>`,
  );
  return `<section><h2>Invariants</h2><table><tbody>${rows.join('')}</tbody></table><p class="note">Fence: ${escaped(fence.guarantee)}.</p></section>`;
}

function rolesSection({ roles }: RehearsalResult): string {
  if (roles === undefined) return '';
  const used = roles.reduce((sum, role) => sum + role.used, 0);
  return `<section><h2>What the roles may, and didn’t need</h2>
<p>Every call was judged by the roles as they are deployed. Of Pilot Light's own ${roles.length} roles ${used} grants were used; the others are held for occasions that didn't come up.</p>
${complaintsTable(roles)}${heldTable(roles)}</section>`;
}

function complaintsTable(roles: readonly RoleVerdict[]): string {
  const rows = roles.flatMap(({ role, idle, refused }) =>
    [
      ...refused.map((one) => ({ ...one, why: `refused: ${one.by}` })),
      ...idle.map((one) => ({ ...one, why: 'no step used it, and nothing says why it is held' })),
    ].map(
      ({ action, resources, why }) =>
        `<tr><td>${escaped(role)}</td><td><code>${escaped(action)}</code></td><td>${resources.map((arn) => `<code>${escaped(arn)}</code>`).join('<br>')}</td><td class="broken">${escaped(why)}</td></tr>`,
    ),
  );
  if (rows.length === 0) return '';
  return `<table><thead><tr><th>Role</th><th>Action</th><th>On</th><th>What is wrong</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** By occasion: what each role's grant is on stands in its policy. */
function heldTable(roles: readonly RoleVerdict[]): string {
  const occasions = new Map<string, Map<string, Set<string>>>();
  for (const { role, held } of roles) {
    for (const { action, why } of held) {
      const holders = occasions.get(why) ?? new Map<string, Set<string>>();
      occasions.set(why, holders.set(role, (holders.get(role) ?? new Set()).add(action)));
    }
  }
  if (occasions.size === 0) return '';
  const rows = [...occasions].map(([why, holders]) => {
    const each = [...holders].map(
      ([role, actions]) => `${escaped(role)}: <code>${[...actions].map(escaped).join('</code>, <code>')}</code>`,
    );
    return `<tr><td>${escaped(why)}</td><td>${each.join('<br>')}</td></tr>`;
  });
  return `<table class="occasions"><thead><tr><th>Held for when</th><th>By which role, to do what</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function timelineSection({ timeline, moments }: RehearsalResult): string {
  const zero = (moments.dark ?? moments.outage)?.aws;
  const rows = timeline.flatMap((event) => {
    const says = wordsOf(event);
    if (says === undefined) return [];
    const aws = zero === undefined ? '' : signed((event.at.aws - zero) / 1000);
    return [
      `<tr class="${event.kind}"><td class="n">${aws}</td><td class="n">${(event.at.real / 1000).toFixed(1)}</td><td>${escaped(says)}</td></tr>`,
    ];
  });
  return `<section><h2>Timeline</h2><table class="timeline"><thead><tr><th class="n">AWS s from the kill</th><th class="n">Real s from the start</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

function wordsOf(event: RehearsalResult['timeline'][number]): string | undefined {
  switch (event.kind) {
    case 'phase':
      return `${event.phase}: ${event.says}`;
    case 'moment':
      return `${event.moment}: ${event.says}`;
    case 'step':
      return `${event.plan}: ${event.step} ${event.state}`;
    case 'decision':
      return `decision ${event.code}: ${event.sentence}`;
    case 'fault':
      return `fault ${event.state}: ${event.says}`;
    case 'problem':
    case 'act':
      return event.says;
    case 'notice':
      return `told by the ${event.side} Region: ${event.text}`;
    case 'expectation':
      return event.says;
    case 'progress':
      return event.phase === 'deploy' ? undefined : event.says;
    default:
      return undefined;
  }
}

function limitsSection({ speeds, notRehearsed, measuredIn }: RehearsalResult): string {
  const rows = Object.entries(speeds).map(
    ([phase, speed]) => `<tr><td>${escaped(phase)}</td><td class="n">${speed}</td></tr>`,
  );
  return `<section><h2>What these figures are</h2>
<p>Measured in the ${measuredIn}: real databases, processes and networks on one machine, with AWS's durations modelled. They show that the workload's own templates, state machines and functions recover it, and what on the way costs time; AWS's own durations vary.</p>
<p>Not rehearsed: ${notRehearsed.map(escaped).join(' ')}</p>
<table><thead><tr><th>Phase</th><th class="n">AWS s per real s, measured</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`;
}

const signed = (seconds: number): string => `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(1)}`;
