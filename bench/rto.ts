/**
 * How long customers can't write when the primary Region goes dark: the product beside the baseline, on the same sandbox code, templates,
 * customers and timing model, and beside the least that the modelled AWS times allow.
 */

import { join } from 'node:path';
import { loadWorkload, packageRoot } from '../src/cli/load-workload.ts';
import { synthesize } from '../src/cli/synthesize.ts';
import { openWorkspace } from '../src/cli/workspace.ts';
import { timing } from '../src/facts/timing.ts';
import { systemRandom } from '../src/kernel/ids.ts';
import type { RehearsalResult } from '../src/rehearsal/result.ts';
import type { Scenario } from '../src/rehearsal/scenario.ts';
import { loadScenario } from '../src/rehearsal/scenario.ts';
import type { BaselineFigures } from './baseline/measure.ts';
import { measureBaseline } from './baseline/measure.ts';
import type { CriticalPath } from './critical-path.ts';
import { modelledPath } from './critical-path.ts';
import type { Benchmark, Figures } from './figures.ts';
import { rounded } from './figures.ts';
import type { Setting } from './setting.ts';
import { play } from './setting.ts';

/** AWS seconds since the outage. */
interface Ours {
  readonly decided: number;
  readonly writable: number | undefined;
  readonly serving: number | undefined;
  readonly resolved: number;
  readonly ended: number | undefined;
  readonly speed: number | undefined;
  readonly outcome: string;
  readonly failures: readonly string[];
}

export const rto: Benchmark = {
  name: 'rto',
  does: 'the outage as customers see it: the product, the baseline, and what the modelled AWS times allow',
  async run(say): Promise<Figures> {
    const { workload, baseDirectory } = await loadWorkload(undefined);
    const scenario = loadScenario(join(packageRoot(), 'scenarios'), 'primary-region-dark');
    const workspace = openWorkspace();
    try {
      const assemblyDirectory = await synthesize(baseDirectory, join(workspace.folder, 'cdk.out'));
      const setting: Setting = {
        workload,
        baseDirectory,
        assemblyDirectory,
        scenario: untilServed(scenario),
        say,
      };
      say('the product');
      const ours = oursOf(await play(setting));
      say('the baseline, started when the product had decided');
      const baseline = await measureBaseline(setting, ours.decided);
      return figuresOf(ours, baseline, modelledPath(workload, assemblyDirectory));
    } finally {
      workspace.close();
    }
  },
};

/** What comes after customers write again is another story. */
const untilServed = (scenario: Scenario): Scenario => ({
  ...scenario,
  acts: scenario.acts.filter((act) => 'dark' in act),
  expect: scenario.expect.filter(({ kind, spec }) => kind === 'served-by' && spec['served-by'] === 'recovery'),
});

function oursOf({ rto: parts, moments, steps, speeds, outcome, failures }: RehearsalResult): Ours {
  if (parts.decided === undefined || parts.resolved === undefined)
    throw new Error(`The product did not bring the service back: ${failures.join('; ')}`);
  const ends = steps.filter(({ plan }) => plan === 'failover').map(({ endedAt }) => endedAt);
  return {
    decided: parts.decided.awsSeconds,
    writable: parts.writable?.awsSeconds,
    serving: parts.serving?.awsSeconds,
    resolved: parts.resolved.awsSeconds,
    ended: moments.dark === undefined ? undefined : rounded((Math.max(...ends) - moments.dark.aws) / 1000),
    speed: speeds.outage,
    outcome,
    failures,
  };
}

function figuresOf(ours: Ours, baseline: BaselineFigures, least: CriticalPath): Figures {
  const health = timing('p50', systemRandom).milliseconds('aws_health_event_post_delay') / 1000;
  const later = health - baseline.startedAt;
  const onItsOwn = rounded(baseline.resolved + later);
  const ratios = {
    ownTrigger: rounded(onItsOwn / ours.resolved, 2),
    detectionGranted: rounded(baseline.resolved / ours.resolved, 2),
  };
  const overheads = {
    detection: overheadOf(least.detection, ours.decided),
    run: overheadOf(least.plan, ours.resolved - ours.decided),
    whole: overheadOf(least.total, ours.resolved),
  };
  const afterwards = (at: number | undefined) => (at === undefined ? '' : rounded(at + later));
  return {
    title: 'The primary Region goes dark: AWS seconds from the outage, measured at 5 times real time',
    tables: [
      {
        columns: ['', 'started', 'serving', 'first write', 'run ended', 'against ours'],
        rows: [
          ['Pilot Light', ours.decided, ours.serving ?? '', ours.resolved, ours.ended ?? '', '1'],
          [
            'baseline, our detection granted to it',
            baseline.startedAt,
            baseline.serving ?? '',
            baseline.resolved,
            baseline.endedAt,
            ratios.detectionGranted,
          ],
          [
            'baseline, its own trigger (computed)',
            health,
            afterwards(baseline.serving),
            onItsOwn,
            afterwards(baseline.endedAt),
            ratios.ownTrigger,
          ],
        ],
      },
      {
        columns: ['to the first write', 'modelled least', 'measured', 'overhead', '%'],
        rows: [
          ['from the outage to the decision', ...cells(overheads.detection)],
          [`from there on: ${least.steps.map(({ step }) => step).join(', ')}`, ...cells(overheads.run)],
          ['in all', ...cells(overheads.whole)],
        ],
      },
      {
        columns: ['what the baseline did', 'from', 'to'],
        rows: baseline.states.map(({ name, from, to }) => [name, from, to]),
      },
    ],
    goals: [],
    notes: notesOf(ours, baseline, least, health),
    data: {
      scenario: 'primary-region-dark',
      timing: 'p50',
      ours,
      baseline: { ...baseline, ownTrigger: { startedAt: health, resolved: onItsOwn, computed: true } },
      ratios,
      criticalPath: { ...least, overheads },
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

const notesOf = (ours: Ours, baseline: BaselineFigures, least: CriticalPath, health: number): string[] => [
  `Timing model: p50. Speeds measured over the outage: ${ours.speed ?? 'unknown'} and ${baseline.speed} times real time.`,
  `The modelled least: AWS's modelled times along the plan's critical path and nothing else. Detection: ${least.detectionIs}; what is measured depends on where in its rounds the watcher is when the Region goes dark. The promotion counts until the server takes writes.`,
  `The baseline ran once, started ${baseline.startedAt} AWS s after the outage. Its own trigger is the AWS Health event, ${health} s after it: that row is the run moved by the difference, on which nothing else in it depends.`,
  'The product’s watcher was switched off for the baseline. When the baseline ended, its traffic was moved at once by publishing the product’s latch by hand: it has none of its own.',
  `In its database loop the baseline read: ${baseline.statuses.join(', ')}.`,
  ...baseline.ignored.map(
    (error) =>
      `The baseline went on after an error${error.startsWith('Put') ? ' that ends the original' : ''}: ${error}`,
  ),
  ...(ours.outcome === 'passed' ? [] : ours.failures.map((failure) => `The product’s rehearsal failed: ${failure}`)),
];
