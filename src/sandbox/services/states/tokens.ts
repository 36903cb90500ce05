/** Tasks that wait for their token: who holds it ends them, or says that they are alive. */

import type { StatesError } from '../../asl/errors.ts';
import type { Json } from '../../asl/json.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';

interface Waiting {
  readonly resolve: (output: Json) => void;
  readonly reject: (error: StatesError) => void;
  readonly heartbeat: () => void;
}

export class TaskTokens {
  readonly #waiting = new Map<string, Waiting>();
  readonly #over = new Set<string>();
  readonly #core: SandboxCore;

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  /** Opaque, and of the Region that issued it. */
  issue(region: string): string {
    return Buffer.from(`${region}/${this.#core.ids.uuid()}/${this.#core.ids.uuid()}`).toString('base64');
  }

  /** Settles when the token is presented; forgotten when nobody waits any more. */
  answer(token: string, heartbeat: () => void, signal: AbortSignal): Promise<Json> {
    return new Promise((resolve, reject) => {
      const forget = () => {
        this.#waiting.delete(token);
        this.#over.add(token);
      };
      this.#waiting.set(token, { resolve, reject, heartbeat });
      if (signal.aborted) forget();
      else signal.addEventListener('abort', forget, { once: true });
    });
  }

  /** Throws `InvalidToken`, `TaskDoesNotExist`, or `TaskTimedOut` for a task that is over. */
  holder(region: string, token: string | undefined): Waiting {
    const found = this.#waiting.get(token ?? '');
    const [home] = Buffer.from(token ?? '', 'base64')
      .toString()
      .split('/');
    if (found !== undefined && home === region) return found;
    if (this.#over.has(token ?? '')) {
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    if (home === undefined || !this.#core.regions.includes(home)) {
      throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    }
    throw new AwsError('TaskDoesNotExist', "Task Does Not Exist: 'The task token is not known.'");
  }
}
