/** `pilot-light rehearse`: plays scenarios in the sandbox, one after the other, and reports each. */

import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isoTime, monotonic, wallClock } from '../kernel/clock.ts';
import { usageError } from '../kernel/errors.ts';
import { conduct } from '../rehearsal/conduct.ts';
import type { Listener, RehearsalEvent } from '../rehearsal/events.ts';
import { lines } from '../rehearsal/lines.ts';
import { overview } from '../rehearsal/overview.ts';
import { renderReport } from '../rehearsal/report.ts';
import type { RehearsalResult } from '../rehearsal/result.ts';
import type { Scenario } from '../rehearsal/scenario.ts';
import { loadScenario, scenarioNames } from '../rehearsal/scenario.ts';
import { screen } from '../rehearsal/screen.ts';
import { Stage } from '../rehearsal/stage.ts';
import { summary } from '../rehearsal/summary.ts';
import type { TargetOptions } from '../rehearsal/target.ts';
import { deployAssembly } from './deploy/deploy-assembly.ts';
import type { Interruption } from './interruption.ts';
import { interruption } from './interruption.ts';
import { keepState, keptText, tellOf } from './kept-rehearsal.ts';
import type { LoadedWorkload } from './load-workload.ts';
import { loadWorkload, packageRoot } from './load-workload.ts';
import type { RehearseFlags } from './main.ts';
import { checkAuditTools, checkCustomers, checkMachine, checkWorkload } from './preflight.ts';
import { rehearsedBreakGlass } from './rehearsed-break-glass.ts';
import { rehearsedAnswer, rehearsedOrder } from './rehearsed-people.ts';
import { givePolicy } from './rehearsed-policy.ts';
import { checkFaults, sandboxTarget } from './sandbox-target.ts';
import { listScenarios } from './scenario-list.ts';
import { synthesize } from './synthesize.ts';
import { openWorkspace } from './workspace.ts';

/** Measured phases run at most this many times real time: beyond it the machine's own noise would show in the figures. */
const measuredSpeed = 10;
const dullSpeed = 150;

export type RehearseOptions = Omit<RehearseFlags, 'scenario'> & { readonly scenarios: readonly string[] };

export async function rehearse(options: RehearseOptions): Promise<number> {
  if (options.list) return listScenarios(scenarioFolder(), options.json === true);
  const scenarios = chosenScenarios(options);
  const loaded = await loadWorkload(options.config);
  checkWorkload(loaded, { app: true });
  checkCustomers(loaded);
  await checkMachine();
  checkAuditTools();
  for (const { name, faults } of scenarios)
    await checkFaults(
      name,
      faults.flatMap((step) => ('raise' in step ? [step.raise] : [])),
      loaded.workload,
    );
  const reports = writableFolder(options.report);
  const interrupted = interruption();
  const results: RehearsalResult[] = [];
  try {
    for (const scenario of scenarios) results.push(await play(scenario, loaded, reports, options, interrupted));
  } finally {
    interrupted.close();
    if (scenarios.length > 1) (options.json ? process.stderr : process.stdout).write(overview(results, scenarios));
  }
  const passed = results.every(({ outcome }) => outcome === 'passed');
  return passed ? 0 : 1;
}

async function play(
  scenario: Scenario,
  loaded: LoadedWorkload,
  reports: string,
  options: RehearseOptions,
  interrupted: Interruption,
): Promise<RehearsalResult> {
  const { baseDirectory } = loaded;
  const { policy } = scenario.given;
  const workload = policy === undefined ? loaded.workload : { ...loaded.workload, policy };
  const began = monotonic();
  const timeline: RehearsalEvent[] = [];
  // With --json stdout is for the result alone.
  const out = options.json ? process.stderr : process.stdout;
  const show = out.isTTY && !options.json ? screen(out) : lines(out);
  const listener: Listener = (event) => {
    if (event.kind !== 'sample') timeline.push(event);
    show.hear(event);
  };
  const workspace = openWorkspace();
  const state = join(workspace.folder, 'state');
  const speeds = {
    dull: options.speed ?? dullSpeed,
    measured: Math.min(
      measuredSpeed,
      scenario.given.pace,
      options.speed === undefined || options.speed === 'max' ? measuredSpeed : options.speed,
    ),
  };
  const synthesized = synthesize(baseDirectory, join(workspace.folder, 'cdk.out'), interrupted.signal);
  // Awaited below; a failure before that must not end the process by itself.
  synthesized.catch(() => {});
  const target = await interrupted.orElse(
    sandboxTarget({
      workload,
      baseDirectory,
      speed: 'max',
      signals: false,
      purpose: `rehearse ${scenario.name}`,
      stoppedReplication: scenario.given.stoppedReplication,
      slow: scenario.given.slow,
      state,
      ...timingOf(options, scenario),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    }),
  );
  let name = fileName(scenario.name, isoTime(wallClock.now()));
  let worthKeeping = false;
  let result: RehearsalResult;
  let kept: string | undefined;
  try {
    const stage = new Stage({
      target,
      workload,
      scenario:
        options.customers === undefined
          ? scenario
          : { ...scenario, given: { ...scenario.given, customers: options.customers } },
      speeds,
      listener,
      realNow: monotonic,
      began,
    });
    listener({
      kind: 'begin',
      at: stage.now(),
      scenario: scenario.name,
      title: scenario.title,
      workload: stage.names.prefix,
      regions: { primary: workload.primary.region, recovery: workload.recovery.region },
    });
    const assemblyDirectory = await interrupted.orElse(synthesized);
    givePolicy(assemblyDirectory, workload, policy);
    worthKeeping = true;
    const conducted = conduct(stage, {
      deploy: async (onProgress) => {
        const { changed } = await deployAssembly({
          assemblyDirectory,
          clients: (region) => target.clients(region),
          onProgress: ({ says, done, of }) => onProgress(says, done, of),
        });
        return changed;
      },
      breakGlass: (plan, given, onProgress) => rehearsedBreakGlass(target, workload, plan, given, onProgress),
      order: (ordered) => rehearsedOrder(target, workload, ordered),
      answer: (given) => rehearsedAnswer(target, workload, given),
    });
    result = await interrupted.orElse(conducted);
    worthKeeping = result.outcome !== 'passed' || options.keep === true;
    name = fileName(result.scenario, result.date);
    listener({
      kind: 'end',
      at: stage.now(),
      outcome: result.outcome,
      says:
        result.failures[0] ??
        `${result.stayed ? 'the workload stayed where it was' : 'service came back'}, every write is accounted for, the invariants held`,
    });
    show.close();
    const report = writeReports(join(reports, name), { ...result, timeline });
    out.write(`${summary(result)}\nReport: ${report}\n`);
    if (options.keep) await keepRunning(target.environment, interrupted, out);
  } finally {
    show.close();
    if (worthKeeping) await tellOf(target, state, timeline);
    await target.stop();
    const folder = join(reports, `${name}-state`);
    if (worthKeeping && (await keepState(state, folder))) {
      kept = folder;
      out.write(keptText(folder, options.config));
    }
    workspace.close();
  }
  if (options.json) process.stdout.write(`${JSON.stringify(jsonOf(result, join(reports, `${name}.html`), kept))}\n`);
  return result;
}

function timingOf(options: RehearseOptions, { given }: Scenario): Pick<TargetOptions, 'timing'> {
  const timing = options.timing ?? given.timing;
  return timing === undefined ? {} : { timing };
}

/** The object of `--json`. */
function jsonOf(result: RehearsalResult, report: string, state: string | undefined) {
  const { scenario, outcome, rto, writes, failback, expectations, invariants, failures } = result;
  return {
    scenario,
    outcome,
    rto: { ...rto.resolved, ...rto },
    writes,
    failback: { writesLost: failback.writesLost, windowAwsSeconds: failback.windowAwsSeconds },
    expectations,
    invariants,
    failures,
    report,
    ...(state === undefined ? {} : { state }),
  };
}

const fileName = (scenario: string, date: string): string => `${scenario}-${date.replaceAll(/[:.]/g, '-')}`;

function writeReports(path: string, result: RehearsalResult): string {
  const file = `${path}.html`;
  writeFileSync(file, renderReport(result));
  writeFileSync(`${path}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
  return file;
}

function chosenScenarios({ scenarios }: RehearseOptions): Scenario[] {
  const folder = scenarioFolder();
  const names = scenarios.includes('all')
    ? scenarioNames(folder)
    : scenarios.length === 0
      ? ['primary-region-dark']
      : [...new Set(scenarios)];
  return names.map((name) => loadScenario(folder, name));
}

const scenarioFolder = (): string => join(packageRoot(), 'scenarios');

/** Found out before anything starts, not after four minutes. */
function writableFolder(path: string): string {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw usageError("Reports can't be written there.", {
      given: folder,
      allowed: 'a folder you may write to',
      next: 'Give --report another folder.',
      cause: error,
    });
  }
  return folder;
}

async function keepRunning(
  environment: Readonly<Record<string, string>>,
  interrupted: Interruption,
  out: NodeJS.WritableStream,
): Promise<void> {
  out.write(
    `\nThe sandbox keeps running. In another terminal:\n${Object.entries(environment)
      .map(([name, value]) => `  export ${name}=${value}`)
      .join('\n')}\nCtrl-C ends it.\n`,
  );
  const alive = setInterval(() => {}, 1 << 30);
  await interrupted.raised;
  clearInterval(alive);
}
