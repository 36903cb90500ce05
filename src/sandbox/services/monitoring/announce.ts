/** What a changed alarm sets off: an event on the default bus, and the actions of its new state. */

import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { type Delivery, deliver } from '../events/deliver.ts';
import { Deliveries } from '../events/deliveries.ts';
import type { Alarm } from './alarms.ts';
import type { AlarmState } from './evaluate.ts';

/** Actions are tried again for an hour. */
const policy = { maximumAgeSeconds: 3600, maximumAttempts: 20 };

export type AlarmAction =
  | { readonly alarm: Pick<Alarm, 'name' | 'kind'>; readonly delivery: Delivery }
  | { readonly entry: PutEventsRequestEntry };

/** `note` hears how each action ended. */
export const alarmActions = (
  core: SandboxCore,
  note: (region: string, alarm: Pick<Alarm, 'name' | 'kind'>, summary: string) => void,
): Deliveries<AlarmAction> =>
  new Deliveries(core, 'monitoring', {
    attempt(region, action, taken) {
      if ('entry' in action) return putEvent(core, region, action.entry, taken);
      const { alarm, delivery } = action;
      return deliver(core, {
        ...delivery,
        taken() {
          taken();
          note(region, alarm, `Successfully executed action ${delivery.target}`);
        },
      });
    },
    giveUp(region, action, error) {
      if ('entry' in action) {
        if (codeOf(error) !== 'UnsupportedOperation')
          core.log({ service: 'cloudwatch', region, text: 'event not sent', error });
        return;
      }
      const { alarm, delivery } = action;
      const { target } = delivery;
      const text = `action ${target} of alarm ${alarm.name} failed: ${messageOf(error)}`;
      core.log({ service: 'cloudwatch', region, text });
      note(region, alarm, `Failed to execute action ${target}. Received error: "${messageOf(error)}"`);
    },
  });

export function announce(
  core: SandboxCore,
  region: string,
  before: Alarm,
  after: Alarm,
  actions: Deliveries<AlarmAction>,
): void {
  actions.send(region, { entry: eventOf(before, after) }, policy);
  if (!after.actionsEnabled) return;
  const { name, kind } = after;
  for (const action of actionsOf(after)) {
    const isTopic = action.startsWith('arn:aws:sns:');
    const told = isTopic ? notification(core, region, before, after) : lambdaEvent(core, region, before, after);
    const delivery = {
      region,
      service: 'cloudwatch',
      ...(isTopic ? {} : { servicePrincipal: 'lambda.alarms.cloudwatch.amazonaws.com' }),
      sourceArn: after.arn,
      target: action,
      payload: JSON.stringify(told),
      id: core.ids.uuid(),
      subject: `${after.state}: "${name}" in ${region}`.slice(0, 100),
    };
    actions.send(region, { alarm: { name, kind }, delivery }, policy);
  }
}

const actionsOf = ({ state, config }: Alarm): readonly string[] => {
  const byState: Record<AlarmState, readonly string[] | undefined> = {
    OK: config.OKActions,
    ALARM: config.AlarmActions,
    INSUFFICIENT_DATA: config.InsufficientDataActions,
  };
  return byState[state] ?? [];
};

const eventOf = (before: Alarm, after: Alarm): PutEventsRequestEntry => ({
  Source: 'aws.cloudwatch',
  DetailType: 'CloudWatch Alarm State Change',
  Resources: [after.arn],
  Detail: JSON.stringify({
    alarmName: after.name,
    ...states(before, after),
    configuration: configurationOf(after),
  }),
});

async function putEvent(
  core: SandboxCore,
  region: string,
  entry: PutEventsRequestEntry,
  taken: () => void,
): Promise<void> {
  const input = { Entries: [entry] };
  const principal = core.as('cloudwatch');
  await core.invoke({ service: 'events', operation: 'PutEvents', region, input, principal, onOutput: taken });
}

const stateShape = ({ state, reason, reasonData, stateUpdated }: Alarm) => ({
  value: state,
  reason,
  reasonData,
  timestamp: isoTime(stateUpdated).replace('Z', '+0000'),
});

const states = (before: Alarm, after: Alarm) => ({ state: stateShape(after), previousState: stateShape(before) });

function configurationOf(alarm: Alarm): object {
  if (alarm.kind === 'composite')
    return { alarmRule: alarm.config.AlarmRule, description: alarm.config.AlarmDescription };
  const {
    Namespace: namespace,
    MetricName: name,
    Dimensions = [],
    Period: period,
    Statistic: stat,
    AlarmDescription,
  } = alarm.config;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  const metricStat = { metric: { namespace, name, dimensions }, period, stat };
  return { description: AlarmDescription, metrics: [{ id: alarm.name, metricStat, returnData: true }] };
}

const lambdaEvent = (core: SandboxCore, region: string, before: Alarm, after: Alarm) => ({
  source: 'aws.cloudwatch',
  alarmArn: after.arn,
  accountId: core.account,
  time: isoTime(after.stateUpdated).replace('Z', '+0000'),
  region,
  alarmData: { alarmName: after.name, ...states(before, after), configuration: configurationOf(after) },
});

function notification(core: SandboxCore, region: string, before: Alarm, after: Alarm): object {
  return {
    AlarmName: after.name,
    AlarmDescription: after.config.AlarmDescription ?? null,
    AWSAccountId: core.account,
    AlarmArn: after.arn,
    NewStateValue: after.state,
    NewStateReason: after.reason,
    StateChangeTime: isoTime(after.stateUpdated).replace('Z', '+0000'),
    Region: region,
    OldStateValue: before.state,
    ...(after.kind === 'composite' ? { AlarmRule: after.config.AlarmRule } : { Trigger: triggerOf(after.config) }),
  };
}

const triggerOf = (config: Extract<Alarm, { kind: 'metric' }>['config']) => ({
  MetricName: config.MetricName,
  Namespace: config.Namespace,
  StatisticType: 'Statistic',
  Statistic: config.Statistic?.toUpperCase(),
  Dimensions: (config.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
  Period: config.Period,
  EvaluationPeriods: config.EvaluationPeriods,
  DatapointsToAlarm: config.DatapointsToAlarm,
  ComparisonOperator: config.ComparisonOperator,
  Threshold: config.Threshold,
  TreatMissingData: config.TreatMissingData ?? 'missing',
});
