/** AWS::Lambda::EventSourceMapping. */

import type { EventSourceMappingConfiguration, GetEventSourceMappingCommandOutput } from '@aws-sdk/client-lambda';
import { isGone, unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagMap } from './tags.ts';

const members = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'Enabled',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'ScalingConfig',
  'TumblingWindowInSeconds',
];

const born = ['EventSourceArn', 'StartingPosition', 'StartingPositionTimestamp'];

export const eventSourceMapping: ResourceType = {
  name: 'AWS::Lambda::EventSourceMapping',
  properties: {
    ...(Object.fromEntries(members.map((name) => [name, 'update'])) as Record<string, OnChange>),
    ...(Object.fromEntries(born.map((name) => [name, 'replace'])) as Record<string, OnChange>),
    Tags: 'update',
  },
  required: ['EventSourceArn', 'FunctionName'],
  attributes: ['EventSourceMappingArn', 'Id'],
  tags: 'list',
  async create(properties, context) {
    const tags = tagMap(properties.Tags);
    const answer = await context.call<EventSourceMappingConfiguration>('lambda', 'CreateEventSourceMapping', {
      ...pick(properties, [...members, ...born]),
      Tags: Object.keys(tags).length > 0 ? tags : undefined,
    });
    const id = answer.UUID ?? '';
    const EventSourceMappingArn = context.arn('lambda', `event-source-mapping:${id}`);
    context.created(id, { EventSourceMappingArn, Id: id });
    await settled(id, context);
    return { id };
  },
  async update(change, context) {
    const { id: UUID, changed, properties } = change;
    // A mapping in transition refuses changes.
    await settled(UUID, context);
    if (members.some((name) => changed.has(name))) {
      await context.call('lambda', 'UpdateEventSourceMapping', {
        UUID,
        // Declared no more means enabled.
        Enabled: true,
        ...pick(properties, members),
      });
      await settled(UUID, context);
    }
    const Resource = context.arn('lambda', `event-source-mapping:${UUID}`);
    await syncTags(change, {
      add: (tags) =>
        context.call('lambda', 'TagResource', {
          Resource,
          Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
        }),
      remove: (TagKeys) => context.call('lambda', 'UntagResource', { Resource, TagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    const found = await settled(id, context);
    if (found === 'gone') return;
    await unlessGone(context.call('lambda', 'DeleteEventSourceMapping', { UUID: id }));
    await context.until(`deletion of event source mapping ${id}`, async () => (await stateOf(id, context)) === 'gone');
  },
  async read({ id: UUID }, call) {
    const { BatchSize, State = '' } = await call<GetEventSourceMappingCommandOutput>(
      'lambda',
      'GetEventSourceMapping',
      { UUID },
    );
    return { Enabled: State.startsWith('Enabl'), ...(BatchSize === undefined ? {} : { BatchSize }) };
  },
};

/** Waits for a state that isn't in between, and answers it. */
const settled = (id: string, context: ResourceContext): Promise<string> =>
  context.until(`event source mapping ${id}`, async () => {
    const state = await stateOf(id, context);
    return ['Enabled', 'Disabled', 'gone'].includes(state) && state;
  });

async function stateOf(UUID: string, { call }: ResourceContext): Promise<string> {
  try {
    const answer = await call<GetEventSourceMappingCommandOutput>('lambda', 'GetEventSourceMapping', { UUID });
    return answer.State ?? '';
  } catch (error) {
    if (isGone(error)) return 'gone';
    throw error;
  }
}
