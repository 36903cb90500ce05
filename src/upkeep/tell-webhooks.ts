/** Passes on to webhooks what is told on a Region's topic: alarms as a sentence a person can act on, everything else as it is. */

import type { Base } from '../engines/base.ts';
import type { Webhook } from '../engines/notify/webhook.ts';
import { send } from '../engines/notify/webhook.ts';
import { terminalError } from '../kernel/errors.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';

/** Tells every webhook, whatever becomes of the others. @throws the first failure, then: the service that invoked us tries again. */
export async function tellWebhooks(base: Base, own: Side, messages: readonly string[]): Promise<void> {
  const webhooks = await webhooksOf(base, own);
  const texts = messages.flatMap((message) => textOf(message, regionOf(base.workload, own)) ?? []);
  const told = await Promise.allSettled(
    webhooks.map(async (webhook) => {
      for (const text of texts) await send(webhook, text, base.clock);
    }),
  );
  for (const one of told) if (one.status === 'rejected') throw one.reason;
}

/** From this Region's own parameters: the other Region may be dark. */
async function webhooksOf({ workload, names, on }: Base, own: Side): Promise<Webhook[]> {
  const standing = await on(own).parameters.under(names.webhookPath);
  const written = (name: string, what: 'url' | 'key') =>
    standing.find(({ Name }) => Name === `${names.webhookPath}${name}/${what}`)?.Value;
  return workload.notifications.webhooks.map((name) => {
    const url = written(name, 'url');
    if (url === undefined) {
      throw terminalError(`The webhook ${name} has no address in ${regionOf(workload, own)}.`, {
        next: `Write it as a SecureString ${names.webhookPath}${name}/url in the active Region; it is copied to the other.`,
      });
    }
    return { name, url, key: written(name, 'key') };
  });
}

/** CloudWatch publishes alarms as JSON. Source: CloudWatch User Guide, "Using Amazon CloudWatch alarms", SNS notification. */
interface AlarmMessage {
  readonly AlarmName?: unknown;
  readonly AlarmDescription?: unknown;
  readonly NewStateValue?: unknown;
  readonly OldStateValue?: unknown;
}

/** Nothing for an alarm that was made and finds all well. */
export function textOf(message: string, region: string): string | undefined {
  const told = parsed(message);
  // A rule's sentence is delivered as JSON's string.
  if (typeof told === 'string') return told;
  const alarm = typeof told === 'object' && told !== null ? (told as AlarmMessage) : undefined;
  if (typeof alarm?.AlarmName !== 'string') return message;
  const rings = alarm.NewStateValue === 'ALARM';
  if (!rings && alarm.OldStateValue === 'INSUFFICIENT_DATA') return undefined;
  const what = `${rings ? 'Alarm' : 'No longer an alarm'}: ${alarm.AlarmName} in ${region}.`;
  return rings && typeof alarm.AlarmDescription === 'string' ? `${what} ${alarm.AlarmDescription}` : what;
}

function parsed(message: string): unknown {
  if (!/^[{"]/.test(message)) return undefined;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    // Text that only begins like JSON is passed on as it is.
    return undefined;
  }
}
