/** What each control function may do: for the step functions, what the catalogue says their steps use; for the others, listed here. */

import type { FunctionName } from '../functions/contract.ts';
import { functionSpecs } from '../functions/contract.ts';
import type { Side } from '../workload/judged.ts';
import type { Grant } from './catalogue/step-spec.ts';
import { fence, lease } from './catalogue/uses.ts';
import type { BuiltInStep } from './catalogue.ts';
import { catalogue, specOf } from './catalogue.ts';

/** The grants of a function on a side, each once: what one step always uses isn't held for the rare case of another. */
export function grantsOf(name: FunctionName, side: Side): readonly Grant[] {
  const granted = functionSpecs[name].handler === 'step' ? stepGrants(name) : otherGrants(name, side);
  const once = new Map<string, Grant>();
  for (const grant of granted) {
    const key = `${grant.action} ${grant.on}`;
    if (once.get(key) === undefined || grant.held === undefined) once.set(key, grant);
  }
  return [...once.values()];
}

function stepGrants(name: FunctionName): Grant[] {
  if (name === 'custom') return [...specOf('Custom-any').uses];
  const own = (Object.keys(catalogue) as BuiltInStep[]).filter((step) => specOf(step).function === name);
  return own.flatMap((step) => specOf(step).uses);
}

const read: Grant = { action: 'dynamodb:GetItem', on: 'table' };
const write: Grant = { action: 'dynamodb:PutItem', on: 'table' };

function otherGrants(name: FunctionName, side: Side): Grant[] {
  switch (name) {
    case 'watch':
      return [
        read,
        write,
        { action: 'lambda:InvokeFunction', on: 'recoverySql' },
        { action: 'lambda:InvokeFunction', on: 'recoveryCompute' },
        { action: 'lambda:InvokeFunction', on: 'recoverySources' },
        // How far a run has come.
        { action: 'dynamodb:Query', on: 'table' },
        { action: 'ssm:GetParameter', on: 'primaryRole' },
        { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
        { action: 'elasticloadbalancing:DescribeLoadBalancers', on: 'any' },
        // Whether the recovery side could take over.
        { action: 'ssm:GetParameter', on: 'recoveryRole' },
        { action: 'ssm:GetParameter', on: 'recoveryImage' },
        { action: 'rds:DescribeDBInstances', on: 'recoveryDatabases' },
        { action: 'autoscaling:DescribeScalingActivities', on: 'any', held: 'launch asked for' },
        { action: 'elasticloadbalancing:DescribeTargetHealth', on: 'any' },
        { action: 'cloudwatch:DescribeAlarms', on: 'anyIfAlarmed' },
        { action: 'states:StartExecution', on: 'failoverMachine' },
        // The topic is under the Region's key, which SNS uses in the name of whoever publishes.
        { action: 'sns:Publish', on: 'recoveryTopic' },
        { action: 'kms:Decrypt', on: 'dataKeys', held: 'asked by AWS alone' },
        { action: 'kms:GenerateDataKey', on: 'dataKeys', held: 'asked by AWS alone' },
        // What failing over would lose, and a link to decide it by.
        { action: 'cloudwatch:GetMetricData', on: 'any', held: 'person asked' },
        { action: 'ssm:GetParameter', on: 'approvalKey', held: 'person asked' },
        ...specOf('FlipLatchToRecovery').uses,
      ];
    case 'approve':
      return [...approveGrants];
    case 'fence':
      return [read, write, ...fence];
    case 'guard':
      return [
        side === 'primary' ? { ...read, on: 'primaryTable' } : read,
        // The recovery side's guard has nothing to renew before the workload has moved there.
        lease(side),
        { action: 'lambda:InvokeFunction', on: side === 'primary' ? 'primarySql' : 'recoverySql' },
      ];
    case 'sql':
      // The secrets are under Secrets Manager's own key, which asks its caller for nothing.
      return [
        { action: 'secretsmanager:GetSecretValue', on: side === 'primary' ? 'primarySecrets' : 'recoverySecrets' },
      ];
    case 'images':
      return imageGrants(side);
    case 'parameters':
      return parameterGrants(side);
    case 'tell':
      return [
        { action: 'ssm:GetParametersByPath', on: 'webhookParameters', held: 'webhook told' },
        { action: 'kms:Decrypt', on: 'dataKeys', held: 'webhook told' },
      ];
    case 'install':
      return installGrants(side);
    default:
      return [];
  }
}

/** Whoever has its address can ask it: it may no more than read what is asked of a person and write their answer. */
const approveGrants: readonly Grant[] = [
  { action: 'dynamodb:GetItem', on: 'approvalItems', held: 'person asked' },
  { action: 'dynamodb:PutItem', on: 'approvalItems', held: 'person asked' },
  { action: 'ssm:GetParameter', on: 'approvalKey', held: 'person asked' },
  { action: 'kms:Decrypt', on: 'dataKeys', held: 'person asked' },
];

/** Makes images of its own side's instances and copies them to the other side. */
function imageGrants(side: Side): Grant[] {
  const [own, there] = side === 'primary' ? (['Primary', 'Recovery'] as const) : (['Recovery', 'Primary'] as const);
  const making: Grant[] = [
    { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
    { action: 'ec2:CreateImage', on: `${side}Instances` },
    { action: 'ec2:CreateImage', on: `new${own}Images` },
    { action: 'ec2:CopyImage', on: `${side}Images` },
    { action: 'ec2:CopyImage', on: `new${there}Images` },
    { action: 'ec2:CreateTags', on: 'bornImages' },
    { action: 'ssm:PutParameter', on: 'imagePointers' },
    // EBS uses the keys of both ends of a copy in its caller's name.
    { action: 'kms:DescribeKey', on: 'dataKeys' },
    { action: 'kms:CreateGrant', on: 'dataKeys' },
    { action: 'kms:Decrypt', on: 'dataKeys' },
    { action: 'kms:GenerateDataKeyWithoutPlaintext', on: 'dataKeys' },
  ];
  return [
    read,
    { action: 'ec2:DescribeImages', on: 'any' },
    { action: 'ssm:GetParameter', on: 'imagePointers' },
    ...(side === 'primary'
      ? making
      : making.map((grant): Grant => ({ ...grant, held: 'long in the recovery Region' }))),
    { action: 'kms:ReEncryptFrom', on: 'dataKeys', held: 'asked by AWS alone' },
    { action: 'kms:ReEncryptTo', on: 'dataKeys', held: 'asked by AWS alone' },
    { action: 'ec2:DeregisterImage', on: 'ownImages', held: 'more images than are kept' },
    { action: 'ec2:DeleteSnapshot', on: 'ownSnapshots', held: 'more images than are kept' },
  ];
}

/** Reads both sides, and writes the other one. */
function parameterGrants(side: Side): Grant[] {
  const there = side === 'primary' ? 'recoveryParameters' : 'primaryParameters';
  return [
    read,
    // What was compared and copied is noted for the loss quote, by the side that is active.
    side === 'primary' ? write : { ...write, held: 'long in the recovery Region' },
    { action: 'ssm:GetParametersByPath', on: 'workloadParameters' },
    { action: 'ssm:GetParameter', on: 'workloadParameters', held: 'parameter changed' },
    { action: 'ssm:PutParameter', on: there, held: 'parameter changed' },
    { action: 'ssm:DeleteParameter', on: there, held: 'parameter changed' },
    ...secureParameters,
  ];
}

function installGrants(side: Side): Grant[] {
  const own = side === 'primary' ? 'primaryInstalled' : 'recoveryInstalled';
  return [
    { action: 'ssm:GetParameter', on: own },
    { action: 'ssm:PutParameter', on: own },
    { action: 'ssm:DeleteParameter', on: own, held: 'workload destroyed' },
    ...secureParameters,
    // Parameters of type aws:ec2:image are checked with the caller's rights.
    { action: 'ec2:DescribeImages', on: 'any' },
    // The database's own objects are made where it is written, and travel; the rule that leads home is asked for from home.
    ...(side === 'primary' ? installedAtHome : []),
  ];
}

/** The endpoint groups of an accelerator, made when both load balancers stand: with the primary's traffic. */
const endpointGroups: readonly Grant[] = [
  { action: 'ssm:GetParameter', on: 'acceleratorParameters' },
  { action: 'ssm:PutParameter', on: 'acceleratorParameters' },
  { action: 'ssm:DeleteParameter', on: 'acceleratorParameters', held: 'workload destroyed' },
  { action: 'elasticloadbalancing:DescribeLoadBalancers', on: 'anyIfAccelerated' },
  { action: 'globalaccelerator:ListEndpointGroups', on: 'acceleratorListeners' },
  { action: 'globalaccelerator:CreateEndpointGroup', on: 'acceleratorListeners' },
  { action: 'globalaccelerator:DeleteEndpointGroup', on: 'endpointGroups', held: 'workload destroyed' },
];

const installedAtHome: readonly Grant[] = [
  ...endpointGroups,
  { action: 'autoscaling:SetDesiredCapacity', on: 'widerGroups' },
  read,
  { action: 'lambda:InvokeFunction', on: 'primarySql' },
  { action: 's3:PutReplicationConfiguration', on: 'recoveryBuckets' },
  { action: 'iam:PassRole', on: 'replicationRole' },
];

/** SSM uses the key of a SecureString in the name of who reads or writes it; advanced ones have a data key of their own. */
const secureParameters: readonly Grant[] = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'].map((action) => ({
  action,
  on: 'dataKeys',
  held: 'secure parameter',
}));
