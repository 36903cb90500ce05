/**
 * The time from an outage to the first write, by the modelled durations of AWS: detection, then the longest of three ways that a failover
 * goes at once: the database's promotion (or, opened early, the end of the primary's lease), the instances, the public name's move. The sum
 * of p95s is worse than a p95 of the sum.
 */

import type { DurationName } from '../facts/timing.ts';
import { timing } from '../facts/timing.ts';
import { stepSeconds } from '../plan/step-times.ts';
import type { Workload } from '../workload/config.ts';
import { listOf, numberOf, recordOf } from './charge.ts';
import type { Resource } from './template.ts';

export const ways = ['database', 'instances', 'name'] as const;
type Way = (typeof ways)[number];

export interface RecoveryTime {
  /** Seconds. */
  readonly p50: number;
  readonly p95: number;
  /** The way that takes longest. */
  readonly decidedBy: Way;
  /** Each way by itself, p50 in seconds, without the detection before it. */
  readonly ways: Readonly<Record<Way, number>>;
}

/** How the public name moves. */
export type LatchKind = 'alarm' | 'endpoint checks' | 'routing control' | 'accelerator' | 'none';

export interface Recovering {
  readonly workload: Workload;
  /** Both sides in their normal month. */
  readonly all: readonly Resource[];
  /** Instances wait already, fewer than production's perhaps. */
  readonly warm: boolean;
  readonly latch: LatchKind;
}

export function recoveryTime(recovering: Recovering): RecoveryTime {
  const at = (percentile: 'p50' | 'p95') => {
    // The percentiles answer without drawing.
    const model = timing(percentile, { next: () => 0 });
    const seconds = (name: DurationName) => model.milliseconds(name) / 1000;
    const taken: Readonly<Record<Way, number>> = {
      database: writable(recovering, seconds),
      instances: recovering.warm ? 0 : seconds(scaleOut(recovering)),
      name: sum(flips[recovering.latch], seconds),
    };
    const longest = ways.reduce((best, way) => (taken[way] > taken[best] ? way : best));
    return { total: detection(recovering, seconds) + taken[longest], longest, taken };
  };
  const [p50, p95] = [at('p50'), at('p95')];
  return { p50: Math.round(p50.total), p95: Math.round(p95.total), decidedBy: p50.longest, ways: p50.taken };
}

type Seconds = (name: DurationName) => number;

const sum = (names: readonly DurationName[], seconds: Seconds): number =>
  names.reduce((total, name) => total + seconds(name), 0);

const flips: Readonly<Record<LatchKind, readonly DurationName[]>> = {
  alarm: ['route53_alarm_latch_flip', 'route53_client_ttl_expiry_60s'],
  'endpoint checks': ['route53_hc_detect_10s_x1', 'route53_client_ttl_expiry_60s'],
  'routing control': ['arc_routing_control_flip_to_dns', 'route53_client_ttl_expiry_60s'],
  // The public name stays where it is: no client's cache has to run out.
  accelerator: ['global_accelerator_failover'],
  // Led by somebody else, in a time of theirs.
  none: [],
};

/** The later of Route 53's verdict and two looks of silence, then looks that agree, and the last one's time-out. */
function detection({ workload: { watch }, all }: Recovering, seconds: Seconds): number {
  const silence = 2 * watch.intervalSeconds;
  return (
    Math.max(seconds(verdict(all)), silence) + (watch.agreeing - 1) * watch.intervalSeconds + watch.probeTimeoutSeconds
  );
}

function verdict(all: readonly Resource[]): DurationName {
  const config = all
    .filter(({ type }) => type === 'AWS::Route53::HealthCheck')
    .map(({ properties }) => recordOf(properties.HealthCheckConfig))
    .find(({ Type }) => Type !== 'CLOUDWATCH_METRIC' && Type !== 'CALCULATED');
  if (config?.RequestInterval !== 10) return 'route53_hc_detect_30s_x3';
  return config.FailureThreshold === 1 ? 'route53_hc_detect_10s_x1' : 'route53_hc_detect_10s_x3';
}

/** Until the database takes writes. */
function writable(recovering: Recovering, seconds: Seconds): number {
  const { workload } = recovering;
  if (workload.database.cutover === 'promote') return sum(promotion(recovering), seconds);
  return stepSeconds(workload, 'AwaitFence', seconds) + stepSeconds(workload, 'OpenReplica', seconds);
}

function promotion({ all }: Recovering): DurationName[] {
  const replica = all.find(
    ({ type, side, properties }) =>
      type === 'AWS::RDS::DBInstance' && side === 'recovery' && properties.SourceDBInstanceIdentifier !== undefined,
  );
  // A replica without backups is given some when it is promoted, and restarts for it.
  const without = replica !== undefined && !(numberOf(replica.properties.BackupRetentionPeriod) > 0);
  return ['rds_promote_read_replica', ...(without ? (['rds_promote_replica_retention_zero_extra'] as const) : [])];
}

function scaleOut({ all }: Recovering): DurationName {
  const group = all.find(({ type, side }) => type === 'AWS::AutoScaling::AutoScalingGroup' && side === 'recovery');
  const targets = all.find(
    ({ type, side }) => type === 'AWS::ElasticLoadBalancingV2::TargetGroup' && side === 'recovery',
  );
  const behind = listOf(group?.properties.TargetGroupARNs).length > 0;
  const { HealthCheckIntervalSeconds: interval = 30, HealthyThresholdCount: threshold = 5 } = targets?.properties ?? {};
  return !behind || numberOf(interval) * numberOf(threshold) <= 30
    ? 'asg_zero_to_n_serving_tuned_hc'
    : 'asg_zero_to_n_serving_default_hc';
}
