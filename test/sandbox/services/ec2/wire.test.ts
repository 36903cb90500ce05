/** The same calls over the wire, through the SDK's own clients and IAM: what the models answer must be what the protocols carry. */

import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway } from '../../../../src/sandbox/gateway/server.ts';
import { createAuthorizer } from '../../../../src/sandbox/iam/authorizer.ts';
import { stockImageId } from '../../../../src/sandbox/instances/stock-image.ts';
import { createAutoScalingService } from '../../../../src/sandbox/services/autoscaling/service.ts';
import { createEc2Service } from '../../../../src/sandbox/services/ec2/service.ts';
import { createElasticLoadBalancingService } from '../../../../src/sandbox/services/elasticloadbalancing/service.ts';
import { administratorCredentials } from '../../../../src/sandbox/services/iam/administrator.ts';
import { credentials } from '../../../../src/sandbox/services/iam/credentials.ts';
import { createIamService } from '../../../../src/sandbox/services/iam/service.ts';
import { createStsService } from '../../../../src/sandbox/services/sts/service.ts';
import type { RealSandbox } from '../../../support/real-sandbox.ts';
import { realSandbox } from '../../../support/real-sandbox.ts';

let sandbox: RealSandbox;
let ec2: EC2Client;
let elb: ElasticLoadBalancingV2Client;
let asg: AutoScalingClient;

beforeAll(async () => {
  sandbox = await realSandbox(
    [
      createIamService,
      createStsService,
      (core) => createEc2Service(core),
      (core) => createElasticLoadBalancingService(core),
      createAutoScalingService,
    ],
    {
      regions: ['us-east-1'],
      gateway: (surroundings) =>
        startGateway(surroundings, { credentials: (key, token) => credentials(surroundings.core, key, token) }),
    },
  );
  sandbox.dispatcher.authorizer = createAuthorizer(sandbox.core).authorizer;
  const client = {
    region: 'us-east-1',
    endpoint: sandbox.core.endpoint('outside'),
    credentials: administratorCredentials(sandbox.core),
  };
  ec2 = new EC2Client(client);
  elb = new ElasticLoadBalancingV2Client(client);
  asg = new AutoScalingClient(client);
});

afterAll(async () => {
  for (const client of [ec2, elb, asg]) client.destroy();
  await sandbox.stop();
});

it('carries networks, instances, load balancers and groups, their lists, times and errors', async () => {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc?.VpcId;
  const subnets = await Promise.all(
    ['a', 'b'].map(async (zone, index) => {
      const input = { VpcId, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `us-east-1${zone}` };
      return (await ec2.send(new CreateSubnetCommand(input))).Subnet?.SubnetId ?? '';
    }),
  );
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName: 'web', Description: 'web' }));
  const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }] };
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }));
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId ?? ''] }));
  expect(SecurityGroups?.[0]?.IpPermissions).toMatchObject([rule]);
  await expect(ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/25' }))).rejects.toMatchObject({
    name: 'InvalidSubnet.Conflict',
  });

  const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [stockImageId] }));
  expect(Images?.[0]).toMatchObject({ State: 'available', ImageOwnerAlias: 'amazon' });
  const launched = await ec2.send(
    new RunInstancesCommand({
      ImageId: stockImageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnets[0],
      SecurityGroupIds: [GroupId ?? ''],
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'one' }] }],
    }),
  );
  const id = launched.Instances?.[0]?.InstanceId ?? '';
  const described = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Name', Values: ['o*'] }] }));
  const instance = described.Reservations?.[0]?.Instances?.[0];
  expect(instance).toMatchObject({
    InstanceId: id,
    State: { Code: 0, Name: 'pending' },
    Tags: [{ Key: 'Name', Value: 'one' }],
  });
  expect(instance?.LaunchTime).toBeInstanceOf(Date);

  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name: 'app', Protocol: 'HTTP', Port: 8080, VpcId }),
  );
  const arn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  await elb.send(new CreateLoadBalancerCommand({ Name: 'web', Subnets: subnets, SecurityGroups: [GroupId ?? ''] }));
  const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['web'] }));
  expect(LoadBalancers?.[0]).toMatchObject({ State: { Code: 'provisioning' }, CreatedTime: expect.any(Date) });
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  expect(TargetHealthDescriptions).toEqual([]);
  await expect(elb.send(new DescribeLoadBalancersCommand({ Names: ['none'] }))).rejects.toMatchObject({
    name: 'LoadBalancerNotFoundException',
  });

  const data = { ImageId: stockImageId, InstanceType: 't3.micro' as const, SecurityGroupIds: [GroupId ?? ''] };
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'app', LaunchTemplateData: data }));
  const group = {
    AutoScalingGroupName: 'app',
    LaunchTemplate: { LaunchTemplateName: 'app', Version: '$Latest' },
    MinSize: 0,
    MaxSize: 2,
    VPCZoneIdentifier: subnets.join(','),
    TargetGroupARNs: [arn],
  };
  await asg.send(new CreateAutoScalingGroupCommand(group));
  const { AutoScalingGroups } = await asg.send(new DescribeAutoScalingGroupsCommand({}));
  expect(AutoScalingGroups?.[0]).toMatchObject({
    DesiredCapacity: 0,
    TargetGroupARNs: [arn],
    CreatedTime: expect.any(Date),
  });
  await expect(asg.send(new CreateAutoScalingGroupCommand(group))).rejects.toMatchObject({
    name: 'AlreadyExistsFault',
  });
});
