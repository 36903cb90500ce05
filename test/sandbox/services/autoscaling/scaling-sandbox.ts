/** EC2, load balancing and Auto Scaling on a virtual clock, with a stand-in for the balancer process that finds every admitted target healthy. */

import type { Balancers } from '../../../../src/sandbox/balancer/balancer-process.ts';
import type { BalancerConfiguration } from '../../../../src/sandbox/balancer/configuration.ts';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { createAutoScalingService } from '../../../../src/sandbox/services/autoscaling/service.ts';
import { createElasticLoadBalancingService } from '../../../../src/sandbox/services/elasticloadbalancing/service.ts';
import type { Ec2Sandbox, TestNetwork } from '../ec2/ec2-sandbox.ts';
import { appImage, ec2Sandbox, network, parameterStore } from '../ec2/ec2-sandbox.ts';

export interface ScalingSandbox extends Ec2Sandbox {
  /** What the balancers were told last. */
  readonly told: Map<string, BalancerConfiguration>;
  /** Targets the balancers find unfit. */
  readonly sick: Set<string>;
  /** What SSM answers. */
  readonly parameters: Map<string, string>;
  asg<Output = Record<string, unknown>>(operation: string, input: object, region?: string): Promise<Output>;
  elb<Output = Record<string, unknown>>(operation: string, input: object, region?: string): Promise<Output>;
}

export function scalingSandbox(more: readonly ServiceFactory[] = []): ScalingSandbox {
  const told = new Map<string, BalancerConfiguration>();
  const sick = new Set<string>();
  const parameters = new Map<string, string>();
  const balancers: Balancers = {
    configure: async (region, configuration) => {
      told.set(region, configuration);
      const arns = configuration.balancers.flatMap((balancer) => balancer.listeners.map((listener) => listener.arn));
      return { ports: Object.fromEntries(arns.map((arn, index) => [arn, 10_000 + index])) };
    },
    health: async (region) =>
      (told.get(region)?.targetGroups ?? []).flatMap((group) =>
        group.targets.map((target) => ({
          targetGroup: group.arn,
          id: target.id,
          port: target.port,
          state: target.admitted && !sick.has(target.id) ? ('healthy' as const) : ('unhealthy' as const),
        })),
      ),
    onLost: () => {},
    close: () => {},
  };
  const sandbox = ec2Sandbox([
    (core) => createElasticLoadBalancingService(core, { balancers }),
    (core) => createAutoScalingService(core),
    parameterStore(parameters),
    ...more,
  ]);
  return {
    ...sandbox,
    told,
    sick,
    parameters,
    asg: (name, input, region) => sandbox.call('autoscaling', name, input, region),
    elb: (name, input, region) => sandbox.call('elasticloadbalancing', name, input, region),
  };
}

export interface Group {
  readonly net: TestNetwork;
  readonly templateId: string;
}

/** A launch template `app` and an empty group `app` over both private subnets. */
export async function group(sandbox: ScalingSandbox, more: { data?: object; input?: object } = {}): Promise<Group> {
  const net = await network(sandbox);
  const { LaunchTemplate } = await sandbox.ec2<{ LaunchTemplate: { LaunchTemplateId: string } }>(
    'CreateLaunchTemplate',
    {
      LaunchTemplateName: 'app',
      LaunchTemplateData: {
        ImageId: appImage,
        InstanceType: 't3.medium',
        SecurityGroupIds: [net.groupId],
        ...more.data,
      },
    },
  );
  await sandbox.asg('CreateAutoScalingGroup', {
    AutoScalingGroupName: 'app',
    LaunchTemplate: { LaunchTemplateName: 'app', Version: '$Latest' },
    MinSize: 0,
    MaxSize: 4,
    DesiredCapacity: 0,
    VPCZoneIdentifier: net.privateSubnets.join(','),
    Tags: [{ Key: 'team', Value: 'photos', PropagateAtLaunch: true }],
    ...more.input,
  });
  return { net, templateId: LaunchTemplate.LaunchTemplateId };
}

export interface Member {
  readonly InstanceId: string;
  readonly LifecycleState: string;
  readonly HealthStatus: string;
  readonly AvailabilityZone: string;
  readonly InstanceType: string;
}

export async function members(sandbox: ScalingSandbox): Promise<Member[]> {
  const { AutoScalingGroups } = await sandbox.asg<{ AutoScalingGroups: { Instances: Member[] }[] }>(
    'DescribeAutoScalingGroups',
    { AutoScalingGroupNames: ['app'] },
  );
  return AutoScalingGroups[0]?.Instances ?? [];
}

export async function activities(
  sandbox: ScalingSandbox,
): Promise<{ StatusCode: string; StatusMessage?: string; Description: string; Cause: string }[]> {
  return (
    await sandbox.asg<{
      Activities: { StatusCode: string; StatusMessage?: string; Description: string; Cause: string }[];
    }>('DescribeScalingActivities', { AutoScalingGroupName: 'app' })
  ).Activities;
}
