/** SQS: visibility, batches, long polling, dead letters, and queues that are not there. */

import {
  BatchEntryIdsNotDistinct,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  EmptyBatchRequest,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  InvalidAttributeName,
  InvalidAttributeValue,
  paginateListQueues,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TooManyEntriesInBatchRequest,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';

export const sqs = [
  contractCase('a message is hidden while it is worked on, and comes back when it is not deleted', async (target) => {
    const { client, QueueUrl, receive } = await queueOf(target, { VisibilityTimeout: '3600' });
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'work',
        MessageAttributes: { k: { DataType: 'String', StringValue: 'ü' } },
      }),
    );
    const first = await target.eventually(async () => theOnly(await receive()));
    expect(first).toMatchObject({
      Body: 'work',
      MessageAttributes: { k: { StringValue: 'ü' } },
      Attributes: { ApproximateReceiveCount: '1' },
    });
    expect(await receive(0)).toEqual([]);
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const second = await target.eventually(async () => theOnly(await receive()));
    expect([second.MessageId, second.Attributes?.ApproximateReceiveCount]).toEqual([first.MessageId, '2']);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second.ReceiptHandle }));
    expect(await receive(1)).toEqual([]);
    await refused(
      client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' })),
      ReceiptHandleIsInvalid,
      404,
    );
  }),

  contractCase('batches say of each entry what became of it', async (target) => {
    const { client, QueueUrl, receive } = await queueOf(target);
    const send = (...Entries: { Id: string; MessageBody: string; DelaySeconds?: number }[]) =>
      client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const sent = await send({ Id: 'a', MessageBody: 'one' }, { Id: 'b', MessageBody: 'two', DelaySeconds: 901 });
    expect(sent.Successful).toMatchObject([{ Id: 'a', MD5OfMessageBody: 'f97c5d29941bfb1b2fdab0874906ab82' }]);
    expect(sent.Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'InvalidParameterValue' }]);
    const got = await target.eventually(async () => theOnly(await receive()));
    const Entries = [
      { Id: 'x', ReceiptHandle: got.ReceiptHandle },
      { Id: 'y', ReceiptHandle: 'nonsense' },
    ];
    const gone = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect([gone.Successful, gone.Failed]).toMatchObject([
      [{ Id: 'x' }],
      [{ Id: 'y', Code: 'ReceiptHandleIsInvalid', SenderFault: true }],
    ]);
    await refused(send(), EmptyBatchRequest, 400);
    await refused(send({ Id: 'a', MessageBody: '1' }, { Id: 'a', MessageBody: '2' }), BatchEntryIdsNotDistinct, 400);
    const eleven = Array.from({ length: 11 }, (_, index) => ({ Id: `i${index}`, MessageBody: 'x' }));
    await refused(send(...eleven), TooManyEntriesInBatchRequest, 400);
  }),

  contractCase('a long poll ends when a message comes', async (target) => {
    const { client, QueueUrl, receive } = await queueOf(target);
    const waiting = receive(20);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    expect(await waiting).toMatchObject([{ Body: 'late' }]);
  }),

  contractCase('after its last receive a message goes to the dead letters', async (target) => {
    const dead = await queueOf(target);
    const { Attributes } = await dead.client.send(
      new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 1 });
    const { client, QueueUrl, receive } = await queueOf(target, { VisibilityTimeout: '0', RedrivePolicy });
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    await target.eventually(async () => theOnly(await receive()));
    expect(await receive(1)).toEqual([]);
    const buried = await target.eventually(async () => theOnly(await dead.receive()));
    expect(buried.Body).toBe('poison');
  }),

  contractCase('queues are found by name, listed in pages, and made again only alike', async (target) => {
    const { client, QueueUrl, name } = await queueOf(target, { VisibilityTimeout: '31' });
    const found = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    expect(found.QueueUrl).toBe(QueueUrl);
    const again = await client.send(
      new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '31' } }),
    );
    expect(again.QueueUrl).toBe(QueueUrl);
    await refused(
      client.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '5' } })),
      QueueNameExists,
      400,
    );
    await queueNamed(target, `${name}-2`);
    const listed = await target.eventually(async () => {
      const pages = await pagesOf(paginateListQueues({ client, pageSize: 1 }, { QueueNamePrefix: name }));
      const urls = pages.map((page) => page.QueueUrls ?? []);
      expect(urls.flat()).toHaveLength(2);
      return urls;
    });
    expect(Math.max(...listed.map((urls) => urls.length))).toBe(1);
  }),

  contractCase('bad input: attributes, policies, bodies, queues that are not there', async (target) => {
    const { client, QueueUrl } = await queueOf(target);
    const set = (Attributes: Record<string, string>) =>
      client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    await refused(set({ VisibilityTimeout: '43201' }), InvalidAttributeValue, 400);
    await refused(set({ Colour: 'red' }), InvalidAttributeName, 400);
    await refused(
      set({ Policy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"nothing","Resource":"*"}]}' }),
      InvalidAttributeValue,
      400,
    );
    await refused(set({ RedrivePolicy: '{"maxReceiveCount":1}' }), 'InvalidParameterValue', 400);
    await refused(client.send(new SendMessageCommand({ QueueUrl, MessageBody: '' })), 'MissingParameter', 400);
    await refused(
      client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds: 901 })),
      'InvalidParameterValue',
      400,
    );
    await refused(
      client.send(new SendMessageCommand({ QueueUrl: `${QueueUrl}-none`, MessageBody: 'x' })),
      QueueDoesNotExist,
      400,
    );
    await refused(client.send(new CreateQueueCommand({ QueueName: 'not a name' })), 'InvalidParameterValue', 400);
  }),
];

interface Message {
  readonly MessageId?: string;
  readonly ReceiptHandle?: string;
  readonly Body?: string;
  readonly Attributes?: Partial<Record<string, string>>;
}

interface Queue {
  readonly client: SQSClient;
  readonly QueueUrl: string;
  readonly name: string;
  readonly receive: (seconds?: number) => Promise<Message[]>;
}

const queueOf = (target: ContractTarget, Attributes: Record<string, string> = {}): Promise<Queue> =>
  queueNamed(target, target.name(), Attributes);

async function queueNamed(
  target: ContractTarget,
  name: string,
  Attributes: Record<string, string> = {},
): Promise<Queue> {
  const client = target.client(SQSClient);
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  target.after(() => client.send(new DeleteQueueCommand({ QueueUrl })));
  return {
    client,
    QueueUrl,
    name,
    async receive(WaitTimeSeconds = 2) {
      const asked = { QueueUrl, WaitTimeSeconds, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ ...asked, MessageSystemAttributeNames: ['All'] }),
      );
      return Messages as Message[];
    },
  };
}

function theOnly<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length > 1) throw new Error(`There are ${list.length} where one was expected.`);
  return first;
}
