/** Asks a side's SQL function, which stands in that side's VPC: nothing outside it reaches the database. */

import type { Clients } from '../../aws/clients.ts';
import { errorNames, notYet, terminalError } from '../../kernel/errors.ts';
import type { SqlAnswers, SqlRequest } from './requests.ts';

export interface Sql {
  ask<Ask extends SqlRequest['ask']>(request: Extract<SqlRequest, { ask: Ask }>): Promise<SqlAnswers[Ask]>;
}

/**
 * @throws "not yet" while the database can't be reached, a terminal error with the function's own message when it fails, and the SDK's
 * error when the function can't be asked.
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
      throw errorType === errorNames['not-yet'] ? notYet(says) : terminalError(says);
    },
  };
}
