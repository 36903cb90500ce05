import { describe, expect, it } from 'vitest';
import { noMachinery } from '../../../../src/sandbox/instances/machinery.ts';
import { wayOut } from '../../../../src/sandbox/services/ec2/internet.ts';
import { ec2Tables } from '../../../../src/sandbox/services/ec2/rows.ts';
import type { SeedNetwork } from '../../../../src/sandbox/services/ec2/seed-networks.ts';
import { createEc2Service } from '../../../../src/sandbox/services/ec2/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

const network: SeedNetwork = {
  region: 'us-east-1',
  vpc: 'vpc-0123456789abcdef0',
  subnets: [
    { id: 'subnet-0000000000000000a', kind: 'public' },
    { id: 'subnet-0000000000000000b', kind: 'public' },
    { id: 'subnet-0000000000000000c', kind: 'private' },
    { id: 'subnet-0000000000000000d', kind: 'private', zone: 'us-east-1c', cidr: '10.0.200.0/22' },
  ],
};

const launch = { ImageId: 'ami-0a11223344556677a', InstanceType: 't3.small', MinCount: 1, MaxCount: 1 };

const sandboxWith = (...networks: SeedNetwork[]) =>
  testSandbox([(core) => createEc2Service(core, { networks, machinery: noMachinery })]);

describe('a network that is there beforehand', () => {
  it('is described as any other, under the ids it was given', async () => {
    const sandbox = sandboxWith({ ...network, endpoints: ['s3', 'ssm'] });
    const ec2 = <Output>(operation: string, input: object = {}) => sandbox.call<Output>('ec2', operation, input);
    expect(await ec2('DescribeVpcs', { VpcIds: [network.vpc] })).toMatchObject({
      Vpcs: [{ VpcId: network.vpc, CidrBlock: '10.0.0.0/16', State: 'available' }],
    });
    const { Subnets } = await ec2<{ Subnets: Record<string, unknown>[] }>('DescribeSubnets', {
      SubnetIds: network.subnets.map(({ id }) => id),
    });
    expect(
      Subnets.map(({ AvailabilityZone, CidrBlock, MapPublicIpOnLaunch }) => [
        AvailabilityZone,
        CidrBlock,
        MapPublicIpOnLaunch,
      ]),
    ).toEqual([
      ['us-east-1a', '10.0.0.0/24', true],
      ['us-east-1b', '10.0.1.0/24', true],
      ['us-east-1a', '10.0.2.0/24', false],
      ['us-east-1c', '10.0.200.0/22', false],
    ]);
    const { RouteTables } = await ec2<{ RouteTables: { Routes: { GatewayId?: string }[]; RouteTableId: string }[] }>(
      'DescribeRouteTables',
      { Filters: [{ Name: 'association.subnet-id', Values: ['subnet-0000000000000000a'] }] },
    );
    expect(RouteTables[0]?.Routes.some(({ GatewayId }) => GatewayId?.startsWith('igw-'))).toBe(true);
    expect(await ec2('DescribeVpcEndpoints')).toMatchObject({
      VpcEndpoints: [
        { VpcEndpointType: 'Gateway', ServiceName: 'com.amazonaws.us-east-1.s3', State: 'available' },
        {
          VpcEndpointType: 'Interface',
          State: 'available',
          SubnetIds: ['subnet-0000000000000000c', 'subnet-0000000000000000d'],
        },
      ],
    });
  });

  it('lets the private side out only by a NAT gateway', async () => {
    const out = async (seeded: SeedNetwork) => {
      const sandbox = sandboxWith(seeded);
      const { core } = sandbox;
      for (const { id: SubnetId } of network.subnets) {
        await sandbox.call('ec2', 'RunInstances', { ...launch, SubnetId });
      }
      const interfaces = ec2Tables(core, 'us-east-1').interfaces.values();
      return interfaces
        .filter(({ kind }) => kind === 'instance')
        .map((one) => 'address' in wayOut(core, 'us-east-1', one));
    };
    expect(await out(network)).toEqual([true, true, false, false]);
    expect(await out({ ...network, nat: true })).toEqual([true, true, true, true]);
  });

  it('takes what a workload puts into it', async () => {
    const sandbox = sandboxWith(network);
    const { GroupId } = await sandbox.call<{ GroupId: string }>('ec2', 'CreateSecurityGroup', {
      GroupName: 'app',
      Description: 'app',
      VpcId: network.vpc,
    });
    const { Instances } = await sandbox.call<{ Instances: object[] }>('ec2', 'RunInstances', {
      ...launch,
      SubnetId: 'subnet-0000000000000000c',
      SecurityGroupIds: [GroupId],
    });
    expect(Instances).toMatchObject([{ VpcId: network.vpc, PrivateIpAddress: expect.stringMatching(/^10\.0\.2\./) }]);
  });

  it.each<[string, SeedNetwork, RegExp]>([
    ['an unknown Region', { ...network, region: 'mars-1' }, /no Region mars-1.*Allowed: us-east-1, us-west-2/],
    ['an id of no VPC', { ...network, vpc: 'vpc-1' }, /vpc-1 can't be an id/],
    [
      'a zone elsewhere',
      { ...network, subnets: [{ id: 'subnet-0000000a', kind: 'public', zone: 'us-west-2a' }] },
      /can't stand in us-west-2a/,
    ],
    [
      'a block outside',
      { ...network, subnets: [{ id: 'subnet-0000000a', kind: 'public', cidr: '10.1.0.0/24' }] },
      /CIDR '10.1.0.0\/24' is invalid/,
    ],
    [
      'a subnet twice',
      {
        ...network,
        subnets: [
          { id: 'subnet-0000000a', kind: 'public' },
          { id: 'subnet-0000000a', kind: 'private' },
        ],
      },
      /subnet-0000000a is there twice/,
    ],
    [
      'a NAT gateway without a public side',
      { ...network, nat: true, subnets: [{ id: 'subnet-0000000a', kind: 'private' }] },
      /stands in a public subnet/,
    ],
  ])('is refused: %s', (_, wrong, says) => {
    expect(() => sandboxWith(wrong)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringMatching(says) }),
    );
  });
});
