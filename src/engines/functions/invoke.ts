/** Invokes functions by name. */

import type { Clients } from '../../aws/clients.ts';

/** Without waiting for what becomes of it: Lambda takes the event, and tries twice more by itself where the function fails. */
export async function invokeLater(clients: Clients, functionName: string, event: unknown): Promise<void> {
  const { InvokeCommand } = await import('@aws-sdk/client-lambda');
  const client = await clients.lambda();
  await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );
}

/** Waits for the answer, `patience` milliseconds at most. @throws when the function fails, with its own message. */
export async function ask(clients: Clients, functionName: string, event: unknown, patience: number): Promise<unknown> {
  const { InvokeCommand } = await import('@aws-sdk/client-lambda');
  const client = await clients.lambda();
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }),
    { requestTimeout: patience },
  );
  const answered: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null');
  if (FunctionError === undefined) return answered;
  const { errorType, errorMessage } = (answered ?? {}) as { errorType?: string; errorMessage?: string };
  throw new Error(`The function ${functionName} failed: ${errorType ?? FunctionError}: ${errorMessage ?? ''}`);
}
