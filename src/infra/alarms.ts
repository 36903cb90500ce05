/** Alarms of a side, each told on its Region's topic. */

import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { Home } from './part.ts';
import { idOf } from './part.ts';

export interface AlarmSpec {
  /** The end of its name, behind the workload's prefix. */
  readonly name: string;
  /** What it means, and what to do: the text of the notice. */
  readonly says: string;
  readonly metric: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly statistic: 'Sum' | 'Maximum' | 'Minimum' | 'Average';
  };
  readonly when: 'at least' | 'above' | 'below';
  readonly threshold: number;
  /** Seconds of a period. */
  readonly period: number;
  /** Periods in a row. */
  readonly periods: number;
  /** What silence means. @default well */
  readonly silence?: 'well' | 'ill';
}

const operators = {
  'at least': 'GreaterThanOrEqualToThreshold',
  above: 'GreaterThanThreshold',
  below: 'LessThanThreshold',
} as const;

export function alarm(home: Home, id: string, spec: AlarmSpec): void {
  const { names, arns, side } = home.place;
  const { metric } = spec;
  new cloudwatch.CfnAlarm(home, `${id}Alarm`, {
    alarmName: names.alarm(spec.name),
    alarmDescription: spec.says,
    namespace: metric.namespace,
    metricName: metric.name,
    dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ name, value })),
    statistic: metric.statistic,
    period: spec.period,
    evaluationPeriods: spec.periods,
    threshold: spec.threshold,
    comparisonOperator: operators[spec.when],
    treatMissingData: spec.silence === 'ill' ? 'breaching' : 'notBreaching',
    alarmActions: [arns.topic(side)],
    okActions: [arns.topic(side)],
  });
}

/** A control function that fails again and again. */
export function functionFails(home: Home, name: string, says: string): void {
  alarm(home, `${idOf(name)}Fails`, {
    name: `${name}-fails`,
    says,
    metric: {
      namespace: 'AWS/Lambda',
      name: 'Errors',
      dimensions: { FunctionName: home.place.names.controlFunction(name) },
      statistic: 'Sum',
    },
    when: 'at least',
    threshold: 1,
    period: 300,
    periods: 3,
  });
}
