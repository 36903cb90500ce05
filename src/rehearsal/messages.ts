/** How many messages stand in a side's queues, waiting and in flight. After an outage the dark side's are stranded: work that went with it. */

import type { Side } from '../workload/judged.ts';
import type { Stage } from './stage.ts';

export async function waitingMessages(stage: Stage, side: Side): Promise<number> {
  const { GetQueueAttributesCommand, GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  const client = await stage.clients(side).sqs();
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
