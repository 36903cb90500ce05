/** CloudWatch Logs: groups, streams, writing and reading events, resource policies. */

import type {
  CreateLogGroupCommandInput,
  CreateLogStreamCommandInput,
  DeleteLogGroupCommandInput,
  DeleteLogStreamCommandInput,
  DeleteResourcePolicyCommandInput,
  DeleteRetentionPolicyCommandInput,
  DescribeLogGroupsCommandInput,
  DescribeLogGroupsCommandOutput,
  DescribeLogStreamsCommandInput,
  DescribeLogStreamsCommandOutput,
  DescribeResourcePoliciesCommandInput,
  DescribeResourcePoliciesCommandOutput,
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
  GetLogEventsCommandInput,
  GetLogEventsCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  PutLogEventsCommandInput,
  PutLogEventsCommandOutput,
  PutResourcePolicyCommandInput,
  PutResourcePolicyCommandOutput,
  PutRetentionPolicyCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Ask, Call, SandboxCore, Service } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers } from '../events/refuse.ts';
import { withoutTags } from '../events/tags.ts';
import { readablePolicy } from '../resource-policies.ts';
import { type LogGroup, type LogStream, LogsModel } from './model.ts';
import { filterLogEvents, getLogEvents } from './reading.ts';

type Out<T> = Omit<T, '$metadata'>;

interface ResourcePolicy {
  readonly policyName: string;
  readonly policyDocument: string;
  readonly lastUpdatedTime: number;
}

export function createLogsService(core: SandboxCore): Service {
  const model = new LogsModel(core);
  const policies = (region: string) => core.table<ResourcePolicy>('logs', region, 'resource-policies');

  interface Named {
    logGroupName?: string | undefined;
    logGroupIdentifier?: string | undefined;
    logStreamName?: string | undefined;
  }
  /** Policies name groups as `log-group:NAME:*`: what is asked ends in the stream, empty for the group as a whole. */
  const on =
    (action: string) =>
    (input: Named, call: Call): Ask[] => {
      const group = model.groupArn(call.region, groupName(input));
      return [{ action: `logs:${action}`, resource: `${group}:log-stream:${input.logStreamName ?? ''}` }];
    };
  const onArn =
    (action: string) =>
    ({ resourceArn = '*' }: { resourceArn: string | undefined }): Ask[] => [
      { action: `logs:${action}`, resource: resourceArn },
    ];

  const changeGroup = (region: string, name: string, change: (group: LogGroup) => LogGroup): object => {
    model.groups(region).put(name, change(model.group(region, name)));
    return {};
  };
  const groupShape = (region: string, group: LogGroup) => ({
    logGroupName: group.name,
    arn: `${model.groupArn(region, group.name)}:*`,
    logGroupArn: model.groupArn(region, group.name),
    creationTime: group.created,
    retentionInDays: group.retentionInDays,
    kmsKeyId: group.kmsKeyId,
    metricFilterCount: 0,
    storedBytes: 0,
    logGroupClass: 'STANDARD' as const,
  });
  const streamShape = (region: string, stream: LogStream) => ({
    logStreamName: stream.name,
    arn: `${model.groupArn(region, stream.group)}:log-stream:${stream.name}`,
    creationTime: stream.created,
    firstEventTimestamp: stream.events[0]?.timestamp,
    lastEventTimestamp: stream.events.at(-1)?.timestamp,
    lastIngestionTime: stream.events.at(-1)?.ingested,
    uploadSequenceToken: '1',
    storedBytes: 0,
  });

  return {
    name: 'logs',
    operations: {
      CreateLogGroup: operation<CreateLogGroupCommandInput, object>((input, call) => {
        if (input.logGroupClass !== 'STANDARD') refuseMembers('CreateLogGroup', input, ['logGroupClass']);
        refuseMembers('CreateLogGroup', input, ['deletionProtectionEnabled']);
        const { logGroupName: name = '', kmsKeyId, tags = {} } = input;
        model.createGroup(call.region, { name, kmsKeyId, tags });
        return {};
      }, on('CreateLogGroup')),

      DeleteLogGroup: operation<DeleteLogGroupCommandInput, object>((input, call) => {
        model.deleteGroup(call.region, groupName(input));
        return {};
      }, on('DeleteLogGroup')),

      DescribeLogGroups: operation<DescribeLogGroupsCommandInput, Out<DescribeLogGroupsCommandOutput>>(
        (input, call) => {
          refuseMembers('DescribeLogGroups', input, [
            'accountIdentifiers',
            'includeLinkedAccounts',
            'logGroupIdentifiers',
          ]);
          const { logGroupNamePrefix = '', logGroupNamePattern = '' } = input;
          const groups = model.groups(call.region).values();
          const named = groups.filter(
            ({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern),
          );
          named.sort((left, right) => (left.name < right.name ? -1 : 1));
          const { items, next } = page(named, input.nextToken, input.limit, 50);
          return { logGroups: items.map((group) => groupShape(call.region, group)), nextToken: next };
        },
        (_input, call) => on('DescribeLogGroups')({}, call),
      ),

      PutRetentionPolicy: operation<PutRetentionPolicyCommandInput, object>(
        (input, call) =>
          changeGroup(call.region, groupName(input), (group) => ({
            ...group,
            retentionInDays: retentionOf(input.retentionInDays),
          })),
        on('PutRetentionPolicy'),
      ),
      DeleteRetentionPolicy: operation<DeleteRetentionPolicyCommandInput, object>(
        (input, call) =>
          changeGroup(call.region, groupName(input), (group) => ({ ...group, retentionInDays: undefined })),
        on('DeleteRetentionPolicy'),
      ),

      CreateLogStream: operation<CreateLogStreamCommandInput, object>((input, call) => {
        model.createStream(call.region, groupName(input), input.logStreamName ?? '');
        return {};
      }, on('CreateLogStream')),

      DeleteLogStream: operation<DeleteLogStreamCommandInput, object>((input, call) => {
        model.deleteStream(call.region, groupName(input), input.logStreamName ?? '');
        return {};
      }, on('DeleteLogStream')),

      DescribeLogStreams: operation<DescribeLogStreamsCommandInput, Out<DescribeLogStreamsCommandOutput>>(
        (input, call) => {
          const group = model.group(call.region, groupName(input)).name;
          const prefix = input.logStreamNamePrefix ?? '';
          const streams = model.streams(call.region, group).filter(({ name }) => name.startsWith(prefix));
          const last = ({ events, created }: LogStream): number => events.at(-1)?.timestamp ?? created;
          if (input.orderBy === 'LastEventTime') streams.sort((left, right) => last(left) - last(right));
          else streams.sort((left, right) => (left.name < right.name ? -1 : 1));
          if (input.descending === true) streams.reverse();
          const { items, next } = page(streams, input.nextToken, input.limit, 50);
          return { logStreams: items.map((stream) => streamShape(call.region, stream)), nextToken: next };
        },
        on('DescribeLogStreams'),
      ),

      PutLogEvents: operation<PutLogEventsCommandInput, Out<PutLogEventsCommandOutput>>((input, call) => {
        refuseMembers('PutLogEvents', input, ['entity']);
        const events = (input.logEvents ?? []).map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
        model.append(call.region, groupName(input), input.logStreamName ?? '', events);
        return { nextSequenceToken: '1' };
      }, on('PutLogEvents')),

      GetLogEvents: operation<GetLogEventsCommandInput, Out<GetLogEventsCommandOutput>>((input, call) => {
        refuseMembers('GetLogEvents', input, ['unmask']);
        return getLogEvents(model, call.region, groupName(input), input);
      }, on('GetLogEvents')),

      FilterLogEvents: operation<FilterLogEventsCommandInput, Out<FilterLogEventsCommandOutput>>((input, call) => {
        refuseMembers('FilterLogEvents', input, ['unmask']);
        return filterLogEvents(model, call.region, groupName(input), input);
      }, on('FilterLogEvents')),

      PutResourcePolicy: operation<PutResourcePolicyCommandInput, Out<PutResourcePolicyCommandOutput>>(
        (input, call) => {
          refuseMembers('PutResourcePolicy', input, ['resourceArn', 'expectedRevisionId']);
          const { policyName = '' } = input;
          const policyDocument = readablePolicy(
            input.policyDocument ?? '',
            // Logs' sentence says no more (hashicorp/terraform-provider-aws#32260); what is in brackets is the sandbox's.
            (why) => new AwsError('InvalidParameterException', `Could not convert to persistable policy. [${why}]`),
          );
          const policy = { policyName, policyDocument, lastUpdatedTime: Math.floor(core.clock.now()) };
          return { resourcePolicy: policies(call.region).put(policyName, policy) };
        },
      ),
      DescribeResourcePolicies: operation<
        DescribeResourcePoliciesCommandInput,
        Out<DescribeResourcePoliciesCommandOutput>
      >((input, call) => {
        refuseMembers('DescribeResourcePolicies', input, ['resourceArn', 'policyScope']);
        const { items, next } = page(policies(call.region).values(), input.nextToken, input.limit, 50);
        return { resourcePolicies: items, nextToken: next };
      }),
      DeleteResourcePolicy: operation<DeleteResourcePolicyCommandInput, object>((input, call) => {
        if (!policies(call.region).delete(input.policyName ?? '')) {
          throw new AwsError('ResourceNotFoundException', `Policy with name [${input.policyName}] does not exist`);
        }
        return {};
      }),

      TagResource: operation<TagResourceCommandInput, object>(
        (input, call) =>
          changeGroup(call.region, nameOfArn(input.resourceArn), (group) => ({
            ...group,
            tags: { ...group.tags, ...input.tags },
          })),
        onArn('TagResource'),
      ),
      UntagResource: operation<UntagResourceCommandInput, object>(
        (input, call) =>
          changeGroup(call.region, nameOfArn(input.resourceArn), (group) => ({
            ...group,
            tags: withoutTags(group.tags, input.tagKeys ?? []),
          })),
        onArn('UntagResource'),
      ),
      ListTagsForResource: operation<ListTagsForResourceCommandInput, Out<ListTagsForResourceCommandOutput>>(
        (input, call) => ({ tags: { ...model.group(call.region, nameOfArn(input.resourceArn)).tags } }),
        onArn('ListTagsForResource'),
      ),
    },
  };
}

const nameOfArn = (arn: string | undefined): string => (arn ?? '').split(':')[6] ?? '';

/** A group is given by its name, or by a name or ARN in `logGroupIdentifier`. */
function groupName(input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }): string {
  const given = input.logGroupName ?? input.logGroupIdentifier ?? '';
  return given.startsWith('arn:') ? nameOfArn(given) : given;
}

/** Source: CloudWatch Logs API Reference, PutRetentionPolicy. */
const retentions: ReadonlySet<number | undefined> = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

function retentionOf(days: number | undefined): number | undefined {
  if (retentions.has(days)) return days;
  throw new AwsError(
    'InvalidParameterException',
    `Retention must be one of ${[...retentions].join(', ')} days, not ${days}.`,
  );
}
