/**
 * The least time from an outage to a customer's first write, if nothing but AWS took time: detection by arithmetic, then the longest
 * way through the failover's graph with every step costing its modelled AWS times (p50 of the facts).
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DurationName } from '../src/facts/timing.ts';
import { timing } from '../src/facts/timing.ts';
import { systemRandom } from '../src/kernel/ids.ts';
import type { StepName } from '../src/plan/catalogue.ts';
import { criticalPath } from '../src/plan/graph.ts';
import { planOf } from '../src/plan/plans.ts';
import { policyOf } from '../src/plan/policy.ts';
import { stepSeconds } from '../src/plan/step-times.ts';
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
const seconds = (name: DurationName): number => model.milliseconds(name) / 1000;

/** @param assemblyDirectory the synthesized app: Route 53's check of the primary Region is read from it */
export function modelledPath(workload: Workload, assemblyDirectory: string): CriticalPath {
  const { watch } = workload;
  const verdict = seconds(verdictName(assemblyDirectory));
  const silence = 2 * watch.intervalSeconds;
  const agreeing = (watch.agreeing - 1) * watch.intervalSeconds;
  const detection = Math.max(verdict, silence) + agreeing + watch.probeTimeoutSeconds;
  const { suspicionAfter } = policyOf(workload);
  const suspicion = (suspicionAfter - 1) * watch.intervalSeconds + watch.probeTimeoutSeconds;
  const cost = costIn(workload, suspicionAfter === 0 ? 0 : detection - suspicion);
  const { total, steps } = criticalPath(planOf(workload, 'failover').root, cost);
  return {
    detection,
    detectionIs: `the later of Route 53's verdict (${verdict} s) and the replica's silence (${silence} s), ${watch.agreeing - 1} more looks that agree (${agreeing} s), and the last one's time-out (${watch.probeTimeoutSeconds} s)`,
    plan: total,
    steps: steps.map((step) => ({ step, seconds: cost(step) })).filter((one) => one.seconds >= 1),
    total: detection + total,
  };
}

/** Which of the modelled detection times is that of the deployed check. */
function verdictName(assemblyDirectory: string): DurationName {
  const [check] = readdirSync(assemblyDirectory)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => JSON.parse(readFileSync(join(assemblyDirectory, file), 'utf8')) as Template)
    .flatMap(({ Resources = {} }) => Object.values(Resources))
    .flatMap(({ Type, Properties }) => (Type === 'AWS::Route53::HealthCheck' ? [Properties?.HealthCheckConfig] : []))
    .filter((config) => config?.Type === 'HTTP');
  const name = `route53_hc_detect_${check?.RequestInterval}s_x${check?.FailureThreshold}`;
  const known = modelledVerdicts.find((one) => one === name);
  if (known === undefined) throw new Error(`No detection time is modelled for the deployed check: ${name}.`);
  return known;
}

const modelledVerdicts: readonly DurationName[] = [
  'route53_hc_detect_10s_x1',
  'route53_hc_detect_10s_x3',
  'route53_hc_detect_30s_x3',
];

interface Template {
  readonly Resources?: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties?: {
          readonly HealthCheckConfig?: { Type?: string; RequestInterval?: number; FailureThreshold?: number };
        };
      }
    >
  >;
}

/** Other than the forecast's: customers write once the server is open, and don't wait for what comes after the first possible write. */
const costs: Partial<Record<StepName, () => number>> = {
  DetachReplica: () => 0,
  PromoteReplica: writable,
  ProveRecoveryWrite: () => 0,
  StartRecoveryHeartbeat: () => 0,
  EnableRecoverySources: () => 0,
  ResetRecoveryGroup: () => 0,
  VerifyRecovery: () => 0,
  ProtectRecovery: () => 0,
  ReleaseSecrets: () => 0,
  CloseRun: () => 0,
};

/** @param headStart seconds before the decision from which instances are on their way */
function costIn(workload: Workload, headStart: number): (step: StepName) => number {
  const scaleOut = Math.max(0, stepSeconds(workload, 'ScaleOutRecovery', seconds) - headStart);
  const own: typeof costs = {
    ...costs,
    ScaleOutRecovery: () => scaleOut,
    // Opened early, the replica takes writes while it is promoted.
    ...(workload.database.cutover === 'open-early' ? { PromoteReplica: () => 0 } : {}),
  };
  return (step) => own[step]?.() ?? stepSeconds(workload, step, seconds);
}

/** A promoted server takes writes once its reboot is over; its status says so a little later. */
function writable(): number {
  return seconds('rds_promote_read_replica') - promotion(model).settling / 1000;
}
