/**
 * Every name and ARN of a workload's resources, worked out from its config alone: the same on both sides and before anything
 * is deployed, so that nothing has to be looked up in a Region that may be dark.
 */

import type { Workload } from './config.ts';
import type { Side } from './judged.ts';
import { regionOf } from './judged.ts';

export interface Names {
  /** `dev-photos` */
  readonly prefix: string;
  /** The state table, in the recovery Region. */
  readonly table: string;
  /** The database's identifier: the same in both Regions. */
  readonly database: string;
  readonly databaseGroup: string;
  readonly subnetGroup: string;
  readonly loadBalancer: string;
  readonly keyAlias: string;
  readonly masterSecret: string;
  readonly applicationSecret: string;
  /** Security groups' names. */
  readonly securityGroups: {
    readonly balancer: string;
    readonly application: string;
    readonly database: string;
    readonly functions: string;
  };
  /** `/dev/photos/`: the application's own parameters. */
  readonly parameterPath: string;
  /** Parameters in the recovery Region: the accelerator's listener, and its two endpoint groups as JSON. */
  readonly acceleratorListener: string;
  readonly acceleratorGroups: string;
  /** Where the addresses and keys of webhooks are kept. */
  readonly webhookPath: string;
  /** In the recovery Region: what links of approvals are signed with. Never copied. */
  readonly approvalKey: string;
  /** Every path whose parameters are copied between Regions: the workload's own first. */
  readonly parameterPaths: readonly string[];
  /** Pilot Light's own, like the image pointers: never copied. */
  readonly roleParameter: string;
  readonly latchAlarm: string;
  /** Alarms and runs are told on it; one in each Region. */
  readonly topic: string;
  readonly latchMetric: { readonly namespace: string; readonly name: string; readonly dimension: string };
  /** In the primary Region: the watcher's sign of life, for an alarm that still rings when the recovery Region is gone. */
  readonly watchMetric: Names['latchMetric'];
  /** The DNS name whose TXT record tells Route 53's own verdict on the primary Region; none without a zone. */
  readonly verdictName: string | undefined;
  readonly imageRule: string;
  readonly parameterRule: string;
  readonly reconcileRule: string;
  /** The rules that feed the workload's functions: on where the workload is active, off on standby. */
  readonly functionRules: readonly string[];
  /** Auto Scaling groups and their launch templates, by the group's name in the config. */
  group(name: string): string;
  targetGroup(name: string): string;
  /** The SSM parameter that points to a group's image. */
  imageParameter(group: string): string;
  bucket(name: string, side: Side): string;
  queue(name: string): string;
  workloadFunction(name: string): string;
  functionRule(name: string, kind: RuleKind): string;
  controlFunction(name: string): string;
  /** `dev-dr-failover` */
  machine(plan: Machine): string;
  alarm(what: string): string;
  /** The identifier an old database is kept under: `dev-photos-db-kept-e2`. */
  keptDatabase(epoch: number): string;
  /** The snapshot taken of it before it was renamed. */
  keptSnapshot(epoch: number): string;
}

/** What of a function's event sources stands as an EventBridge rule. */
export const ruleKinds = ['schedule', 'events', 'objects'] as const;
/** There is one for each plan. */
export const machines = ['failover', 'switchover', 'failback'] as const;
export type Machine = (typeof machines)[number];

export type RuleKind = (typeof ruleKinds)[number];

export function namesOf(workload: Workload): Names {
  const { name, environment, account } = workload;
  const prefix = `${environment}-${name}`;
  const control = `${environment}-dr`;
  const parameterPath = `/${environment}/${name}/`;
  const webhookPath = `/pilot-light/${environment}/${name}/webhooks/`;
  const functionRule = (of: string, kind: RuleKind): string => `${prefix}-${of}-${kind}`;
  return {
    prefix,
    table: `${control}-state`,
    database: `${prefix}-db`,
    databaseGroup: `${prefix}-db`,
    subnetGroup: `${prefix}-db`,
    loadBalancer: `${prefix}-front`,
    keyAlias: `alias/${prefix}-data`,
    masterSecret: `${environment}/${name}/database/master`,
    applicationSecret: `${environment}/${name}/database/application`,
    securityGroups: {
      balancer: `${prefix}-balancer`,
      application: `${prefix}-application`,
      database: `${prefix}-database`,
      functions: `${prefix}-functions`,
    },
    parameterPath,
    acceleratorListener: `/pilot-light/${environment}/${name}/accelerator/listener`,
    acceleratorGroups: `/pilot-light/${environment}/${name}/accelerator/groups`,
    webhookPath,
    approvalKey: `/pilot-light/${environment}/${name}/approval-key`,
    parameterPaths: [
      parameterPath,
      ...workload.parameters.paths,
      ...(workload.notifications.webhooks.length === 0 ? [] : [webhookPath]),
    ],
    roleParameter: `/pilot-light/${environment}/${name}/role`,
    latchAlarm: `${prefix}-latch`,
    topic: `${control}-notices`,
    latchMetric: { namespace: 'PilotLight', name: 'RecoveryActive', dimension: prefix },
    watchMetric: { namespace: 'PilotLight', name: 'Watched', dimension: prefix },
    verdictName: workload.traffic.zone === undefined ? undefined : `_primary-verdict.${workload.traffic.zone}`,
    imageRule: `${control}-images`,
    parameterRule: `${control}-parameters`,
    reconcileRule: `${control}-parameters-reconcile`,
    functionRules: Object.entries(workload.functions).flatMap(([of, spec]) =>
      ruleKinds.filter((kind) => spec[kind] !== undefined).map((kind) => functionRule(of, kind)),
    ),
    group: (group) => `${prefix}-${group}`,
    targetGroup: (group) => `${prefix}-${group}`,
    imageParameter: (group) => `/pilot-light/${environment}/${name}/image/${group}`,
    bucket: (bucket, side) => `${prefix}-${bucket}-${account}-${regionOf(workload, side)}`,
    queue: (queue) => `${prefix}-${queue}`,
    workloadFunction: (name) => `${prefix}-${name}`,
    functionRule,
    alarm: (what) => `${prefix}-${what}`,
    machine: (plan) => `${control}-${plan}`,
    controlFunction: (name) => `${control}-${name}`,
    keptDatabase: (epoch) => `${prefix}-db-kept-e${epoch}`,
    keptSnapshot: (epoch) => `${prefix}-db-kept-e${epoch}`,
  };
}

/** The replication rule of a bucket, by where it leads. */
export const replicationRule = (to: Side): string => `to-${to}`;

/** The partition of the state table that holds a workload's leases; others hold everything else. */
export const leasePartition = (prefix: string): string => `${prefix}#leases`;

/** ARNs of named resources. `partition` is `aws` throughout. */
export function arnsOf(workload: Workload) {
  const names = namesOf(workload);
  const at = (service: string, side: Side, rest: string) =>
    `arn:aws:${service}:${regionOf(workload, side)}:${workload.account}:${rest}`;
  const group = (side: Side, name: string) =>
    at('autoscaling', side, `autoScalingGroup:*:autoScalingGroupName/${names.group(name)}`);
  return {
    database: (side: Side) => at('rds', side, `db:${names.database}`),
    keptDatabase: (side: Side, epoch: number | '*') =>
      at('rds', side, `db:${epoch === '*' ? `${names.database}-kept-e*` : names.keptDatabase(epoch)}`),
    keptSnapshot: (side: Side) => at('rds', side, `snapshot:${names.database}-kept-e*`),
    databaseGroup: (side: Side) => at('rds', side, `pg:${names.databaseGroup}`),
    subnetGroup: (side: Side) => at('rds', side, `subgrp:${names.subnetGroup}`),
    /** RDS names them by engine and version: `default:mysql-8-0`. */
    defaultOptionGroups: (side: Side) => at('rds', side, 'og:default:*'),
    group,
    groups: (side: Side) => Object.keys(workload.compute).map((name) => group(side, name)),
    /** With a witness Region there is one in the primary Region as well. */
    table: (side: Side = 'recovery') => at('dynamodb', side, `table/${names.table}`),
    machine: (plan: Machine) => at('states', 'recovery', `stateMachine:${names.machine(plan)}`),
    controlFunction: (side: Side, name: string) => at('lambda', side, `function:${names.controlFunction(name)}`),
    workloadFunction: (side: Side, name: string) => at('lambda', side, `function:${names.workloadFunction(name)}`),
    parameter: (side: Side, name: string) => at('ssm', side, `parameter${name}`),
    secret: (side: Side, name: string) => at('secretsmanager', side, `secret:${name}-??????`),
    queue: (side: Side, name: string) => at('sqs', side, names.queue(name)),
    rule: (side: Side, name: string) => at('events', side, `rule/${name}`),
    bucket: (side: Side, name: string) => `arn:aws:s3:::${names.bucket(name, side)}`,
    topic: (side: Side) => at('sns', side, names.topic),
    alarm: () => at('cloudwatch', 'recovery', `alarm:${names.latchAlarm}`),
  };
}
