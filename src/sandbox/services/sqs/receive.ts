/** What receiving does: picks visible messages, hides them, and moves those received too often to the dead-letter queue. */

import { AwsError } from '../../contract.ts';
import { redriveOf } from './attributes.ts';
import type { Queues } from './queues.ts';
import type { MessageRecord, QueueRecord } from './records.ts';
import type { Waiters } from './waiters.ts';

/** A standard queue has at most this many messages in flight. */
const mostInFlight = 120_000;

/** Takes up to `count` messages out of sight for `visibility` seconds. */
export function take(
  queues: Queues,
  waiters: Waiters,
  queue: QueueRecord,
  count: number,
  visibility: number,
): MessageRecord[] {
  const now = queues.now(queue.region);
  const table = queues.messages(queue);
  const redrive = redriveOf(queue.attributes);
  const all = alive(queues, queue);
  if (all.filter((message) => message.receiveCount > 0 && message.visibleAt > now).length >= mostInFlight) {
    throw new AwsError('OverLimit', 'The maximum number of in flight messages was reached.', { status: 403 });
  }
  const taken: MessageRecord[] = [];
  for (const message of all) {
    if (taken.length >= count) break;
    if (message.visibleAt > now) continue;
    const dead = redrive === undefined ? undefined : queues.byArn(redrive.deadLetterTargetArn);
    if (redrive !== undefined && dead !== undefined && message.receiveCount >= redrive.maxReceiveCount) {
      table.delete(message.id);
      queues.messages(dead).put(message.id, buried(message, queues.arn(queue.region, queue.name), now));
      waiters.wake(dead.region, dead.name);
      continue;
    }
    taken.push(
      table.put(message.id, {
        ...message,
        receiveCount: message.receiveCount + 1,
        firstReceivedAt: message.firstReceivedAt ?? now,
        visibleAt: now + visibility * 1000,
        receipt: handleFor(message.id, queues.core.ids.hex(32)),
      }),
    );
  }
  return taken;
}

/** The messages within their retention; those past it are deleted. */
export function alive(queues: Queues, queue: QueueRecord): MessageRecord[] {
  const oldest = queues.now(queue.region) - Number(queue.attributes.MessageRetentionPeriod) * 1000;
  const table = queues.messages(queue);
  const messages = table.values();
  for (const message of messages) if (message.sentAt <= oldest) table.delete(message.id);
  return messages.filter((message) => message.sentAt > oldest);
}

/** When the next hidden message comes into sight. */
export function nextVisible(queues: Queues, queue: QueueRecord): number {
  return alive(queues, queue).reduce((least, message) => Math.min(least, message.visibleAt), Number.POSITIVE_INFINITY);
}

/** Opaque to clients: which message, and which receive of it. */
const handleFor = (id: string, receive: string): string => Buffer.from(`${id} ${receive}`).toString('base64');

export function messageOfHandle(handle: string | undefined): string {
  const [id, receive] = Buffer.from(handle ?? '', 'base64')
    .toString()
    .split(' ');
  if (id === undefined || receive === undefined || !/^[0-9a-f-]{36}$/.test(id)) {
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle ?? ''}" is not a valid receipt handle.`,
      {
        status: 404,
      },
    );
  }
  return id;
}

/** A dead letter keeps its id, its time of sending and its count; nobody has received it in its new queue. */
function buried({ receipt: _receipt, ...message }: MessageRecord, from: string, now: number): MessageRecord {
  return { ...message, visibleAt: now, deadLetterOf: from };
}
