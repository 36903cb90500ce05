/** Scaling policies: target tracking is recorded and described. Nothing here measures load, so none ever acts. */

import type {
  DeletePolicyCommandInput,
  DescribePoliciesCommandInput,
  DescribePoliciesCommandOutput,
  PutScalingPolicyCommandInput,
  PutScalingPolicyCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { askOnGroup, groupOf, validationError } from './lookup.ts';
import type { PolicyRow } from './rows.ts';
import { scalingTables } from './rows.ts';

export function policyOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    PutScalingPolicy: strictOperation<PutScalingPolicyCommandInput, Answer<PutScalingPolicyCommandOutput>>({
      name: 'PutScalingPolicy',
      members: [
        'AutoScalingGroupName',
        'PolicyName',
        'PolicyType',
        'TargetTrackingConfiguration',
        'EstimatedInstanceWarmup',
        'Enabled',
      ],
      authorize: (input, call) => [askOnGroup(core, call, 'PutScalingPolicy', input.AutoScalingGroupName)],
      handle(input, call) {
        const group = groupOf(core, call.region, input.AutoScalingGroupName);
        const { PolicyName: name, TargetTrackingConfiguration: configuration } = input;
        if (input.PolicyType !== 'TargetTrackingScaling') {
          throw new AwsError(
            'UnsupportedOperation',
            `The sandbox doesn't support scaling policies of type ${input.PolicyType}. It supports: TargetTrackingScaling.`,
          );
        }
        if (name === undefined || configuration === undefined) {
          throw validationError(
            'PolicyName and TargetTrackingConfiguration must be specified for policy type TargetTrackingScaling.',
          );
        }
        const { policies } = scalingTables(core, call.region);
        const key = `${group.name}/${name}`;
        const arn =
          policies.get(key)?.arn ??
          `arn:aws:autoscaling:${call.region}:${core.account}:scalingPolicy:${core.ids.uuid()}:autoScalingGroupName/${group.name}:policyName/${name}`;
        policies.put(key, {
          arn,
          name,
          group: group.name,
          enabled: input.Enabled ?? true,
          configuration,
          ...(input.EstimatedInstanceWarmup === undefined ? {} : { warmup: input.EstimatedInstanceWarmup }),
        });
        return { PolicyARN: arn, Alarms: [] };
      },
    }),
    DescribePolicies: strictOperation<DescribePoliciesCommandInput, Answer<DescribePoliciesCommandOutput>>({
      name: 'DescribePolicies',
      members: ['AutoScalingGroupName', 'PolicyNames', 'PolicyTypes', 'NextToken', 'MaxRecords'],
      handle(input, call) {
        const rows = scalingTables(core, call.region)
          .policies.values()
          .filter((row) => input.AutoScalingGroupName === undefined || row.group === input.AutoScalingGroupName)
          .filter((row) => input.PolicyNames?.some((name) => name === row.name || name === row.arn) ?? true)
          .filter(() => input.PolicyTypes?.includes('TargetTrackingScaling') ?? true);
        const cut = page(rows, input.MaxRecords, input.NextToken, 100);
        return {
          ScalingPolicies: cut.rows.map((row) => ({
            AutoScalingGroupName: row.group,
            PolicyName: row.name,
            PolicyARN: row.arn,
            PolicyType: 'TargetTrackingScaling',
            TargetTrackingConfiguration: row.configuration,
            EstimatedInstanceWarmup: row.warmup,
            Enabled: row.enabled,
            Alarms: [],
          })),
          NextToken: cut.nextToken,
        };
      },
    }),
    DeletePolicy: strictOperation<DeletePolicyCommandInput, object>({
      name: 'DeletePolicy',
      members: ['AutoScalingGroupName', 'PolicyName'],
      authorize: (input, call) => [
        askOnGroup(core, call, 'DeletePolicy', policyOf(core, call.region, input)?.group ?? input.AutoScalingGroupName),
      ],
      handle(input, call) {
        const row = policyOf(core, call.region, input);
        if (row === undefined) throw validationError(`Policy not found: ${input.PolicyName}`);
        scalingTables(core, call.region).policies.delete(`${row.group}/${row.name}`);
        return {};
      },
    }),
  };
}

const policyOf = (core: SandboxCore, region: string, input: DeletePolicyCommandInput): PolicyRow | undefined =>
  scalingTables(core, region)
    .policies.values()
    .find(
      (row) =>
        row.arn === input.PolicyName || (row.name === input.PolicyName && row.group === input.AutoScalingGroupName),
    );
