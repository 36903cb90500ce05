/**
 * Why an alarm is in its state, in CloudWatch's own form. Source of the forms: notifications quoted in the CloudWatch and SNS user
 * guides, "Threshold Crossed: 1 out of the last 1 datapoints [99.5 (02/10/19 16:59:00)] was greater than the threshold (50.0) (minimum
 * 1 datapoint for OK -> ALARM transition)."
 */

import type { AlarmRule, AlarmState } from './evaluate.ts';
import { comparisons } from './evaluate.ts';

export interface Datapoint {
  /** Start of its period, in epoch milliseconds. */
  readonly at: number;
  readonly value: number | undefined;
}

/** `points` are the last periods, newest last; `before` is the state the alarm leaves. */
export function stateReason(
  rule: AlarmRule,
  points: readonly Datapoint[],
  before: AlarmState,
  state: AlarmState,
): string {
  const recent = points.slice(-rule.periods);
  const real = recent.filter(({ value }) => value !== undefined).reverse();
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${counted(rule.periods, 'datapoint')} ${were(rule.periods)} unknown.`;
  }
  if (real.length === 0) {
    const treated = rule.missing === 'breaching' ? 'Breaching' : 'NonBreaching';
    return `Threshold Crossed: no datapoints were received for ${counted(rule.periods, 'period')} and ${counted(rule.periods, 'missing datapoint')} ${were(rule.periods)} treated as [${treated}].`;
  }
  const crossed = `${relations[rule.comparison]} the threshold (${decimal(rule.threshold)})`;
  if (state === 'OK') {
    return `Threshold Crossed: ${counted(real.length, 'datapoint')} ${listed(real)} ${were(real.length)} not ${crossed}.`;
  }
  const breaching = real.filter(({ value }) => comparisons[rule.comparison]?.(value ?? 0, rule.threshold));
  return `Threshold Crossed: ${breaching.length} out of the last ${rule.periods} datapoints ${listed(breaching)} ${were(breaching.length)} ${crossed} (minimum ${counted(rule.datapointsToAlarm, 'datapoint')} for ${before} -> ALARM transition).`;
}

const relations: Readonly<Record<string, string>> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const were = (count: number): string => (count === 1 ? 'was' : 'were');
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const listed = (points: readonly Datapoint[]): string =>
  `[${points.map(({ at, value = 0 }) => `${decimal(value)} (${dated(at)})`).join(', ')}]`;

/** `27/11/26 16:59:00`, in UTC. */
function dated(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
