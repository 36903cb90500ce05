/** The outage's figures as tables, goals and notes. */

import { timing } from '../src/facts/timing.ts';
import { systemRandom } from '../src/kernel/ids.ts';
import type { BaselineFigures } from './baseline/measure.ts';
import type { CriticalPath } from './critical-path.ts';
import type { Figures } from './figures.ts';
import { rounded } from './figures.ts';
import type { Cutover } from './rto-goals.ts';
import { goalsOf } from './rto-goals.ts';

/** AWS seconds since the outage. */
export interface Ours {
  readonly decided: number;
  readonly writable: number | undefined;
  readonly serving: number | undefined;
  readonly resolved: number;
  readonly ended: number | undefined;
  readonly speed: number | undefined;
  readonly outcome: string;
  readonly failures: readonly string[];
}

export interface Measured {
  readonly cutover: Cutover;
  readonly ours: Ours;
  readonly least: CriticalPath;
}

export function figuresOf(all: readonly Measured[], baseline: BaselineFigures): Figures {
  const health = timing('p50', systemRandom).milliseconds('aws_health_event_post_delay') / 1000;
  const later = health - baseline.startedAt;
  const afterwards = (at: number | undefined) => (at === undefined ? '' : rounded(at + later));
  const judged = all.map((one) => ({ ...one, ...besides(one, baseline, health) }));
  return {
    title: 'The primary Region goes dark: AWS seconds from the outage, measured at 5 times real time',
    tables: [
      {
        columns: [
          '',
          'decided',
          'writable',
          'serving',
          'first write',
          'run ended',
          'of the baseline',
          'its own trigger',
        ],
        rows: [
          ...judged.map(({ cutover, ours, shares }) => [
            `Pilot Light, ${cutover}`,
            ours.decided,
            ours.writable ?? '',
            ours.serving ?? '',
            ours.resolved,
            ours.ended ?? '',
            shares.detectionGranted,
            shares.ownTrigger,
          ]),
          [
            'baseline, our detection granted to it',
            baseline.startedAt,
            '',
            baseline.serving ?? '',
            baseline.resolved,
            baseline.endedAt,
            1,
            '',
          ],
          [
            'baseline, its own trigger (computed)',
            health,
            '',
            afterwards(baseline.serving),
            rounded(baseline.resolved + later),
            afterwards(baseline.endedAt),
            '',
            1,
          ],
        ],
      },
      ...judged.map(({ cutover, least, overheads }) => ({
        columns: [`${cutover}: to the first write`, 'modelled least', 'measured', 'overhead', '%'],
        rows: [
          ['from the outage to the decision', ...cells(overheads.detection)],
          [`from there on: ${least.steps.map(({ step }) => step).join(', ')}`, ...cells(overheads.run)],
          ['in all', ...cells(overheads.whole)],
        ],
      })),
      {
        columns: ['what the baseline did', 'from', 'to'],
        rows: baseline.states.map(({ name, from, to }) => [name, from, to]),
      },
    ],
    goals: judged.flatMap(({ cutover, ours, overheads, shares }) =>
      goalsOf(cutover, { resolved: ours.resolved, overhead: overheads.whole.percent, ...shares }),
    ),
    notes: notesOf(all, baseline, health),
    data: {
      scenario: 'primary-region-dark',
      timing: 'p50',
      ours: judged,
      baseline: {
        ...baseline,
        ownTrigger: { startedAt: health, resolved: rounded(baseline.resolved + later), computed: true },
      },
    },
  };
}

/** Beside the least that is possible, and beside the baseline: it is moved to start when this run had decided, on which nothing in it depends. */
function besides({ least, ours }: Measured, baseline: BaselineFigures, health: number) {
  const took = baseline.resolved - baseline.startedAt;
  return {
    shares: {
      detectionGranted: rounded(ours.resolved / (ours.decided + took), 2),
      ownTrigger: rounded(ours.resolved / (health + took), 2),
    },
    overheads: {
      detection: overheadOf(least.detection, ours.decided),
      run: overheadOf(least.plan, ours.resolved - ours.decided),
      whole: overheadOf(least.total, ours.resolved),
    },
  };
}

interface Overhead {
  readonly modelled: number;
  readonly measured: number;
  readonly awsSeconds: number;
  readonly percent: number;
}

const overheadOf = (modelled: number, measured: number): Overhead => ({
  modelled: rounded(modelled),
  measured: rounded(measured),
  awsSeconds: rounded(measured - modelled),
  percent: rounded((100 * (measured - modelled)) / modelled),
});

const cells = ({ modelled, measured, awsSeconds, percent }: Overhead): number[] => [
  modelled,
  measured,
  awsSeconds,
  percent,
];

const notesOf = (all: readonly Measured[], baseline: BaselineFigures, health: number): string[] => [
  `Timing model: p50. Speeds measured over the outage: ${[...all.map(({ ours }) => ours.speed ?? 'unknown'), baseline.speed].join(', ')} times real time.`,
  'open-early is experimental: the sandbox opens a replica by its parameter group as AWS documents it, and nobody has measured it on RDS.',
  ...all.map(
    ({ cutover, least }) =>
      `The modelled least of ${cutover}: AWS's modelled times along the plan's critical path and nothing else. Detection: ${least.detectionIs}; what is measured depends on where in its rounds the watcher is when the Region goes dark.`,
  ),
  'A promotion counts until the server takes writes; one beside customers who write already doesn’t count.',
  `The baseline ran once, started ${baseline.startedAt} AWS s after the outage. Its own trigger is the AWS Health event, ${health} s after it: that row is the run moved by the difference, on which nothing else in it depends. A share of the baseline's time is ours divided by it.`,
  'The product’s watcher was switched off for the baseline. When the baseline ended, its traffic was moved at once by publishing the product’s latch by hand: it has none of its own.',
  `In its database loop the baseline read: ${baseline.statuses.join(', ')}.`,
  ...baseline.ignored.map(
    (error) =>
      `The baseline went on after an error${error.startsWith('Put') ? ' that ends the original' : ''}: ${error}`,
  ),
  ...all.flatMap(({ cutover, ours }) =>
    ours.outcome === 'passed' ? [] : ours.failures.map((failure) => `The rehearsal of ${cutover} failed: ${failure}`),
  ),
];
