/** EventBridge Scheduler: schedules and their groups. */

import type {
  CreateScheduleCommandInput,
  CreateScheduleCommandOutput,
  CreateScheduleGroupCommandInput,
  CreateScheduleGroupCommandOutput,
  DeleteScheduleCommandInput,
  DeleteScheduleGroupCommandInput,
  GetScheduleCommandInput,
  GetScheduleCommandOutput,
  GetScheduleGroupCommandInput,
  GetScheduleGroupCommandOutput,
  ListScheduleGroupsCommandInput,
  ListScheduleGroupsCommandOutput,
  ListSchedulesCommandInput,
  ListSchedulesCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  TagResourceCommandInput,
  Target,
  UntagResourceCommandInput,
  UpdateScheduleCommandInput,
  UpdateScheduleCommandOutput,
} from '@aws-sdk/client-scheduler';
import type { Ask, Call, SandboxCore, Service } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { passRole } from '../../iam/pass-role.ts';
import { parseArn } from '../events/arn.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { tagList, tagRecord, withoutTags } from '../events/tags.ts';
import { type Schedule, type ScheduleGroup, SchedulerModel } from './model.ts';

type Out<T> = Omit<T, '$metadata'>;
type Written = CreateScheduleCommandInput | UpdateScheduleCommandInput;

const refusedTargets = ['EcsParameters', 'KinesisParameters', 'SageMakerPipelineParameters', 'EventBridgeParameters'];

export function createSchedulerService(core: SandboxCore): Service {
  const model = new SchedulerModel(core);
  const arnOf = (region: string, group: string, name: string): string =>
    `arn:aws:scheduler:${region}:${core.account}:schedule/${group}/${name}`;
  const onSchedule =
    (action: string) =>
    (
      { GroupName = 'default', Name }: { GroupName?: string | undefined; Name: string | undefined },
      call: Call,
    ): Ask[] => [{ action: `scheduler:${action}`, resource: arnOf(call.region, GroupName, Name ?? '') }];
  const onGroup =
    (action: string) =>
    ({ Name }: { Name: string | undefined }, call: Call): Ask[] => [
      { action: `scheduler:${action}`, resource: model.groupArn(call.region, Name ?? '') },
    ];
  const onArn =
    (action: string) =>
    ({ ResourceArn = '*' }: { ResourceArn: string | undefined }): Ask[] => [
      { action: `scheduler:${action}`, resource: ResourceArn },
    ];
  const passing = ({ Target: target }: Written): Ask[] =>
    target?.RoleArn === undefined ? [] : [passRole(target.RoleArn, 'scheduler.amazonaws.com')];

  const group = (region: string, name: string): ScheduleGroup => {
    const found = model.groups(region).get(name);
    if (found === undefined) throw missing(`Schedule group ${name} does not exist.`);
    return found;
  };
  const schedule = (region: string, groupName: string | undefined, name: string | undefined): Schedule => {
    const found = model.schedules(region).get(`${groupName ?? 'default'}/${name}`);
    if (found === undefined) throw missing(`Schedule ${name} does not exist.`);
    return found;
  };
  const write = (input: Written, region: string, created: number | undefined): string => {
    checkTarget(input.Target);
    const {
      Name: name = '',
      GroupName: groupName = 'default',
      StartDate,
      EndDate,
      ClientToken: _token,
      ...more
    } = input;
    const now = core.clock.now();
    const arn = arnOf(region, groupName, name);
    model.put(region, {
      ...more,
      name,
      group: groupName,
      arn,
      created: created ?? now,
      modified: now,
      start: StartDate?.getTime(),
      end: EndDate?.getTime(),
    });
    return arn;
  };

  return {
    name: 'scheduler',
    resume: () => model.resume(),
    operations: {
      CreateSchedule: operation<CreateScheduleCommandInput, Out<CreateScheduleCommandOutput>>(
        (input, call) => {
          const { name } = group(call.region, input.GroupName ?? 'default');
          if (model.schedules(call.region).has(`${name}/${input.Name}`)) {
            throw new AwsError('ConflictException', `Schedule ${input.Name} already exists.`, { status: 409 });
          }
          return { ScheduleArn: write(input, call.region, undefined) };
        },
        (input, call) => [...onSchedule('CreateSchedule')(input, call), ...passing(input)],
      ),

      UpdateSchedule: operation<UpdateScheduleCommandInput, Out<UpdateScheduleCommandOutput>>(
        (input, call) => {
          const { created } = schedule(call.region, input.GroupName, input.Name);
          return { ScheduleArn: write(input, call.region, created) };
        },
        (input, call) => [...onSchedule('UpdateSchedule')(input, call), ...passing(input)],
      ),

      GetSchedule: operation<GetScheduleCommandInput, Out<GetScheduleCommandOutput>>((input, call) => {
        const {
          name,
          group: groupName,
          arn,
          created,
          modified,
          start,
          end,
          nextRun: _next,
          done: _done,
          ...kept
        } = schedule(call.region, input.GroupName, input.Name);
        return {
          ...kept,
          Name: name,
          GroupName: groupName,
          Arn: arn,
          State: kept.State ?? 'ENABLED',
          ScheduleExpressionTimezone: kept.ScheduleExpressionTimezone ?? 'UTC',
          ActionAfterCompletion: kept.ActionAfterCompletion ?? 'NONE',
          CreationDate: new Date(created),
          LastModificationDate: new Date(modified),
          ...(start === undefined ? {} : { StartDate: new Date(start) }),
          ...(end === undefined ? {} : { EndDate: new Date(end) }),
        };
      }, onSchedule('GetSchedule')),

      DeleteSchedule: operation<DeleteScheduleCommandInput, object>((input, call) => {
        const { group: groupName, name } = schedule(call.region, input.GroupName, input.Name);
        model.schedules(call.region).delete(`${groupName}/${name}`);
        return {};
      }, onSchedule('DeleteSchedule')),

      ListSchedules: operation<ListSchedulesCommandInput, Out<ListSchedulesCommandOutput>>((input, call) => {
        const found = model
          .schedules(call.region)
          .values()
          .filter((row) => (input.GroupName ?? row.group) === row.group && row.name.startsWith(input.NamePrefix ?? ''))
          .filter((row) => (input.State ?? row.State ?? 'ENABLED') === (row.State ?? 'ENABLED'));
        const { items, next } = page(found, input.NextToken, input.MaxResults);
        const Schedules = items.map((row) => ({
          Arn: row.arn,
          Name: row.name,
          GroupName: row.group,
          State: row.State ?? ('ENABLED' as const),
          CreationDate: new Date(row.created),
          LastModificationDate: new Date(row.modified),
          Target: { Arn: row.Target?.Arn },
        }));
        return { Schedules, NextToken: next };
      }),

      CreateScheduleGroup: operation<CreateScheduleGroupCommandInput, Out<CreateScheduleGroupCommandOutput>>(
        (input, call) => {
          const name = input.Name ?? '';
          if (model.groups(call.region).has(name)) {
            throw new AwsError('ConflictException', `Schedule group ${name} already exists.`, { status: 409 });
          }
          const arn = model.groupArn(call.region, name);
          model.groups(call.region).put(name, { name, arn, created: core.clock.now(), tags: tagRecord(input.Tags) });
          return { ScheduleGroupArn: arn };
        },
        onGroup('CreateScheduleGroup'),
      ),

      GetScheduleGroup: operation<GetScheduleGroupCommandInput, Out<GetScheduleGroupCommandOutput>>(
        (input, call) => groupShape(group(call.region, input.Name ?? '')),
        onGroup('GetScheduleGroup'),
      ),

      ListScheduleGroups: operation<ListScheduleGroupsCommandInput, Out<ListScheduleGroupsCommandOutput>>(
        (input, call) => {
          const found = model
            .groups(call.region)
            .values()
            .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
          const { items, next } = page(found, input.NextToken, input.MaxResults);
          return { ScheduleGroups: items.map(groupShape), NextToken: next };
        },
      ),

      DeleteScheduleGroup: operation<DeleteScheduleGroupCommandInput, object>((input, call) => {
        const { name } = group(call.region, input.Name ?? '');
        if (name === 'default')
          throw new AwsError('ValidationException', 'The default schedule group cannot be deleted.');
        for (const [key] of model.schedules(call.region).entries()) {
          if (key.startsWith(`${name}/`)) model.schedules(call.region).delete(key);
        }
        model.groups(call.region).delete(name);
        return {};
      }, onGroup('DeleteScheduleGroup')),

      TagResource: operation<TagResourceCommandInput, object>((input, call) => {
        const { name, tags } = group(call.region, groupName(input.ResourceArn));
        model.groups(call.region).update(name, (row) => ({ ...row, tags: { ...tags, ...tagRecord(input.Tags) } }));
        return {};
      }, onArn('TagResource')),
      UntagResource: operation<UntagResourceCommandInput, object>((input, call) => {
        const { name, tags } = group(call.region, groupName(input.ResourceArn));
        model.groups(call.region).update(name, (row) => ({ ...row, tags: withoutTags(tags, input.TagKeys ?? []) }));
        return {};
      }, onArn('UntagResource')),
      ListTagsForResource: operation<ListTagsForResourceCommandInput, Out<ListTagsForResourceCommandOutput>>(
        (input, call) => ({ Tags: tagList(group(call.region, groupName(input.ResourceArn)).tags) }),
        onArn('ListTagsForResource'),
      ),
    },
  };
}

const groupName = (arn: string | undefined): string => arn?.split('schedule-group/')[1] ?? '';

function checkTarget(target: Target | undefined): void {
  if (target?.Arn === undefined || target.RoleArn === undefined) {
    throw new AwsError('ValidationException', 'A schedule needs a target with an Arn and a RoleArn.');
  }
  refuseMembers('a schedule', target, refusedTargets);
  if (target.Arn.includes(':aws-sdk:')) throw unsupported(`the universal target ${target.Arn}`);
  const { service } = parseArn(target.Arn);
  if (!['lambda', 'states', 'sqs', 'sns'].includes(service)) throw unsupported(`the schedule target ${target.Arn}`);
}

const groupShape = ({ name, arn, created }: ScheduleGroup) => ({
  Name: name,
  Arn: arn,
  State: 'ACTIVE' as const,
  CreationDate: new Date(created),
  LastModificationDate: new Date(created),
});

const missing = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, { status: 404 });
