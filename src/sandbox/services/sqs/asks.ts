/** What SQS asks IAM: batches ask for what they are batches of. Source: Service Authorization Reference, "Actions for Amazon SQS". */

import type { Ask, Call } from '../../contract.ts';
import { nameOf } from './queues.ts';
import type { QueueRecord } from './records.ts';

export const queueAsk = (action: string, name: string, call: Call): Ask => ({
  action: `sqs:${action}`,
  resource: `arn:aws:sqs:${call.region}:${call.account}:${name}`,
});

/** An authorizer for operations on the queue of a URL. */
export const onQueue =
  (action: string) =>
  (input: { QueueUrl?: string | undefined }, call: Call): Ask[] => [queueAsk(action, nameOf(input.QueueUrl), call)];

/** What is asked of the key of an encrypted queue, in the caller's name. */
export function onKey(actions: readonly string[], queue: QueueRecord | undefined, call: Call): Ask[] {
  const { keyArn } = queue ?? {};
  if (keyArn === undefined) return [];
  const context = { 'kms:ViaService': `sqs.${call.region}.amazonaws.com` };
  return actions.map((action) => ({ action: `kms:${action}`, resource: keyArn, context }));
}
