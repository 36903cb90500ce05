/** Machines and who keeps them: images, image parameters, groups that launch and replace, load balancers. */

import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  paginateDescribeTags,
  ResourceInUseFault,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AttachInternetGatewayCommand,
  CopyImageCommand,
  CreateImageCommand,
  CreateInternetGatewayCommand,
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  type Image,
  RunInstancesCommand,
  TerminateInstancesCommand,
  waitUntilImageAvailable,
  waitUntilInstanceRunning,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  DuplicateListenerException,
  DuplicateLoadBalancerNameException,
  ElasticLoadBalancingV2Client,
  InvalidTargetException,
  ListenerNotFoundException,
  ModifyListenerCommand,
  PriorityInUseException,
  RegisterTargetsCommand,
  ResourceInUseException,
  SubnetNotFoundException,
  waitUntilLoadBalancerAvailable,
  waitUntilLoadBalancersDeleted,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';
import { tryHttps } from './edge.ts';

const stockPath = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

export const images = [
  contractCase(
    'an image is taken, copied to another Region under a name of its own, and gone when it is deregistered',
    async (target) => {
      const { ec2, SubnetId } = await networkOf(target);
      const { Instances: [instance] = [] } = await ec2.send(
        new RunInstancesCommand({
          ImageId: await stockImage(target),
          InstanceType: 't3.micro',
          SubnetId,
          MinCount: 1,
          MaxCount: 1,
        }),
      );
      const InstanceIds = [instance?.InstanceId ?? ''];
      target.after(async () => {
        await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
        await waitUntilInstanceTerminated({ client: ec2, ...target.waiting }, { InstanceIds });
      });
      expect(instance).toMatchObject({ State: { Name: 'pending' }, SubnetId });
      await waitUntilInstanceRunning({ client: ec2, ...target.waiting }, { InstanceIds });
      const Name = target.name();
      const create = { InstanceId: InstanceIds[0], Name, NoReboot: true };
      const { ImageId } = await ec2.send(
        new CreateImageCommand({
          ...create,
          TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'k', Value: 'v' }] }],
        }),
      );
      imageGoneAfter(target, ec2, ImageId);
      expect(await imageOf(ec2, ImageId)).toMatchObject({ State: 'pending', Name, Tags: [{ Key: 'k', Value: 'v' }] });
      await refused(ec2.send(new CreateImageCommand(create)), 'InvalidAMIName.Duplicate', 400);
      const there = target.client(EC2Client, { region: target.otherRegion });
      const copy = { Name, SourceImageId: ImageId, SourceRegion: target.region };
      await waitUntilImageAvailable({ client: ec2, ...target.waiting }, { ImageIds: [ImageId ?? ''] });
      const { ImageId: copied } = await there.send(new CopyImageCommand(copy));
      imageGoneAfter(target, there, copied);
      expect(copied).not.toBe(ImageId);
      const begun = await imageOf(there, copied);
      expect(begun).toMatchObject({ State: 'pending', Name });
      // Tags stay where they are unless asked for.
      expect(begun?.Tags ?? []).toEqual([]);
      await waitUntilImageAvailable({ client: there, ...target.waiting }, { ImageIds: [copied ?? ''] });
      const { Images } = await there.send(
        new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'name', Values: [Name] }] }),
      );
      expect(Images?.map((one) => one.ImageId)).toEqual([copied]);
      await refused(
        there.send(new CopyImageCommand({ ...copy, SourceImageId: 'ami-0123456789abcdef0' })),
        'InvalidAMIID.NotFound',
        400,
      );
      await refused(there.send(new DescribeImagesCommand({ ImageIds: [ImageId ?? ''] })), 'InvalidAMIID.NotFound', 400);
    },
    { cost: 'cents', minutes: 30 },
  ),

  contractCase(
    'an image parameter is taken at once and checked afterwards: a wrong image never becomes its value',
    async (target) => {
      const ssm = target.client(SSMClient);
      const Name = `/${target.name()}/image`;
      const put = (Value: string, more: object = {}) =>
        ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', DataType: 'aws:ec2:image', ...more }));
      const read = async () => (await ssm.send(new GetParameterCommand({ Name }))).Parameter;
      target.after(() =>
        ssm.send(new DeleteParameterCommand({ Name })).catch((error: unknown) => {
          if (!(error instanceof ParameterNotFound)) throw error;
        }),
      );
      await refused(put('nonsense'), 'ValidationException', 400);
      const right = await stockImage(target);
      await put(right);
      await target.eventually(async () =>
        expect(await read()).toMatchObject({ Value: right, DataType: 'aws:ec2:image' }),
      );
      await put('ami-0123456789abcdef0', { Overwrite: true });
      // Long after the answer the parameter still says what was right.
      await new Promise((resolve) => setTimeout(resolve, target.kind === 'aws' ? 60_000 : 1000));
      expect((await read())?.Value).toBe(right);
    },
    { minutes: 3 },
  ),

  contractCase('a launch template’s image is resolved from its parameter when asked for', async (target) => {
    const ec2 = target.client(EC2Client);
    const LaunchTemplateName = target.name();
    const ImageId = `resolve:ssm:${stockPath}`;
    await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: { ImageId, InstanceType: 't3.micro' },
      }),
    );
    target.after(() => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName })));
    const shown = async (ResolveAlias: boolean) => {
      const { LaunchTemplateVersions } = await ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, ResolveAlias }),
      );
      return LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
    };
    expect(await shown(false)).toBe(ImageId);
    expect(await shown(true)).toBe(await stockImage(target));
  }),
];

export const groups = [
  contractCase(
    'a group launches what it lacks, replaces what is terminated, and goes only when empty or forced',
    async (target) => {
      const { ec2, SubnetId } = await networkOf(target);
      const AutoScalingGroupName = target.name();
      await ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: AutoScalingGroupName,
          LaunchTemplateData: { InstanceType: 't3.micro', ImageId: `resolve:ssm:${stockPath}` },
        }),
      );
      target.after(() => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: AutoScalingGroupName })));
      const client = target.client(AutoScalingClient);
      const group = { AutoScalingGroupName };
      await client.send(
        new CreateAutoScalingGroupCommand({
          ...group,
          MinSize: 0,
          MaxSize: 2,
          DesiredCapacity: 1,
          LaunchTemplate: { LaunchTemplateName: AutoScalingGroupName },
          VPCZoneIdentifier: SubnetId,
          Tags: [{ Key: 'k', Value: 'v', PropagateAtLaunch: true }],
        }),
      );
      const described = async () => {
        const { AutoScalingGroups } = await client.send(
          new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
        );
        return AutoScalingGroups?.[0];
      };
      target.after(async () => {
        if ((await described()) !== undefined) {
          await client.send(new DeleteAutoScalingGroupCommand({ ...group, ForceDelete: true }));
        }
        await target.eventually(async () => expect(await described()).toBeUndefined());
      });
      const serving = () =>
        target.eventually(async () => {
          const [instance, ...more] = (await described())?.Instances ?? [];
          expect(more).toEqual([]);
          expect(instance).toMatchObject({ LifecycleState: 'InService', HealthStatus: 'Healthy' });
          return instance?.InstanceId ?? '';
        });
      const first = await serving();
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [first] }));
      expect(Reservations?.[0]?.Instances?.[0]?.Tags).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ Key: 'aws:autoscaling:groupName', Value: AutoScalingGroupName }),
          expect.objectContaining({ Key: 'k', Value: 'v' }),
        ]),
      );
      await refused(client.send(new DeleteAutoScalingGroupCommand(group)), ResourceInUseFault, 400);
      await client.send(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: first, ShouldDecrementDesiredCapacity: false }),
      );
      await target.eventually(async () => expect(await serving()).not.toBe(first));
      const { Activities = [] } = await client.send(new DescribeScalingActivitiesCommand(group));
      expect(Activities.length).toBeGreaterThanOrEqual(3);
      expect(Activities.map(({ Description }) => Description?.replace(/ EC2 instance.*/, ''))).toEqual(
        expect.arrayContaining(['Launching a new', 'Terminating']),
      );

      // A suspended group does not launch.
      await client.send(new SuspendProcessesCommand({ ...group, ScalingProcesses: ['Launch'] }));
      expect((await described())?.SuspendedProcesses).toMatchObject([{ ProcessName: 'Launch' }]);
      await client.send(new SetDesiredCapacityCommand({ ...group, DesiredCapacity: 0 }));
      await target.eventually(async () => expect((await described())?.Instances).toEqual([]));
      const tags = await pagesOf(
        paginateDescribeTags(
          { client, pageSize: 1 },
          { Filters: [{ Name: 'auto-scaling-group', Values: [AutoScalingGroupName] }] },
        ),
      );
      expect(tags.flatMap(({ Tags = [] }) => Tags.map(({ Key }) => Key))).toEqual(['k']);
      await client.send(new DeleteAutoScalingGroupCommand(group));
    },
    { cost: 'cents', minutes: 20 },
  ),
];

export const balancers = [
  contractCase(
    'a load balancer is provisioned with listeners and rules, each in its place once',
    async (target) => {
      const { ec2, VpcId, SubnetId, otherSubnetId } = await networkOf(target, true);
      const client = target.client(ElasticLoadBalancingV2Client);
      const Name = target.name();
      const { GroupId } = await ec2.send(
        new CreateSecurityGroupCommand({ VpcId, GroupName: Name, Description: 'contract' }),
      );
      target.after(() => target.eventually(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId }))));
      const { TargetGroups: [targets] = [] } = await client.send(
        new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId }),
      );
      const TargetGroupArn = targets?.TargetGroupArn ?? '';
      target.after(() => target.eventually(() => client.send(new DeleteTargetGroupCommand({ TargetGroupArn }))));
      const given = { Name, Subnets: [SubnetId, otherSubnetId], SecurityGroups: [GroupId ?? ''] };
      const { LoadBalancers: [balancer] = [] } = await client.send(new CreateLoadBalancerCommand(given));
      const LoadBalancerArn = balancer?.LoadBalancerArn ?? '';
      target.after(async () => {
        await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
        await waitUntilLoadBalancersDeleted({ client, ...target.waiting }, { LoadBalancerArns: [LoadBalancerArn] });
      });
      expect(balancer).toMatchObject({
        State: { Code: 'provisioning' },
        Scheme: 'internet-facing',
        Type: 'application',
      });
      await refused(
        client.send(new CreateLoadBalancerCommand({ ...given, Scheme: 'internal' })),
        DuplicateLoadBalancerNameException,
        400,
      );
      await refused(
        client.send(
          new CreateLoadBalancerCommand({
            Name: target.name(),
            Subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
          }),
        ),
        SubnetNotFoundException,
        400,
      );
      await waitUntilLoadBalancerAvailable({ client, ...target.waiting }, { LoadBalancerArns: [LoadBalancerArn] });
      const { LoadBalancers: [active] = [] } = await client.send(new DescribeLoadBalancersCommand({ Names: [Name] }));
      expect(active).toMatchObject({ State: { Code: 'active' }, CanonicalHostedZoneId: expect.stringMatching(/^Z/) });

      const listener = {
        LoadBalancerArn,
        Protocol: 'HTTP' as const,
        Port: 80,
        DefaultActions: [{ Type: 'forward' as const, TargetGroupArn }],
      };
      const { Listeners: [made] = [] } = await client.send(new CreateListenerCommand(listener));
      await refused(
        client.send(
          new CreateListenerCommand({
            ...listener,
            DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
          }),
        ),
        DuplicateListenerException,
        400,
      );
      const ListenerArn = made?.ListenerArn ?? '';
      const rule = {
        ListenerArn,
        Priority: 10,
        Conditions: [{ Field: 'path-pattern', Values: ['/x/*'] }],
        Actions: [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '404' } }],
      };
      await client.send(new CreateRuleCommand(rule));
      await refused(client.send(new CreateRuleCommand(rule)), PriorityInUseException, 400);
      await refused(client.send(new DeleteTargetGroupCommand({ TargetGroupArn })), ResourceInUseException, 400);
      await refused(
        client.send(new ModifyListenerCommand({ ListenerArn: `${ListenerArn.slice(0, -4)}0000`, Port: 81 })),
        ListenerNotFoundException,
        400,
      );
      await refused(
        client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: 'i-0123456789abcdef0' }] })),
        InvalidTargetException,
        400,
      );
      const { TargetHealthDescriptions } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      expect(TargetHealthDescriptions).toEqual([]);
      await tryHttps(target, LoadBalancerArn);
    },
    { cost: 'cents', minutes: 12 },
  ),
];

export async function networkOf(target: ContractTarget, isPublic = false) {
  const ec2 = target.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.75.0.0/16' }));
  const VpcId = Vpc?.VpcId ?? '';
  target.after(() => target.eventually(() => ec2.send(new DeleteVpcCommand({ VpcId }))));
  if (isPublic) {
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
    target.after(() => ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId })));
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    target.after(() =>
      target.eventually(() => ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }))),
    );
  }
  const subnet = async (index: number, zone: string): Promise<string> => {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId,
        CidrBlock: `10.75.${index}.0/24`,
        AvailabilityZone: `${target.region}${zone}`,
      }),
    );
    const SubnetId = Subnet?.SubnetId ?? '';
    target.after(() => target.eventually(() => ec2.send(new DeleteSubnetCommand({ SubnetId }))));
    return SubnetId;
  };
  return { ec2, VpcId, SubnetId: await subnet(0, 'a'), otherSubnetId: await subnet(1, 'b') };
}

export async function stockImage(target: ContractTarget): Promise<string> {
  const { Parameter } = await target.client(SSMClient).send(new GetParameterCommand({ Name: stockPath }));
  return Parameter?.Value ?? '';
}

async function imageOf(client: EC2Client, ImageId: string | undefined): Promise<Image | undefined> {
  const { Images } = await client.send(new DescribeImagesCommand({ ImageIds: [ImageId ?? ''] }));
  return Images?.[0];
}

/** An image leaves its snapshots behind. */
function imageGoneAfter(target: ContractTarget, client: EC2Client, ImageId: string | undefined): void {
  target.after(async () => {
    const snapshots = (await imageOf(client, ImageId))?.BlockDeviceMappings ?? [];
    await client.send(new DeregisterImageCommand({ ImageId }));
    for (const { Ebs } of snapshots) {
      const SnapshotId = Ebs?.SnapshotId;
      if (SnapshotId === undefined) continue;
      await target.eventually(() => client.send(new DeleteSnapshotCommand({ SnapshotId })));
    }
  });
}
