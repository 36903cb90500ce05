import { rmSync } from 'node:fs';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { createSqsService } from '../../../../src/sandbox/services/sqs/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';
import { clientSettings } from '../s3/door.ts';

it('serves the SDK client, which checks the digests', async () => {
  const sandbox = testSandbox([createSqsService]);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  const client = new SQSClient(clientSettings(sandbox));
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'work' }));
  const MessageAttributes = { raw: { DataType: 'Binary', BinaryValue: new Uint8Array([7]) } };
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'höi', MessageAttributes }));
  const received = await client.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }));
  expect(received.Messages).toMatchObject([{ Body: 'höi', MessageAttributes }]);
  const absent = new SendMessageCommand({ QueueUrl: `${QueueUrl}-none`, MessageBody: 'x' });
  await expect(client.send(absent)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
});
