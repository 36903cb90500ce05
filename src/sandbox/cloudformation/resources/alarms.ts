/** AWS::CloudWatch::Alarm, CompositeAlarm and Dashboard. Each is put whole, at creation and at every update. */

import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

export const alarm: ResourceType = alarmType(
  'AWS::CloudWatch::Alarm',
  'PutMetricAlarm',
  ['EvaluationPeriods'],
  [
    'ActionsEnabled',
    'AlarmActions',
    'AlarmDescription',
    'ComparisonOperator',
    'DatapointsToAlarm',
    'Dimensions',
    'EvaluateLowSampleCountPercentile',
    'EvaluationPeriods',
    'ExtendedStatistic',
    'InsufficientDataActions',
    'MetricName',
    'Metrics',
    'Namespace',
    'OKActions',
    'Period',
    'Statistic',
    'Threshold',
    'ThresholdMetricId',
    'TreatMissingData',
    'Unit',
  ],
);

export const compositeAlarm: ResourceType = alarmType(
  'AWS::CloudWatch::CompositeAlarm',
  'PutCompositeAlarm',
  ['AlarmRule'],
  [
    'ActionsEnabled',
    'ActionsSuppressor',
    'ActionsSuppressorExtensionPeriod',
    'ActionsSuppressorWaitPeriod',
    'AlarmActions',
    'AlarmDescription',
    'AlarmRule',
    'InsufficientDataActions',
    'OKActions',
  ],
);

function alarmType(name: string, put: string, required: string[], members: readonly string[]): ResourceType {
  const send = (AlarmName: string, properties: JsonObject, tags: object[] | undefined, { call }: ResourceContext) =>
    call('monitoring', put, { AlarmName, ...pick(properties, members), Tags: tags });
  return {
    name,
    properties: {
      ...(Object.fromEntries(members.map((member) => [member, 'update'])) as Record<string, OnChange>),
      AlarmName: 'replace',
      Tags: 'update',
    },
    required,
    attributes: ['Arn'],
    nameProperty: 'AlarmName',
    tags: 'list',
    async create(properties, context) {
      const id = textOf(properties.AlarmName) ?? context.physicalName(255);
      const tags = tagList(properties.Tags);
      await send(id, properties, tags.length > 0 ? tags : undefined, context);
      return { id, attributes: { Arn: context.arn('cloudwatch', `alarm:${id}`) } };
    },
    async update(change, context) {
      const { changed, id, properties } = change;
      if (members.some((member) => changed.has(member))) await send(id, properties, undefined, context);
      await syncAlarmTags(change, context);
      return undefined;
    },
    async delete({ id }, context) {
      await unlessGone(context.call('monitoring', 'DeleteAlarms', { AlarmNames: [id] }));
    },
  };
}

const syncAlarmTags = (change: ResourceChange, { call }: ResourceContext): Promise<void> => {
  const ResourceARN = asText(change.attributes.Arn);
  return syncTags(change, {
    add: (Tags) => call('monitoring', 'TagResource', { ResourceARN, Tags }),
    remove: (TagKeys) => call('monitoring', 'UntagResource', { ResourceARN, TagKeys }),
  });
};

export const dashboard: ResourceType = {
  name: 'AWS::CloudWatch::Dashboard',
  properties: { DashboardBody: 'update', DashboardName: 'replace', Tags: 'update' },
  required: ['DashboardBody'],
  attributes: [],
  nameProperty: 'DashboardName',
  tags: 'list',
  async create({ DashboardBody, DashboardName, Tags }, context) {
    const id = textOf(DashboardName) ?? context.physicalName(255);
    const tags = tagList(Tags);
    await context.call('monitoring', 'PutDashboard', {
      DashboardName: id,
      DashboardBody,
      ...(tags.length > 0 ? { Tags: tags } : {}),
    });
    return { id };
  },
  async update(change, context) {
    const { changed, id, properties } = change;
    if (changed.has('DashboardBody')) {
      await context.call('monitoring', 'PutDashboard', { DashboardName: id, DashboardBody: properties.DashboardBody });
    }
    const ResourceARN = `arn:aws:cloudwatch::${context.account}:dashboard/${id}`;
    await syncTags(change, {
      add: (Tags) => context.call('monitoring', 'TagResource', { ResourceARN, Tags }),
      remove: (TagKeys) => context.call('monitoring', 'UntagResource', { ResourceARN, TagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('monitoring', 'DeleteDashboards', { DashboardNames: [id] }));
  },
};
