/**
 * Executions: started, run by the interpreter, stopped, ended.
 *
 *  1. An execution keeps the revision of the machine it started with.
 *  2. It ends once: what its lines of execution still do afterwards is neither recorded nor heard.
 *  3. While its Region is dark it stands still. Calls that were in flight when the Region went dark are failed when it is back,
 *     so that Retry applies: nobody will answer them.
 *  4. Where it stands is in its history (`asl/mark.ts`): a later life of the sandbox takes every running execution up from there.
 */

import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { StatesError } from '../../asl/errors.ts';
import { runStates } from '../../asl/executor.ts';
import type { EventDraft, Host } from '../../asl/host.ts';
import type { Json } from '../../asl/json.ts';
import { recallFrames } from '../../asl/recall.ts';
import { Aborted, type Frame, newFrame, type Run } from '../../asl/run.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { executionArn, isForgotten } from './arns.ts';
import { type Histories, isEnding } from './history.ts';
import type { TaskPerformer } from './integrations/perform.ts';
import { MachineRoles } from './role.ts';
import { type ExecutionRow, type HistoryRow, type MachineRow, tablesOf } from './rows.ts';
import { announceStatus } from './status-events.ts';
import type { TaskTokens } from './tokens.ts';

interface Ending {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly output?: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

interface Running {
  readonly region: string;
  readonly run: Run;
  readonly controller: AbortController;
  readonly waiters: ((row: ExecutionRow) => void)[];
}

interface Parts {
  readonly histories: Histories;
  readonly tokens: TaskTokens;
  readonly performer: TaskPerformer;
}

export class Executions {
  readonly #core: SandboxCore;
  readonly #histories: Histories;
  readonly #tokens: TaskTokens;
  readonly #performer: TaskPerformer;
  readonly #roles: MachineRoles;
  readonly #running = new Map<string, Running>();
  #started = 0;

  constructor(core: SandboxCore, { histories, tokens, performer }: Parts) {
    this.#core = core;
    this.#histories = histories;
    this.#tokens = tokens;
    this.#performer = performer;
    this.#roles = new MachineRoles(core);
  }

  /** `input` is JSON text. Throws `ExecutionAlreadyExists`, unless the same start is repeated while it runs. */
  start(region: string, machine: MachineRow, name: string, input: string): ExecutionRow {
    const { executions } = tablesOf(this.#core, region);
    const arn = executionArn(this.#core, region, machine.name, name);
    let known = executions.get(arn);
    if (known !== undefined && isForgotten(this.#core, region, known)) {
      this.#histories.remove(region, arn);
      known = undefined;
    }
    if (known?.status === 'RUNNING' && known.input === input) return known;
    if (known !== undefined) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    this.#started += 1;
    const row = executions.put(arn, {
      arn,
      name,
      machineArn: machine.arn,
      machineName: machine.name,
      revision: machine.revision,
      status: 'RUNNING',
      input,
      started: this.#core.region(region).clock.now(),
      number: this.#started,
    });
    this.#begin(region, row);
    return row;
  }

  /** Ends it as ABORTED; answers undefined when it had ended before. */
  stop(row: ExecutionRow, region: string, error?: string, cause?: string): ExecutionRow | undefined {
    if (row.status !== 'RUNNING') return undefined;
    return this.#end(region, row.arn, { status: 'ABORTED', error, cause });
  }

  /** The execution's row once it has ended. */
  ended(region: string, arn: string): Promise<ExecutionRow> {
    const row = tablesOf(this.#core, region).executions.get(arn);
    const running = this.#running.get(arn);
    if (row !== undefined && row.status !== 'RUNNING') return Promise.resolve(row);
    if (running === undefined)
      return Promise.reject(new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`));
    return new Promise((resolve) => running.waiters.push(resolve));
  }

  /** Ends everything without a trace: the sandbox is closing. */
  close(): void {
    for (const { controller } of this.#running.values()) controller.abort(new Aborted(false));
    this.#running.clear();
  }

  /** Takes up what runs according to the tables. Every execution is known again before the first one moves: one may wait for another. */
  async resume(): Promise<void> {
    const kept = this.#core.regions.flatMap((region) =>
      tablesOf(this.#core, region)
        .executions.values()
        .map((row) => ({ region, row })),
    );
    this.#started = kept.reduce((most, { row }) => Math.max(most, row.number), 0);
    const moves = kept
      .filter(({ row }) => row.status === 'RUNNING')
      .map(({ region, row }) => this.#recall(region, row, this.#histories.rows(region, row.arn)));
    for (const move of moves) move();
    // By then every token that was given out is waited for again.
    await new Promise((resolve) => setImmediate(resolve));
  }

  #begin(region: string, row: ExecutionRow): void {
    const { roleArn, definition } = row.revision;
    const root = newFrame({
      state: definition.StartAt,
      input: JSON.parse(row.input) as Json,
      leftAt: row.started,
    });
    const event = {
      type: 'ExecutionStarted' as const,
      executionStartedEventDetails: { input: row.input, inputDetails: { truncated: false }, roleArn },
    };
    root.ownEvent = this.#histories.append(region, row.arn, { event, previous: 0, line: root.path });
    void announceStatus(this.#core, region, row);
    this.#open(region, row, root, new Map())();
  }

  #recall(region: string, row: ExecutionRow, events: readonly HistoryRow[]): () => void {
    const last = events.at(-1);
    if (last === undefined) return () => this.#begin(region, row);
    const { StartAt } = row.revision.definition;
    const frames = recallFrames(events, StartAt, JSON.parse(row.input) as Json);
    const root = frames.get('') ?? newFrame({ state: StartAt, input: null });
    frames.delete('');
    const move = this.#open(region, row, root, frames);
    return isEnding(last) ? () => this.#close(region, row.arn, endingIn(last)) : move;
  }

  /** Makes the execution known; what is answered sets it in motion. */
  #open(region: string, row: ExecutionRow, root: Frame, recalled: Map<string, Frame>): () => void {
    const run: Run = {
      context: {
        Execution: {
          Id: row.arn,
          Input: JSON.parse(row.input) as Json,
          Name: row.name,
          RoleArn: row.revision.roleArn,
          StartTime: isoTime(row.started),
          RedriveCount: 0,
        },
        StateMachine: { Id: row.machineArn, Name: row.machineName },
      },
      language: row.revision.definition.QueryLanguage ?? 'JSONPath',
      host: this.#host(region, row),
      root,
      recalled,
    };
    const running = { region, run, controller: new AbortController(), waiters: [] };
    this.#running.set(row.arn, running);
    return () => void this.#move(row, running);
  }

  async #move({ arn, started, revision: { definition } }: ExecutionRow, running: Running): Promise<void> {
    const { region, run, controller } = running;
    const { clock } = this.#core.region(region);
    const limit = definition.TimeoutSeconds;
    const deadline =
      limit === undefined
        ? undefined
        : clock.after(Math.max(0, started + limit * 1000 - clock.now()), () =>
            this.#end(region, arn, { status: 'TIMED_OUT', error: 'States.Timeout' }),
          );
    try {
      const output = await runStates(definition, run.root, run, controller.signal);
      this.#end(region, arn, { status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (error) {
      if (error instanceof Aborted) return;
      this.#end(region, arn, this.#failure(region, error));
    } finally {
      deadline?.cancel();
    }
  }

  /** Anything but a `StatesError` is a fault of the sandbox: the execution fails with it, and the log says where it came from. */
  #failure(region: string, error: unknown): Ending {
    if (error instanceof StatesError) return { status: 'FAILED', error: error.error, cause: error.causeText };
    this.#core.log({ service: 'states', region, text: 'the interpreter failed', error });
    return { status: 'FAILED', error: 'States.Runtime', cause: messageOf(error) };
  }

  #end(region: string, arn: string, ending: Ending): ExecutionRow | undefined {
    if (tablesOf(this.#core, region).executions.get(arn)?.status !== 'RUNNING') return undefined;
    const previous = this.#running.get(arn)?.run.root.previousEvent ?? 0;
    this.#histories.append(region, arn, { event: endingEvent(ending), previous, line: '' });
    return this.#close(region, arn, ending);
  }

  /** After its last event. */
  #close(region: string, arn: string, { status, output, error, cause }: Ending): ExecutionRow | undefined {
    const running = this.#running.get(arn);
    const row = tablesOf(this.#core, region).executions.update(arn, (present) => ({
      ...present,
      status,
      stopped: this.#core.region(region).clock.now(),
      ...(output === undefined ? {} : { output }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    }));
    running?.controller.abort(new Aborted(false));
    this.#running.delete(arn);
    if (row === undefined) return undefined;
    this.#roles.forget(row.name);
    for (const tell of running?.waiters ?? []) tell(row);
    void announceStatus(this.#core, region, row);
    this.#removeDeleted(region, row.machineArn);
    return row;
  }

  /** A machine that is being deleted goes with the last of its executions. */
  #removeDeleted(region: string, machine: string): void {
    const { machines, executions } = tablesOf(this.#core, region);
    if (machines.get(machine)?.status !== 'DELETING') return;
    const busy = executions.values().some((row) => row.machineArn === machine && row.status === 'RUNNING');
    if (!busy) machines.delete(machine);
  }

  #host(region: string, row: ExecutionRow): Host {
    const core = this.#core;
    const { machines } = tablesOf(core, region);
    return {
      clock: core.region(region).clock,
      random: core.random,
      ids: core.ids,
      region,
      latency: () => core.timing.milliseconds('sfn_state_transition_latency'),
      record: (record) => {
        if (machines.get(row.machineArn)?.status === 'DELETING' && record.event.type.endsWith('StateEntered')) {
          this.#end(region, row.arn, { status: 'ABORTED' });
        }
        if (!this.#running.has(row.arn)) throw new Aborted(false);
        return this.#histories.append(region, row.arn, record);
      },
      note: (event, mark) => {
        if (this.#running.has(row.arn)) this.#histories.note(region, row.arn, event, mark);
      },
      newToken: () => this.#tokens.issue(row.arn),
      perform: (request) =>
        this.#performer.perform(request, async () => ({
          region,
          principal: await this.#roles.principal(region, row.revision.roleArn, row.name, row.machineArn),
          execution: row,
          ended: (arn: string) => this.ended(region, arn),
        })),
    };
  }
}

function endingEvent({ status, output, error, cause }: Ending): EventDraft {
  const reason = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
  switch (status) {
    case 'SUCCEEDED':
      return {
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output: output ?? '{}', outputDetails: { truncated: false } },
      };
    case 'ABORTED':
      return { type: 'ExecutionAborted', executionAbortedEventDetails: reason };
    case 'TIMED_OUT':
      return { type: 'ExecutionTimedOut', executionTimedOutEventDetails: reason };
    case 'FAILED':
    case 'PENDING_REDRIVE':
      return { type: 'ExecutionFailed', executionFailedEventDetails: reason };
  }
}

/** The other way round. */
function endingIn(event: HistoryRow): Ending {
  const { output } = event.executionSucceededEventDetails ?? {};
  if (output !== undefined) return { status: 'SUCCEEDED', output };
  const { executionAbortedEventDetails: aborted, executionTimedOutEventDetails: timedOut } = event;
  const { error, cause } = aborted ?? timedOut ?? event.executionFailedEventDetails ?? {};
  return { status: aborted !== undefined ? 'ABORTED' : timedOut !== undefined ? 'TIMED_OUT' : 'FAILED', error, cause };
}
