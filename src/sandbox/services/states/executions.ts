/**
 * Executions: started, run by the interpreter, stopped, ended.
 *
 *  1. An execution keeps the revision of the machine it started with.
 *  2. It ends once: what its lines of execution still do afterwards is neither recorded nor heard.
 *  3. While its Region is dark it stands still. Calls that were in flight when the Region went dark are failed when it is back,
 *     so that Retry applies: nobody will answer them.
 */

import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { StatesError } from '../../asl/errors.ts';
import { runStates } from '../../asl/executor.ts';
import type { Host } from '../../asl/host.ts';
import type { Json } from '../../asl/json.ts';
import { Aborted, newFrame, type Run } from '../../asl/run.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { executionArn } from './arns.ts';
import { appendEvent } from './history.ts';
import type { TaskPerformer } from './integrations/perform.ts';
import { MachineRoles } from './role.ts';
import { type ExecutionRow, type MachineRow, tablesOf } from './rows.ts';
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

export class Executions {
  readonly #core: SandboxCore;
  readonly #tokens: TaskTokens;
  readonly #performer: TaskPerformer;
  readonly #roles: MachineRoles;
  readonly #running = new Map<string, Running>();
  #started = 0;

  constructor(core: SandboxCore, tokens: TaskTokens, performer: TaskPerformer) {
    this.#core = core;
    this.#tokens = tokens;
    this.#performer = performer;
    this.#roles = new MachineRoles(core);
  }

  /** `input` is JSON text. Throws `ExecutionAlreadyExists`, unless the same start is repeated while it runs. */
  start(region: string, machine: MachineRow, name: string, input: string): ExecutionRow {
    const { executions } = tablesOf(this.#core, region);
    const arn = executionArn(this.#core, region, machine.name, name);
    const known = executions.get(arn);
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
      events: 0,
    });
    void this.#run(region, row);
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

  async #run(region: string, row: ExecutionRow): Promise<void> {
    const { definition, roleArn } = row.revision;
    const controller = new AbortController();
    const input = JSON.parse(row.input) as Json;
    const run: Run = {
      context: {
        Execution: {
          Id: row.arn,
          Input: input,
          Name: row.name,
          RoleArn: roleArn,
          StartTime: isoTime(row.started),
          RedriveCount: 0,
        },
        StateMachine: { Id: row.machineArn, Name: row.machineName },
      },
      language: definition.QueryLanguage ?? 'JSONPath',
      host: this.#host(region, row),
      root: newFrame({ state: definition.StartAt, input }),
    };
    this.#running.set(row.arn, { region, run, controller, waiters: [] });
    const { clock } = this.#core.region(region);
    appendEvent(
      this.#core,
      region,
      row.arn,
      {
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input: row.input, inputDetails: { truncated: false }, roleArn },
      },
      0,
    );
    void announceStatus(this.#core, region, row);
    const limit = definition.TimeoutSeconds;
    const deadline =
      limit === undefined
        ? undefined
        : clock.after(limit * 1000, () => this.#end(region, row.arn, { status: 'TIMED_OUT', error: 'States.Timeout' }));
    try {
      const output = await runStates(definition, run.root, run, controller.signal);
      this.#end(region, row.arn, { status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (error) {
      if (error instanceof Aborted) return;
      this.#end(region, row.arn, this.#failure(region, error));
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

  #end(region: string, arn: string, { status, output, error, cause }: Ending): ExecutionRow | undefined {
    const { executions } = tablesOf(this.#core, region);
    if (executions.get(arn)?.status !== 'RUNNING') return undefined;
    const running = this.#running.get(arn);
    const reason = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    const previous = running?.run.root.previousEvent ?? 0;
    appendEvent(this.#core, region, arn, endingEvent(status, output, reason), previous);
    const row = executions.update(arn, (present) => ({
      ...present,
      status,
      stopped: this.#core.region(region).clock.now(),
      ...(output === undefined ? {} : { output }),
      ...reason,
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
      record: (event, previous) => {
        if (machines.get(row.machineArn)?.status === 'DELETING' && event.type.endsWith('StateEntered')) {
          this.#end(region, row.arn, { status: 'ABORTED' });
        }
        if (!this.#running.has(row.arn)) throw new Aborted(false);
        return appendEvent(core, region, row.arn, event, previous);
      },
      newToken: () => this.#tokens.issue(region),
      perform: async (request) => {
        const principal = await this.#roles.principal(region, row.revision.roleArn, row.name, row.machineArn);
        const ended = (arn: string) => this.ended(region, arn);
        return this.#performer.perform(request, { region, principal, execution: row, ended });
      },
    };
  }
}

function endingEvent(status: Ending['status'], output: string | undefined, reason: { error?: string; cause?: string }) {
  switch (status) {
    case 'SUCCEEDED':
      return {
        type: 'ExecutionSucceeded' as const,
        executionSucceededEventDetails: { output: output ?? '{}', outputDetails: { truncated: false } },
      };
    case 'ABORTED':
      return { type: 'ExecutionAborted' as const, executionAbortedEventDetails: reason };
    case 'TIMED_OUT':
      return { type: 'ExecutionTimedOut' as const, executionTimedOutEventDetails: reason };
    case 'FAILED':
    case 'PENDING_REDRIVE':
      return { type: 'ExecutionFailed' as const, executionFailedEventDetails: reason };
  }
}
