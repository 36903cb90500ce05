import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { globalScope } from '../../../../src/sandbox/contract.ts';
import { instanceFolder, snapshotFolder } from '../../../../src/sandbox/instances/image-folders.ts';
import { stockImageId } from '../../../../src/sandbox/instances/stock-image.ts';
import type { Ec2Sandbox } from './ec2-sandbox.ts';
import { appImage, ec2Sandbox, network, parameterStore, refusal } from './ec2-sandbox.ts';

interface Described {
  InstanceId: string;
  State: { Name: string };
  ImageId: string;
  Tags: { Key: string; Value: string }[];
}

async function run(sandbox: Ec2Sandbox, input: object = {}): Promise<Described[]> {
  const { privateSubnets } = await network(sandbox);
  const launched = await sandbox.ec2<{ Instances: Described[] }>('RunInstances', {
    ImageId: appImage,
    InstanceType: 't3.medium',
    MinCount: 1,
    MaxCount: 1,
    SubnetId: privateSubnets[0],
    ...input,
  });
  return launched.Instances;
}

async function stateOf(sandbox: Ec2Sandbox, id: string): Promise<string | undefined> {
  const { Reservations } = await sandbox.ec2<{ Reservations: { Instances: Described[] }[] }>('DescribeInstances', {
    InstanceIds: [id],
  });
  return Reservations[0]?.Instances[0]?.State.Name;
}

async function statusOf(sandbox: Ec2Sandbox, id: string): Promise<string | undefined> {
  const { InstanceStatuses } = await sandbox.ec2<{ InstanceStatuses: { InstanceStatus: { Status: string } }[] }>(
    'DescribeInstanceStatus',
    { InstanceIds: [id] },
  );
  return InstanceStatuses[0]?.InstanceStatus.Status;
}

describe('instances', () => {
  it('go from pending to running to a booted program, each when the model says', async () => {
    const sandbox = ec2Sandbox();
    const userData = Buffer.from('#!/bin/sh\nexport BUCKET="photos"\n').toString('base64');
    const [instance] = await run(sandbox, { UserData: userData });
    const id = instance?.InstanceId ?? '';
    expect(instance?.State.Name).toBe('pending');
    await sandbox.clock.advance(54_000);
    expect(await stateOf(sandbox, id)).toBe('pending');
    await sandbox.clock.advance(2_000);
    expect([await stateOf(sandbox, id), await statusOf(sandbox, id)]).toEqual(['running', 'initializing']);
    await sandbox.clock.advance(30_000);
    expect(sandbox.boots).toHaveLength(0);
    await vi.waitFor(async () => {
      await sandbox.clock.advance(30_000);
      expect(await statusOf(sandbox, id)).toBe('ok');
    });
    expect(sandbox.boots).toMatchObject([{ instanceId: id, command: ['node', 'server.mjs'], userData }]);
    const disk = join(instanceFolder(sandbox.core, 'us-east-1', id), 'server.mjs');
    expect(readFileSync(disk, 'utf8')).toBe('export {};\n');
  });

  it('answer a repeated launch with what the first one launched', async () => {
    const sandbox = ec2Sandbox();
    const { privateSubnets } = await network(sandbox);
    const input = { ImageId: stockImageId, MinCount: 2, MaxCount: 2, SubnetId: privateSubnets[0], ClientToken: 'once' };
    const first = await sandbox.ec2<{ Instances: Described[] }>('RunInstances', input);
    const second = await sandbox.ec2<{ Instances: Described[] }>('RunInstances', input);
    expect(second.Instances.map((one) => one.InstanceId)).toEqual(first.Instances.map((one) => one.InstanceId));
  });

  it('stop, start and terminate, and hold their address until they are gone', async () => {
    const sandbox = ec2Sandbox();
    const [instance] = await run(sandbox);
    const id = instance?.InstanceId ?? '';
    await sandbox.clock.advance(60_000);
    await sandbox.ec2('StopInstances', { InstanceIds: [id] });
    expect(await stateOf(sandbox, id)).toBe('stopping');
    await sandbox.clock.advance(31_000);
    expect(await stateOf(sandbox, id)).toBe('stopped');
    expect(await refusal(sandbox.ec2('RebootInstances', { InstanceIds: [id] }))).toBe('IncorrectInstanceState');
    await sandbox.ec2('StartInstances', { InstanceIds: [id] });
    await sandbox.clock.advance(60_000);
    expect(await stateOf(sandbox, id)).toBe('running');
    const { NetworkInterfaces: before } = await sandbox.ec2<{ NetworkInterfaces: object[] }>(
      'DescribeNetworkInterfaces',
      {},
    );
    expect(before).toHaveLength(1);
    await sandbox.ec2('TerminateInstances', { InstanceIds: [id] });
    await sandbox.clock.advance(31_000);
    expect(await stateOf(sandbox, id)).toBe('terminated');
    const { NetworkInterfaces: after } = await sandbox.ec2<{ NetworkInterfaces: object[] }>(
      'DescribeNetworkInterfaces',
      {},
    );
    expect(after).toHaveLength(0);
    await sandbox.clock.advance(3_600_000);
    expect(await refusal(stateOf(sandbox, id))).toBe('InvalidInstanceID.NotFound');
  });

  it('are impaired when their program ends by itself', async () => {
    const sandbox = ec2Sandbox();
    const [instance] = await run(sandbox);
    const id = instance?.InstanceId ?? '';
    await vi.waitFor(async () => {
      await sandbox.clock.advance(60_000);
      expect(await statusOf(sandbox, id)).toBe('ok');
    });
    sandbox.crash(id);
    expect([await stateOf(sandbox, id), await statusOf(sandbox, id)]).toEqual(['running', 'impaired']);
  });

  it('boot again under their ids when the Region comes back', async () => {
    const sandbox = ec2Sandbox();
    const [instance] = await run(sandbox);
    const id = instance?.InstanceId ?? '';
    await vi.waitFor(async () => {
      await sandbox.clock.advance(60_000);
      expect(sandbox.boots).toHaveLength(1);
    });
    sandbox.setDark('us-east-1', true);
    sandbox.crash(id);
    await sandbox.clock.advance(600_000);
    sandbox.setDark('us-east-1', false);
    await sandbox.dispatcher.service('ec2')?.regionBack?.('us-east-1');
    await vi.waitFor(async () => {
      await sandbox.clock.advance(60_000);
      expect(sandbox.boots.map((boot) => boot.instanceId)).toEqual([id, id]);
      expect(await statusOf(sandbox, id)).toBe('ok');
    });
  });

  it('are refused where there is no capacity', async () => {
    const sandbox = ec2Sandbox();
    sandbox.core.table<number>('ec2', 'us-east-1', 'capacity').put('t3.medium', 1);
    await run(sandbox);
    expect(await refusal(run(sandbox))).toBe('InsufficientInstanceCapacity');
    expect(await refusal(run(sandbox, { InstanceType: 't3.small' }))).toBeUndefined();
  });

  it('take their image from an SSM parameter at launch', async () => {
    const values = new Map([['/dr/ami', appImage]]);
    const sandbox = ec2Sandbox([parameterStore(values)]);
    const [instance] = await run(sandbox, { ImageId: 'resolve:ssm:/dr/ami' });
    expect(instance?.ImageId).toBe(appImage);
    values.set('/dr/ami', 'not an image');
    expect(await refusal(run(sandbox, { ImageId: 'resolve:ssm:/dr/ami' }))).toBe('InvalidAMIID.Malformed');
    expect(await refusal(run(sandbox, { ImageId: 'resolve:ssm:/dr/none' }))).toBe('InvalidParameterValue');
  });
});

describe('what IAM is asked', () => {
  it("covers each resource of a launch, and the passing of the profile's role", async () => {
    const sandbox = ec2Sandbox();
    const { privateSubnets, groupId } = await network(sandbox);
    const account = sandbox.core.account;
    const role = { name: 'app', arn: `arn:aws:iam::${account}:role/app` };
    const profile = { name: 'app', arn: `arn:aws:iam::${account}:instance-profile/app`, role: 'app' };
    sandbox.core.table('iam', globalScope, 'roles').put('app', role);
    sandbox.core.table('iam', globalScope, 'instance-profiles').put('app', profile);
    const asked: string[] = [];
    sandbox.dispatcher.authorizer = (_principal, asks) => {
      asked.push(...asks.map((ask) => `${ask.action} ${ask.resource.split(':').slice(5).join(':')}`));
    };
    const user = { kind: 'user', account, arn: `arn:aws:iam::${account}:user/eva`, userName: 'eva' } as const;
    const input = {
      ImageId: appImage,
      InstanceType: 't3.medium',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: privateSubnets[0],
      SecurityGroupIds: [groupId],
      IamInstanceProfile: { Name: 'app' },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }],
    };
    await sandbox.call('ec2', 'RunInstances', input, 'us-east-1', user);
    expect(asked).toEqual([
      'ec2:RunInstances instance/*',
      'ec2:CreateTags instance/*',
      'ec2:RunInstances volume/*',
      'ec2:RunInstances network-interface/*',
      `ec2:RunInstances image/${appImage}`,
      `ec2:RunInstances subnet/${privateSubnets[0]}`,
      `ec2:RunInstances security-group/${groupId}`,
      'iam:PassRole role/app',
    ]);
  });
});

describe('images', () => {
  it("carry an instance's written files, also across Regions, and wait while the source is dark", async () => {
    const sandbox = ec2Sandbox();
    const [instance] = await run(sandbox);
    const id = instance?.InstanceId ?? '';
    await sandbox.clock.advance(60_000);
    const disk = instanceFolder(sandbox.core, 'us-east-1', id);
    await vi.waitFor(() => readFileSync(join(disk, 'server.mjs')));
    mkdirSync(join(disk, 'data'));
    writeFileSync(join(disk, 'data', 'spool'), 'written at run time');

    const { ImageId } = await sandbox.ec2<{ ImageId: string }>('CreateImage', {
      InstanceId: id,
      Name: 'baked-1',
      NoReboot: true,
    });
    const imageState = async (image: string, region: string): Promise<string | undefined> => {
      const { Images } = await sandbox.ec2<{ Images: { State: string }[] }>(
        'DescribeImages',
        { ImageIds: [image] },
        region,
      );
      return Images[0]?.State;
    };
    await sandbox.clock.advance(179_000);
    expect(await imageState(ImageId, 'us-east-1')).toBe('pending');
    const early = { SourceRegion: 'us-east-1', SourceImageId: ImageId, Name: 'early' };
    expect(await refusal(sandbox.ec2('CopyImage', early, 'us-west-2'))).toBe('InvalidAMIID.Unavailable');
    await sandbox.clock.advance(2_000);
    await vi.waitFor(async () => expect(await imageState(ImageId, 'us-east-1')).toBe('available'));

    const copyOf = async (Name: string): Promise<string> =>
      (
        await sandbox.ec2<{ ImageId: string }>(
          'CopyImage',
          { SourceRegion: 'us-east-1', SourceImageId: ImageId, Name },
          'us-west-2',
        )
      ).ImageId;
    const first = await copyOf('copied-1');
    await sandbox.clock.advance(400_000);
    sandbox.setDark('us-east-1', true);
    await sandbox.clock.advance(600_000);
    expect(await imageState(first, 'us-west-2')).toBe('pending');
    sandbox.setDark('us-east-1', false);
    await sandbox.clock.advance(6_000);
    await vi.waitFor(async () => expect(await imageState(first, 'us-west-2')).toBe('available'));

    const second = await copyOf('copied-2');
    await sandbox.clock.advance(301_000);
    await vi.waitFor(async () => expect(await imageState(second, 'us-west-2')).toBe('available'));

    const { Images } = await sandbox.ec2<{
      Images: { ImageId: string; BlockDeviceMappings: { Ebs: { SnapshotId: string } }[] }[];
    }>('DescribeImages', { Owners: ['self'], Filters: [{ Name: 'name', Values: ['copied-1'] }] }, 'us-west-2');
    expect(Images.map((image) => image.ImageId)).toEqual([first]);
    const snapshotId = Images[0]?.BlockDeviceMappings[0]?.Ebs.SnapshotId ?? '';
    const copied = join(snapshotFolder(sandbox.core, 'us-west-2', snapshotId), 'data', 'spool');
    expect(readFileSync(copied, 'utf8')).toBe('written at run time');

    expect(await refusal(sandbox.ec2('DeleteSnapshot', { SnapshotId: snapshotId }, 'us-west-2'))).toBe(
      'InvalidSnapshot.InUse',
    );
    await sandbox.ec2('DeregisterImage', { ImageId: first }, 'us-west-2');
    await sandbox.ec2('DeleteSnapshot', { SnapshotId: snapshotId }, 'us-west-2');
    expect(() => readFileSync(copied)).toThrow('ENOENT');
  });

  it('of a running instance are taken at rest unless told otherwise: it boots again', async () => {
    const sandbox = ec2Sandbox();
    const [instance] = await run(sandbox);
    const id = instance?.InstanceId ?? '';
    await sandbox.clock.advance(130_000);
    await vi.waitFor(() => expect(sandbox.boots).toHaveLength(1));
    await sandbox.ec2('CreateImage', { InstanceId: id, Name: 'at-rest' });
    expect(await statusOf(sandbox, id)).toBe('initializing');
    await vi.waitFor(async () => {
      await sandbox.clock.advance(60_000);
      expect(sandbox.boots).toHaveLength(2);
    });
  });

  it('fail, with a reason, in a Region where copies do', async () => {
    const sandbox = ec2Sandbox();
    const fault = await sandbox.board.raise({ kind: 'stale-image', region: 'us-west-2' });
    const copy = async (Name: string): Promise<string> => {
      const input = { SourceRegion: 'us-east-1', SourceImageId: appImage, Name };
      return (await sandbox.ec2<{ ImageId: string }>('CopyImage', input, 'us-west-2')).ImageId;
    };
    const described = async (id: string) =>
      (await sandbox.ec2<{ Images: object[] }>('DescribeImages', { ImageIds: [id] }, 'us-west-2')).Images[0];
    const failing = await copy('failing');
    expect(await described(failing)).toMatchObject({ State: 'pending' });
    await sandbox.clock.advance(600_000);
    expect(await described(failing)).toMatchObject({
      State: 'failed',
      StateReason: { Code: 'Server.InternalError', Message: expect.stringMatching(/failed/) },
    });
    await sandbox.board.lift(fault.id);
    const whole = await copy('whole');
    await sandbox.clock.advance(600_000);
    await vi.waitFor(async () => expect(await described(whole)).toMatchObject({ State: 'available' }));
  });

  it('records the key of an encrypted copy, and refuses a name twice', async () => {
    const sandbox = ec2Sandbox();
    const copy = { SourceRegion: 'us-east-1', SourceImageId: appImage, Name: 'one', KmsKeyId: 'alias/photos' };
    await sandbox.ec2('CopyImage', copy, 'us-west-2');
    expect(await refusal(sandbox.ec2('CopyImage', copy, 'us-west-2'))).toBe('InvalidAMIName.Duplicate');
    const { Snapshots } = await sandbox.ec2<{ Snapshots: { Encrypted: boolean; KmsKeyId: string }[] }>(
      'DescribeSnapshots',
      { OwnerIds: ['self'], Filters: [{ Name: 'status', Values: ['pending'] }] },
      'us-west-2',
    );
    expect(Snapshots).toMatchObject([{ Encrypted: true, KmsKeyId: 'arn:aws:kms:us-west-2:111122223333:alias/photos' }]);
  });
});

describe('launch templates', () => {
  it('number their versions, and launch the one asked for', async () => {
    const sandbox = ec2Sandbox();
    const { privateSubnets } = await network(sandbox);
    const data = (InstanceType: string) => ({ ImageId: appImage, InstanceType });
    const { LaunchTemplate: template } = await sandbox.ec2<{ LaunchTemplate: { LaunchTemplateId: string } }>(
      'CreateLaunchTemplate',
      { LaunchTemplateName: 'app', LaunchTemplateData: data('t3.small') },
    );
    await sandbox.ec2('CreateLaunchTemplateVersion', {
      LaunchTemplateName: 'app',
      SourceVersion: '1',
      LaunchTemplateData: { InstanceType: 't3.large' },
    });
    const launch = async (Version?: string): Promise<string | undefined> => {
      const { Instances } = await sandbox.ec2<{ Instances: { InstanceType: string }[] }>('RunInstances', {
        LaunchTemplate: { LaunchTemplateId: template.LaunchTemplateId, Version },
        MinCount: 1,
        MaxCount: 1,
        SubnetId: privateSubnets[0],
      });
      return Instances[0]?.InstanceType;
    };
    expect(await launch('$Latest')).toBe('t3.large');
    expect(await launch()).toBe('t3.small');
    await sandbox.ec2('ModifyLaunchTemplate', { LaunchTemplateName: 'app', DefaultVersion: '2' });
    expect(await launch('$Default')).toBe('t3.large');
    expect(await refusal(launch('7'))).toBe('InvalidLaunchTemplateId.VersionNotFound');
    await expect(
      sandbox.ec2('CreateLaunchTemplate', {
        LaunchTemplateName: 'spot',
        LaunchTemplateData: { ...data('t3.small'), InstanceMarketOptions: { MarketType: 'spot' } },
      }),
    ).rejects.toThrow('InstanceMarketOptions');
  });
});
