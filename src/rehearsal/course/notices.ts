/** What people are told: a queue of the rehearsal's own listens on each side's topic, as a person's mailbox would. */

import type { Side } from '../../workload/judged.ts';
import { arnsOf } from '../../workload/names.ts';
import type { Stage } from '../stage.ts';
import type { NoticeSeen } from './course.ts';

export async function mailbox(stage: Stage, side: Side): Promise<() => Promise<NoticeSeen[]>> {
  const { CreateQueueCommand, DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand } = await import(
    '@aws-sdk/client-sqs'
  );
  const { SubscribeCommand } = await import('@aws-sdk/client-sns');
  const clients = stage.clients(side);
  const [sqs, sns] = [await clients.sqs(), await clients.sns()];
  const topic = arnsOf(stage.workload).topic(side);
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition: { ArnEquals: { 'aws:SourceArn': topic } },
      },
    ],
  });
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: `${stage.names.prefix}-rehearsed-notices`, Attributes: { Policy } }),
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages.map(({ Body = '{}' }) => {
      const { Message = '', Timestamp } = JSON.parse(Body) as { Message?: string; Timestamp?: string };
      return { at: Date.parse(Timestamp ?? ''), side, text: Message };
    });
  };
}
