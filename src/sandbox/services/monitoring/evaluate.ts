/**
 * What a series of periods says about an alarm, M out of N, with each way of treating missing data. Pure: CloudWatch's alarms and
 * Route 53's health checks on them both ask here.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export interface AlarmRule {
  readonly comparison: string;
  readonly threshold: number;
  /** N: how many periods are looked at. */
  readonly periods: number;
  /** M: how many of them must breach. */
  readonly datapointsToAlarm: number;
  readonly missing: MissingData;
}

/** Periods beyond N that are looked back for real datapoints when some are missing. AWS says "a few more"; its examples show two. */
export const lookback = 2;

export const comparisons: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** `values` are the last N + `lookback` periods, newest last, undefined where nothing was published. */
export function evaluate(rule: AlarmRule, values: readonly (number | undefined)[], current: AlarmState): AlarmState {
  const { periods, datapointsToAlarm: needed, missing } = rule;
  const breaches = (value: number): boolean => comparisons[rule.comparison]?.(value, rule.threshold) ?? false;
  const real = values.filter((value) => value !== undefined);
  const breaching = real.slice(-periods).filter(breaches).length;
  const absent = Math.max(0, periods - real.length);

  if (absent === 0 || missing === 'notBreaching') return breaching >= needed ? 'ALARM' : 'OK';
  if (missing === 'breaching') return breaching + absent >= needed ? 'ALARM' : 'OK';
  if (real.length === 0) return missing === 'ignore' ? current : 'INSUFFICIENT_DATA';
  if (breaching >= needed) return 'ALARM';
  if (!real.every(breaches)) return 'OK';
  // All there is breaches, but it is too little. With `missing`, a breach that is M periods old and never contradicted is enough.
  const oldest = values.findIndex((value) => value !== undefined);
  const unbroken = values.length - oldest >= needed;
  return missing === 'missing' && unbroken ? 'ALARM' : current;
}
