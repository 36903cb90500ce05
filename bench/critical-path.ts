/**
 * The least time from an outage to a customer's first write, if nothing but AWS took time: detection by arithmetic, then the longest
 * way through the failover's graph with every step costing its modelled AWS times (p50 of the facts).
 */

import { timing } from '../src/facts/timing.ts';
import { systemRandom } from '../src/kernel/ids.ts';
import type { StepName } from '../src/plan/catalogue.ts';
import { criticalPath } from '../src/plan/graph.ts';
import { plans } from '../src/plan/plans.ts';
import { promotion } from '../src/sandbox/services/rds/durations.ts';
import type { Workload } from '../src/workload/config.ts';

export interface CriticalPath {
  /** AWS seconds. */
  readonly detection: number;
  readonly detectionIs: string;
  readonly plan: number;
  readonly steps: readonly { readonly step: StepName; readonly seconds: number }[];
  readonly total: number;
}

const model = timing('p50', systemRandom);
const seconds = (name: Parameters<typeof model.milliseconds>[0]): number => model.milliseconds(name) / 1000;

export function modelledPath({ watch }: Workload): CriticalPath {
  const verdict = seconds('route53_hc_detect_10s_x3');
  // The first look that hears it may come at once; the others follow at their interval.
  const agreeing = (watch.agreeing - 1) * watch.intervalSeconds;
  const { total, steps } = criticalPath(plans.failover.root, cost);
  const detection = verdict + agreeing;
  return {
    detection,
    detectionIs: `Route 53's verdict ${verdict} s, then ${watch.agreeing - 1} more looks that agree ${agreeing} s`,
    plan: total,
    steps: steps.map((step) => ({ step, seconds: cost(step) })).filter((one) => one.seconds >= 1),
    total: detection + total,
  };
}

/** Steps without a row cost a state transition. Those after the first possible write cost nothing: customers don't wait for them. */
const costs: Partial<Record<StepName, () => number>> = {
  OpenRun: () => seconds('sfn_start_execution'),
  // Until the DNS name has moved for a customer who has just looked it up.
  FlipLatchToRecovery: () => seconds('route53_alarm_latch_flip') + seconds('route53_client_ttl_expiry_60s'),
  ScaleOutRecovery: () =>
    seconds('asg_update_to_instance_pending') +
    seconds('asg_pending_to_inservice_ec2_health') +
    seconds('asg_app_boot_user_data') +
    seconds('alb_target_healthy_tuned_10s_x2'),
  PromoteReplica: writable,
  ProveRecoveryWrite: () => 0,
  StartRecoveryHeartbeat: () => 0,
  EnableRecoverySources: () => 0,
  VerifyRecovery: () => 0,
  CloseRun: () => 0,
};

function cost(step: StepName): number {
  return (costs[step] ?? (() => seconds('sfn_state_transition_latency')))();
}

/** A promoted server takes writes once its reboot is over; its status says so a little later. */
function writable(): number {
  return seconds('rds_promote_read_replica') - promotion(model).settling / 1000;
}
