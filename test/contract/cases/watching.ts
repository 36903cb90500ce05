/** CloudWatch, its logs, and the Scheduler: what is put in comes out, in pages, and what can't be is refused. */

import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  ResourceNotFound,
  SetAlarmStateCommand,
  waitUntilAlarmExists,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  InvalidParameterException,
  PutLogEventsCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ResourceNotFoundException as NoSuchSchedule,
  paginateListSchedules,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { expect } from 'vitest';
import { contractCase, pagesOf, refused } from '../contract.ts';

export const monitoring = [
  contractCase(
    'a metric is read back, and an alarm is what it is set to until it is evaluated',
    async (target) => {
      const client = target.client(CloudWatchClient);
      const Namespace = target.name();
      await client.send(
        new PutMetricDataCommand({
          Namespace,
          MetricData: [
            { MetricName: 'm', Value: 3 },
            { MetricName: 'm', Value: 4 },
          ],
        }),
      );
      const MetricStat = { Metric: { Namespace, MetricName: 'm' }, Period: 60, Stat: 'Sum' };
      await target.eventually(async () => {
        const now = Date.now();
        const EndTime = new Date(now + 3_600_000 * 24);
        const { MetricDataResults } = await client.send(
          new GetMetricDataCommand({
            StartTime: new Date(now - 3_600_000),
            EndTime,
            MetricDataQueries: [{ Id: 'm', MetricStat }],
          }),
        );
        expect(MetricDataResults?.[0]?.Values?.reduce((sum, value) => sum + value, 0)).toBe(7);
      });
      const AlarmName = target.name();
      await client.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Namespace,
          MetricName: 'none',
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      );
      target.after(() => client.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));
      await waitUntilAlarmExists({ client, ...target.waiting }, { AlarmNames: [AlarmName] });
      await client.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'contract' }));
      const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
      expect(MetricAlarms).toMatchObject([
        {
          AlarmName,
          Threshold: 1,
          AlarmArn: `arn:aws:cloudwatch:${target.region}:${target.account}:alarm:${AlarmName}`,
        },
      ]);
      await refused(
        client.send(new SetAlarmStateCommand({ AlarmName: 'pl-contract-none', StateValue: 'OK', StateReason: 'x' })),
        ResourceNotFound,
        404,
      );
    },
    { cost: 'cents', minutes: 4 },
  ),
];

export const logs = [
  contractCase(
    'lines are read back in their order, page by page and by pattern',
    async (target) => {
      const client = target.client(CloudWatchLogsClient);
      const logGroupName = target.name();
      await client.send(new CreateLogGroupCommand({ logGroupName }));
      target.after(() => client.send(new DeleteLogGroupCommand({ logGroupName })));
      const stream = { logGroupName, logStreamName: 'a' };
      await client.send(new CreateLogStreamCommand(stream));
      const now = Date.now();
      const logEvents = ['one', 'ERROR two', 'three'].map((message, index) => ({ message, timestamp: now + index }));
      await client.send(new PutLogEventsCommand({ ...stream, logEvents }));
      await target.eventually(async () => {
        const { events = [] } = await client.send(new GetLogEventsCommand({ ...stream, startFromHead: true }));
        expect(events.map(({ message }) => message)).toEqual(['one', 'ERROR two', 'three']);
      });
      const found = await client.send(new FilterLogEventsCommand({ logGroupName, filterPattern: 'ERROR' }));
      expect(found.events?.map(({ message }) => message)).toEqual(['ERROR two']);
      await refused(client.send(new CreateLogGroupCommand({ logGroupName })), ResourceAlreadyExistsException, 400);
      await refused(
        client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 2 })),
        InvalidParameterException,
        400,
      );
      await refused(
        client.send(new GetLogEventsCommand({ logGroupName, logStreamName: 'none' })),
        ResourceNotFoundException,
        400,
      );
      await refused(
        client.send(new PutResourcePolicyCommand({ policyName: target.name(), policyDocument: '{' })),
        InvalidParameterException,
        400,
      );
    },
    { cost: 'cents' },
  ),
];

export const scheduler = [
  contractCase('schedules are listed in pages, made once, and refused when they never come', async (target) => {
    const client = target.client(SchedulerClient);
    const RoleArn = await target.role('scheduler.amazonaws.com');
    const Arn = `arn:aws:sqs:${target.region}:${target.account}:pl-contract-none`;
    const Name = target.name();
    const schedule = {
      Name,
      ScheduleExpression: 'rate(2 days)',
      State: 'DISABLED' as const,
      FlexibleTimeWindow: { Mode: 'OFF' as const },
      Target: { Arn, RoleArn },
    };
    for (const suffix of ['a', 'b']) {
      await client.send(new CreateScheduleCommand({ ...schedule, Name: `${Name}-${suffix}` }));
      target.after(() => client.send(new DeleteScheduleCommand({ Name: `${Name}-${suffix}` })));
    }
    const pages = await pagesOf(paginateListSchedules({ client, pageSize: 1 }, { NamePrefix: Name }));
    expect(pages.flatMap(({ Schedules = [] }) => Schedules.map((one) => one.Name))).toEqual([`${Name}-a`, `${Name}-b`]);
    await refused(client.send(new CreateScheduleCommand({ ...schedule, Name: `${Name}-a` })), ConflictException, 409);
    await refused(client.send(new GetScheduleCommand({ Name: `${Name}-none` })), NoSuchSchedule, 404);
    for (const ScheduleExpression of ['rate(0 days)', 'cron(nonsense)', 'at(tomorrow)', 'every day']) {
      await refused(
        client.send(new CreateScheduleCommand({ ...schedule, Name: `${Name}-c`, ScheduleExpression })),
        'ValidationException',
        400,
      );
    }
  }),
];
