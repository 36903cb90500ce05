/** Topics, their subscriptions, and the way of a message from one to the others. */

import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { parseArn } from '../events/arn.ts';
import { type Delivery, deliver } from '../events/deliver.ts';
import { Deliveries } from '../events/deliveries.ts';
import { matches } from '../events/pattern.ts';

export interface Topic {
  readonly name: string;
  readonly arn: string;
  /** As `GetTopicAttributes` names them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Subscription {
  /** Known from the start; shown only once confirmed. */
  readonly arn: string;
  readonly topic: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly confirmed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface MessageAttribute {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

export interface Message {
  readonly id: string;
  readonly text: string;
  readonly subject?: string | undefined;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** Text by protocol, when the publisher gave one each. */
  readonly byProtocol?: Readonly<Record<string, string>> | undefined;
  readonly groupId?: string | undefined;
}

/** SNS keeps trying AWS endpoints for 23 days; an hour of backoff shows the same here. */
const policy = { maximumAgeSeconds: 3600, maximumAttempts: 100 };

export class SnsModel {
  readonly #core: SandboxCore;
  readonly #deliveries: Deliveries<Sent>;

  constructor(core: SandboxCore) {
    this.#core = core;
    this.#deliveries = topicDeliveries(core);
  }

  resume(): void {
    this.#deliveries.resume();
  }

  topics(region: string): Table<Topic> {
    return this.#core.table('sns', region, 'topics');
  }

  /** Keys are the subscriptions' ARNs. */
  subscriptions(region: string): Table<Subscription> {
    return this.#core.table('sns', region, 'subscriptions');
  }

  topicArn(region: string, name: string): string {
    return `arn:aws:sns:${region}:${this.#core.account}:${name}`;
  }

  topic(region: string, arn: string | undefined): Topic {
    const topic = this.topics(region).get(arn === undefined ? '' : parseArn(arn).resource);
    if (topic?.arn !== arn || topic === undefined)
      throw new AwsError('NotFoundException', 'Topic does not exist', { status: 404 });
    return topic;
  }

  subscription(region: string, arn: string | undefined): Subscription {
    const found = this.subscriptions(region).get(arn ?? '');
    if (found === undefined) throw new AwsError('NotFoundException', 'Subscription does not exist', { status: 404 });
    return found;
  }

  subscriptionsOf(region: string, topic: string): Subscription[] {
    return this.subscriptions(region)
      .values()
      .filter((subscription) => subscription.topic === topic);
  }

  publish(region: string, topic: Topic, message: Message): void {
    for (const subscription of this.subscriptionsOf(region, topic.arn)) {
      if (subscription.confirmed && passes(subscription, message)) this.#send(region, topic, subscription, message);
    }
  }

  #send(region: string, topic: Topic, subscription: Subscription, message: Message): void {
    const { protocol, endpoint } = subscription;
    const raw = subscription.attributes.RawMessageDelivery === 'true';
    const text = message.byProtocol?.[protocol] ?? message.byProtocol?.default ?? message.text;
    const payload =
      protocol === 'lambda'
        ? JSON.stringify(this.#lambdaEvent(topic, subscription, message, text))
        : raw
          ? text
          : JSON.stringify(this.#notification(topic, message, text));
    const attributes = raw && protocol === 'sqs' ? { messageAttributes: { ...message.attributes } } : {};
    const redrive = JSON.parse(subscription.attributes.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string };
    this.#deliveries.send(
      region,
      {
        delivery: {
          region,
          service: 'sns',
          sourceArn: topic.arn,
          payload,
          id: message.id,
          ...attributes,
          target: endpoint,
          messageGroupId: message.groupId,
        },
        deadLetters: redrive.deadLetterTargetArn,
      },
      policy,
    );
  }

  #notification(topic: Topic, message: Message, text: string): object {
    return {
      Type: 'Notification',
      MessageId: message.id,
      TopicArn: topic.arn,
      ...(message.subject === undefined ? {} : { Subject: message.subject }),
      Message: text,
      Timestamp: isoTime(this.#core.clock.now()),
      SignatureVersion: '1',
      ...(Object.keys(message.attributes).length === 0 ? {} : { MessageAttributes: shownAttributes(message) }),
    };
  }

  #lambdaEvent(topic: Topic, subscription: Subscription, message: Message, text: string): object {
    const Sns = {
      ...this.#notification(topic, message, text),
      Subject: message.subject ?? null,
      MessageAttributes: shownAttributes(message),
    };
    return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscription.arn, Sns }] };
  }
}

interface Sent {
  readonly delivery: Delivery;
  readonly deadLetters: string | undefined;
}

const topicDeliveries = (core: SandboxCore): Deliveries<Sent> =>
  new Deliveries(core, 'sns', {
    attempt: (_region, { delivery }, taken) => deliver(core, { ...delivery, taken }),
    giveUp: async (region, { delivery, deadLetters }, error, { taken }) => {
      const { sourceArn, target, service, payload, id } = delivery;
      core.log({ service: 'sns', region, text: `${sourceArn} could not reach ${target}: ${messageOf(error)}` });
      if (deadLetters === undefined) return;
      await deliver(core, { region, service, sourceArn, payload, id, target: deadLetters, taken });
    },
  });

const shownAttributes = ({ attributes }: Message): Record<string, { Type: string; Value: string }> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType = 'String', StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
    ]),
  );

/** The subscription's filter, on the message's attributes or on its body. */
function passes({ attributes }: Subscription, message: Message): boolean {
  if (attributes.FilterPolicy === undefined) return true;
  const pattern = JSON.parse(attributes.FilterPolicy) as Record<string, unknown>;
  if (attributes.FilterPolicyScope === 'MessageBody') {
    try {
      return matches(pattern, JSON.parse(message.text));
    } catch {
      return false;
    }
  }
  const values = Object.entries(message.attributes).map(
    ([name, attribute]) => [name, attributeValue(attribute)] as const,
  );
  return matches(pattern, Object.fromEntries(values));
}

function attributeValue({ DataType = 'String', StringValue = '' }: MessageAttribute): unknown {
  if (DataType.startsWith('Number')) return Number(StringValue);
  if (DataType.startsWith('String.Array')) return JSON.parse(StringValue) as unknown;
  return StringValue;
}
