/** What a receiver does with a message: deletes it, or keeps it out of sight for longer or shorter. */

import type {
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityCommandInput,
  DeleteMessageBatchCommandInput,
  DeleteMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { AwsError, operation } from '../../../contract.ts';
import { onQueue } from '../asks.ts';
import { inBatch } from '../batches.ts';
import { accept } from '../members.ts';
import type { Queues } from '../queues.ts';
import { messageOfHandle } from '../receive.ts';
import type { QueueRecord } from '../records.ts';
import type { Waiters } from '../waiters.ts';

export const messageChanges = (queues: Queues, waiters: Waiters) => ({
  DeleteMessage: operation((input: DeleteMessageCommandInput, call) => {
    accept('DeleteMessage', input, ['QueueUrl', 'ReceiptHandle']);
    return remove(queues, queues.byUrl(call.region, input.QueueUrl), input.ReceiptHandle);
  }, onQueue('DeleteMessage')),

  DeleteMessageBatch: operation((input: DeleteMessageBatchCommandInput, call) => {
    accept('DeleteMessageBatch', input, ['QueueUrl', 'Entries']);
    const queue = queues.byUrl(call.region, input.QueueUrl);
    return inBatch(input.Entries, (entry) => remove(queues, queue, entry.ReceiptHandle));
  }, onQueue('DeleteMessage')),

  ChangeMessageVisibility: operation((input: ChangeMessageVisibilityCommandInput, call) => {
    accept('ChangeMessageVisibility', input, ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout']);
    const queue = queues.byUrl(call.region, input.QueueUrl);
    return hide(queues, waiters, queue, input.ReceiptHandle, input.VisibilityTimeout);
  }, onQueue('ChangeMessageVisibility')),

  ChangeMessageVisibilityBatch: operation((input: ChangeMessageVisibilityBatchCommandInput, call) => {
    accept('ChangeMessageVisibilityBatch', input, ['QueueUrl', 'Entries']);
    const queue = queues.byUrl(call.region, input.QueueUrl);
    return inBatch(input.Entries, (entry) =>
      hide(queues, waiters, queue, entry.ReceiptHandle, entry.VisibilityTimeout),
    );
  }, onQueue('ChangeMessageVisibility')),
});

/** The handle of an older receive succeeds and deletes nothing: the message is somebody else's now. */
function remove(queues: Queues, queue: QueueRecord, handle: string | undefined): object {
  const id = messageOfHandle(handle);
  if (queues.messages(queue).get(id)?.receipt === handle) queues.messages(queue).delete(id);
  return {};
}

function hide(
  queues: Queues,
  waiters: Waiters,
  queue: QueueRecord,
  handle: string | undefined,
  timeout: number | undefined,
): object {
  if (timeout === undefined || timeout < 0 || timeout > 43_200) {
    throw invalid(
      `Value ${timeout} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.`,
    );
  }
  const id = messageOfHandle(handle);
  const message = queues.messages(queue).get(id);
  const now = queues.now(queue.region);
  if (message === undefined || message.receipt !== handle) {
    throw invalid(
      `Value ${handle ?? ''} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  if (message.visibleAt <= now) {
    throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
  }
  queues.messages(queue).put(id, { ...message, visibleAt: now + timeout * 1000 });
  waiters.wake(queue.region, queue.name);
  return {};
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
