/** Asks a side's SQL function, which stands in that side's VPC: nothing outside it reaches the database. */

import type { Clients } from '../../aws/clients.ts';
import { errorNames, notYet, terminalError } from '../../kernel/errors.ts';
import type { SqlAnswers, SqlRequest } from './requests.ts';

export interface Sql {
  ask<Ask extends SqlRequest['ask']>(request: Extract<SqlRequest, { ask: Ask }>): Promise<SqlAnswers[Ask]>;
}

/**
 * @throws "not yet" while the database can't be reached or when the function was ended under its work, a terminal error where it says that
 * trying again can't help, a plain one with its own message when it fails otherwise, and the SDK's error when it can't be asked.
 */
export function sqlThrough(clients: Clients, functionName: string): Sql {
  return {
    async ask<Ask extends SqlRequest['ask']>(request: Extract<SqlRequest, { ask: Ask }>): Promise<SqlAnswers[Ask]> {
      const { InvokeCommand } = await import('@aws-sdk/client-lambda');
      const client = await clients.lambda();
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(request)) }),
      );
      const answered: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null');
      if (FunctionError === undefined) return answered as SqlAnswers[Ask];
      const { errorType, errorMessage } = (answered ?? {}) as { errorType?: string; errorMessage?: string };
      const says = `The database didn't answer "${request.ask}": ${errorType ?? FunctionError}: ${errorMessage ?? ''}`;
      if (errorType === errorNames['not-yet'] || ended.test(errorType ?? '')) throw notYet(says);
      throw forGood.includes(errorType ?? '') ? terminalError(says) : new Error(says);
    },
  };
}

/** Lambda's own names for a function that ran out of time or memory, or whose process ended: what was asked is safe to ask again. */
const ended = /^(Runtime\.(ExitError|OutOfMemory)|Sandbox\.Timedout)$/;

const forGood: readonly string[] = [errorNames.terminal, errorNames.usage, errorNames['needs-human']];
