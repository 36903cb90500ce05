/** Tells webhooks what the Region's topic was told. */

import { tellWebhooks } from '../upkeep/tell-webhooks.ts';
import { ownSide, surroundings } from './surroundings.ts';

interface TopicEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[];
}

export async function tell({ Records }: TopicEvent): Promise<void> {
  const base = surroundings();
  const messages = Records.map(({ Sns }) => Sns.Message);
  await tellWebhooks(base, ownSide(base.workload), messages);
  console.log(JSON.stringify({ told: messages.length, webhooks: base.workload.notifications.webhooks }));
}
