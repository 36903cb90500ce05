/** SNS: topics, subscriptions and publishing. Email subscriptions are recorded and wait for their confirmation forever. */

import type {
  AddPermissionCommandInput,
  CreateTopicCommandInput,
  CreateTopicCommandOutput,
  DeleteTopicCommandInput,
  GetSubscriptionAttributesCommandInput,
  GetSubscriptionAttributesCommandOutput,
  GetTopicAttributesCommandInput,
  GetTopicAttributesCommandOutput,
  ListSubscriptionsByTopicCommandInput,
  ListSubscriptionsByTopicCommandOutput,
  ListSubscriptionsCommandInput,
  ListSubscriptionsCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  ListTopicsCommandInput,
  ListTopicsCommandOutput,
  PublishBatchCommandInput,
  PublishBatchCommandOutput,
  PublishCommandInput,
  PublishCommandOutput,
  RemovePermissionCommandInput,
  SetSubscriptionAttributesCommandInput,
  SetTopicAttributesCommandInput,
  SubscribeCommandInput,
  SubscribeCommandOutput,
  TagResourceCommandInput,
  UnsubscribeCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-sns';
import type { Ask, SandboxCore, Service } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { parseArn } from '../events/arn.ts';
import { page } from '../events/paging.ts';
import { parsePattern } from '../events/pattern.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { tagList, tagRecord, withoutTags } from '../events/tags.ts';
import { readablePolicy } from '../resource-policies.ts';
import { type Message, SnsModel, type Subscription, type Topic } from './model.ts';
import { checkScope, defaultPolicy, withoutPermission, withPermission } from './topic-policy.ts';

type Out<T> = Omit<T, '$metadata'>;

const topicAttributes = new Set([
  'DisplayName',
  'Policy',
  'DeliveryPolicy',
  'KmsMasterKeyId',
  'SignatureVersion',
  'TracingConfig',
  'FifoTopic',
  'ContentBasedDeduplication',
]);
const subscriptionAttributes = new Set([
  'RawMessageDelivery',
  'FilterPolicy',
  'FilterPolicyScope',
  'RedrivePolicy',
  'DeliveryPolicy',
]);

export function createSnsService(core: SandboxCore): Service {
  const model = new SnsModel(core);
  const on =
    (action: string) =>
    ({ TopicArn = '*' }: { TopicArn?: string | undefined }): Ask[] => [{ action: `sns:${action}`, resource: TopicArn }];
  const onArn =
    (action: string) =>
    ({ ResourceArn = '*' }: { ResourceArn: string | undefined }): Ask[] => [
      { action: `sns:${action}`, resource: ResourceArn },
    ];
  const onSubscription =
    (action: string) =>
    ({ SubscriptionArn = '*' }: { SubscriptionArn: string | undefined }): Ask[] => {
      const topic = SubscriptionArn.split(':').slice(0, -1).join(':');
      return [{ action: `sns:${action}`, resource: topic || '*' }];
    };

  const putTopic = (region: string, topic: Topic): void => {
    model.topics(region).put(topic.name, topic);
  };
  const setTopic = (region: string, arn: string | undefined, changes: Record<string, string>): void => {
    const topic = model.topic(region, arn);
    putTopic(region, { ...topic, attributes: { ...topic.attributes, ...changes } });
  };
  const setSubscription = (region: string, arn: string | undefined, name: string, value: string): void => {
    checkSubscriptionAttributes({ [name]: value });
    const subscription = model.subscription(region, arn);
    model.subscriptions(region).put(subscription.arn, {
      ...subscription,
      attributes: { ...subscription.attributes, [name]: value },
    });
  };
  const publish = (region: string, topic: Topic, input: Omit<PublishCommandInput, 'TopicArn'>): string => {
    const id = core.ids.uuid();
    const message: Message = {
      id,
      text: input.Message ?? '',
      subject: input.Subject,
      attributes: input.MessageAttributes ?? {},
      byProtocol:
        input.MessageStructure === 'json' ? (JSON.parse(input.Message ?? '{}') as Record<string, string>) : undefined,
      groupId: input.MessageGroupId,
    };
    model.publish(region, topic, message);
    return id;
  };

  return {
    name: 'sns',
    resume: () => model.resume(),
    resourcePolicy: (arn) => {
      const { region, resource } = parseArn(arn);
      return model.topics(region).get(resource)?.attributes.Policy;
    },
    operations: {
      CreateTopic: operation<CreateTopicCommandInput, Out<CreateTopicCommandOutput>>(
        (input, call) => {
          refuseMembers('CreateTopic', input, ['DataProtectionPolicy']);
          const { Name: name = '', Attributes = {} } = input;
          if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) {
            throw new AwsError('InvalidParameterException', 'Invalid parameter: Topic Name');
          }
          checkTopicAttributes(Attributes);
          const arn = model.topicArn(call.region, name);
          if (!model.topics(call.region).has(name)) {
            const attributes = { Policy: defaultPolicy(arn, core.account), ...Attributes };
            putTopic(call.region, { name, arn, attributes, tags: tagRecord(input.Tags) });
          }
          return { TopicArn: arn };
        },
        ({ Name = '' }, call) => [{ action: 'sns:CreateTopic', resource: model.topicArn(call.region, Name) }],
      ),

      DeleteTopic: operation<DeleteTopicCommandInput, object>((input, call) => {
        const name = parseArn(input.TopicArn ?? '').resource;
        for (const { arn } of model.subscriptionsOf(call.region, input.TopicArn ?? ''))
          model.subscriptions(call.region).delete(arn);
        model.topics(call.region).delete(name);
        return {};
      }, on('DeleteTopic')),

      ListTopics: operation<ListTopicsCommandInput, Out<ListTopicsCommandOutput>>((input, call) => {
        const { items, next } = page(model.topics(call.region).values(), input.NextToken, undefined);
        return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: next };
      }),

      GetTopicAttributes: operation<GetTopicAttributesCommandInput, Out<GetTopicAttributesCommandOutput>>(
        (input, call) => {
          const topic = model.topic(call.region, input.TopicArn);
          const subscriptions = model.subscriptionsOf(call.region, topic.arn);
          const confirmed = subscriptions.filter((subscription) => subscription.confirmed).length;
          return {
            Attributes: {
              TopicArn: topic.arn,
              Owner: core.account,
              DisplayName: '',
              SubscriptionsConfirmed: String(confirmed),
              SubscriptionsPending: String(subscriptions.length - confirmed),
              SubscriptionsDeleted: '0',
              ...topic.attributes,
            },
          };
        },
        on('GetTopicAttributes'),
      ),

      SetTopicAttributes: operation<SetTopicAttributesCommandInput, object>((input, call) => {
        const { AttributeName = '', AttributeValue = '' } = input;
        checkTopicAttributes({ [AttributeName]: AttributeValue });
        setTopic(call.region, input.TopicArn, { [AttributeName]: AttributeValue });
        return {};
      }, on('SetTopicAttributes')),

      AddPermission: operation<AddPermissionCommandInput, object>((input, call) => {
        const topic = model.topic(call.region, input.TopicArn);
        setTopic(call.region, topic.arn, {
          Policy: checkScope(readablePolicy(withPermission(topic, input), policyError)),
        });
        return {};
      }, on('AddPermission')),
      RemovePermission: operation<RemovePermissionCommandInput, object>((input, call) => {
        const topic = model.topic(call.region, input.TopicArn);
        setTopic(call.region, topic.arn, { Policy: withoutPermission(topic, input) });
        return {};
      }, on('RemovePermission')),

      Subscribe: operation<SubscribeCommandInput, Out<SubscribeCommandOutput>>(
        (input, call) => {
          const { Protocol: protocol = '', Endpoint: endpoint = '', Attributes = {} } = input;
          if (!['lambda', 'sqs', 'email', 'email-json'].includes(protocol))
            throw unsupported(`${protocol} subscriptions`);
          checkSubscriptionAttributes(Attributes);
          const topic = model.topic(call.region, input.TopicArn);
          const known = model
            .subscriptionsOf(call.region, topic.arn)
            .find((one) => one.protocol === protocol && one.endpoint === endpoint);
          const confirmed = !protocol.startsWith('email');
          const arn = known?.arn ?? `${topic.arn}:${core.ids.uuid()}`;
          const row: Subscription = known ?? {
            arn,
            topic: topic.arn,
            protocol,
            endpoint,
            confirmed,
            attributes: Attributes,
          };
          model.subscriptions(call.region).put(arn, row);
          return { SubscriptionArn: confirmed || input.ReturnSubscriptionArn === true ? arn : 'pending confirmation' };
        },
        ({ TopicArn = '*', Protocol = '', Endpoint = '' }) => [
          {
            action: 'sns:Subscribe',
            resource: TopicArn,
            context: { 'sns:Protocol': Protocol, 'sns:Endpoint': Endpoint },
          },
        ],
      ),

      Unsubscribe: operation<UnsubscribeCommandInput, object>((input, call) => {
        model.subscriptions(call.region).delete(input.SubscriptionArn ?? '');
        return {};
      }, onSubscription('Unsubscribe')),

      ListSubscriptions: operation<ListSubscriptionsCommandInput, Out<ListSubscriptionsCommandOutput>>(
        (input, call) => {
          const { items, next } = page(model.subscriptions(call.region).values(), input.NextToken, undefined);
          return { Subscriptions: items.map((row) => subscriptionShape(row, core.account)), NextToken: next };
        },
      ),
      ListSubscriptionsByTopic: operation<
        ListSubscriptionsByTopicCommandInput,
        Out<ListSubscriptionsByTopicCommandOutput>
      >((input, call) => {
        const { arn } = model.topic(call.region, input.TopicArn);
        const { items, next } = page(model.subscriptionsOf(call.region, arn), input.NextToken, undefined);
        return { Subscriptions: items.map((row) => subscriptionShape(row, core.account)), NextToken: next };
      }, on('ListSubscriptionsByTopic')),
      GetSubscriptionAttributes: operation<
        GetSubscriptionAttributesCommandInput,
        Out<GetSubscriptionAttributesCommandOutput>
      >((input, call) => {
        const row = model.subscription(call.region, input.SubscriptionArn);
        const Attributes = {
          SubscriptionArn: row.arn,
          TopicArn: row.topic,
          Protocol: row.protocol,
          Endpoint: row.endpoint,
          Owner: core.account,
          PendingConfirmation: String(!row.confirmed),
          ConfirmationWasAuthenticated: String(row.confirmed),
          RawMessageDelivery: 'false',
          ...row.attributes,
        };
        return { Attributes };
      }, onSubscription('GetSubscriptionAttributes')),
      SetSubscriptionAttributes: operation<SetSubscriptionAttributesCommandInput, object>((input, call) => {
        setSubscription(call.region, input.SubscriptionArn, input.AttributeName ?? '', input.AttributeValue ?? '');
        return {};
      }, onSubscription('SetSubscriptionAttributes')),

      Publish: operation<PublishCommandInput, Out<PublishCommandOutput>>(
        (input, call) => {
          refuseMembers('Publish', input, ['PhoneNumber']);
          const target = input.TopicArn ?? input.TargetArn;
          return { MessageId: publish(call.region, model.topic(call.region, target), input) };
        },
        ({ TopicArn, TargetArn }) => [{ action: 'sns:Publish', resource: TopicArn ?? TargetArn ?? '*' }],
      ),
      PublishBatch: operation<PublishBatchCommandInput, Out<PublishBatchCommandOutput>>((input, call) => {
        const topic = model.topic(call.region, input.TopicArn);
        const entries = input.PublishBatchRequestEntries ?? [];
        const Successful = entries.map((entry) => ({ Id: entry.Id, MessageId: publish(call.region, topic, entry) }));
        return { Successful, Failed: [] };
      }, on('Publish')),

      TagResource: operation<TagResourceCommandInput, object>((input, call) => {
        const topic = model.topic(call.region, input.ResourceArn);
        putTopic(call.region, { ...topic, tags: { ...topic.tags, ...tagRecord(input.Tags) } });
        return {};
      }, onArn('TagResource')),
      UntagResource: operation<UntagResourceCommandInput, object>((input, call) => {
        const topic = model.topic(call.region, input.ResourceArn);
        putTopic(call.region, { ...topic, tags: withoutTags(topic.tags, input.TagKeys ?? []) });
        return {};
      }, onArn('UntagResource')),
      ListTagsForResource: operation<ListTagsForResourceCommandInput, Out<ListTagsForResourceCommandOutput>>(
        (input, call) => ({ Tags: tagList(model.topic(call.region, input.ResourceArn).tags) }),
        onArn('ListTagsForResource'),
      ),
    },
  };
}

function checkTopicAttributes(attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!topicAttributes.has(name)) throw unsupported(`the topic attribute ${name}`);
    if (name === 'Policy') checkScope(readablePolicy(value, policyError));
  }
}

/** SNS's sentence ends in `null` (aws/serverless-application-model#1591); what is in brackets is the sandbox's. */
const policyError = (why: string): AwsError =>
  new AwsError('InvalidParameterException', `Invalid parameter: Policy Error: null [${why}]`);

function checkSubscriptionAttributes(attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!subscriptionAttributes.has(name)) throw unsupported(`the subscription attribute ${name}`);
    if (name !== 'FilterPolicy' || value === '') continue;
    try {
      parsePattern(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AwsError('InvalidParameterException', `Invalid parameter: FilterPolicy: ${reason}`);
    }
  }
}

const subscriptionShape = (row: Subscription, owner: string) => ({
  SubscriptionArn: row.confirmed ? row.arn : 'PendingConfirmation',
  TopicArn: row.topic,
  Protocol: row.protocol,
  Endpoint: row.endpoint,
  Owner: owner,
});
