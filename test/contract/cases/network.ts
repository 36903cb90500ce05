/** EC2, load balancing, Auto Scaling and Route 53, as far as nothing has to run: networks, rules, groups, records. */

import {
  AlreadyExistsFault,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteLaunchTemplateCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateDescribeSubnets,
  waitUntilVpcAvailable,
} from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DuplicateTargetGroupNameException,
  ElasticLoadBalancingV2Client,
  LoadBalancerNotFoundException,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetHealthCheckCommand,
  GetHostedZoneCommand,
  HostedZoneNotEmpty,
  InvalidChangeBatch,
  ListResourceRecordSetsCommand,
  NoSuchHealthCheck,
  NoSuchHostedZone,
  Route53Client,
  waitUntilResourceRecordSetsChanged,
} from '@aws-sdk/client-route-53';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';

export const ec2 = [
  contractCase(
    'a network is made, found by filters, page by page, and told apart from what is not there',
    async (target) => {
      const { client, VpcId } = await vpcOf(target);
      await waitUntilVpcAvailable({ client, ...target.waiting }, { VpcIds: [VpcId] });
      for (const third of [1, 2, 3, 4, 5, 6]) {
        const { Subnet } = await client.send(new CreateSubnetCommand({ VpcId, CidrBlock: `10.77.${third}.0/24` }));
        target.after(() => client.send(new DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId })));
      }
      const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
      const pages = await pagesOf(paginateDescribeSubnets({ client, pageSize: 5 }, { Filters }));
      expect(pages.map(({ Subnets = [] }) => Subnets.length)).toEqual([5, 1]);
      const wild = await client.send(
        new DescribeVpcsCommand({
          Filters: [
            { Name: 'cidr', Values: ['10.77.*'] },
            { Name: 'vpc-id', Values: [VpcId] },
          ],
        }),
      );
      expect(wild.Vpcs).toMatchObject([
        { VpcId, CidrBlock: '10.77.0.0/16', State: 'available', OwnerId: target.account },
      ]);
      await refused(
        client.send(new DescribeVpcsCommand({ VpcIds: ['vpc-0123456789abcdef0'] })),
        'InvalidVpcID.NotFound',
        400,
      );
      await refused(
        client.send(new DescribeInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })),
        'InvalidInstanceID.NotFound',
        400,
      );
      await refused(
        client.send(new DescribeInstancesCommand({ InstanceIds: ['nonsense'] })),
        'InvalidInstanceID.Malformed',
        400,
      );
      await refused(
        client.send(new DescribeVpcsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })),
        'InvalidParameterValue',
        400,
      );
      await refused(client.send(new DescribeVpcsCommand({ DryRun: true })), 'DryRunOperation', 412);
      await refused(
        client.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.77.1.0/24' })),
        'InvalidSubnet.Conflict',
        400,
      );
      await refused(
        client.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.88.1.0/24' })),
        'InvalidSubnet.Range',
        400,
      );
      await refused(client.send(new DeleteVpcCommand({ VpcId })), 'DependencyViolation', 400);
    },
  ),

  contractCase('a security group holds each rule once', async (target) => {
    const { client, VpcId } = await vpcOf(target);
    const { GroupId } = await client.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: target.name(), Description: 'contract' }),
    );
    target.after(() => client.send(new DeleteSecurityGroupCommand({ GroupId })));
    const rule = {
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    };
    await client.send(new AuthorizeSecurityGroupIngressCommand(rule));
    await refused(client.send(new AuthorizeSecurityGroupIngressCommand(rule)), 'InvalidPermission.Duplicate', 400);
    const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId ?? ''] }));
    expect(SecurityGroups).toMatchObject([
      {
        IpPermissions: rule.IpPermissions,
        IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      },
    ]);
    const bad = {
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/99' }] }],
    };
    await refused(client.send(new AuthorizeSecurityGroupIngressCommand(bad)), 'InvalidParameterValue', 400);
  }),
];

export const elasticloadbalancing = [
  contractCase('target groups are made alike as often as one likes, and no two of one name', async (target) => {
    const { VpcId } = await vpcOf(target);
    const client = target.client(ElasticLoadBalancingV2Client);
    const given = { Name: target.name(), Protocol: 'HTTP' as const, Port: 80, VpcId };
    const { TargetGroups: [group] = [] } = await client.send(new CreateTargetGroupCommand(given));
    target.after(() => client.send(new DeleteTargetGroupCommand({ TargetGroupArn: group?.TargetGroupArn })));
    expect(group).toMatchObject({
      HealthCheckIntervalSeconds: 30,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200' },
    });
    const again = await client.send(new CreateTargetGroupCommand(given));
    expect(again.TargetGroups?.[0]?.TargetGroupArn).toBe(group?.TargetGroupArn);
    await refused(
      client.send(new CreateTargetGroupCommand({ ...given, Port: 81 })),
      DuplicateTargetGroupNameException,
      400,
    );
    await refused(
      client.send(new DescribeTargetGroupsCommand({ Names: ['pl-contract-none'] })),
      TargetGroupNotFoundException,
      400,
    );
    await refused(
      client.send(new DescribeLoadBalancersCommand({ Names: ['pl-contract-none'] })),
      LoadBalancerNotFoundException,
      400,
    );
  }),
];

export const autoscaling = [
  contractCase('a group keeps to its bounds', async (target) => {
    const { client: ec2Client, VpcId } = await vpcOf(target);
    const { Subnet } = await ec2Client.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.77.1.0/24' }));
    target.after(() => ec2Client.send(new DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId })));
    const name = target.name();
    await ec2Client.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: {
          InstanceType: 't3.micro',
          ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
        },
      }),
    );
    target.after(() => ec2Client.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: name })));
    const client = target.client(AutoScalingClient);
    const group = {
      AutoScalingGroupName: name,
      MinSize: 0,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateName: name },
      VPCZoneIdentifier: Subnet?.SubnetId,
    };
    await client.send(new CreateAutoScalingGroupCommand(group));
    target.after(() =>
      client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true })),
    );
    await refused(client.send(new CreateAutoScalingGroupCommand(group)), AlreadyExistsFault, 400);
    const { AutoScalingGroups } = await client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    expect(AutoScalingGroups).toMatchObject([
      { MinSize: 0, MaxSize: 1, DesiredCapacity: 0, Instances: [], LaunchTemplate: { Version: '$Default' } },
    ]);
    await refused(
      client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 2 })),
      'ValidationError',
      400,
    );
    await refused(
      client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MinSize: 3 })),
      'ValidationError',
      400,
    );
    await refused(
      client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: `${name}-none`, MaxSize: 3 })),
      'ValidationError',
      400,
    );
    const none = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [`${name}-none`] }));
    expect(none.AutoScalingGroups).toEqual([]);
  }),
];

export const route53 = [
  contractCase(
    'a batch of changes is taken whole or not at all, and is PENDING until it is INSYNC',
    async (target) => {
      const client = target.client(Route53Client);
      const Name = `${target.name()}.example.`;
      const { HostedZone } = await client.send(new CreateHostedZoneCommand({ Name, CallerReference: target.name() }));
      const HostedZoneId = HostedZone?.Id;
      target.after(() => client.send(new DeleteHostedZoneCommand({ Id: HostedZoneId })));
      const record = (host: string, Value: string) => ({
        Name: `${host}.${Name}`,
        Type: 'A' as const,
        TTL: 60,
        ResourceRecords: [{ Value }],
      });
      const change = (
        ...Changes: { Action: 'CREATE' | 'DELETE' | 'UPSERT'; ResourceRecordSet: ReturnType<typeof record> }[]
      ) => client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
      const { ChangeInfo } = await change({ Action: 'CREATE', ResourceRecordSet: record('a', '192.0.2.1') });
      expect(ChangeInfo?.Status).toBe('PENDING');
      await waitUntilResourceRecordSetsChanged({ client, ...target.waiting }, { Id: ChangeInfo?.Id });
      await refused(
        change(
          { Action: 'CREATE', ResourceRecordSet: record('b', '192.0.2.2') },
          { Action: 'CREATE', ResourceRecordSet: record('a', '192.0.2.3') },
        ),
        InvalidChangeBatch,
        400,
      );
      await refused(change({ Action: 'UPSERT', ResourceRecordSet: record('c', 'nonsense') }), InvalidChangeBatch, 400);
      const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
      expect(ResourceRecordSets.map((set) => [set.Name, set.Type])).toEqual([
        [Name, 'NS'],
        [Name, 'SOA'],
        [`a.${Name}`, 'A'],
      ]);
      await refused(client.send(new DeleteHostedZoneCommand({ Id: HostedZoneId })), HostedZoneNotEmpty, 400);
      await refused(change({ Action: 'DELETE', ResourceRecordSet: record('a', '192.0.2.9') }), InvalidChangeBatch, 400);
      await change({ Action: 'DELETE', ResourceRecordSet: record('a', '192.0.2.1') });
      await refused(client.send(new GetHostedZoneCommand({ Id: 'Z0000000NONE' })), NoSuchHostedZone, 404);
      await refused(
        client.send(new GetHealthCheckCommand({ HealthCheckId: '11111111-1111-4111-8111-111111111111' })),
        NoSuchHealthCheck,
        404,
      );
    },
    { cost: 'cents', minutes: 3 },
  ),
];

async function vpcOf(target: ContractTarget): Promise<{ client: EC2Client; VpcId: string }> {
  const client = target.client(EC2Client);
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: '10.77.0.0/16' }));
  const VpcId = Vpc?.VpcId ?? '';
  target.after(() => client.send(new DeleteVpcCommand({ VpcId })));
  return { client, VpcId };
}
