/** AWS::Scheduler::Schedule. An update sends the whole schedule, as its API wants it. */

import type { CreateScheduleCommandOutput } from '@aws-sdk/client-scheduler';
import { unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { pick } from './pick.ts';

const members = [
  'Description',
  'EndDate',
  'FlexibleTimeWindow',
  'GroupName',
  'KmsKeyArn',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'State',
  'Target',
];

export const schedule: ResourceType = {
  name: 'AWS::Scheduler::Schedule',
  properties: {
    ...(Object.fromEntries(members.map((name) => [name, 'update'])) as Record<string, OnChange>),
    GroupName: 'replace',
    Name: 'replace',
  },
  required: ['FlexibleTimeWindow', 'ScheduleExpression', 'Target'],
  attributes: ['Arn'],
  nameProperty: 'Name',
  async create(properties, context) {
    const id = textOf(properties.Name) ?? context.physicalName(64);
    const answer = await context.call<CreateScheduleCommandOutput>('scheduler', 'CreateSchedule', {
      Name: id,
      ...pick(properties, members),
    });
    return { id, attributes: { Arn: answer.ScheduleArn ?? '' } };
  },
  async update({ id, properties }, context) {
    await context.call('scheduler', 'UpdateSchedule', { Name: id, ...pick(properties, members) });
    return undefined;
  },
  async delete({ id, properties: { GroupName } }, context) {
    await unlessGone(context.call('scheduler', 'DeleteSchedule', { Name: id, GroupName }));
  },
};
