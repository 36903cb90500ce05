/**
 * Alarms and their states. Each metric alarm is judged shortly after each of its periods ends, on its Region's clock: a dark Region's
 * alarms stand still, and go on from where they were.
 */

import type { PutCompositeAlarmCommandInput, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { Timer } from '../../../kernel/clock.ts';
import { isoTime } from '../../../kernel/clock.ts';
import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Deliveries } from '../events/deliveries.ts';
import { type AlarmAction, alarmActions, announce } from './announce.ts';
import { parseCompositeRule } from './composite-rule.ts';
import { type AlarmRule, type AlarmState, evaluate, lookback, type MissingData } from './evaluate.ts';
import { type Datapoint, stateReason } from './reason.ts';
import { dimensionRecord, isStatistic, type Series, statistics } from './series.ts';

/** How long after a period's end its datapoint is judged, in milliseconds: data arrives late. Estimate. */
const settlingTime = 10_000;
const mostHistory = 1000;

interface AlarmCommon {
  readonly name: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly actionsEnabled: boolean;
  readonly configured: number;
  readonly state: AlarmState;
  readonly reason: string;
  readonly reasonData: string;
  /** When the state was last set, and when it last changed. */
  readonly stateUpdated: number;
  readonly transitioned: number;
}

export interface MetricAlarm extends AlarmCommon {
  readonly kind: 'metric';
  readonly config: PutMetricAlarmCommandInput;
}

export interface CompositeAlarm extends AlarmCommon {
  readonly kind: 'composite';
  readonly config: PutCompositeAlarmCommandInput;
}

export type Alarm = MetricAlarm | CompositeAlarm;

export interface HistoryItem {
  readonly alarm: string;
  readonly alarmKind: Alarm['kind'];
  readonly at: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  readonly data: string;
}

export class Alarms {
  readonly #core: SandboxCore;
  readonly #series: Series;
  readonly #actions: Deliveries<AlarmAction>;
  readonly #timers = new Map<string, Timer>();

  constructor(core: SandboxCore, series: Series) {
    this.#core = core;
    this.#series = series;
    this.#actions = alarmActions(core, (region, { name, kind }, summary) => {
      const at = core.region(region).clock.now();
      this.#record(region, { alarm: name, alarmKind: kind, at, type: 'Action', summary, data: '{}' });
    });
  }

  /** Takes up the alarms of an earlier life, and the actions it had begun. */
  resume(): void {
    for (const region of this.#core.regions) {
      for (const alarm of this.table(region).values()) {
        if (alarm.kind === 'metric') this.#schedule(region, alarm.name, alarm.config.Period ?? 60);
      }
    }
    this.#actions.resume();
  }

  table(region: string): Table<Alarm> {
    return this.#core.table('monitoring', region, 'alarms');
  }

  /** Newest last. */
  history(region: string): readonly HistoryItem[] {
    return this.#core.table<readonly HistoryItem[]>('monitoring', region, 'history').get('all') ?? [];
  }

  alarm(region: string, name: string): Alarm {
    const alarm = this.table(region).get(name);
    if (alarm === undefined) throw new AwsError('ResourceNotFound', `Unknown alarm: ${name}`, { status: 404 });
    return alarm;
  }

  put(
    region: string,
    alarm: Pick<MetricAlarm, 'kind' | 'config'> | Pick<CompositeAlarm, 'kind' | 'config'>,
    tags: Alarm['tags'],
  ): void {
    const name = alarm.config.AlarmName ?? '';
    const now = this.#core.region(region).clock.now();
    const known = this.table(region).get(name);
    const common: AlarmCommon = {
      name,
      arn: `arn:aws:cloudwatch:${region}:${this.#core.account}:alarm:${name}`,
      tags: known?.tags ?? tags,
      actionsEnabled: alarm.config.ActionsEnabled ?? true,
      configured: now,
      state: known?.state ?? 'INSUFFICIENT_DATA',
      reason: known?.reason ?? 'Unchecked: Initial alarm creation',
      reasonData: known?.reasonData ?? '{}',
      stateUpdated: known?.stateUpdated ?? now,
      transitioned: known?.transitioned ?? now,
    };
    this.table(region).put(name, { ...common, ...alarm });
    const verb = known === undefined ? 'created' : 'updated';
    this.#record(region, {
      alarm: name,
      alarmKind: alarm.kind,
      at: now,
      type: 'ConfigurationUpdate',
      summary: `Alarm "${name}" ${verb}`,
      data: '{}',
    });
    if (alarm.kind === 'metric') this.#schedule(region, name, alarm.config.Period ?? 60);
    else this.#judgeComposites(region);
  }

  delete(region: string, name: string): void {
    this.#timers.get(`${region}/${name}`)?.cancel();
    this.#timers.delete(`${region}/${name}`);
    this.table(region).delete(name);
  }

  /** Sets the state, and when that changes it tells the history, EventBridge and the alarm's actions. */
  setState(region: string, name: string, state: AlarmState, reason: string, reasonData: string): void {
    const before = this.alarm(region, name);
    const now = this.#core.region(region).clock.now();
    const changed = before.state !== state;
    const transitioned = changed ? now : before.transitioned;
    const after = this.table(region).put(name, {
      ...before,
      state,
      reason,
      reasonData,
      stateUpdated: now,
      transitioned,
    });
    if (!changed) return;
    const summary = `Alarm updated from ${before.state} to ${state}`;
    const data = JSON.stringify({
      oldState: { stateValue: before.state },
      newState: { stateValue: state, stateReason: reason },
    });
    this.#record(region, { alarm: name, alarmKind: after.kind, at: now, type: 'StateUpdate', summary, data });
    announce(this.#core, region, before, after, this.#actions);
    this.#judgeComposites(region);
  }

  #schedule(region: string, name: string, period: number): void {
    const key = `${region}/${name}`;
    this.#timers.get(key)?.cancel();
    const { clock } = this.#core.region(region);
    const sinceBoundary = (clock.now() - settlingTime) % (1000 * period);
    const timer = clock.after(1000 * period - sinceBoundary, () => {
      const alarm = this.table(region).get(name);
      if (alarm?.kind !== 'metric') return;
      this.#schedule(region, name, alarm.config.Period ?? 60);
      this.#judge(region, alarm);
    });
    this.#timers.set(key, timer);
  }

  #judge(region: string, alarm: MetricAlarm): void {
    const { config } = alarm;
    const rule = ruleOf(config);
    const points = this.#points(region, config, rule.periods + lookback);
    const state = evaluate(
      rule,
      points.map(({ value }) => value),
      alarm.state,
    );
    if (state === alarm.state) return;
    const reason = stateReason(rule, points, alarm.state, state);
    const recent = points.slice(-rule.periods).flatMap(({ value }) => value ?? []);
    const data = {
      version: '1.0',
      queryDate: isoTime(this.#core.region(region).clock.now()),
      recentDatapoints: recent,
      threshold: rule.threshold,
    };
    this.setState(region, alarm.name, state, reason, JSON.stringify(data));
  }

  #points(region: string, config: PutMetricAlarmCommandInput, count: number): Datapoint[] {
    const period = config.Period ?? 60;
    const end = Math.floor((this.#core.region(region).clock.now() - settlingTime) / (1000 * period)) * 1000 * period;
    const from = end - count * 1000 * period;
    const metric = {
      namespace: config.Namespace ?? '',
      name: config.MetricName ?? '',
      dimensions: dimensionRecord(config.Dimensions),
    };
    const found = this.#series.periods(region, metric, from, end, period, config.Unit);
    const statistic = config.Statistic ?? 'Average';
    const read = isStatistic(statistic) ? statistics[statistic] : statistics.Average;
    const values = new Map(found.map(({ start, bucket }) => [start, read(bucket)]));
    return Array.from({ length: count }, (_, index) => {
      const at = from + index * 1000 * period;
      return { at, value: values.get(at) };
    });
  }

  #judgeComposites(region: string): void {
    const table = this.table(region);
    const stateOf = (alarm: string): AlarmState | undefined => table.get(alarm.split(':alarm:').at(-1) ?? alarm)?.state;
    for (const alarm of table.values()) {
      if (alarm.kind !== 'composite') continue;
      const state = parseCompositeRule(alarm.config.AlarmRule ?? '')(stateOf) ? 'ALARM' : 'OK';
      const current = table.get(alarm.name)?.state;
      if (current !== state)
        this.setState(region, alarm.name, state, `${alarm.config.AlarmRule} is ${state === 'ALARM'}`, '{}');
    }
  }

  #record(region: string, item: HistoryItem): void {
    const table = this.#core.table<readonly HistoryItem[]>('monitoring', region, 'history');
    table.put('all', [...this.history(region), item].slice(-mostHistory));
  }
}

/** The alarm as a rule to evaluate. */
export function ruleOf(config: PutMetricAlarmCommandInput): AlarmRule {
  const periods = config.EvaluationPeriods ?? 1;
  return {
    comparison: config.ComparisonOperator ?? '',
    threshold: config.Threshold ?? 0,
    periods,
    datapointsToAlarm: config.DatapointsToAlarm ?? periods,
    missing: (config.TreatMissingData ?? 'missing') as MissingData,
  };
}
