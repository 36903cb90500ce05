/** `pilot-light destroy`: takes the workload down. Data goes only when that was asked for and its owner has typed the workload's name. */

import { usageError } from '../kernel/errors.ts';
import { namesOf } from '../workload/names.ts';
import { agreed, atTerminal, line } from './deploy/ask.ts';
import type { Scene } from './deploy/at-destination.ts';
import { atDestination } from './deploy/at-destination.ts';
import type { DataItem } from './deploy/data.ts';
import { dataOf } from './deploy/data.ts';
import { deployView, duration } from './deploy/deploy-view.ts';
import type { StackFate } from './deploy/destroy-workload.ts';
import { carryOut, fatesOf } from './deploy/destroy-workload.ts';
import { explained } from './deploy/explain-failure.ts';
import { inUse } from './deploy/in-use.ts';
import { Refusal } from './deploy/refusal.ts';
import type { Problem } from './deploy/requirements.ts';
import { survey } from './deploy/survey.ts';
import { StackFailure } from './deploy/watch-stack.ts';
import type { DestroyFlags } from './deploy-commands.ts';
import { synthesize } from './synthesize.ts';
import { columns, printJson } from './text.ts';

export interface DestroyReport {
  readonly outcome: 'destroyed' | 'nothing' | 'failed' | 'declined' | 'refused';
  readonly workload: string;
  readonly destination: string;
  readonly stacks: readonly { readonly stackName: string; readonly region: string; readonly fate: StackFate['fate'] }[];
  /** Data that is still there, and billed. */
  readonly stays: readonly Omit<DataItem, 'remove'>[];
  readonly failure?: object;
  readonly problems?: readonly Problem[];
}

const tell = (...lines: string[]): void => void process.stderr.write(`${lines.join('\n')}\n`);

export const destroy = (flags: DestroyFlags): Promise<number> =>
  atDestination(
    'destroy',
    flags,
    (scene) => run(flags, scene),
    ({ workload }) => checkConfirmation(flags, namesOf(workload).prefix),
  );

/** @throws a usage error before anything is looked at: a name that isn't the workload's, or nobody to type one. */
function checkConfirmation({ confirm, deleteData }: DestroyFlags, name: string): void {
  if (confirm !== undefined && confirm !== name) {
    throw usageError("That isn't the workload's name.", {
      given: confirm,
      allowed: name,
      next: 'Nothing was changed.',
    });
  }
  if (deleteData === true && confirm === undefined && !atTerminal()) {
    throw usageError("Deleting data wants the workload's name, and there is no terminal to type it at.", {
      allowed: `--confirm ${name}`,
      next: 'Nothing was changed.',
    });
  }
}

async function run(
  flags: DestroyFlags,
  { workload, baseDirectory, destination, directory, interrupted: { signal }, begin }: Scene,
): Promise<number> {
  const { deleteData = false } = flags;
  const name = namesOf(workload).prefix;
  const report = (outcome: DestroyReport['outcome'], more: Partial<DestroyReport> = {}): void => {
    const base = { outcome, workload: name, destination: destination.says, stacks: [], stays: [] };
    if (flags.json) printJson({ ...base, ...more });
  };
  try {
    tell(`Taking ${name} down with ${destination.says}.`);
    const assemblyDirectory = await synthesize(baseDirectory, directory, signal);
    tell('Synthesized. Looking at what stands.');
    const found = await survey({
      workload,
      destination,
      assemblyDirectory,
      mayBootstrap: true,
      tell,
      standingOnly: true,
    });
    if (!('plans' in found)) throw new Refusal('taking the workload down', found.problems);
    const busy = flags.force === true ? [] : await inUse(workload, destination);
    if (busy.length > 0) throw new Refusal('taking the workload down', busy);
    const { clients } = found.access;
    const fates = await fatesOf(found.stacks, found.standing, deleteData, clients);
    const data = await dataOf(workload, (region) => destination.clients(region));
    const toDo = fates.filter(({ fate }) => fate !== 'left');
    if (toDo.length === 0 && !(deleteData && data.length > 0)) {
      tell('There is nothing to take down.', ...staysLines(data));
      report('nothing', { stays: data.map(shown) });
      return 0;
    }
    tell(...fateLines(fates), ...(deleteData ? goesLines(data) : []));
    if (!(await confirmed(flags, name, toDo.length))) {
      tell('Nothing was changed.');
      report('declined');
      return 0;
    }
    begin();
    const rows = toDo.map(({ deployed, reducedTo, stack: { region, stackName } }) => ({
      region,
      stackName,
      of: Object.keys(deployed.Resources ?? {}).length - Object.keys(reducedTo?.Resources ?? {}).length,
    }));
    const view = deployView(rows, { doing: 'removing', verbose: flags.verbose === true });
    const began = performance.now();
    const onProgress: typeof view.hear = (progress) => {
      if (!signal.aborted) view.hear(progress);
    };
    try {
      await carryOut(fates, { clients, onProgress, signal, ...(deleteData ? { data } : {}) });
    } catch (error) {
      view.close();
      if (!(error instanceof StackFailure)) throw error;
      const { failure, says } = explained(error);
      tell(...says);
      report('failed', { failure, stacks: fates.map(shownFate) });
      return 1;
    }
    view.close();
    const stays = await dataOf(workload, (region) => destination.clients(region));
    tell(`Taken down in ${duration(performance.now() - began)}.`, ...staysLines(stays));
    report('destroyed', { stacks: fates.map(shownFate), stays: stays.map(shown) });
    return 0;
  } catch (error) {
    if (error instanceof Refusal) report('refused', { problems: error.problems });
    throw error;
  }
}

async function confirmed({ confirm, deleteData, yes }: DestroyFlags, name: string, stacks: number): Promise<boolean> {
  if (deleteData !== true) {
    return agreed(`Take down ${stacks} ${stacks === 1 ? 'stack' : 'stacks'}? Its data stays.`, yes === true, '--yes');
  }
  if (confirm === name) return true;
  return (await line(`All of this is deleted for good. Type ${name} to go on: `)) === name;
}

const says: Readonly<Record<StackFate['fate'], string>> = {
  deleted: 'goes',
  reduced: 'is reduced to its data and what that stands on',
  left: 'stays as it is: it holds nothing but data',
};

const fateLines = (fates: readonly StackFate[]): string[] =>
  columns(fates.map(({ fate, stack }) => [stack.region, stack.stackName, says[fate]]));

const rowsOf = (data: readonly DataItem[]): string[] =>
  columns(
    data.map(({ cost, id, kind, region }) => [region, kind, id, cost]),
    '  ',
  );

const goesLines = (data: readonly DataItem[]): string[] =>
  data.length === 0 ? [] : ['With it goes, for good:', ...rowsOf(data)];

const staysLines = (data: readonly DataItem[]): string[] =>
  data.length === 0
    ? ['None of its data is left.']
    : [
        'What stays, and what it is billed by:',
        ...rowsOf(data),
        '`pilot-light deploy` takes it up again; `pilot-light destroy --delete-data` deletes it.',
      ];

const shown = ({ cost, id, kind, region }: DataItem): Omit<DataItem, 'remove'> => ({ cost, id, kind, region });
const shownFate = ({ fate, stack }: StackFate) => ({ stackName: stack.stackName, region: stack.region, fate });
