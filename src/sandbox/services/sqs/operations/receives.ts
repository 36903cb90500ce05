/** Receiving, with long polling on the Region's clock. */

import type { Message, ReceiveMessageCommandInput } from '@aws-sdk/client-sqs';
import type { Call } from '../../../contract.ts';
import { AwsError, operation } from '../../../contract.ts';
import { onKey, onQueue } from '../asks.ts';
import { accept, present } from '../members.ts';
import type { Queues } from '../queues.ts';
import { nameOf } from '../queues.ts';
import { nextVisible, take } from '../receive.ts';
import type { MessageRecord } from '../records.ts';
import type { Waiters } from '../waiters.ts';

const members = [
  'QueueUrl',
  'AttributeNames',
  'MessageSystemAttributeNames',
  'MessageAttributeNames',
  'MaxNumberOfMessages',
  'VisibilityTimeout',
  'WaitTimeSeconds',
];

export const receives = (queues: Queues, waiters: Waiters) => ({
  ReceiveMessage: operation(
    async (input: ReceiveMessageCommandInput, call) => {
      accept('ReceiveMessage', input, members);
      const messages = await receive(queues, waiters, input, call);
      return messages.length === 0 ? {} : { Messages: messages.map((message) => shown(message, input)) };
    },
    (input: ReceiveMessageCommandInput, call) => [
      ...onQueue('ReceiveMessage')(input, call),
      ...onKey(['Decrypt'], queues.table(call.region).get(nameOf(input.QueueUrl)), call),
    ],
  ),
});

async function receive(
  queues: Queues,
  waiters: Waiters,
  input: ReceiveMessageCommandInput,
  call: Call,
): Promise<MessageRecord[]> {
  const { clock } = queues.core.region(call.region);
  const outages = waiters.outages(call.region);
  const count = within('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
  const first = queues.byUrl(call.region, input.QueueUrl);
  const wait = input.WaitTimeSeconds ?? Number(first.attributes.ReceiveMessageWaitTimeSeconds);
  const deadline = clock.now() + within('WaitTimeSeconds', wait, 0, 20) * 1000;
  for (;;) {
    const queue = queues.byUrl(call.region, input.QueueUrl);
    const visibility = input.VisibilityTimeout ?? Number(queue.attributes.VisibilityTimeout);
    const taken = take(queues, waiters, queue, count, within('VisibilityTimeout', visibility, 0, 43_200));
    const now = clock.now();
    if (taken.length > 0 || now >= deadline) return taken;
    await waiters.wait(call.region, queue.name, clock, Math.min(deadline, nextVisible(queues, queue)) - now);
    if (waiters.outages(call.region) !== outages) return [];
  }
}

function within(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
}

function shown(message: MessageRecord, input: ReceiveMessageCommandInput): Message {
  const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])] as string[];
  const all: Record<string, string> = present({
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    DeadLetterQueueSourceArn: message.deadLetterOf,
    AWSTraceHeader: message.traceHeader,
  }) as Record<string, string>;
  const attributes = Object.entries(all).filter(([name]) => system.includes('All') || system.includes(name));
  const wanted = input.MessageAttributeNames ?? [];
  const chosen = Object.entries(message.attributes).filter(([name]) =>
    wanted.some((pattern) => matches(pattern, name)),
  );
  return present({
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    Attributes: attributes.length === 0 ? undefined : Object.fromEntries(attributes),
    MD5OfMessageAttributes: chosen.length === 0 ? undefined : message.attributesMd5,
    MessageAttributes:
      chosen.length === 0
        ? undefined
        : Object.fromEntries(
            chosen.map(([name, value]) => [
              name,
              present({
                DataType: value.type,
                StringValue: value.text,
                BinaryValue: value.binary === undefined ? undefined : Buffer.from(value.binary, 'base64'),
              }),
            ]),
          ),
  });
}

const matches = (pattern: string, name: string): boolean =>
  pattern === 'All' || (pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -2)) : pattern === name);
