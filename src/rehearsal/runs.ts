/** Follows runs from outside: through their state machine's history and the product's own records, with an administrator's eyes. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { readJournal } from '../journal/store.ts';
import type { StepName } from '../plan/catalogue.ts';
import { catalogue, isCustom } from '../plan/catalogue.ts';
import { stepSpec } from '../plan/custom.ts';
import type { PlanName } from '../plan/graph.ts';
import { criticalPath } from '../plan/graph.ts';
import { planOf } from '../plan/plans.ts';
import type { StepEntry } from '../plan/run.ts';
import { readAuthority } from '../state/authority.ts';
import type { ItemStore } from '../state/items.ts';
import { itemStore } from '../state/items.ts';
import type { StoredRun } from '../state/runs.ts';
import { readFacts } from '../state/runs.ts';
import { arnsOf } from '../workload/names.ts';
import type { StepSpan } from './result.ts';
import type { Stage } from './stage.ts';

export const storeOf = (stage: Stage): ItemStore =>
  itemStore(stage.clients('recovery'), stage.names.table, stage.names.prefix, stage.target.clock);

/** Every run there is a record of, oldest first. */
export const allRuns = async (stage: Stage): Promise<StoredRun[]> =>
  (await storeOf(stage).list<StoredRun>('run#')).sort((one, other) => one.startedAt - other.startedAt);

/** The latest run of a plan, with its facts; undefined when there is none yet. */
export async function latestRun(
  stage: Stage,
  plan: PlanName,
): Promise<(StoredRun & { facts: Record<string, unknown> }) | undefined> {
  const latest = (await allRuns(stage)).filter((run) => run.plan === plan).at(-1);
  return latest === undefined ? undefined : { ...latest, facts: await readFacts(storeOf(stage), latest.id) };
}

export const authorityOf = (stage: Stage) => readAuthority(storeOf(stage));

/** Starts a plan the way the seed says: a name, no input. */
export async function startPlan(stage: Stage, plan: PlanName, name: string): Promise<string> {
  const { StartExecutionCommand } = await import('@aws-sdk/client-sfn');
  const client = await stage.clients('recovery').stepFunctions();
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: arnsOf(stage.workload).machine(plan), name }),
  );
  return executionArn ?? '';
}

/** The execution of a plan's machine, by the newest start. */
export async function executionOf(stage: Stage, plan: PlanName): Promise<{ arn: string; status: string } | undefined> {
  const { ListExecutionsCommand } = await import('@aws-sdk/client-sfn');
  const client = await stage.clients('recovery').stepFunctions();
  const { executions } = await client.send(
    new ListExecutionsCommand({ stateMachineArn: arnsOf(stage.workload).machine(plan), maxResults: 10 }),
  );
  const [newest] = [...(executions ?? [])].sort(
    (one, other) => (other.startDate?.getTime() ?? 0) - (one.startDate?.getTime() ?? 0),
  );
  return newest?.executionArn === undefined ? undefined : { arn: newest.executionArn, status: newest.status ?? '' };
}

export interface StepTimes {
  readonly step: StepName;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

/** When each step was entered and left, by the state machine's own history. */
export async function stepTimes(stage: Stage, execution: string): Promise<StepTimes[]> {
  const { paginateGetExecutionHistory } = await import('@aws-sdk/client-sfn');
  const client = await stage.clients('recovery').stepFunctions();
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory({ client }, { executionArn: execution, maxResults: 1000 }))
    events.push(...(page.events ?? []));
  const times = new Map<StepName, StepTimes>();
  for (const { type, timestamp, stateEnteredEventDetails, stateExitedEventDetails } of events) {
    const at = timestamp?.getTime() ?? 0;
    const entered = stateEnteredEventDetails?.name;
    const exited = stateExitedEventDetails?.name;
    if (type === 'TaskStateEntered' && isStep(entered))
      times.set(entered, { step: entered, startedAt: at, endedAt: undefined });
    const known = isStep(exited) ? times.get(exited) : undefined;
    if (type === 'TaskStateExited' && known !== undefined) times.set(known.step, { ...known, endedAt: at });
  }
  return [...times.values()];
}

const isStep = (name: string | undefined): name is StepName =>
  name !== undefined && (name in catalogue || isCustom(name as StepName));

/**
 * A run's steps as spans, with those on the measured critical path marked: from its state machine's history, and from its own journal
 * for what was done without one.
 */
export async function spansOf(stage: Stage, { execution, id, plan }: StoredRun): Promise<StepSpan[]> {
  const entries = await readJournal(storeOf(stage), id);
  const machine = execution.startsWith('arn:');
  const times = machine ? await stepTimes(stage, execution) : journalTimes(entries);
  const took = new Map(times.map(({ step, startedAt, endedAt }) => [step, (endedAt ?? startedAt) - startedAt]));
  const critical = new Set(criticalPath(planOf(stage.workload, plan).root, (step) => took.get(step) ?? 0).steps);
  return times.map(({ step, startedAt, endedAt }) => ({
    plan,
    toldBy: machine ? 'history' : 'journal',
    step,
    does: stepSpec(stage.workload.steps, step).does,
    startedAt,
    endedAt: endedAt ?? startedAt,
    askings: entries.filter((entry) => entry.step === step).length,
    critical: critical.has(step),
  }));
}

/** From a step's first asking to the end of its last. */
function journalTimes(entries: readonly StepEntry[]): StepTimes[] {
  const times = new Map<StepName, StepTimes>();
  for (const { at, step, took } of entries)
    times.set(step, { step, startedAt: times.get(step)?.startedAt ?? at - took, endedAt: at });
  return [...times.values()];
}
