/** Alarms: put, describe, set, silence and delete them, and read their history. */

import type {
  CompositeAlarm as CompositeAlarmShape,
  DeleteAlarmsCommandInput,
  DescribeAlarmHistoryCommandInput,
  DescribeAlarmHistoryCommandOutput,
  DescribeAlarmsCommandInput,
  DescribeAlarmsCommandOutput,
  DisableAlarmActionsCommandInput,
  EnableAlarmActionsCommandInput,
  MetricAlarm as MetricAlarmShape,
  PutCompositeAlarmCommandInput,
  PutMetricAlarmCommandInput,
  SetAlarmStateCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { tagRecord } from '../events/tags.ts';
import type { Alarm, Alarms, CompositeAlarm, HistoryItem, MetricAlarm } from './alarms.ts';
import { parseCompositeRule } from './composite-rule.ts';
import { comparisons } from './evaluate.ts';
import { playable, statisticNamed } from './metric-data.ts';

type Out<T> = Omit<T, '$metadata'>;

export function alarmOperations(core: SandboxCore, alarms: Alarms): Record<string, AnyOperation> {
  const ask = (action: string, names: readonly (string | undefined)[], { region }: Call): Ask[] =>
    names.map((name) => ({
      action: `cloudwatch:${action}`,
      resource: `arn:aws:cloudwatch:${region}:${core.account}:alarm:${name}`,
    }));
  const onNames =
    (action: string) =>
    ({ AlarmNames }: { AlarmNames?: string[] | undefined }, call: Call): Ask[] =>
      ask(action, AlarmNames ?? ['*'], call);

  const switchActions = (actionsEnabled: boolean) => (input: EnableAlarmActionsCommandInput, call: Call) => {
    for (const name of input.AlarmNames ?? [])
      alarms.table(call.region).update(name, (alarm) => ({ ...alarm, actionsEnabled }));
    return {};
  };

  return {
    PutMetricAlarm: operation<PutMetricAlarmCommandInput, object>(
      (input, call) => {
        checkMetricAlarm(input);
        const { Tags, ...config } = input;
        alarms.put(call.region, { kind: 'metric', config }, tagRecord(Tags));
        return {};
      },
      ({ AlarmName }, call) => ask('PutMetricAlarm', [AlarmName], call),
    ),

    PutCompositeAlarm: operation<PutCompositeAlarmCommandInput, object>(
      (input, call) => {
        refuseMembers('PutCompositeAlarm', input, ['ActionsSuppressor']);
        parseCompositeRule(input.AlarmRule ?? '');
        checkActions(input);
        const { Tags, ...config } = input;
        alarms.put(call.region, { kind: 'composite', config }, tagRecord(Tags));
        return {};
      },
      ({ AlarmName }, call) => ask('PutCompositeAlarm', [AlarmName], call),
    ),

    DescribeAlarms: operation<DescribeAlarmsCommandInput, Out<DescribeAlarmsCommandOutput>>((input, call) => {
      refuseMembers('DescribeAlarms', input, ['ChildrenOfAlarmName', 'ParentsOfAlarmName']);
      const kinds = input.AlarmTypes ?? ['MetricAlarm'];
      const found = alarms
        .table(call.region)
        .values()
        .filter(({ kind }) => kinds.includes(kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
        .filter(
          ({ name }) => (input.AlarmNames?.includes(name) ?? true) && name.startsWith(input.AlarmNamePrefix ?? ''),
        )
        .filter(({ state }) => (input.StateValue ?? state) === state)
        .filter((alarm) => input.ActionPrefix === undefined || acts(alarm, input.ActionPrefix));
      const { items, next } = page(found, input.NextToken, input.MaxRecords);
      return {
        MetricAlarms: items.filter((alarm) => alarm.kind === 'metric').map(metricShape),
        CompositeAlarms: items.filter((alarm) => alarm.kind === 'composite').map(compositeShape),
        NextToken: next,
      };
    }, onNames('DescribeAlarms')),

    DescribeAlarmHistory: operation<DescribeAlarmHistoryCommandInput, Out<DescribeAlarmHistoryCommandOutput>>(
      (input, call) => {
        refuseMembers('DescribeAlarmHistory', input, ['AlarmContributorId']);
        const kinds = input.AlarmTypes ?? ['MetricAlarm', 'CompositeAlarm'];
        const [from, to] = [input.StartDate?.getTime() ?? 0, input.EndDate?.getTime() ?? Number.POSITIVE_INFINITY];
        const found = alarms
          .history(call.region)
          .filter(
            (item) =>
              (input.AlarmName ?? item.alarm) === item.alarm && (input.HistoryItemType ?? item.type) === item.type,
          )
          .filter((item) => kinds.includes(item.alarmKind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
          .filter(({ at }) => at >= from && at <= to);
        if (input.ScanBy !== 'TimestampAscending') found.reverse();
        const { items, next } = page(found, input.NextToken, input.MaxRecords);
        return { AlarmHistoryItems: items.map(historyShape), NextToken: next };
      },
      ({ AlarmName = '*' }, call) => ask('DescribeAlarmHistory', [AlarmName], call),
    ),

    SetAlarmState: operation<SetAlarmStateCommandInput, object>(
      (input, call) => {
        const { AlarmName = '', StateValue = 'INSUFFICIENT_DATA', StateReason = '', StateReasonData = '{}' } = input;
        alarms.setState(call.region, AlarmName, StateValue, StateReason, StateReasonData);
        return {};
      },
      ({ AlarmName }, call) => ask('SetAlarmState', [AlarmName], call),
    ),

    EnableAlarmActions: operation<EnableAlarmActionsCommandInput, object>(
      switchActions(true),
      onNames('EnableAlarmActions'),
    ),
    DisableAlarmActions: operation<DisableAlarmActionsCommandInput, object>(
      switchActions(false),
      onNames('DisableAlarmActions'),
    ),

    DeleteAlarms: operation<DeleteAlarmsCommandInput, object>((input, call) => {
      for (const name of input.AlarmNames ?? []) alarms.alarm(call.region, name);
      for (const name of input.AlarmNames ?? []) alarms.delete(call.region, name);
      return {};
    }, onNames('DeleteAlarms')),
  };
}

function checkMetricAlarm(input: PutMetricAlarmCommandInput): void {
  refuseMembers('PutMetricAlarm', input, [
    'Metrics',
    'ExtendedStatistic',
    'ThresholdMetricId',
    'EvaluateLowSampleCountPercentile',
  ]);
  const {
    ComparisonOperator = '',
    EvaluationPeriods = 0,
    DatapointsToAlarm = EvaluationPeriods,
    Statistic = '',
  } = input;
  if (comparisons[ComparisonOperator] === undefined) throw unsupported(`the comparison ${ComparisonOperator}`);
  statisticNamed(Statistic);
  playable(input.Period ?? 60);
  const missing = input.TreatMissingData ?? 'missing';
  if (!['missing', 'ignore', 'breaching', 'notBreaching'].includes(missing)) {
    throw new AwsError(
      'ValidationError',
      `TreatMissingData ${missing} is not valid. Allowed: missing, ignore, breaching, notBreaching.`,
    );
  }
  if (DatapointsToAlarm < 1 || DatapointsToAlarm > EvaluationPeriods) {
    throw new AwsError('ValidationError', 'DatapointsToAlarm must be between 1 and EvaluationPeriods.');
  }
  checkActions(input);
}

/** Actions the sandbox can perform: topics and functions. */
function checkActions(input: PutMetricAlarmCommandInput | PutCompositeAlarmCommandInput): void {
  const { OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = input;
  for (const action of [...OKActions, ...AlarmActions, ...InsufficientDataActions]) {
    if (!/^arn:aws:(sns|lambda):/.test(action)) throw unsupported(`the alarm action ${action}`);
  }
}

const acts = ({ config }: Alarm, prefix: string): boolean =>
  [config.OKActions, config.AlarmActions, config.InsufficientDataActions].flat().some((arn) => arn?.startsWith(prefix));

const common = (alarm: Alarm) => ({
  AlarmArn: alarm.arn,
  ActionsEnabled: alarm.actionsEnabled,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configured),
  StateValue: alarm.state,
  StateReason: alarm.reason,
  StateReasonData: alarm.reasonData,
  StateUpdatedTimestamp: new Date(alarm.stateUpdated),
  StateTransitionedTimestamp: new Date(alarm.transitioned),
});

const metricShape = (alarm: MetricAlarm): MetricAlarmShape => ({ ...alarm.config, ...common(alarm) });
const compositeShape = (alarm: CompositeAlarm): CompositeAlarmShape => ({ ...alarm.config, ...common(alarm) });

const historyShape = (item: HistoryItem) => ({
  AlarmName: item.alarm,
  AlarmType: item.alarmKind === 'metric' ? ('MetricAlarm' as const) : ('CompositeAlarm' as const),
  Timestamp: new Date(item.at),
  HistoryItemType: item.type,
  HistorySummary: item.summary,
  HistoryData: item.data,
});
