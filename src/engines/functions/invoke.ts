/** Invokes a function without waiting for what becomes of it. */

import type { Clients } from '../../aws/clients.ts';

/** Lambda takes the event and tries twice more by itself where the function fails. */
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
