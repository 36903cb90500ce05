/** Sending, one or many. */

import type {
  MessageAttributeValue,
  SendMessageBatchCommandInput,
  SendMessageBatchRequestEntry,
  SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import type { Ask, Call } from '../../../contract.ts';
import { AwsError, operation } from '../../../contract.ts';
import { onKey, onQueue } from '../asks.ts';
import { inBatch } from '../batches.ts';
import { attributesDigest, bodyDigest } from '../digests.ts';
import { accept, present } from '../members.ts';
import type { Queues } from '../queues.ts';
import { nameOf } from '../queues.ts';
import type { AttributeValue, MessageRecord, QueueRecord } from '../records.ts';
import type { Waiters } from '../waiters.ts';

const entryMembers = ['MessageBody', 'DelaySeconds', 'MessageAttributes', 'MessageSystemAttributes'];
type Entry = Omit<SendMessageBatchRequestEntry, 'Id'>;

export const sends = (queues: Queues, waiters: Waiters) => {
  const asks = (input: { QueueUrl?: string | undefined }, call: Call): Ask[] => [
    ...onQueue('SendMessage')(input, call),
    ...onKey(['GenerateDataKey', 'Decrypt'], queues.table(call.region).get(nameOf(input.QueueUrl)), call),
  ];
  return {
    SendMessage: operation((input: SendMessageCommandInput, call) => {
      accept('SendMessage', input, ['QueueUrl', ...entryMembers]);
      return send(queues, waiters, queues.byUrl(call.region, input.QueueUrl), input, call);
    }, asks),

    SendMessageBatch: operation((input: SendMessageBatchCommandInput, call) => {
      accept('SendMessageBatch', input, ['QueueUrl', 'Entries']);
      const queue = queues.byUrl(call.region, input.QueueUrl);
      const size = (input.Entries ?? []).reduce((sum, entry) => sum + Buffer.byteLength(entry.MessageBody ?? ''), 0);
      if (size > 1_048_576) {
        throw new AwsError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than 1048576 bytes. You have sent ${size} bytes.`,
        );
      }
      return inBatch(input.Entries, (entry) => {
        accept('SendMessageBatch', entry, ['Id', ...entryMembers]);
        return send(queues, waiters, queue, entry, call);
      });
    }, asks),
  };
};

function send(queues: Queues, waiters: Waiters, queue: QueueRecord, entry: Entry, call: Call) {
  const now = queues.now(queue.region);
  const attributes = attributesOf(entry.MessageAttributes);
  const body = checkedBody(entry.MessageBody, attributes, queue);
  const message: MessageRecord = present({
    id: queues.core.ids.uuid(),
    body,
    bodyMd5: bodyDigest(body),
    attributes,
    attributesMd5: attributesDigest(attributes),
    traceHeader: entry.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
    sentAt: now,
    senderId: call.principal.arn,
    visibleAt: now + delayOf(entry.DelaySeconds, queue) * 1000,
    receiveCount: 0,
  });
  queues.messages(queue).put(message.id, message);
  waiters.wake(queue.region, queue.name);
  return present({
    MessageId: message.id,
    MD5OfMessageBody: message.bodyMd5,
    MD5OfMessageAttributes: message.attributesMd5,
  });
}

function delayOf(asked: number | undefined, queue: QueueRecord): number {
  const delay = asked ?? Number(queue.attributes.DelaySeconds);
  if (delay >= 0 && delay <= 900) return delay;
  throw invalid(`Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`);
}

function checkedBody(
  body: string | undefined,
  attributes: Readonly<Record<string, AttributeValue>>,
  queue: QueueRecord,
): string {
  if (body === undefined || body === '') {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  }
  if (Array.from(body).some((character) => !isText(character.codePointAt(0) ?? 0))) {
    throw new AwsError('InvalidMessageContents', 'Invalid binary character was found in the message body.');
  }
  const size = Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name + value.type + (value.text ?? value.binary ?? '')),
    Buffer.byteLength(body),
  );
  const most = Number(queue.attributes.MaximumMessageSize);
  if (size > most) {
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
  }
  return body;
}

/** The characters XML 1.0 allows, which are those SQS takes. */
function isText(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code < 0xd800 || (code >= 0xe000 && code !== 0xfffe && code !== 0xffff);
}

function attributesOf(given: Record<string, MessageAttributeValue> | undefined): Record<string, AttributeValue> {
  const entries = Object.entries(given ?? {});
  if (entries.length > 10)
    throw invalid('Number of message attributes [more than 10] exceeds the allowed maximum [10].');
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const type = value.DataType ?? '';
      if (!/^(String|Number|Binary)(\..+)?$/.test(type)) {
        throw invalid(
          `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
        );
      }
      if (type.startsWith('Binary') ? value.BinaryValue === undefined : !value.StringValue) {
        throw invalid(`The message (user) attribute '${name}' must contain a non-empty value of type '${type}'.`);
      }
      const binary = value.BinaryValue === undefined ? undefined : Buffer.from(value.BinaryValue).toString('base64');
      return [name, present({ type, text: value.StringValue, binary })];
    }),
  );
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
