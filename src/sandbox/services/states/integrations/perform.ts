/** Performs tasks: finds the integration, calls it as the machine's role, and waits for the token or the job where asked to. */

import { errorFrom, StatesError } from '../../../asl/errors.ts';
import type { TaskRequest } from '../../../asl/host.ts';
import type { Json } from '../../../asl/json.ts';
import type { Answer } from '../../../asl/mark.ts';
import type { Principal, SandboxCore } from '../../../contract.ts';
import type { ExecutionRow } from '../rows.ts';
import type { TaskTokens } from '../tokens.ts';
import { integrationFor } from './catalogue.ts';
import { invokeByArn } from './lambda.ts';
import { answerIsLost, endlessly } from './lost-answer.ts';

/** Who calls, and from where. */
export interface TaskCaller {
  readonly region: string;
  readonly principal: Principal;
  readonly execution: ExecutionRow;
  /** The row of an execution of this Region, once it has ended. */
  ended(executionArn: string): Promise<ExecutionRow>;
}

interface Flight {
  readonly region: string;
  dark: boolean;
  lose(): void;
}

export class TaskPerformer {
  readonly #core: SandboxCore;
  readonly #tokens: TaskTokens;
  readonly #flights = new Set<Flight>();

  constructor(core: SandboxCore, tokens: TaskTokens) {
    this.#core = core;
    this.#tokens = tokens;
  }

  async perform(request: TaskRequest, callerOf: () => Promise<TaskCaller>): Promise<Json> {
    const { resource, token, signal, begun, arguments: given } = request;
    if (begun?.answer !== undefined) return answerOf(begun.answer);
    // Before anything is waited for: the job may end before the call is known to have been accepted, and its holder may call at once.
    const answered = token === undefined ? undefined : this.#tokens.answer(token, request, signal);
    answered?.catch(() => {});
    const core = this.#core;
    const caller = await callerOf();
    const heard = (work: () => Promise<Json>) =>
      answerIsLost(core, caller.region, request) ? () => endlessly(work) : work;
    if (resource.kind === 'function') {
      if (begun !== undefined) throw lostFunction;
      const work = () => invokeByArn(core, caller, resource.arn, given);
      return this.#inFlight(caller, signal, lostFunction, heard(work));
    }
    const integration = await integrationFor(core, resource);
    const lost = resource.service === 'lambda' ? lostFunction : lostCall(integration.prefix);
    const accepted = await this.#accepted(begun, lost, () =>
      this.#inFlight(
        caller,
        signal,
        lost,
        heard(() => integration.call(core, caller, given)),
      ),
    );
    if (resource.pattern === 'requestResponse') return accepted;
    if (begun?.accepted === undefined) request.submitted(accepted);
    if (answered !== undefined) return answered;
    if (integration.job === undefined) throw new Error(`${resource.arn} has no job to wait for`);
    return integration.job(accepted, caller, resource.pattern);
  }

  /**
   * A call that was begun in an earlier life of the sandbox and whose answer wasn't kept has failed with its connection, as calls do
   * that are in flight when a Region goes dark. It isn't made again: standard workflows never run a task more than once unless Retry
   * says so (Step Functions Developer Guide, "Choosing workflow type", execution guarantees).
   */
  async #accepted(begun: TaskRequest['begun'], lost: StatesError, call: () => Promise<Json>): Promise<Json> {
    if (begun === undefined) return call();
    if (begun.accepted === undefined) throw lost;
    return begun.accepted.value;
  }

  /** What is in flight now won't be answered. */
  regionDark(region: string): void {
    for (const flight of this.#flights) if (flight.region === region) flight.dark = true;
  }

  regionBack(region: string): void {
    for (const flight of this.#flights) if (flight.region === region && flight.dark) flight.lose();
  }

  #inFlight<T>({ region }: TaskCaller, signal: AbortSignal, lost: StatesError, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const flight: Flight = {
        region,
        dark: this.#core.region(region).dark,
        lose: () => land(() => reject(lost)),
      };
      const land = (action: () => void) => {
        this.#flights.delete(flight);
        action();
      };
      // Processes die a moment before the services hear of it: what they answer then is not an answer.
      const settle = (action: () => void) => {
        flight.dark ||= this.#core.region(region).dark;
        if (!flight.dark) land(action);
      };
      this.#flights.add(flight);
      signal.addEventListener('abort', () => this.#flights.delete(flight), { once: true });
      work().then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }
}

function answerOf(answer: Answer): Json {
  if ('output' in answer) return answer.output;
  throw errorFrom(answer.failure);
}

const lostFunction = new StatesError('Lambda.Unknown', 'The connection to the function was lost before it answered.');

const lostCall = (prefix: string): StatesError =>
  new StatesError(`${prefix}.SdkClientException`, 'The connection was lost before the service answered.');
