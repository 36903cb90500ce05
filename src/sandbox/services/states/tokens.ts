/** Tasks that wait for their token: who holds it ends them, or says that they are alive. */

import { failureOf, type StatesError } from '../../asl/errors.ts';
import type { TaskRequest } from '../../asl/host.ts';
import type { Json } from '../../asl/json.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Histories } from './history.ts';
import { tablesOf } from './rows.ts';

interface Waiting {
  resolve(output: Json): void;
  reject(error: StatesError): void;
  heartbeat(): void;
}

export class TaskTokens {
  readonly #waiting = new Map<string, Waiting>();
  readonly #core: SandboxCore;
  readonly #histories: Histories;

  constructor(core: SandboxCore, histories: Histories) {
    this.#core = core;
    this.#histories = histories;
  }

  /** Opaque to its holder; it names the execution, so that a token of an earlier life finds its task. */
  issue(executionArn: string): string {
    return Buffer.from(`${executionArn}/${this.#core.ids.uuid()}/${this.#core.ids.uuid()}`).toString('base64');
  }

  /** Settles when the token is presented; forgotten when nobody waits any more. What is said is kept before it is acknowledged. */
  answer(
    token: string,
    { heartbeat, answered }: Pick<TaskRequest, 'heartbeat' | 'answered'>,
    signal: AbortSignal,
  ): Promise<Json> {
    return new Promise((resolve, reject) => {
      const forget = () => this.#waiting.delete(token);
      if (signal.aborted) return;
      signal.addEventListener('abort', forget, { once: true });
      this.#waiting.set(token, {
        resolve(output) {
          answered({ output });
          forget();
          resolve(output);
        },
        reject(error) {
          answered({ failure: failureOf(error) });
          forget();
          reject(error);
        },
        heartbeat,
      });
    });
  }

  /** Throws `InvalidToken`, or `TaskTimedOut` for a task that is over. */
  holder(region: string, token: string | undefined): Waiting {
    const found = this.#waiting.get(token ?? '');
    const [arn = ''] = Buffer.from(token ?? '', 'base64')
      .toString()
      .split('/');
    const home = arn.split(':')[3];
    if (found !== undefined && home === region) return found;
    if (home === region && this.#wasIssued(region, arn, token)) {
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  #wasIssued(region: string, arn: string, token: string | undefined): boolean {
    if (!tablesOf(this.#core, region).executions.has(arn)) return false;
    return this.#histories.rows(region, arn).some(({ mark }) => mark?.token === token);
  }
}
