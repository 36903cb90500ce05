import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { operation } from '../../../../src/sandbox/contract.ts';
import { createSqsService } from '../../../../src/sandbox/services/sqs/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

interface Message {
  Body: string;
  MessageId: string;
  ReceiptHandle: string;
  Attributes: Record<string, string>;
}

function sqsSandbox(extra: readonly ServiceFactory[] = []) {
  const sandbox = testSandbox([createSqsService, ...extra]);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  const url = (name: string) => `http://127.0.0.1:0/111122223333/${name}`;
  const sqs = <Output = Record<string, unknown>>(name: string, input: object, region?: string) =>
    sandbox.call<Output>('sqs', name, input, region);
  return {
    ...sandbox,
    sqs,
    url,
    create: (QueueName: string, Attributes: object = {}) => sqs('CreateQueue', { QueueName, Attributes }),
    send: (name: string, MessageBody: string, more: object = {}) =>
      sqs<{ MessageId: string }>('SendMessage', { QueueUrl: url(name), MessageBody, ...more }),
    receive: async (name: string, more: object = {}) =>
      (await sqs<{ Messages?: Message[] }>('ReceiveMessage', { QueueUrl: url(name), ...more })).Messages ?? [],
    counts: async (name: string) => {
      const { Attributes: all } = await sqs<{ Attributes: Record<string, string> }>('GetQueueAttributes', {
        QueueUrl: url(name),
        AttributeNames: ['All'],
      });
      return ['', 'NotVisible', 'Delayed'].map((kind) => Number(all[`ApproximateNumberOfMessages${kind}`]));
    },
  };
}

describe('queues', () => {
  it('hides a received message, shows it again after its timeout, and counts', async () => {
    const { create, send, receive, counts, clock } = sqsSandbox();
    await create('work', { VisibilityTimeout: '10' });
    await send('work', 'one');
    const [first] = await receive('work', { MessageSystemAttributeNames: ['All'] });
    expect(first).toMatchObject({ Body: 'one', Attributes: { ApproximateReceiveCount: '1' } });
    expect(await receive('work')).toEqual([]);
    expect(await counts('work')).toEqual([0, 1, 0]);
    await clock.advance(9_999);
    expect(await receive('work')).toEqual([]);
    await clock.advance(1);
    const [second] = await receive('work', { AttributeNames: ['ApproximateReceiveCount'] });
    expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('deletes by the last handle only', async () => {
    const { create, send, receive, counts, clock, sqs, url } = sqsSandbox();
    await create('work');
    await send('work', 'one');
    const [first] = await receive('work');
    await clock.advance(30_000);
    const [second] = await receive('work');
    const remove = (ReceiptHandle: string | undefined) =>
      sqs('DeleteMessage', { QueueUrl: url('work'), ReceiptHandle });
    await remove(first?.ReceiptHandle);
    expect(await counts('work')).toEqual([0, 1, 0]);
    await remove(second?.ReceiptHandle);
    expect(await counts('work')).toEqual([0, 0, 0]);
    await expect(remove('nonsense')).rejects.toMatchObject({ code: 'ReceiptHandleIsInvalid' });
  });

  it('waits for a message on the clock of the Region, and answers at once when one comes', async () => {
    const { create, send, receive, clock } = sqsSandbox();
    await create('work');
    let answered: Message[] | undefined;
    const poll = () => {
      answered = undefined;
      return receive('work', { WaitTimeSeconds: 20 }).then((messages) => {
        answered = messages;
      });
    };
    const empty = poll();
    await clock.advance(19_999);
    expect(answered).toBeUndefined();
    await clock.advance(1);
    await empty;
    expect(answered).toEqual([]);

    const full = poll();
    await clock.advance(5_000);
    await send('work', 'now');
    await full;
    expect(answered).toMatchObject([{ Body: 'now' }]);
  });

  it('wakes a receiver when a delayed or hidden message comes into sight', async () => {
    const { create, send, receive, counts, clock } = sqsSandbox();
    await create('work', { VisibilityTimeout: '5' });
    await send('work', 'later', { DelaySeconds: 3 });
    expect(await counts('work')).toEqual([0, 0, 1]);
    const delayed = receive('work', { WaitTimeSeconds: 20 });
    await clock.advance(3_000);
    expect(await delayed).toMatchObject([{ Body: 'later' }]);
    const hidden = receive('work', { WaitTimeSeconds: 20 });
    await clock.advance(5_000);
    expect(await hidden).toMatchObject([{ Body: 'later' }]);
  });

  it('changes visibility of what is in flight', async () => {
    const { create, send, receive, sqs, url, clock } = sqsSandbox();
    await create('work');
    await send('work', 'one');
    const [message] = await receive('work');
    const change = (VisibilityTimeout: number) =>
      sqs('ChangeMessageVisibility', {
        QueueUrl: url('work'),
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout,
      });
    await change(100);
    await clock.advance(99_000);
    expect(await receive('work')).toEqual([]);
    await change(0);
    await expect(change(10)).rejects.toMatchObject({ code: 'MessageNotInflight' });
    expect(await receive('work')).toHaveLength(1);
  });

  it('moves what was received too often to the dead-letter queue', async () => {
    const { create, send, receive, counts, clock } = sqsSandbox();
    await create('dead');
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:111122223333:dead';
    await create('work', {
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
    });
    const { MessageId } = await send('work', 'poison');
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await receive('work')).toHaveLength(1);
      await clock.advance(1_000);
    }
    expect(await receive('work')).toEqual([]);
    expect(await counts('work')).toEqual([0, 0, 0]);
    const [dead] = await receive('dead', { AttributeNames: ['All'] });
    expect(dead).toMatchObject({ MessageId, Body: 'poison' });
    expect(dead?.Attributes.DeadLetterQueueSourceArn).toBe('arn:aws:sqs:us-east-1:111122223333:work');
  });

  it('keeps its messages through the dark, and gives none to receivers that died in it', async () => {
    const { create, send, receive, counts, clock, dispatcher, ...sandbox } = sqsSandbox();
    await create('work');
    const poll = receive('work', { WaitTimeSeconds: 20 });
    await clock.advance(1_000);
    sandbox.setDark('us-east-1', true);
    const service = dispatcher.service('sqs');
    await service?.regionDark?.('us-east-1');
    await clock.advance(60_000);
    sandbox.setDark('us-east-1', false);
    await service?.regionBack?.('us-east-1');
    expect(await poll).toEqual([]);
    await send('work', 'kept');
    sandbox.setDark('us-east-1', true);
    await clock.advance(60_000);
    sandbox.setDark('us-east-1', false);
    expect(await counts('work')).toEqual([1, 0, 0]);
  });

  it('forgets messages past their retention', async () => {
    const { create, send, counts, clock } = sqsSandbox();
    await create('work', { MessageRetentionPeriod: '60' });
    await send('work', 'old');
    await clock.advance(59_000);
    expect(await counts('work')).toEqual([1, 0, 0]);
    await clock.advance(1_000);
    expect(await counts('work')).toEqual([0, 0, 0]);
  });

  it('answers the digests that clients check', async () => {
    const { create, send, sqs, url } = sqsSandbox();
    await create('work');
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'photo' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    };
    const answer = await send('work', 'hello', { MessageAttributes });
    expect(answer).toMatchObject({
      MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592',
      MD5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    const received = await sqs('ReceiveMessage', { QueueUrl: url('work'), MessageAttributeNames: ['k.*', 'raw'] });
    expect(received).toMatchObject({
      Messages: [{ MessageAttributes: { raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) } } }],
    });
  });

  it('sends and deletes batches, each entry by itself', async () => {
    const { create, sqs, url, receive, counts } = sqsSandbox();
    await create('work', { MaximumMessageSize: '1024' });
    const sent = await sqs('SendMessageBatch', {
      QueueUrl: url('work'),
      Entries: [
        { Id: 'a', MessageBody: 'one' },
        { Id: 'b', MessageBody: 'x'.repeat(2000) },
      ],
    });
    expect(sent).toMatchObject({ Successful: [{ Id: 'a' }], Failed: [{ Id: 'b', Code: 'InvalidParameterValue' }] });
    const [message] = await receive('work');
    const Entries = [{ Id: 'a', ReceiptHandle: message?.ReceiptHandle }];
    expect(await sqs('DeleteMessageBatch', { QueueUrl: url('work'), Entries })).toMatchObject({
      Successful: [{ Id: 'a' }],
    });
    expect(await counts('work')).toEqual([0, 0, 0]);
    await expect(sqs('SendMessageBatch', { QueueUrl: url('work'), Entries: [] })).rejects.toMatchObject({
      code: 'EmptyBatchRequest',
    });
  });

  it('creates again what is the same, and refuses what differs or was just deleted', async () => {
    const { create, sqs, url, clock } = sqsSandbox();
    await create('work', { VisibilityTimeout: '10' });
    expect(await create('work', { VisibilityTimeout: '10' })).toEqual({ QueueUrl: url('work') });
    await expect(create('work', { VisibilityTimeout: '11' })).rejects.toMatchObject({ code: 'QueueNameExists' });
    await sqs('DeleteQueue', { QueueUrl: url('work') });
    await expect(create('work')).rejects.toMatchObject({ code: 'QueueDeletedRecently' });
    await expect(sqs('GetQueueUrl', { QueueName: 'work' })).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
    await clock.advance(60_000);
    await create('work');
    expect(await sqs('ListQueues', { QueueNamePrefix: 'w' })).toEqual({ QueueUrls: [url('work')] });
  });

  it('sets attributes, gives its policy to IAM and refuses what it does not know', async () => {
    const { create, sqs, url, dispatcher, core } = sqsSandbox();
    await create('work');
    const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    const set = (Attributes: object) => sqs('SetQueueAttributes', { QueueUrl: url('work'), Attributes });
    await set({ Policy, DelaySeconds: '5' });
    const call = {
      account: core.account,
      region: 'us-east-1',
      from: 'outside',
      principal: core.as('x'),
      requestId: '',
    };
    const arn = 'arn:aws:sqs:us-east-1:111122223333:work';
    expect(dispatcher.service('sqs')?.resourcePolicy?.(arn, call)).toBe(Policy);
    await set({ Policy: '' });
    expect(dispatcher.service('sqs')?.resourcePolicy?.(arn, call)).toBeUndefined();
    await expect(set({ DelaySeconds: '901' })).rejects.toMatchObject({ code: 'InvalidAttributeValue' });
    await expect(set({ Colour: 'red' })).rejects.toMatchObject({ code: 'InvalidAttributeName' });
    await expect(
      set({ RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:no","maxReceiveCount":1}' }),
    ).rejects.toThrow(/does not exist/);
    await expect(sqs('CreateQueue', { QueueName: 'a.fifo' })).rejects.toThrow(/FIFO/);
  });

  it('asks for the key of a queue that a customer key encrypts', async () => {
    const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/k';
    const kms: ServiceFactory = () => ({
      name: 'kms',
      operations: { DescribeKey: operation(() => ({ KeyMetadata: { Arn: keyArn } })) },
    });
    const { create, url, dispatcher, core } = sqsSandbox([kms]);
    await create('work', { KmsMasterKeyId: 'alias/app' });
    const call = {
      account: core.account,
      region: 'us-east-1',
      from: 'outside',
      principal: core.as('x'),
      requestId: '',
    };
    const asks = dispatcher.service('sqs')?.operations.SendMessageBatch?.authorize?.({ QueueUrl: url('work') }, call);
    expect(asks?.map((ask) => `${ask.action} ${ask.resource}`)).toEqual([
      'sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:work',
      `kms:GenerateDataKey ${keyArn}`,
      `kms:Decrypt ${keyArn}`,
    ]);
  });

  it('is found by a URL at any endpoint of its Region, and not in another', async () => {
    const { create, sqs, url } = sqsSandbox();
    await create('work');
    await sqs('SendMessage', { QueueUrl: 'http://127.0.0.1:4566/111122223333/work', MessageBody: 'x' });
    const elsewhere = 'https://sqs.us-east-1.amazonaws.com/111122223333/work';
    await expect(sqs('SendMessage', { QueueUrl: elsewhere, MessageBody: 'x' }, 'us-west-2')).rejects.toMatchObject({
      code: 'InvalidAddress',
    });
    await expect(sqs('PurgeQueue', { QueueUrl: url('none') })).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
  });

  it('purges once a minute, and keeps tags', async () => {
    const { create, send, sqs, url, counts } = sqsSandbox();
    await create('work');
    await send('work', 'x');
    await sqs('PurgeQueue', { QueueUrl: url('work') });
    expect(await counts('work')).toEqual([0, 0, 0]);
    await expect(sqs('PurgeQueue', { QueueUrl: url('work') })).rejects.toMatchObject({ code: 'PurgeQueueInProgress' });
    await sqs('TagQueue', { QueueUrl: url('work'), Tags: { team: 'photos', x: 'y' } });
    await sqs('UntagQueue', { QueueUrl: url('work'), TagKeys: ['x'] });
    expect(await sqs('ListQueueTags', { QueueUrl: url('work') })).toEqual({ Tags: { team: 'photos' } });
  });
});
