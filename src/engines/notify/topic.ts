/** Publishes a notice on a Region's own topic: from there it reaches e-mail and webhooks. */

import type { Clients } from '../../aws/clients.ts';

export async function publish(clients: Clients, topicArn: string, subject: string, text: string): Promise<void> {
  const { PublishCommand } = await import('@aws-sdk/client-sns');
  const client = await clients.sns();
  // SNS takes subjects of less than 100 characters. Source: SNS API Reference, Publish.
  await client.send(new PublishCommand({ TopicArn: topicArn, Subject: subject.slice(0, 99), Message: text }));
}
