/** A workload of three groups as a template: two behind one load balancer, told apart by path, and one that serves nobody. */

import { afterEach, expect, it, vi } from 'vitest';
import { createCloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { scalingSandbox } from '../services/autoscaling/scaling-sandbox.ts';
import { network } from '../services/ec2/ec2-sandbox.ts';

interface GroupShape {
  readonly AutoScalingGroupName: string;
  readonly LaunchTemplate?: object;
  readonly MixedInstancesPolicy?: object;
  readonly HealthCheckType: string;
  readonly TargetGroupARNs: readonly string[];
  readonly Instances: readonly { InstanceType: string; LifecycleState: string }[];
}

type Sandbox = ReturnType<typeof scalingSandbox>;
let sandbox: Sandbox;
afterEach(() => sandbox.dispatcher.services.forEach((service) => void service.close?.()));

async function stack(operation: string, resources?: object): Promise<string> {
  const template = resources === undefined ? {} : { TemplateBody: JSON.stringify({ Resources: resources }) };
  await sandbox.call('cloudformation', operation, { StackName: 'app', ...template });
  return vi.waitFor(
    async () => {
      await sandbox.clock.advance(60_000);
      const status = await sandbox
        .call<{ Stacks: { StackStatus: string }[] }>('cloudformation', 'DescribeStacks', { StackName: 'app' })
        .then(
          ({ Stacks: [one] }) => one?.StackStatus ?? '',
          () => 'gone',
        );
      expect(status).not.toMatch(/IN_PROGRESS/);
      return status;
    },
    { timeout: 15_000 },
  );
}

async function groups(): Promise<Record<string, GroupShape>> {
  const { AutoScalingGroups } = await sandbox.asg<{ AutoScalingGroups: GroupShape[] }>('DescribeAutoScalingGroups', {});
  return Object.fromEntries(AutoScalingGroups.map((one) => [one.AutoScalingGroupName, one]));
}

const reference = {
  LaunchTemplateId: { Ref: 'Template' },
  Version: { 'Fn::GetAtt': ['Template', 'LatestVersionNumber'] },
};
const mixed = (...types: string[]) => ({
  LaunchTemplate: {
    LaunchTemplateSpecification: reference,
    Overrides: types.map((InstanceType) => ({ InstanceType })),
  },
  InstancesDistribution: { OnDemandAllocationStrategy: 'prioritized', OnDemandPercentageAboveBaseCapacity: 100 },
});

const launchTemplate = (SecurityGroupIds?: readonly string[]) => ({
  Type: 'AWS::EC2::LaunchTemplate',
  Properties: {
    LaunchTemplateData: { ImageId: 'ami-00000000000000001', InstanceType: 't3.large', SecurityGroupIds },
  },
});
const group = (name: string, subnets: readonly string[], more: object) => ({
  Type: 'AWS::AutoScaling::AutoScalingGroup',
  Properties: {
    AutoScalingGroupName: name,
    MinSize: '1',
    MaxSize: '2',
    DesiredCapacity: '1',
    VPCZoneIdentifier: subnets,
    ...more,
  },
});

it('changes a group between a launch template and a policy of several types, and rolls back to what it was', async () => {
  sandbox = scalingSandbox([createCloudFormationService]);
  const net = await network(sandbox);
  const resources = (more: object) => ({ Template: launchTemplate(), Web: group('web', net.privateSubnets, more) });

  expect(await stack('CreateStack', resources({ MixedInstancesPolicy: mixed('t3.small', 't3.medium') }))).toBe(
    'CREATE_COMPLETE',
  );
  await sandbox.clock.advance(180_000);
  expect((await groups()).web).toMatchObject({
    MixedInstancesPolicy: {
      LaunchTemplate: { Overrides: [{ InstanceType: 't3.small' }, { InstanceType: 't3.medium' }] },
    },
    Instances: [{ InstanceType: 't3.small', LifecycleState: 'InService' }],
  });

  expect(await stack('UpdateStack', resources({ LaunchTemplate: reference }))).toBe('UPDATE_COMPLETE');
  expect((await groups()).web).not.toHaveProperty('MixedInstancesPolicy');
  // What runs stays as it is: only what is launched from now on is of the new kind.
  expect((await groups()).web?.Instances).toMatchObject([{ InstanceType: 't3.small' }]);

  expect(await stack('UpdateStack', resources({ MixedInstancesPolicy: mixed('m5.large') }))).toBe('UPDATE_COMPLETE');
  expect((await groups()).web).toMatchObject({
    MixedInstancesPolicy: { LaunchTemplate: { Overrides: [{ InstanceType: 'm5.large' }] } },
  });

  const spot = { ...mixed('m5.large'), InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 } };
  expect(await stack('UpdateStack', resources({ MixedInstancesPolicy: spot }))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect((await groups()).web).toMatchObject({
    MixedInstancesPolicy: {
      LaunchTemplate: { Overrides: [{ InstanceType: 'm5.large' }] },
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 100 },
    },
  });
  expect(await stack('DeleteStack')).toBe('gone');
});

it('puts several groups behind one load balancer by path, beside one that serves nobody', {
  timeout: 20_000,
}, async () => {
  sandbox = scalingSandbox([createCloudFormationService]);
  const net = await network(sandbox);
  const { Subnet } = await sandbox.ec2<{ Subnet: { SubnetId: string } }>('CreateSubnet', {
    VpcId: net.vpcId,
    CidrBlock: '10.0.10.0/24',
    AvailabilityZone: 'us-east-1b',
  });
  const { RouteTables } = await sandbox.ec2<{ RouteTables: { RouteTableId: string }[] }>('DescribeRouteTables', {
    Filters: [{ Name: 'association.subnet-id', Values: [net.publicSubnet] }],
  });
  await sandbox.ec2('AssociateRouteTable', { RouteTableId: RouteTables[0]?.RouteTableId, SubnetId: Subnet.SubnetId });
  await sandbox.ec2('AuthorizeSecurityGroupIngress', {
    GroupId: net.groupId,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: net.groupId }] }],
  });
  const targets = {
    Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    Properties: { Protocol: 'HTTP', Port: 8080, VpcId: net.vpcId },
  };
  const collected = (...Metrics: string[]) => ({ MetricsCollection: [{ Granularity: '1Minute', Metrics }] });
  const rule = (Priority: number, paths: readonly string[]) => ({
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: { Ref: 'Listener' },
      Priority,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: paths } }],
      Actions: [{ Type: 'forward', TargetGroupArn: { Ref: 'ApiTargets' } }],
      Tags: [{ Key: 'paths', Value: paths.join(' ') }],
    },
  });
  const resources = (paths: readonly string[]) => ({
    Template: launchTemplate([net.groupId]),
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: { Name: 'app', Subnets: [net.publicSubnet, Subnet.SubnetId], SecurityGroups: [net.groupId] },
    },
    WebTargets: targets,
    ApiTargets: targets,
    Listener: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: { Ref: 'Balancer' },
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'WebTargets' } }],
      },
    },
    ApiRule: rule(10, paths),
    Web: group('web', net.privateSubnets, {
      LaunchTemplate: reference,
      TargetGroupARNs: [{ Ref: 'WebTargets' }],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 300,
    }),
    Api: group('api', net.privateSubnets, {
      MixedInstancesPolicy: mixed('t3.small'),
      TargetGroupARNs: [{ Ref: 'ApiTargets' }],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 300,
    }),
    Worker: group('worker', net.privateSubnets, {
      LaunchTemplate: reference,
      HealthCheckType: 'EC2',
      ...collected(paths.length === 1 ? 'GroupInServiceInstances' : 'GroupDesiredCapacity'),
    }),
  });
  const ruleTold = () => sandbox.told.get('us-east-1')?.balancers[0]?.listeners[0]?.rules[0]?.conditions;

  expect(await stack('CreateStack', resources(['/api/*']))).toBe('CREATE_COMPLETE');
  await sandbox.clock.advance(180_000);
  expect(await groups()).toMatchObject({
    web: { HealthCheckType: 'ELB', Instances: [{ LifecycleState: 'InService' }] },
    api: { HealthCheckType: 'ELB', Instances: [{ LifecycleState: 'InService', InstanceType: 't3.small' }] },
    worker: {
      HealthCheckType: 'EC2',
      TargetGroupARNs: [],
      Instances: [{ LifecycleState: 'InService' }],
      EnabledMetrics: [{ Metric: 'GroupInServiceInstances', Granularity: '1Minute' }],
    },
  });
  expect(ruleTold()).toEqual([{ field: 'path-pattern', values: ['/api/*'] }]);

  expect(await stack('UpdateStack', resources(['/api/*', '/v2/*']))).toBe('UPDATE_COMPLETE');
  expect(ruleTold()).toEqual([{ field: 'path-pattern', values: ['/api/*', '/v2/*'] }]);
  expect((await groups()).worker).toMatchObject({ EnabledMetrics: [{ Metric: 'GroupDesiredCapacity' }] });
  expect(await stack('DeleteStack')).toBe('gone');
  expect(await groups()).toEqual({});
});
