/** What each control function may do: for the step functions, what the catalogue says their steps use; for the others, listed here. */

import type { FunctionName } from '../functions/contract.ts';
import { functionSpecs } from '../functions/contract.ts';
import type { Side } from '../workload/config.ts';
import type { Grant, StepName } from './catalogue.ts';
import { catalogue, specOf } from './catalogue.ts';

/** The grants of a function on a side, each once. */
export function grantsOf(name: FunctionName, side: Side): readonly Grant[] {
  const granted = functionSpecs[name].handler === 'step' ? stepGrants(name) : otherGrants(name, side);
  return [...new Map(granted.map((grant) => [`${grant.action} ${grant.on}`, grant])).values()];
}

function stepGrants(name: FunctionName): Grant[] {
  const own = (Object.keys(catalogue) as StepName[]).filter((step) => specOf(step).function === name);
  return own.flatMap((step) => specOf(step).uses);
}

const read: Grant = { action: 'dynamodb:GetItem', on: 'table' };
const write: Grant = { action: 'dynamodb:PutItem', on: 'table' };

/** The endpoint groups of an accelerator, made when both load balancers stand: with the primary's traffic. */
const endpointGroups: readonly Grant[] = [
  { action: 'ssm:GetParameter', on: 'acceleratorParameters' },
  { action: 'ssm:PutParameter', on: 'acceleratorParameters' },
  { action: 'ssm:DeleteParameter', on: 'acceleratorParameters' },
  { action: 'elasticloadbalancing:DescribeLoadBalancers', on: 'anyIfAccelerated' },
  { action: 'globalaccelerator:ListEndpointGroups', on: 'acceleratorListeners' },
  { action: 'globalaccelerator:CreateEndpointGroup', on: 'acceleratorListeners' },
  { action: 'globalaccelerator:DeleteEndpointGroup', on: 'endpointGroups' },
];

function otherGrants(name: FunctionName, side: Side): Grant[] {
  switch (name) {
    case 'watch':
      return [
        read,
        write,
        { action: 'lambda:InvokeFunction', on: 'recoverySql' },
        { action: 'ssm:GetParameter', on: 'primaryRole' },
        { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
        { action: 'elasticloadbalancing:DescribeLoadBalancers', on: 'any' },
        { action: 'states:StartExecution', on: 'failoverMachine' },
        ...specOf('FlipLatchToRecovery').uses,
      ];
    case 'fence':
      return [...specOf('FencePrimary').uses];
    case 'sql':
      // The secrets are under Secrets Manager's own key, which asks its caller for nothing.
      return [
        { action: 'secretsmanager:GetSecretValue', on: side === 'primary' ? 'primarySecrets' : 'recoverySecrets' },
      ];
    case 'images':
      return [
        read,
        { action: 'ec2:DescribeImages', on: 'any' },
        { action: 'ec2:CreateImage', on: 'imageMaking' },
        { action: 'ec2:CopyImage', on: 'imageMaking' },
        { action: 'ec2:CreateTags', on: 'imageMaking' },
        { action: 'ec2:DeregisterImage', on: 'imageMaking' },
        { action: 'ec2:DeleteSnapshot', on: 'imageMaking' },
        { action: 'autoscaling:DescribeAutoScalingGroups', on: 'any' },
        { action: 'ssm:GetParameter', on: 'imagePointers' },
        { action: 'ssm:PutParameter', on: 'imagePointers' },
        // EBS uses the keys of both ends of a copy in its caller's name.
        { action: 'kms:DescribeKey', on: 'dataKeys' },
        { action: 'kms:CreateGrant', on: 'dataKeys' },
        { action: 'kms:Decrypt', on: 'dataKeys' },
        { action: 'kms:GenerateDataKeyWithoutPlaintext', on: 'dataKeys' },
        { action: 'kms:ReEncryptFrom', on: 'dataKeys' },
        { action: 'kms:ReEncryptTo', on: 'dataKeys' },
      ];
    case 'parameters':
      return [
        read,
        { action: 'ssm:GetParameter', on: 'workloadParameters' },
        { action: 'ssm:GetParametersByPath', on: 'workloadParameters' },
        { action: 'ssm:PutParameter', on: 'workloadParameters' },
        { action: 'ssm:DeleteParameter', on: 'workloadParameters' },
        { action: 'kms:Decrypt', on: 'dataKeys' },
        { action: 'kms:Encrypt', on: 'dataKeys' },
        { action: 'kms:GenerateDataKey', on: 'dataKeys' },
      ];
    case 'tell':
      return [
        { action: 'ssm:GetParametersByPath', on: 'webhookParameters' },
        { action: 'kms:Decrypt', on: 'dataKeys' },
      ];
    case 'install':
      return [
        read,
        { action: 'ssm:GetParameter', on: 'installedParameters' },
        { action: 'ssm:PutParameter', on: 'installedParameters' },
        { action: 'ssm:DeleteParameter', on: 'installedParameters' },
        { action: 'kms:Encrypt', on: 'dataKeys' },
        { action: 'kms:Decrypt', on: 'dataKeys' },
        { action: 'kms:GenerateDataKey', on: 'dataKeys' },
        // Parameters of type aws:ec2:image are checked with the caller's rights.
        { action: 'ec2:DescribeImages', on: 'any' },
        { action: 's3:PutReplicationConfiguration', on: 'recoveryBuckets' },
        ...(side === 'primary' ? endpointGroups : []),
        { action: 'iam:PassRole', on: 'replicationRole' },
        { action: 'lambda:InvokeFunction', on: side === 'primary' ? 'primarySql' : 'recoverySql' },
      ];
    default:
      return [];
  }
}
