/** How many messages stand in the primary Region's queues, waiting and in flight: work that went dark with it. */

import type { Stage } from './stage.ts';

export async function strandedMessages(stage: Stage): Promise<number> {
  const { GetQueueAttributesCommand, GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  const client = await stage.clients('primary').sqs();
  let count = 0;
  for (const { queue } of Object.values(stage.workload.functions)) {
    if (queue === undefined) continue;
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: stage.names.queue(queue) }));
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    count +=
      Number(Attributes?.ApproximateNumberOfMessages ?? 0) +
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0);
  }
  return count;
}
