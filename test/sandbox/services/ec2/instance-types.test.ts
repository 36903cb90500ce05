import { expect, it } from 'vitest';
import { appImage, ec2Sandbox, network, refusal } from './ec2-sandbox.ts';

interface Offering {
  readonly InstanceType: string;
  readonly LocationType: string;
  readonly Location: string;
}

const notOffered = { kind: 'not-offered', region: 'us-east-1', instanceType: 't3.small' } as const;

it('says which types a Region and its zones offer, and launches only those', async () => {
  const sandbox = ec2Sandbox();
  const net = await network(sandbox);
  const offerings = async (LocationType: string, region = 'us-east-1') =>
    (
      await sandbox.ec2<{ InstanceTypeOfferings: Offering[] }>(
        'DescribeInstanceTypeOfferings',
        { LocationType, Filters: [{ Name: 'instance-type', Values: ['t3.small'] }] },
        region,
      )
    ).InstanceTypeOfferings.map((one) => one.Location);
  const run = (InstanceType: string, SubnetId = net.privateSubnets[0]) =>
    sandbox.ec2('RunInstances', { ImageId: appImage, InstanceType, MinCount: 1, MaxCount: 1, SubnetId });

  expect(await offerings('region')).toEqual(['us-east-1']);
  expect(await offerings('availability-zone')).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
  expect(await offerings('availability-zone-id')).toEqual(['use1-az1', 'use1-az2', 'use1-az3']);

  const { id } = await sandbox.board.raise({ ...notOffered, zone: 'us-east-1a' });
  expect(await offerings('availability-zone')).toEqual(['us-east-1b', 'us-east-1c']);
  expect(await offerings('region')).toEqual(['us-east-1']);
  await expect(run('t3.small')).rejects.toMatchObject({
    code: 'Unsupported',
    message:
      'Your requested instance type (t3.small) is not supported in your requested Availability Zone (us-east-1a). ' +
      'Please retry your request by not specifying an Availability Zone or choosing us-east-1b, us-east-1c.',
  });
  expect(await refusal(run('t3.small', net.privateSubnets[1]))).toBeUndefined();
  await sandbox.board.lift(id);

  await sandbox.board.raise(notOffered);
  expect(await offerings('region')).toEqual([]);
  expect(await offerings('region', 'us-west-2')).toEqual(['us-west-2']);
  await expect(run('t3.small')).rejects.toMatchObject({
    code: 'Unsupported',
    message: expect.stringMatching(/^The requested configuration is currently not supported\./),
  });
  await expect(run('t3.smal')).rejects.toMatchObject({
    code: 'InvalidParameterValue',
    message: "Invalid value 't3.smal' for InstanceType.",
  });
});

it('describes the types of a Region by name and by filter', async () => {
  const sandbox = ec2Sandbox();
  const types = async (input: object) =>
    (await sandbox.ec2<{ InstanceTypes: object[] }>('DescribeInstanceTypes', input)).InstanceTypes;
  expect(await types({ InstanceTypes: ['t3.small', 'm7g.xlarge', 'r6i.2xlarge'] })).toMatchObject([
    {
      InstanceType: 'm7g.xlarge',
      VCpuInfo: { DefaultVCpus: 4 },
      MemoryInfo: { SizeInMiB: 16_384 },
      ProcessorInfo: { SupportedArchitectures: ['arm64'] },
    },
    { InstanceType: 'r6i.2xlarge', VCpuInfo: { DefaultVCpus: 8 }, MemoryInfo: { SizeInMiB: 65_536 } },
    {
      InstanceType: 't3.small',
      VCpuInfo: { DefaultVCpus: 2 },
      MemoryInfo: { SizeInMiB: 2048 },
      BurstablePerformanceSupported: true,
      ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
    },
  ]);
  expect(
    await types({
      Filters: [
        { Name: 'instance-type', Values: ['t4g.*'] },
        { Name: 'memory-info.size-in-mib', Values: ['4096'] },
      ],
    }),
  ).toMatchObject([{ InstanceType: 't4g.medium' }]);
  expect(await refusal(types({ InstanceTypes: ['t3.small', 't9.huge'] }))).toBe('InvalidInstanceType');
});

it('knows that older Regions offer types that newer ones do not', async () => {
  const sandbox = ec2Sandbox();
  const asked = { Filters: [{ Name: 'instance-type', Values: ['t2.micro'] }] };
  const { InstanceTypeOfferings } = await sandbox.ec2<{ InstanceTypeOfferings: Offering[] }>(
    'DescribeInstanceTypeOfferings',
    asked,
  );
  expect(InstanceTypeOfferings).toHaveLength(1);
  const elsewhere = await sandbox.ec2<{ InstanceTypeOfferings: Offering[] }>(
    'DescribeInstanceTypeOfferings',
    asked,
    'eu-north-1',
  );
  expect(elsewhere.InstanceTypeOfferings).toEqual([]);
});
