/** AWS::Events::Rule. */

import type { DescribeRuleCommandOutput, PutRuleCommandOutput } from '@aws-sdk/client-eventbridge';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { difference, known, pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

const members = ['Description', 'EventBusName', 'EventPattern', 'RoleArn', 'ScheduleExpression', 'State'];

export const eventRule: ResourceType = {
  name: 'AWS::Events::Rule',
  properties: {
    Description: 'update',
    EventBusName: 'replace',
    EventPattern: 'update',
    Name: 'replace',
    RoleArn: 'update',
    ScheduleExpression: 'update',
    State: 'update',
    Tags: 'update',
    Targets: 'update',
  },
  attributes: ['Arn'],
  nameProperty: 'Name',
  tags: 'list',
  async create(properties, context) {
    const Name = textOf(properties.Name) ?? context.physicalName(64);
    const tags = tagList(properties.Tags);
    const answer = await context.call<PutRuleCommandOutput>('events', 'PutRule', {
      Name,
      ...pick(properties, members),
      Tags: tags.length > 0 ? tags : undefined,
    });
    const bus = busName(properties);
    const id = bus === 'default' ? Name : `${bus}|${Name}`;
    context.created(id);
    await putTargets(Name, properties, context);
    return { id, attributes: { Arn: answer.RuleArn ?? '' } };
  },
  async update(change, context) {
    const { changed, id, previous, properties } = change;
    const Name = ruleName(id);
    if (members.some((name) => changed.has(name))) {
      await context.call('events', 'PutRule', { Name, ...pick(properties, members) });
    }
    if (changed.has('Targets')) {
      const { removed } = difference(targetIds(previous), targetIds(properties));
      await removeTargets(Name, properties, removed, context);
      await putTargets(Name, properties, context);
    }
    const ResourceARN = asText(change.attributes.Arn);
    await syncTags(change, {
      add: (Tags) => context.call('events', 'TagResource', { ResourceARN, Tags }),
      remove: (TagKeys) => context.call('events', 'UntagResource', { ResourceARN, TagKeys }),
    });
    return undefined;
  },
  async delete({ id, properties }, context) {
    const Name = ruleName(id);
    await unlessGone(removeTargets(Name, properties, targetIds(properties), context));
    await unlessGone(context.call('events', 'DeleteRule', { Name, EventBusName: properties.EventBusName }));
  },
  async read({ id, properties }, call) {
    const { Description, ScheduleExpression, State } = await call<DescribeRuleCommandOutput>('events', 'DescribeRule', {
      Name: ruleName(id),
      EventBusName: properties.EventBusName,
    });
    return known({ Description, ScheduleExpression, State });
  },
};

/** Rules of the default bus go by their name, others by bus and name. */
const ruleName = (id: string): string => id.split('|').at(-1) ?? id;

const busName = (properties: JsonObject): string =>
  (textOf(properties.EventBusName) ?? 'default').split('/').at(-1) ?? '';

const targetIds = (properties: JsonObject): string[] =>
  listOf(properties.Targets).map((target) => asText(objectOf(target).Id));

async function putTargets(Rule: string, { EventBusName, Targets }: JsonObject, { call }: ResourceContext) {
  if (listOf(Targets).length > 0) await call('events', 'PutTargets', { Rule, EventBusName, Targets });
}

async function removeTargets(Rule: string, { EventBusName }: JsonObject, Ids: string[], { call }: ResourceContext) {
  if (Ids.length > 0) await call('events', 'RemoveTargets', { Rule, EventBusName, Ids });
}
