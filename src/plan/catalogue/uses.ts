/** AWS actions that several steps use, and the functions beside them. */

import type { Grant } from './step-spec.ts';

export const readState: Grant[] = [
  { action: 'dynamodb:GetItem', on: 'table' },
  { action: 'dynamodb:PutItem', on: 'table' },
  { action: 'dynamodb:Query', on: 'table' },
];
/** What leads customers: the metric of the alarm, or the dials of the accelerator. */
export const latch: Grant[] = [
  { action: 'cloudwatch:PutMetricData', on: 'latchMetric' },
  { action: 'ssm:GetParameter', on: 'acceleratorParameters' },
  { action: 'globalaccelerator:DescribeEndpointGroup', on: 'endpointGroups' },
  { action: 'globalaccelerator:UpdateEndpointGroup', on: 'endpointGroups' },
];
/** The authority changes hands in the gate and nowhere else. */
export const moveAuthority: Grant = { action: 'dynamodb:UpdateItem', on: 'table' };
/** Of the copy of the table that stands on a side. */
export const lease = (side: 'primary' | 'recovery'): Grant => ({
  action: 'dynamodb:UpdateItem',
  on: side === 'primary' ? 'primaryLeases' : 'recoveryLeases',
});
export const sql = (side: 'primary' | 'recovery'): Grant => ({
  action: 'lambda:InvokeFunction',
  on: side === 'primary' ? 'primarySql' : 'recoverySql',
});
export const describeDatabases = (side: 'primary' | 'recovery'): Grant => ({
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

/** Opening sources further, after the step that switched them on: by how much waits, and by what functions share. */
export const rampUses: readonly Grant[] = [
  { action: 'sqs:GetQueueUrl', on: 'queues' },
  { action: 'sqs:GetQueueAttributes', on: 'queues' },
  { action: 'lambda:GetAccountSettings', on: 'anyIfFed', held: 'messages wait' },
];

/** Writes stop, and may begin again when the run is taken back. */
export const quiesceUses = (side: 'primary' | 'recovery'): Grant[] => [
  sql(side),
  { action: 'ssm:PutParameter', on: `${side}Role` },
  { action: 'lambda:ListEventSourceMappings', on: 'anyMapping' },
  { action: 'lambda:UpdateEventSourceMapping', on: 'eventSources' },
  { action: 'events:DisableRule', on: `${side}FunctionRules` },
  { action: 'events:EnableRule', on: `${side}FunctionRules`, held: 'taken back' },
];
