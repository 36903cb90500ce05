/** What is being made, moved or ended when the sandbox is killed comes to its end: networks, images, instances, groups, balancers, names. */

import { describe, expect, test } from 'vitest';
import { pass } from '../../../support/story.ts';
import { expectSameEnd } from './expect-same-end.ts';
import { here, image, minutes, seconds, there, type WholeWorld, wholeWorld } from './whole-world.ts';

interface Net {
  readonly vpc: string;
  readonly subnets: readonly string[];
  readonly group: string;
}

async function network({ call }: WholeWorld, region = here): Promise<Net> {
  const { Vpc } = await call<{ Vpc: { VpcId: string } }>('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' }, region);
  const VpcId = Vpc.VpcId;
  const subnets: string[] = [];
  for (const [index, letter] of ['a', 'b'].entries()) {
    const input = { VpcId, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `${region}${letter}` };
    const { Subnet } = await call<{ Subnet: { SubnetId: string } }>('ec2', 'CreateSubnet', input, region);
    subnets.push(Subnet.SubnetId);
  }
  const { InternetGateway } = await call<{ InternetGateway: { InternetGatewayId: string } }>(
    'ec2',
    'CreateInternetGateway',
    {},
    region,
  );
  const { InternetGatewayId } = InternetGateway;
  await call('ec2', 'AttachInternetGateway', { VpcId, InternetGatewayId }, region);
  const named = { VpcId, GroupName: 'app', Description: 'app' };
  const { GroupId } = await call<{ GroupId: string }>('ec2', 'CreateSecurityGroup', named, region);
  const open = { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  await call('ec2', 'AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [open] }, region);
  return { vpc: VpcId, subnets, group: GroupId };
}

const launch = async (
  { call }: WholeWorld,
  { subnets, group }: Net,
  ImageId = image,
  region = here,
): Promise<string> => {
  const { Instances } = await call<{ Instances: { InstanceId: string }[] }>(
    'ec2',
    'RunInstances',
    {
      ImageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnets[0],
      SecurityGroupIds: [group],
    },
    region,
  );
  return Instances[0]?.InstanceId ?? '';
};

const instances = async ({ call }: WholeWorld, region = here) => {
  type Answer = { Reservations: { Instances: { State: { Name: string } }[] }[] };
  const { Reservations } = await call<Answer>('ec2', 'DescribeInstances', {}, region);
  const statuses = await call<{ InstanceStatuses: { InstanceStatus: { Status: string } }[] }>(
    'ec2',
    'DescribeInstanceStatus',
    {},
    region,
  );
  return {
    states: Reservations.flatMap(({ Instances }) => Instances.map(({ State }) => State.Name)).sort(),
    checks: statuses.InstanceStatuses.map(({ InstanceStatus }) => InstanceStatus.Status),
  };
};

describe('a NAT gateway', () => {
  const make = async (world: WholeWorld): Promise<string> => {
    const { subnets } = await network(world);
    const { AllocationId } = await world.call<{ AllocationId: string }>('ec2', 'AllocateAddress', { Domain: 'vpc' });
    const { NatGateway } = await world.call<{ NatGateway: { NatGatewayId: string } }>('ec2', 'CreateNatGateway', {
      SubnetId: subnets[0],
      AllocationId,
    });
    return NatGateway.NatGatewayId;
  };
  const end = async ({ call }: WholeWorld) => {
    const gateways = await call<{ NatGateways: { State: string }[] }>('ec2', 'DescribeNatGateways');
    const { Addresses } = await call<{ Addresses: { AssociationId?: string }[] }>('ec2', 'DescribeAddresses');
    return {
      states: gateways.NatGateways.map(({ State }) => State),
      held: Addresses.map(({ AssociationId }) => AssociationId !== undefined),
    };
  };

  test('is made', async () => {
    const found = await expectSameEnd({ world: wholeWorld(), begin: make, lasts: 10 * minutes, end });
    expect(found).toEqual({ states: ['available'], held: [true] });
  });

  test('is deleted, and gives its address back', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        const NatGatewayId = await make(world);
        await world.sandbox.clock.advance(10 * minutes);
        await world.call('ec2', 'DeleteNatGateway', { NatGatewayId });
      },
      lasts: 10 * minutes,
      end,
    });
    expect(found).toEqual({ states: ['deleted'], held: [false] });
  });
});

test('an interface endpoint is made, another one is deleted', async () => {
  const found = await expectSameEnd({
    world: wholeWorld(),
    async begin(world) {
      const { vpc, subnets, group } = await network(world);
      const ids: string[] = [];
      for (const name of ['sts', 'ssm']) {
        const { VpcEndpoint } = await world.call<{ VpcEndpoint: { VpcEndpointId: string } }>(
          'ec2',
          'CreateVpcEndpoint',
          {
            VpcId: vpc,
            VpcEndpointType: 'Interface',
            ServiceName: `com.amazonaws.${here}.${name}`,
            SubnetIds: [subnets[0]],
            SecurityGroupIds: [group],
          },
        );
        ids.push(VpcEndpoint.VpcEndpointId);
        if (ids.length === 1) await world.sandbox.clock.advance(5 * minutes);
      }
      await world.call('ec2', 'DeleteVpcEndpoints', { VpcEndpointIds: [ids[0]] });
    },
    lasts: 10 * minutes,
    async end({ call }) {
      type Answer = { VpcEndpoints: { State: string; ServiceName: string }[] };
      const { VpcEndpoints } = await call<Answer>('ec2', 'DescribeVpcEndpoints');
      return VpcEndpoints.map(({ State, ServiceName }) => `${ServiceName.split('.').at(-1)} ${State.toLowerCase()}`);
    },
  });
  expect(found).toEqual(['ssm available']);
});

describe('an instance', { timeout: 180_000 }, () => {
  test('comes up, and another one goes', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      step: 10 * seconds,
      async begin(world) {
        const net = await network(world);
        const gone = await launch(world, net);
        const stopped = await launch(world, net);
        await pass(world, { lasts: 5 * minutes, step: 10 * seconds });
        await launch(world, net);
        await world.call('ec2', 'StopInstances', { InstanceIds: [stopped] });
        await world.call('ec2', 'TerminateInstances', { InstanceIds: [gone] });
      },
      lasts: 10 * minutes,
      end: (world) => instances(world),
    });
    expect(found).toEqual({ states: ['running', 'stopped', 'terminated'], checks: ['ok'] });
  });

  test('is imaged, the image is copied to the other Region, and an instance of it runs there', async () => {
    const states = async ({ call }: WholeWorld, region: string) => {
      type Answer = { Images: { ImageId: string; State: string }[] };
      const { Images } = await call<Answer>('ec2', 'DescribeImages', { Owners: ['self'] }, region);
      return Images.filter(({ ImageId }) => ImageId !== image).map(({ State }) => State);
    };
    const found = await expectSameEnd({
      world: wholeWorld(),
      step: 10 * seconds,
      async begin(world) {
        const id = await launch(world, await network(world));
        await pass(world, { lasts: 5 * minutes, step: 10 * seconds });
        const made = { InstanceId: id, NoReboot: true };
        const { ImageId } = await world.call<{ ImageId: string }>('ec2', 'CreateImage', { ...made, Name: 'one' });
        await pass(world, { lasts: 30 * minutes, step: 10 * seconds });
        await world.call('ec2', 'CreateImage', { ...made, Name: 'two' });
        const copied = { SourceImageId: ImageId, SourceRegion: here, Name: 'copy' };
        const copy = await world.call<{ ImageId: string }>('ec2', 'CopyImage', copied, there);
        return copy.ImageId;
      },
      lasts: 60 * minutes,
      async end(world, copy) {
        const before = { here: await states(world, here), there: await states(world, there) };
        await launch(world, await network(world, there), copy, there);
        await pass(world, { lasts: 5 * minutes, step: 10 * seconds });
        return { ...before, ran: await instances(world, there) };
      },
    });
    expect(found).toEqual({
      here: ['available', 'available'],
      there: ['available'],
      ran: { states: ['running'], checks: ['ok'] },
    });
  });
});

describe('a group behind a load balancer', { timeout: 180_000 }, () => {
  const begin = async (world: WholeWorld): Promise<void> => {
    const { call } = world;
    const { vpc, subnets, group } = await network(world);
    const { LoadBalancers } = await call<{ LoadBalancers: { LoadBalancerArn: string }[] }>(
      'elasticloadbalancing',
      'CreateLoadBalancer',
      { Name: 'web', Subnets: subnets, SecurityGroups: [group] },
    );
    const { TargetGroups } = await call<{ TargetGroups: { TargetGroupArn: string }[] }>(
      'elasticloadbalancing',
      'CreateTargetGroup',
      { Name: 'app', Protocol: 'HTTP', Port: 8080, VpcId: vpc },
    );
    const TargetGroupArn = TargetGroups[0]?.TargetGroupArn;
    await call('elasticloadbalancing', 'CreateListener', {
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    });
    await call('ec2', 'CreateLaunchTemplate', {
      LaunchTemplateName: 'app',
      LaunchTemplateData: { ImageId: image, InstanceType: 't3.micro', SecurityGroupIds: [group] },
    });
    await call('autoscaling', 'CreateAutoScalingGroup', {
      AutoScalingGroupName: 'app',
      LaunchTemplate: { LaunchTemplateName: 'app', Version: '$Latest' },
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 2,
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 300,
      TargetGroupARNs: [TargetGroupArn],
      VPCZoneIdentifier: subnets.join(','),
    });
  };
  const end = async (world: WholeWorld) => {
    const { call } = world;
    type Groups = { AutoScalingGroups: { Instances: { LifecycleState: string; HealthStatus: string }[] }[] };
    const { AutoScalingGroups } = await call<Groups>('autoscaling', 'DescribeAutoScalingGroups');
    type Arns = { TargetGroups: { TargetGroupArn: string }[] };
    const { TargetGroups } = await call<Arns>('elasticloadbalancing', 'DescribeTargetGroups');
    type Health = { TargetHealthDescriptions: { TargetHealth: { State: string } }[] };
    const health = await call<Health>('elasticloadbalancing', 'DescribeTargetHealth', {
      TargetGroupArn: TargetGroups[0]?.TargetGroupArn,
    });
    type Balancers = { LoadBalancers: { State: { Code: string } }[] };
    const { LoadBalancers } = await call<Balancers>('elasticloadbalancing', 'DescribeLoadBalancers');
    return {
      balancers: LoadBalancers.map(({ State }) => State.Code),
      members: AutoScalingGroups[0]?.Instances.map((one) => `${one.LifecycleState} ${one.HealthStatus}`),
      targets: health.TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth.State),
      instances: (await instances(world)).states,
    };
  };

  test('comes to its size, no more and no less, and its targets are healthy', async () => {
    const found = await expectSameEnd({ world: wholeWorld(), step: 20 * seconds, begin, lasts: 15 * minutes, end });
    expect(found).toEqual({
      balancers: ['active'],
      members: ['InService Healthy', 'InService Healthy'],
      targets: ['healthy', 'healthy'],
      instances: ['running', 'running'],
    });
  });

  test('goes down to nothing, and its targets drain', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      step: 20 * seconds,
      async begin(world) {
        await begin(world);
        await pass(world, { lasts: 15 * minutes, step: 20 * seconds });
        await world.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: 'app', DesiredCapacity: 0 });
      },
      lasts: 20 * minutes,
      end,
    });
    expect(found).toMatchObject({ members: [], targets: [] });
  });
});

test('a record set that is PENDING is answered and INSYNC in the end', async () => {
  const found = await expectSameEnd({
    world: wholeWorld(),
    async begin({ call }) {
      const { HostedZone } = await call<{ HostedZone: { Id: string } }>('route53', 'CreateHostedZone', {
        Name: 'photos.example',
        CallerReference: '1',
      });
      const { ChangeInfo } = await call<{ ChangeInfo: { Id: string } }>('route53', 'ChangeResourceRecordSets', {
        HostedZoneId: HostedZone.Id,
        ChangeBatch: {
          Changes: [
            {
              Action: 'UPSERT',
              ResourceRecordSet: {
                Name: 'www.photos.example',
                Type: 'A',
                TTL: 60,
                ResourceRecords: [{ Value: '10.0.0.1' }],
              },
            },
          ],
        },
      });
      return ChangeInfo.Id;
    },
    lasts: 5 * minutes,
    async end({ call, sandbox }, Id) {
      const { ChangeInfo } = await call<{ ChangeInfo: { Status: string } }>('route53', 'GetChange', { Id });
      const answer = sandbox.core.network.resolve('www.photos.example', 'A', 'outside');
      return { status: ChangeInfo.Status, values: answer?.values };
    },
  });
  expect(found).toEqual({ status: 'INSYNC', values: ['10.0.0.1'] });
});

test('a parameter whose image is still being checked has its new value, or the one before', async () => {
  const found = await expectSameEnd({
    world: wholeWorld(),
    async begin({ call, sandbox }) {
      const put = (Value: string) =>
        call('ssm', 'PutParameter', {
          Name: '/ami',
          Type: 'String',
          DataType: 'aws:ec2:image',
          Value,
          Overwrite: true,
        });
      await put(image);
      await sandbox.clock.advance(60 * seconds);
      await put(image);
      await put('ami-0000000000000dead').catch(() => {});
    },
    lasts: 10 * minutes,
    async end({ call }) {
      type Answer = { Parameter: { Value: string; Version: number } };
      const { Parameter } = await call<Answer>('ssm', 'GetParameter', { Name: '/ami' });
      return { value: Parameter.Value, version: Parameter.Version };
    },
  });
  expect(found).toMatchObject({ value: image });
});
