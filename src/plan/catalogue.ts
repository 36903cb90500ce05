/**
 * The catalogue of steps: for each, what it does in a sentence, which function runs it, what kind of step it is, how often and how
 * long it may be asked, and which AWS actions it uses on what. State machines, roles, forecast and report are all read from here.
 */

import type { FunctionName } from '../functions/contract.ts';
import type { HeldReason } from './held.ts';
import type { ResourceKey } from './resources.ts';

/** Whether the step can be taken back: by undoing it, by compensating for it, or not at all. */
export type StepKind = 'check' | 'reversible' | 'compensable' | 'point-of-no-return';

export interface Grant {
  /** `rds:PromoteReadReplica` */
  readonly action: string;
  readonly on: ResourceKey;
  /** When it is used, where a whole rehearsal needn't come to it. */
  readonly held?: HeldReason;
}

export interface StepSpec {
  readonly does: string;
  readonly function: FunctionName;
  readonly kind: StepKind;
  /** Seconds between asks while it isn't true yet. */
  readonly pollSeconds: number;
  /** Seconds after which it has failed. */
  readonly deadlineSeconds: number;
  /** How it is taken back when the run ends before it has committed. */
  readonly undo?: string;
  readonly uses: readonly Grant[];
}

const readState: Grant[] = [
  { action: 'dynamodb:GetItem', on: 'table' },
  { action: 'dynamodb:PutItem', on: 'table' },
  { action: 'dynamodb:Query', on: 'table' },
];
/** What leads customers: the metric of the alarm, or the dials of the accelerator. */
const latch: Grant[] = [
  { action: 'cloudwatch:PutMetricData', on: 'latchMetric' },
  { action: 'ssm:GetParameter', on: 'acceleratorParameters' },
  { action: 'globalaccelerator:DescribeEndpointGroup', on: 'endpointGroups' },
  { action: 'globalaccelerator:UpdateEndpointGroup', on: 'endpointGroups' },
];
/** The authority changes hands in the gate and nowhere else. */
const moveAuthority: Grant = { action: 'dynamodb:UpdateItem', on: 'table' };
/** Of the copy of the table that stands on a side. */
export const lease = (side: 'primary' | 'recovery'): Grant => ({
  action: 'dynamodb:UpdateItem',
  on: side === 'primary' ? 'primaryLeases' : 'recoveryLeases',
});
const sql = (side: 'primary' | 'recovery'): Grant => ({
  action: 'lambda:InvokeFunction',
  on: side === 'primary' ? 'primarySql' : 'recoverySql',
});
const describeDatabases = (side: 'primary' | 'recovery'): Grant => ({
  action: 'rds:DescribeDBInstances',
  on: side === 'primary' ? 'primaryDatabases' : 'recoveryDatabases',
});

/** What raising the fence of the primary Region takes, in whichever function. */
export const fence: readonly Grant[] = [
  sql('primary'),
  { action: 'ssm:PutParameter', on: 'primaryRole' },
  { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
  // Auto Scaling reads the image pointer with the caller's rights on every update, a scale to nothing included.
  { action: 'ssm:GetParameters', on: 'primaryImage' },
  { action: 'autoscaling:UpdateAutoScalingGroup', on: 'primaryGroup' },
  { action: 'lambda:ListEventSourceMappings', on: 'anyMapping' },
  { action: 'lambda:UpdateEventSourceMapping', on: 'eventSources' },
  { action: 'events:DisableRule', on: 'primaryUpkeepRules' },
  { action: 'events:DisableRule', on: 'primaryFunctionRules' },
  { action: 'ec2:DescribeSecurityGroups', on: 'any' },
  { action: 'ec2:RevokeSecurityGroupIngress', on: 'primarySecurityGroups' },
  { action: 'rds:DescribeDBParameters', on: 'primaryDatabaseGroup' },
  { action: 'rds:ModifyDBParameterGroup', on: 'primaryDatabaseGroup' },
];

/** Writes stop, and may begin again when the run is taken back. */
const quiesceUses = (side: 'primary' | 'recovery'): Grant[] => [
  sql(side),
  { action: 'ssm:PutParameter', on: `${side}Role` },
  { action: 'lambda:ListEventSourceMappings', on: 'anyMapping' },
  { action: 'lambda:UpdateEventSourceMapping', on: 'eventSources' },
  { action: 'events:DisableRule', on: `${side}FunctionRules` },
  { action: 'events:EnableRule', on: `${side}FunctionRules`, held: 'taken back' },
];

export const catalogue = {
  // -- failover ------------------------------------------------------------------------------------------------------
  OpenRun: {
    does: "take the lock and the brake's word, and open the run",
    function: 'gate',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 60,
    uses: [
      ...readState,
      moveAuthority,
      { action: 'states:DescribeExecution', on: 'executions', held: 'abandoned run' },
    ],
  },
  QuoteLoss: {
    does: 'say what failing over now would lose at most',
    function: 'database',
    kind: 'check',
    pollSeconds: 5,
    deadlineSeconds: 60,
    uses: [...readState, sql('recovery'), { action: 'cloudwatch:GetMetricData', on: 'any' }],
  },
  CommitRecovery: {
    does: 'make the recovery Region the active one: authority, epoch, role, and the fence owed by the primary',
    function: 'gate',
    kind: 'point-of-no-return',
    pollSeconds: 5,
    deadlineSeconds: 60,
    uses: [...readState, moveAuthority, { action: 'ssm:PutParameter', on: 'recoveryRole' }],
  },
  FencePrimary: {
    does: "stop the primary's writers if they can be reached now, else record that it is owed",
    function: 'barrier',
    kind: 'compensable',
    pollSeconds: 5,
    deadlineSeconds: 120,
    // In a rehearsal the primary Region is dark by now, and what is owed is paid by the `fence` function.
    uses: [...readState, ...fence.map((grant): Grant => ({ ...grant, held: 'reachable primary' }))],
  },
  AwaitLease: {
    does: "close the primary's lease, and wait until the last one renewed has run out: from then on its database takes no write",
    function: 'barrier',
    kind: 'check',
    pollSeconds: 3,
    deadlineSeconds: 1200,
    uses: [...readState, lease('recovery')],
  },
  FlipLatchToRecovery: {
    does: 'let the public name answer with the recovery Region',
    function: 'traffic',
    kind: 'compensable',
    pollSeconds: 5,
    deadlineSeconds: 600,
    uses: [...readState, ...latch],
  },
  ScaleOutRecovery: {
    does: 'scale the recovery group to the captured production capacity',
    function: 'compute',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 1200,
    undo: 'scale the recovery groups back to nothing',
    uses: [
      ...readState,
      { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
      { action: 'autoscaling:UpdateAutoScalingGroup', on: 'recoveryGroup' },
      { action: 'elasticloadbalancing:DescribeTargetHealth', on: 'any' },
      { action: 'ssm:GetParameters', on: 'recoveryImage' },
      { action: 'autoscaling:DescribeScalingActivities', on: 'any' },
    ],
  },
  TurnUpkeepToRecovery: {
    does: 'turn image making and parameter copying round: from the recovery Region to the primary',
    function: 'sources',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 60,
    uses: [...readState, { action: 'events:EnableRule', on: 'recoveryUpkeepRules' }],
  },
  DrainReplica: {
    does: 'apply everything the replica received, and record the transactions it holds',
    function: 'database',
    kind: 'check',
    pollSeconds: 2,
    deadlineSeconds: 300,
    uses: [...readState, sql('recovery')],
  },
  PromoteReplica: {
    does: 'promote the recovery replica',
    function: 'database',
    kind: 'point-of-no-return',
    pollSeconds: 5,
    deadlineSeconds: 2700,
    uses: [...readState, describeDatabases('recovery'), { action: 'rds:PromoteReadReplica', on: 'recoveryDatabase' }],
  },
  ProveRecoveryWrite: {
    does: 'write a row to the promoted database and read it back',
    function: 'database',
    kind: 'check',
    pollSeconds: 2,
    deadlineSeconds: 300,
    uses: [...readState, sql('recovery')],
  },
  StartRecoveryHeartbeat: {
    does: "let the recovery database beat, unlock the application's account, keep binary logs",
    function: 'database',
    kind: 'reversible',
    pollSeconds: 2,
    deadlineSeconds: 120,
    uses: [...readState, sql('recovery'), lease('recovery')],
  },
  EnableRecoverySources: {
    does: "switch the recovery functions' event sources on",
    function: 'sources',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 600,
    uses: [
      ...readState,
      { action: 'lambda:ListEventSourceMappings', on: 'anyMapping' },
      { action: 'lambda:UpdateEventSourceMapping', on: 'eventSources' },
      { action: 'events:EnableRule', on: 'recoveryFunctionRules' },
    ],
  },
  VerifyRecovery: {
    does: 'reach the service through its public name, in the recovery Region, ready to write',
    function: 'traffic',
    kind: 'check',
    pollSeconds: 3,
    deadlineSeconds: 900,
    uses: [...readState, { action: 'elasticloadbalancing:DescribeLoadBalancers', on: 'any' }],
  },
  CloseRun: {
    does: 'record the outcome and give the lock back',
    function: 'gate',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 120,
    uses: [...readState, moveAuthority],
  },
  // -- switchover ----------------------------------------------------------------------------------------------------
  OpenMove: {
    does: 'check that both Regions answer and the replica replicates, take the lock and open the run',
    function: 'gate',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 60,
    uses: [
      ...readState,
      moveAuthority,
      { action: 'ssm:GetParameter', on: 'primaryRole', held: 'planned move' },
      { ...sql('recovery'), held: 'planned move' },
      { action: 'states:DescribeExecution', on: 'executions', held: 'abandoned run' },
    ],
  },
  AwaitReplicaCaughtUp: {
    does: 'wait until the replica holds what the primary database held a moment ago',
    function: 'database',
    kind: 'check',
    pollSeconds: 5,
    deadlineSeconds: 36_000,
    uses: [...readState, sql('primary'), sql('recovery')],
  },
  QuiescePrimary: {
    does: "stop writes in the primary Region: event sources off, the application's account locked, its sessions ended",
    function: 'barrier',
    kind: 'reversible',
    pollSeconds: 3,
    deadlineSeconds: 300,
    undo: 'let the primary Region write again',
    uses: [
      ...readState,
      lease('recovery'),
      ...quiesceUses('primary').map((grant): Grant => ({ ...grant, held: 'planned move' })),
    ],
  },
  DrainReplicaFully: {
    does: 'wait until the replica holds every transaction of the primary database, and record the set',
    function: 'database',
    kind: 'check',
    pollSeconds: 2,
    deadlineSeconds: 300,
    uses: [...readState, sql('primary'), sql('recovery')],
  },
  DrainPrimaryBuckets: {
    does: 'wait until every object of the primary buckets has reached the recovery ones',
    function: 'storage',
    kind: 'check',
    pollSeconds: 3,
    deadlineSeconds: 1800,
    uses: [
      ...readState,
      { action: 's3:ListBucketVersions', on: 'primaryBuckets', held: 'planned move' },
      { action: 's3:GetObjectVersion', on: 'primaryObjects', held: 'planned move' },
      { action: 'kms:Decrypt', on: 'bucketKeys' },
    ],
  },
  DrainParameters: {
    does: 'compare all parameters once more after writes have stopped',
    function: 'sources',
    kind: 'check',
    pollSeconds: 3,
    deadlineSeconds: 600,
    uses: [...readState, { action: 'lambda:InvokeFunction', on: 'primaryReconciler', held: 'planned move' }],
  },
  // -- failback ------------------------------------------------------------------------------------------------------
  OpenReturn: {
    does: 'check that the primary Region is back and fenced, take the lock and open the run',
    function: 'gate',
    kind: 'reversible',
    pollSeconds: 10,
    deadlineSeconds: 600,
    uses: [
      ...readState,
      moveAuthority,
      { action: 'ssm:GetParameter', on: 'primaryRole' },
      { action: 'states:DescribeExecution', on: 'executions', held: 'abandoned run' },
    ],
  },
  SnapshotOldPrimary: {
    does: 'snapshot the old primary database',
    function: 'database',
    kind: 'reversible',
    pollSeconds: 10,
    deadlineSeconds: 7200,
    uses: [
      ...readState,
      describeDatabases('primary'),
      { action: 'rds:CreateDBSnapshot', on: 'primarySnapshot' },
      { action: 'rds:DescribeDBSnapshots', on: 'primarySnapshot' },
      // The instance's tags are copied to its snapshot.
      { action: 'rds:AddTagsToResource', on: 'primarySnapshot', held: 'asked by AWS alone' },
    ],
  },
  RenameOldPrimary: {
    does: 'keep the old primary database under another name',
    function: 'database',
    kind: 'compensable',
    pollSeconds: 10,
    deadlineSeconds: 3600,
    uses: [...readState, describeDatabases('primary'), { action: 'rds:ModifyDBInstance', on: 'primaryKept' }],
  },
  ResetPrimaryGroup: {
    does: 'lift the database fence from the parameter group, and see it lifted, before a replica is built with it',
    function: 'barrier',
    kind: 'compensable',
    pollSeconds: 5,
    deadlineSeconds: 300,
    uses: [
      ...readState,
      { action: 'rds:DescribeDBParameters', on: 'primaryDatabaseGroup' },
      { action: 'rds:ResetDBParameterGroup', on: 'primaryDatabaseGroup' },
    ],
  },
  ReseedPrimary: {
    does: 'build a replica of the live database in the primary Region, under the old identifier',
    function: 'database',
    kind: 'reversible',
    pollSeconds: 15,
    deadlineSeconds: 36_000,
    uses: [
      ...readState,
      describeDatabases('primary'),
      describeDatabases('recovery'),
      { action: 'rds:CreateDBInstanceReadReplica', on: 'reseed' },
      { action: 'rds:AddTagsToResource', on: 'primaryDatabase' },
      { action: 'ec2:DescribeSecurityGroups', on: 'any' },
      { action: 'kms:DescribeKey', on: 'dataKeys' },
      { action: 'kms:CreateGrant', on: 'dataKeys' },
    ],
  },
  AwaitPrimaryCaughtUp: {
    does: 'wait until the new replica has caught up with the live database',
    function: 'database',
    kind: 'check',
    pollSeconds: 10,
    deadlineSeconds: 36_000,
    uses: [
      ...readState,
      sql('primary'),
      sql('recovery'),
      { action: 'rds:DescribeDBInstances', on: 'primaryDatabases' },
      { action: 'rds:ModifyDBInstance', on: 'primaryDatabase' },
    ],
  },
  OpenPrimaryIngress: {
    does: "let the primary's load balancer be reached again",
    function: 'barrier',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 120,
    undo: 'close the primary load balancer again',
    uses: [
      ...readState,
      { action: 'ec2:DescribeSecurityGroups', on: 'any' },
      { action: 'ec2:AuthorizeSecurityGroupIngress', on: 'primarySecurityGroups' },
    ],
  },
  ScaleOutPrimary: {
    does: "scale the primary group to the recovery group's capacity",
    function: 'compute',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 1800,
    undo: 'scale the primary groups back to nothing',
    uses: [
      ...readState,
      { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
      { action: 'autoscaling:UpdateAutoScalingGroup', on: 'primaryGroup' },
      { action: 'elasticloadbalancing:DescribeTargetHealth', on: 'any' },
      { action: 'ssm:GetParameters', on: 'primaryImage' },
      { action: 'autoscaling:DescribeScalingActivities', on: 'any' },
    ],
  },
  Quiesce: {
    does: "stop writes in the recovery Region: event sources off, the application's account locked, its sessions ended",
    function: 'barrier',
    kind: 'reversible',
    pollSeconds: 3,
    deadlineSeconds: 300,
    undo: 'let the recovery Region write again',
    uses: [...readState, lease('recovery'), ...quiesceUses('recovery')],
  },
  DrainHome: {
    does: 'wait until the new replica holds every transaction of the live database, and record the set',
    function: 'database',
    kind: 'check',
    pollSeconds: 2,
    deadlineSeconds: 300,
    uses: [...readState, sql('primary'), sql('recovery')],
  },
  CommitPrimary: {
    does: 'make the primary Region the active one: authority, epoch and roles',
    function: 'gate',
    kind: 'point-of-no-return',
    pollSeconds: 5,
    deadlineSeconds: 120,
    uses: [
      ...readState,
      moveAuthority,
      { action: 'ssm:PutParameter', on: 'primaryRole' },
      { action: 'ssm:PutParameter', on: 'recoveryRole' },
    ],
  },
  FlipLatchToPrimary: {
    does: 'let the public name answer with the primary Region',
    function: 'traffic',
    kind: 'compensable',
    pollSeconds: 5,
    deadlineSeconds: 600,
    uses: [...readState, ...latch],
  },
  TurnUpkeepToPrimary: {
    does: 'turn image making and parameter copying round: from the primary Region to the recovery',
    function: 'sources',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 120,
    uses: [
      ...readState,
      { action: 'events:EnableRule', on: 'primaryUpkeepRules' },
      { action: 'events:DisableRule', on: 'recoveryUpkeepRules' },
    ],
  },
  DrainBuckets: {
    does: 'wait until every object of the recovery buckets has reached the primary ones',
    function: 'storage',
    kind: 'check',
    pollSeconds: 5,
    deadlineSeconds: 3600,
    uses: [
      ...readState,
      { action: 's3:ListBucketVersions', on: 'recoveryBuckets' },
      { action: 's3:GetObjectVersion', on: 'recoveryObjects' },
      // Headers of an object under a key are read with the key's permission.
      { action: 'kms:Decrypt', on: 'bucketKeys' },
    ],
  },
  PromotePrimary: {
    does: 'promote the new primary replica',
    function: 'database',
    kind: 'point-of-no-return',
    pollSeconds: 5,
    deadlineSeconds: 2700,
    uses: [...readState, describeDatabases('primary'), { action: 'rds:PromoteReadReplica', on: 'primaryDatabase' }],
  },
  ProvePrimaryWrite: {
    does: 'write a row to the primary database and read it back',
    function: 'database',
    kind: 'check',
    pollSeconds: 2,
    deadlineSeconds: 300,
    uses: [...readState, sql('primary')],
  },
  StartPrimaryHeartbeat: {
    does: "let the primary database beat, unlock the application's account, keep binary logs",
    function: 'database',
    kind: 'reversible',
    pollSeconds: 2,
    deadlineSeconds: 120,
    uses: [...readState, sql('primary'), lease('recovery')],
  },
  EnablePrimarySources: {
    does: "switch the primary functions' event sources on",
    function: 'sources',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 600,
    uses: [
      ...readState,
      { action: 'lambda:ListEventSourceMappings', on: 'anyMapping' },
      { action: 'lambda:UpdateEventSourceMapping', on: 'eventSources' },
      { action: 'events:EnableRule', on: 'primaryFunctionRules' },
    ],
  },
  VerifyPrimary: {
    does: 'reach the service through its public name, in the primary Region, ready to write',
    function: 'traffic',
    kind: 'check',
    pollSeconds: 3,
    deadlineSeconds: 900,
    uses: [...readState, { action: 'elasticloadbalancing:DescribeLoadBalancers', on: 'any' }],
  },
  ScaleInRecovery: {
    does: 'scale the recovery group to nothing',
    function: 'compute',
    kind: 'reversible',
    pollSeconds: 10,
    deadlineSeconds: 1200,
    uses: [
      ...readState,
      { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
      { action: 'ssm:GetParameters', on: 'recoveryImage' },
      { action: 'autoscaling:UpdateAutoScalingGroup', on: 'recoveryGroup' },
    ],
  },
  RenameOldRecovery: {
    does: 'keep the recovery database under another name',
    function: 'database',
    kind: 'compensable',
    pollSeconds: 10,
    deadlineSeconds: 3600,
    uses: [...readState, describeDatabases('recovery'), { action: 'rds:ModifyDBInstance', on: 'recoveryKept' }],
  },
  ReseedRecovery: {
    does: 'build a replica of the primary database in the recovery Region, under its identifier',
    function: 'database',
    kind: 'reversible',
    pollSeconds: 15,
    deadlineSeconds: 36_000,
    uses: [
      ...readState,
      describeDatabases('primary'),
      describeDatabases('recovery'),
      { action: 'rds:CreateDBInstanceReadReplica', on: 'reseed' },
      { action: 'rds:AddTagsToResource', on: 'recoveryDatabase' },
      { action: 'ec2:DescribeSecurityGroups', on: 'any' },
      { action: 'kms:DescribeKey', on: 'dataKeys' },
      { action: 'kms:CreateGrant', on: 'dataKeys' },
    ],
  },
  AwaitRecoveryCaughtUp: {
    does: 'wait until the recovery replica has caught up: the workload has its standby copy again',
    function: 'database',
    kind: 'check',
    pollSeconds: 10,
    deadlineSeconds: 36_000,
    uses: [
      ...readState,
      sql('primary'),
      sql('recovery'),
      { action: 'rds:DescribeDBInstances', on: 'recoveryDatabases' },
      { action: 'rds:ModifyDBInstance', on: 'recoveryDatabase' },
    ],
  },
} as const satisfies Record<string, StepSpec>;

export type BuiltInStep = keyof typeof catalogue;
/** One of the workload's own, by its name in the config. */
export type CustomStep = `Custom-${string}`;
export type StepName = BuiltInStep | CustomStep;

export const isCustom = (step: StepName): step is CustomStep => step.startsWith('Custom-');

/** Of the workload's own steps what holds for all: how often each is asked is in the config, see `stepSpec`. */
export const specOf = (step: StepName): StepSpec => (isCustom(step) ? custom : catalogue[step]);

const custom: StepSpec = {
  does: "a step of the workload's own",
  function: 'custom',
  kind: 'compensable',
  pollSeconds: 5,
  deadlineSeconds: 300,
  uses: [...readState, { action: 'lambda:InvokeFunction', on: 'customFunctions', held: 'own step' }],
};
