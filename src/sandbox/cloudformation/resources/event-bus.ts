/** AWS::Events::EventBus and EventBusPolicy. */

import type { CreateEventBusCommandOutput, DescribeEventBusCommandOutput } from '@aws-sdk/client-eventbridge';
import { validationError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { asText, isObject } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { syncTags, tagList } from './tags.ts';

export const eventBus: ResourceType = {
  name: 'AWS::Events::EventBus',
  properties: { Description: 'update', Name: 'replace', Tags: 'update' },
  required: ['Name'],
  attributes: ['Arn', 'Name'],
  nameProperty: 'Name',
  tags: 'list',
  async create({ Description, Name, Tags }, context) {
    const tags = tagList(Tags);
    const answer = await context.call<CreateEventBusCommandOutput>('events', 'CreateEventBus', {
      Name,
      Description,
      Tags: tags.length > 0 ? tags : undefined,
    });
    const id = textOf(Name) ?? '';
    return { id, attributes: { Arn: answer.EventBusArn ?? '', Name: id } };
  },
  async update(change, context) {
    const { changed, id, properties } = change;
    if (changed.has('Description')) {
      await context.call('events', 'UpdateEventBus', { Name: id, Description: properties.Description });
    }
    const ResourceARN = asText(change.attributes.Arn);
    await syncTags(change, {
      add: (Tags) => context.call('events', 'TagResource', { ResourceARN, Tags }),
      remove: (TagKeys) => context.call('events', 'UntagResource', { ResourceARN, TagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('events', 'DeleteEventBus', { Name: id }));
  },
};

/** One statement of a bus's policy. The API sets whole policies, so the others are read and kept. */
export const eventBusPolicy: ResourceType = {
  name: 'AWS::Events::EventBusPolicy',
  properties: { EventBusName: 'replace', Statement: 'update', StatementId: 'replace' },
  required: ['Statement', 'StatementId'],
  attributes: [],
  async create(properties, context) {
    await putStatement(properties, context);
    return { id: `${busName(properties)}|${textOf(properties.StatementId)}` };
  },
  async update({ properties }, context) {
    await putStatement(properties, context);
    return undefined;
  },
  async delete({ properties: { EventBusName, StatementId } }, context) {
    await unlessGone(context.call('events', 'RemovePermission', { EventBusName, StatementId }));
  },
};

const busName = ({ EventBusName }: JsonObject): string => textOf(EventBusName) ?? 'default';

async function putStatement(properties: JsonObject, { call }: ResourceContext): Promise<void> {
  const Name = busName(properties);
  const Sid = textOf(properties.StatementId) ?? '';
  const statement = objectOf(properties.Statement);
  if (Object.keys(statement).length === 0) throw validationError('Statement must be one policy statement');
  const { Policy } = await call<DescribeEventBusCommandOutput>('events', 'DescribeEventBus', { Name });
  const policy: unknown = JSON.parse(Policy ?? '{}');
  const existing: readonly Json[] = isObject(policy) ? listOf(policy.Statement) : [];
  const others = existing.filter((item) => objectOf(item).Sid !== Sid);
  await call('events', 'PutPermission', {
    EventBusName: Name,
    Policy: JSON.stringify({ Version: '2012-10-17', Statement: [...others, { ...statement, Sid }] }),
  });
}
