/** CloudWatch on a virtual clock: metrics in and out, alarms that turn with them, and whom they tell. */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '../../../../src/sandbox/contract.ts';
import { operation } from '../../../../src/sandbox/contract.ts';
import { createMonitoringService } from '../../../../src/sandbox/services/monitoring/operations.ts';
import { createSnsService } from '../../../../src/sandbox/services/sns/operations.ts';
import { createSqsService } from '../../../../src/sandbox/services/sqs/service.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';
import { letting } from '../events/fakes.ts';

const region = 'us-east-1';
const minute = 60_000;
let sandbox: TestSandbox;
let announced: { Source: string; DetailType: string; Detail: string }[];

beforeEach(() => {
  announced = [];
  sandbox = testSandbox([
    createMonitoringService,
    createSnsService,
    createSqsService,
    () => ({
      name: 'events',
      operations: {
        PutEvents: operation<{ Entries: typeof announced }, object>(({ Entries }) => {
          announced.push(...Entries);
          return {};
        }),
      },
    }),
  ]);
});

const cloudwatch = <Output = Record<string, unknown>>(
  name: string,
  input: object,
  principal?: Principal,
): Promise<Output> => sandbox.call<Output>('monitoring', name, input, region, principal);
const put = (Value: number, MetricName = 'Lag'): Promise<unknown> =>
  cloudwatch('PutMetricData', { Namespace: 'Photos', MetricData: [{ MetricName, Value, Unit: 'Seconds' }] });
const alarm = (more: object = {}): Promise<unknown> =>
  cloudwatch('PutMetricAlarm', {
    AlarmName: 'lag',
    Namespace: 'Photos',
    MetricName: 'Lag',
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold: 30,
    ComparisonOperator: 'GreaterThanThreshold',
    ...more,
  });
interface Described {
  StateValue: string;
  ActionsEnabled: boolean;
}
const described = async (AlarmName = 'lag'): Promise<Described | undefined> => {
  type Answer = { MetricAlarms: Described[]; CompositeAlarms: Described[] };
  const input = { AlarmNames: [AlarmName], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] };
  const { MetricAlarms, CompositeAlarms } = await cloudwatch<Answer>('DescribeAlarms', input);
  return [...MetricAlarms, ...CompositeAlarms][0];
};
const state = async (name?: string): Promise<string | undefined> => (await described(name))?.StateValue;

describe('metrics', () => {
  test('are aggregated by period, with every statistic', async () => {
    const from = new Date(sandbox.clock.now());
    for (const value of [1, 5]) await put(value);
    await sandbox.clock.advance(minute);
    await put(10);
    await sandbox.clock.advance(minute);
    const query = (Stat: string, Period: number) => ({
      Id: Stat.toLowerCase(),
      MetricStat: { Metric: { Namespace: 'Photos', MetricName: 'Lag' }, Period, Stat },
    });
    type Answer = { MetricDataResults: { Id: string; Values: number[] }[] };
    const read = async (Period: number): Promise<unknown> => {
      const MetricDataQueries = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'].map((stat) =>
        query(stat, Period),
      );
      const EndTime = new Date(sandbox.clock.now());
      const input = { MetricDataQueries, StartTime: from, EndTime, ScanBy: 'TimestampAscending' };
      const { MetricDataResults } = await cloudwatch<Answer>('GetMetricData', input);
      return Object.fromEntries(MetricDataResults.map(({ Id, Values }) => [Id, Values]));
    };
    expect(await read(60)).toEqual({
      average: [3, 10],
      sum: [6, 10],
      minimum: [1, 10],
      maximum: [5, 10],
      samplecount: [2, 1],
    });
    expect(await read(120)).toMatchObject({ average: [16 / 3], maximum: [10] });
  });

  test('differ by their dimensions, and are listed', async () => {
    const datum = (db: string) => ({ MetricName: 'Lag', Value: 1, Dimensions: [{ Name: 'Db', Value: db }] });
    await cloudwatch('PutMetricData', { Namespace: 'Photos', MetricData: [datum('a'), datum('b'), datum('a')] });
    const filtered = { Namespace: 'Photos', Dimensions: [{ Name: 'Db', Value: 'b' }] };
    expect(await cloudwatch('ListMetrics', filtered)).toMatchObject({
      Metrics: [{ MetricName: 'Lag', Dimensions: [{ Name: 'Db', Value: 'b' }] }],
    });
    const statistics = await cloudwatch('GetMetricStatistics', {
      Namespace: 'Photos',
      MetricName: 'Lag',
      Dimensions: [{ Name: 'Db', Value: 'a' }],
      StartTime: new Date(sandbox.clock.now() - minute),
      EndTime: new Date(sandbox.clock.now() + minute),
      Period: 60,
      Statistics: ['SampleCount'],
    });
    expect(statistics).toMatchObject({ Datapoints: [{ SampleCount: 2 }] });
  });

  test('of AWS’s own namespaces are AWS’s to write; expressions and percentiles are refused by name', async () => {
    const someone: Principal = {
      kind: 'user',
      account: '111122223333',
      arn: 'arn:aws:iam::111122223333:user/a',
      userName: 'a',
    };
    const data = { Namespace: 'AWS/RDS', MetricData: [{ MetricName: 'ReplicaLag', Value: 1 }] };
    await expect(cloudwatch('PutMetricData', data, someone)).rejects.toThrow('Namespace is invalid');
    const MetricDataQueries = [{ Id: 'e', Expression: 'SUM(METRICS())' }];
    const between = { StartTime: new Date(0), EndTime: new Date(1) };
    await expect(cloudwatch('GetMetricData', { MetricDataQueries, ...between })).rejects.toThrow('SUM(METRICS())');
    await expect(alarm({ ExtendedStatistic: 'p99' })).rejects.toThrow('ExtendedStatistic');
  });
});

describe('an alarm', () => {
  test('turns with its metric, M out of N, and tells EventBridge', async () => {
    await alarm();
    expect(await state()).toBe('INSUFFICIENT_DATA');
    await put(1);
    await sandbox.clock.advance(minute + 15_000);
    expect(await state()).toBe('OK');
    await put(99);
    await sandbox.clock.advance(minute);
    expect(await state()).toBe('OK');
    await put(99);
    await sandbox.clock.advance(minute);
    expect(await state()).toBe('ALARM');
    expect(
      announced.map(({ Source, DetailType, Detail }) => [Source, DetailType, JSON.parse(Detail).state.value]),
    ).toEqual([
      ['aws.cloudwatch', 'CloudWatch Alarm State Change', 'OK'],
      ['aws.cloudwatch', 'CloudWatch Alarm State Change', 'ALARM'],
    ]);
  });

  test('without data is insufficient, or what it treats missing data as', async () => {
    await alarm({ TreatMissingData: 'breaching' });
    await sandbox.clock.advance(2 * minute);
    expect(await state()).toBe('ALARM');
    await alarm({ TreatMissingData: 'missing' });
    await sandbox.clock.advance(2 * minute);
    expect(await state()).toBe('INSUFFICIENT_DATA');
  });

  test('stands still while its Region is dark', async () => {
    await alarm();
    await put(1);
    await sandbox.clock.advance(minute + 15_000);
    sandbox.setDark(region, true);
    await sandbox.clock.advance(60 * minute);
    expect(await state()).toBe('OK');
    sandbox.setDark(region, false);
    await sandbox.clock.advance(2 * minute);
    expect(await state()).toBe('INSUFFICIENT_DATA');
  });

  test('that is set by hand goes back by itself, with both changes in its history', async () => {
    await alarm();
    await put(1);
    await sandbox.clock.advance(minute + 15_000);
    await cloudwatch('SetAlarmState', { AlarmName: 'lag', StateValue: 'ALARM', StateReason: 'a test' });
    expect(await state()).toBe('ALARM');
    await sandbox.clock.advance(minute);
    expect(await state()).toBe('OK');
    type Answer = { AlarmHistoryItems: { HistorySummary: string }[] };
    const { AlarmHistoryItems } = await cloudwatch<Answer>('DescribeAlarmHistory', {
      AlarmName: 'lag',
      HistoryItemType: 'StateUpdate',
    });
    expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from ALARM to OK',
      'Alarm updated from OK to ALARM',
      'Alarm updated from INSUFFICIENT_DATA to OK',
    ]);
  });

  test('publishes to its topic unless its actions are off', async () => {
    const { TopicArn } = await sandbox.call<{ TopicArn: string }>('sns', 'CreateTopic', { Name: 'alerts' });
    const { QueueUrl } = await sandbox.call<{ QueueUrl: string }>('sqs', 'CreateQueue', {
      QueueName: 'alerts',
      Attributes: { Policy: letting('sns.amazonaws.com', TopicArn) },
    });
    await sandbox.call('sns', 'Subscribe', {
      TopicArn,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${region}:111122223333:alerts`,
    });
    await alarm({ AlarmActions: [TopicArn] });
    const set = (StateValue: string): Promise<unknown> =>
      cloudwatch('SetAlarmState', { AlarmName: 'lag', StateValue, StateReason: 'a test' });
    await set('ALARM');
    await sandbox.clock.advance(1000);
    const received = async (): Promise<unknown[]> => {
      const { Messages = [] } = await sandbox.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', {
        QueueUrl,
      });
      return Messages.map(({ Body }) => JSON.parse(JSON.parse(Body).Message));
    };
    expect(await received()).toMatchObject([
      { AlarmName: 'lag', NewStateValue: 'ALARM', OldStateValue: 'INSUFFICIENT_DATA' },
    ]);
    await cloudwatch('DisableAlarmActions', { AlarmNames: ['lag'] });
    await set('OK');
    await set('ALARM');
    await sandbox.clock.advance(1000);
    expect(await received()).toEqual([]);
  });

  test('may be composed of others', async () => {
    await alarm();
    await cloudwatch('PutCompositeAlarm', { AlarmName: 'both', AlarmRule: 'ALARM("lag") AND NOT ALARM(other)' });
    expect(await state('both')).toBe('OK');
    await cloudwatch('SetAlarmState', { AlarmName: 'lag', StateValue: 'ALARM', StateReason: 'a test' });
    expect(await state('both')).toBe('ALARM');
    await cloudwatch('DeleteAlarms', { AlarmNames: ['both'] });
    await expect(cloudwatch('DeleteAlarms', { AlarmNames: ['both'] })).rejects.toMatchObject({
      code: 'ResourceNotFound',
    });
  });

  test('is refused actions the sandbox can not perform', async () => {
    await expect(alarm({ AlarmActions: ['arn:aws:automate:us-east-1:ec2:reboot'] })).rejects.toThrow(
      'the alarm action arn:aws:automate',
    );
  });
});

test('dashboards are kept as they were put', async () => {
  await cloudwatch('PutDashboard', { DashboardName: 'd', DashboardBody: '{"widgets":[]}' });
  expect(await cloudwatch('GetDashboard', { DashboardName: 'd' })).toMatchObject({ DashboardBody: '{"widgets":[]}' });
  await expect(cloudwatch('PutDashboard', { DashboardName: 'd', DashboardBody: 'x' })).rejects.toMatchObject({
    code: 'DashboardInvalidInputError',
  });
  await cloudwatch('DeleteDashboards', { DashboardNames: ['d'] });
  await expect(cloudwatch('GetDashboard', { DashboardName: 'd' })).rejects.toMatchObject({
    code: 'DashboardNotFoundError',
  });
});

test('dashboards carry tags, which later puts leave alone', async () => {
  const put = (team: string) =>
    cloudwatch('PutDashboard', {
      DashboardName: 'd',
      DashboardBody: '{"widgets":[]}',
      Tags: [{ Key: 'team', Value: team }],
    });
  await put('media');
  await put('other');
  const { DashboardArn: ResourceARN } = (await cloudwatch('GetDashboard', { DashboardName: 'd' })) as {
    DashboardArn: string;
  };
  const tags = async () => (await cloudwatch('ListTagsForResource', { ResourceARN })) as { Tags: unknown };
  expect((await tags()).Tags).toEqual([{ Key: 'team', Value: 'media' }]);
  await cloudwatch('TagResource', { ResourceARN, Tags: [{ Key: 'cost', Value: '7' }] });
  await cloudwatch('UntagResource', { ResourceARN, TagKeys: ['team'] });
  expect((await tags()).Tags).toEqual([{ Key: 'cost', Value: '7' }]);
  await cloudwatch('DeleteDashboards', { DashboardNames: ['d'] });
});
