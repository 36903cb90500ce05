import { describe, expect, it } from 'vitest';
import { refusal } from '../ec2/ec2-sandbox.ts';
import type { ScalingSandbox } from './scaling-sandbox.ts';
import { activities, group, members, scalingSandbox } from './scaling-sandbox.ts';

const template = { LaunchTemplateName: 'app', Version: '$Latest' };
const types = ['t3.small', 't3.medium', 'm5.large'];

const policy = (distribution: object = {}, names: readonly string[] = types) => ({
  LaunchTemplate: {
    LaunchTemplateSpecification: template,
    Overrides: names.map((InstanceType) => ({ InstanceType })),
  },
  InstancesDistribution: distribution,
});

const mixed = (distribution: object = {}, names?: readonly string[]) => ({
  input: { LaunchTemplate: undefined, MixedInstancesPolicy: policy(distribution, names) },
});

async function scaleTo(sandbox: ScalingSandbox, DesiredCapacity: number): Promise<void> {
  await sandbox.asg('SetDesiredCapacity', { AutoScalingGroupName: 'app', DesiredCapacity });
  await sandbox.clock.advance(180_000);
}

const typesOf = async (sandbox: ScalingSandbox): Promise<string[]> =>
  (await members(sandbox)).map((one) => one.InstanceType);

async function described(sandbox: ScalingSandbox) {
  const { AutoScalingGroups } = await sandbox.asg<{
    AutoScalingGroups: { LaunchTemplate?: object; MixedInstancesPolicy?: object }[];
  }>('DescribeAutoScalingGroups', { AutoScalingGroupNames: ['app'] });
  return AutoScalingGroups[0];
}

const update = (sandbox: ScalingSandbox, input: object) =>
  sandbox.asg('UpdateAutoScalingGroup', { AutoScalingGroupName: 'app', ...input });

describe('the order of types', () => {
  it('is that of the overrides, and the next is taken in the same zone where one has run out', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, mixed({ OnDemandAllocationStrategy: 'prioritized' }));
    await scaleTo(sandbox, 2);
    expect(await typesOf(sandbox)).toEqual(['t3.small', 't3.small']);

    await sandbox.board.raise({
      kind: 'no-capacity',
      region: 'us-east-1',
      zone: 'us-east-1a',
      instanceType: 't3.small',
    });
    await scaleTo(sandbox, 4);
    const added = (await members(sandbox)).slice(2);
    expect(
      added.map((one) => `${one.AvailabilityZone} ${one.InstanceType}`).sort((one, other) => (one < other ? -1 : 1)),
    ).toEqual(['us-east-1a t3.medium', 'us-east-1b t3.small']);
    expect((await activities(sandbox)).map((one) => one.StatusCode)).not.toContain('Failed');
  });

  it('ends in a failed activity per zone, in the words of a fleet, when none of the types can be had', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, mixed());
    await sandbox.board.raise({ kind: 'no-capacity', region: 'us-east-1' });
    await sandbox.asg('SetDesiredCapacity', { AutoScalingGroupName: 'app', DesiredCapacity: 1 });
    await sandbox.clock.advance(30_000);
    expect(await activities(sandbox)).toMatchObject(
      ['us-east-1b', 'us-east-1a'].map((zone) => ({
        StatusCode: 'Failed',
        StatusMessage:
          'Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient ' +
          `m5.large capacity in the Availability Zone you requested (${zone}). Our system will be working on ` +
          'provisioning additional capacity. Launching EC2 instance failed.',
      })),
    );
  });

  it('passes over a type that a zone does not offer', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, mixed());
    await sandbox.board.raise({
      kind: 'not-offered',
      region: 'us-east-1',
      zone: 'us-east-1b',
      instanceType: 't3.small',
    });
    await scaleTo(sandbox, 2);
    expect((await typesOf(sandbox)).sort()).toEqual(['t3.medium', 't3.small']);
  });

  it('is by price when asked', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, mixed({ OnDemandAllocationStrategy: 'lowest-price' }, ['m5.large', 't3.medium', 't3.small']));
    await scaleTo(sandbox, 1);
    expect(await typesOf(sandbox)).toEqual(['t3.small']);
  });
});

describe('the policy', () => {
  it('is described with the defaults of AWS', async () => {
    const sandbox = scalingSandbox();
    const { templateId } = await group(sandbox, mixed());
    expect(await described(sandbox)).toMatchObject({
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: templateId, LaunchTemplateName: 'app', Version: '$Latest' },
          Overrides: types.map((InstanceType) => ({ InstanceType })),
        },
        InstancesDistribution: {
          OnDemandAllocationStrategy: 'prioritized',
          OnDemandBaseCapacity: 0,
          OnDemandPercentageAboveBaseCapacity: 100,
          SpotAllocationStrategy: 'lowest-price',
          SpotInstancePools: 2,
        },
      },
    });
    expect(await described(sandbox)).not.toHaveProperty('LaunchTemplate');
  });

  it('keeps what an update leaves out, and gives way to a launch template and takes its place', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, mixed({ OnDemandBaseCapacity: 1 }));
    await update(sandbox, {
      MixedInstancesPolicy: { InstancesDistribution: { OnDemandAllocationStrategy: 'lowest-price' } },
    });
    expect(await described(sandbox)).toMatchObject({
      MixedInstancesPolicy: {
        LaunchTemplate: { Overrides: types.map((InstanceType) => ({ InstanceType })) },
        InstancesDistribution: { OnDemandAllocationStrategy: 'lowest-price', OnDemandBaseCapacity: 1 },
      },
    });

    await update(sandbox, { LaunchTemplate: template });
    expect(await described(sandbox)).not.toHaveProperty('MixedInstancesPolicy');
    await scaleTo(sandbox, 1);
    expect(await typesOf(sandbox)).toEqual(['t3.medium']);

    // Nothing of the earlier policy comes back with a new one.
    await update(sandbox, { MixedInstancesPolicy: policy({}, ['m5.large']) });
    expect(await described(sandbox)).toMatchObject({
      MixedInstancesPolicy: {
        LaunchTemplate: { Overrides: [{ InstanceType: 'm5.large' }] },
        InstancesDistribution: { OnDemandAllocationStrategy: 'prioritized', OnDemandBaseCapacity: 0 },
      },
    });
    await scaleTo(sandbox, 2);
    expect((await typesOf(sandbox)).sort()).toEqual(['m5.large', 't3.medium']);
  });

  it('resolves the image at every launch where the template names a parameter', async () => {
    const sandbox = scalingSandbox();
    sandbox.parameters.set('/app/image', 'ami-00000000000000001');
    await group(sandbox, { data: { ImageId: 'resolve:ssm:/app/image' }, ...mixed() });
    await scaleTo(sandbox, 1);
    expect(await typesOf(sandbox)).toEqual(['t3.small']);
    sandbox.parameters.set('/app/image', 'ami-gone');
    await scaleTo(sandbox, 2);
    expect(await typesOf(sandbox)).toHaveLength(1);
    expect((await activities(sandbox))[0]).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: expect.stringMatching(/^Could not launch On-Demand Instances\. Invalid\w+\.\w+ - .*ami-gone/),
    });
  });

  it.each<[string, object]>([
    ['UnsupportedOperation', policy({ OnDemandPercentageAboveBaseCapacity: 50 })],
    [
      'UnsupportedOperation',
      {
        LaunchTemplate: {
          LaunchTemplateSpecification: template,
          Overrides: [{ InstanceRequirements: { VCpuCount: { Min: 1 }, MemoryMiB: { Min: 1 } } }],
        },
      },
    ],
    [
      'UnsupportedOperation',
      {
        LaunchTemplate: {
          LaunchTemplateSpecification: template,
          Overrides: [{ InstanceType: 't3.small', WeightedCapacity: '2' }],
        },
      },
    ],
    ['ValidationError', policy({ OnDemandAllocationStrategy: 'cheapest' })],
    ['ValidationError', policy({ SpotAllocationStrategy: 'cheapest' })],
    ['ValidationError', policy({}, ['t3.small', 't3.small'])],
    ['ValidationError', policy({}, ['t3.smal'])],
    ['ValidationError', { InstancesDistribution: {} }],
  ])('is refused with %s: %j', async (code, MixedInstancesPolicy) => {
    const sandbox = scalingSandbox();
    await group(sandbox);
    expect(await refusal(update(sandbox, { MixedInstancesPolicy }))).toBe(code);
    expect(await described(sandbox)).toHaveProperty('LaunchTemplate');
  });

  it('is refused beside a launch template', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox);
    expect(await refusal(update(sandbox, { LaunchTemplate: template, MixedInstancesPolicy: policy() }))).toBe(
      'ValidationError',
    );
  });
});
