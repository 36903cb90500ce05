/** The image pipeline as its own role, within its boundary: everything upkeep does goes through, and nothing of another workload is in reach. */

import { CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  CopyImageCommand,
  CreateImageCommand,
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2';
import { CreatePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clients } from '../../src/aws/clients.ts';
import { type Base, baseContext } from '../../src/engines/base.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { boundaryName, boundaryOf } from '../../src/plan/boundary.ts';
import { rolesOf, statementsOf } from '../../src/plan/roles.ts';
import { noMachinery } from '../../src/sandbox/instances/machinery.ts';
import { stockImageId } from '../../src/sandbox/instances/stock-image.ts';
import { createAutoScalingService } from '../../src/sandbox/services/autoscaling/service.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { createEc2Service } from '../../src/sandbox/services/ec2/service.ts';
import { createIamService } from '../../src/sandbox/services/iam/service.ts';
import { createKmsService } from '../../src/sandbox/services/kms/service.ts';
import { createSsmService } from '../../src/sandbox/services/ssm/service.ts';
import { createStsService } from '../../src/sandbox/services/sts/service.ts';
import { tendImages } from '../../src/upkeep/images.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { appImage, network } from '../sandbox/services/ec2/ec2-sandbox.ts';
import { stateTable } from '../support/state-table.ts';
import { judgedSandbox } from '../support/wired-sandbox.ts';

const [here, there] = ['us-east-1', 'us-west-2'] as const;
const workload = parseWorkload({
  name: 'photos',
  primary: { region: here },
  recovery: { region: there },
  compute: { web: { image: appImage } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
  images: { everyHours: 1, keep: 1 },
});
const role = 'dev-dr-images-primary';
const tag = (workloadName: string) => ({ Key: 'pilot-light:workload', Value: workloadName });

let judged: Awaited<ReturnType<typeof judgedSandbox>>;
let base: Base;
let own: (region: string) => Clients;

beforeAll(async () => {
  judged = await judgedSandbox([
    createIamService,
    createStsService,
    createKmsService,
    createDynamoDbService,
    createSsmService,
    (core) =>
      createEc2Service(core, {
        machinery: noMachinery,
        images: { [appImage]: { folder: import.meta.dirname, command: [] } },
      }),
    createAutoScalingService,
  ]);
  judged.sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
  await makeRole();
  own = await judged.as(role);
  base = baseContext({ workload, clock: judged.sandbox.clock, ids: systemIds, clientsFor: own });
  await stateTable(judged.clients(there), base.names.table);
  for (const region of [here, there]) {
    const kms = await judged.clients(region).kms();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new CreateAliasCommand({ AliasName: base.names.keyAlias, TargetKeyId: KeyMetadata?.KeyId }));
  }
  await group(base.names.group('web'), 'dev-photos');
  await group('another', 'dev-another');
}, 60_000);
afterAll(() => judged?.[Symbol.asyncDispose]());

test('makes, copies, points to and prunes images', { timeout: 60_000 }, async () => {
  const pointers = async () =>
    Promise.all(
      (['primary', 'recovery'] as const).map((side) => base.on(side).parameters.get(base.names.imageParameter('web'))),
    );
  await expect.poll(() => tendImages(base, 'primary', 'web'), { timeout: 20_000, interval: 20 }).toBe('moved');
  const [first] = await pointers();
  const clock = { ...base.clock, now: () => base.clock.now() + 2 * 3_600_000 };
  expect(await tendImages({ ...base, clock }, 'primary', 'web')).toBe('made');
  await expect.poll(() => tendImages(base, 'primary', 'web'), { timeout: 20_000, interval: 20 }).toBe('moved');
  const [second] = await pointers();
  expect(second?.Value).not.toBe(first?.Value);
  for (const region of [here, there]) {
    const ec2 = await judged.clients(region).ec2();
    const filter = { Filters: [{ Name: 'tag:pilot-light:workload', Values: ['dev-photos'] }] };
    expect((await ec2.send(new DescribeImagesCommand(filter))).Images, region).toHaveLength(1);
    expect((await ec2.send(new DescribeSnapshotsCommand(filter))).Snapshots, region).toHaveLength(1);
  }
});

describe('is refused', () => {
  const refused = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  const tagged = (...kinds: ('image' | 'snapshot')[]) =>
    kinds.map((ResourceType) => ({ ResourceType, Tags: [tag('dev-photos')] }));

  test('an image without the workload’s tag, or whose snapshots have none', async () => {
    const ec2 = await own(here).ec2();
    const InstanceId = await instanceOf('dev-photos');
    await refused(ec2.send(new CreateImageCommand({ InstanceId, Name: 'bare' })));
    await refused(ec2.send(new CreateImageCommand({ InstanceId, Name: 'half', TagSpecifications: tagged('image') })));
  });

  test('an image of another workload’s instance', async () => {
    const ec2 = await own(here).ec2();
    const InstanceId = await instanceOf('dev-another');
    const TagSpecifications = tagged('image', 'snapshot');
    await refused(ec2.send(new CreateImageCommand({ InstanceId, Name: 'foreign', TagSpecifications })));
  });

  test('copying an image that isn’t the account’s own', async () => {
    const copy = { SourceImageId: stockImageId, SourceRegion: here, Name: 'public' };
    await refused(
      (await own(there).ec2()).send(new CopyImageCommand({ ...copy, TagSpecifications: tagged('image', 'snapshot') })),
    );
  });

  test('copying to its own side, and without the tag', async () => {
    const TagSpecifications = tagged('image', 'snapshot');
    const SourceImageId = appImage;
    const copy = { SourceImageId, SourceRegion: here, Name: 'copy' };
    await refused((await own(there).ec2()).send(new CopyImageCommand(copy)));
    await refused(
      (await own(here).ec2()).send(new CopyImageCommand({ ...copy, SourceRegion: there, TagSpecifications })),
    );
  });

  test('tagging what stands already, which would bring it within reach', async () => {
    const ImageId = await foreignImage();
    const ec2 = await own(here).ec2();
    await refused(ec2.send(new CreateTagsCommand({ Resources: [ImageId], Tags: [tag('dev-photos')] })));
  });

  test('removing another workload’s image and its snapshot', async () => {
    const ImageId = await foreignImage();
    const administrators = await judged.clients(here).ec2();
    const { Images } = await administrators.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    const SnapshotId = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
    const ec2 = await own(here).ec2();
    await refused(ec2.send(new DeregisterImageCommand({ ImageId })));
    await administrators.send(new DeregisterImageCommand({ ImageId }));
    await refused(ec2.send(new DeleteSnapshotCommand({ SnapshotId })));
  });
});

async function makeRole(): Promise<void> {
  const iam = await judged.clients(here).iam();
  const { Policy } = await iam.send(
    new CreatePolicyCommand({
      PolicyName: boundaryName(workload),
      PolicyDocument: JSON.stringify(boundaryOf(workload)),
    }),
  );
  await iam.send(
    new CreateRoleCommand({
      RoleName: role,
      MaxSessionDuration: 43_200,
      PermissionsBoundary: Policy?.Arn,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: workload.account } }],
      }),
    }),
  );
  const { grants = [] } = rolesOf(workload).find(({ name }) => name === role) ?? {};
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: role,
      PolicyName: 'own',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statementsOf(grants) }),
    }),
  );
}

async function group(name: string, workloadName: string): Promise<void> {
  const { core } = judged.sandbox;
  const { privateSubnets } = await network({
    ec2: (operation, input, region = here) =>
      core.invoke({ service: 'ec2', operation, region, input, principal: core.as('test') }),
  });
  await (await judged.clients(here).ec2()).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: { ImageId: appImage, InstanceType: 't3.medium' },
    }),
  );
  await (await judged.clients(here).autoScaling()).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateName: name },
      MinSize: 1,
      MaxSize: 1,
      VPCZoneIdentifier: privateSubnets.join(','),
      Tags: [{ ...tag(workloadName), PropagateAtLaunch: true }],
    }),
  );
}

async function instanceOf(workloadName: string): Promise<string> {
  const ec2 = await judged.clients(here).ec2();
  const look = async () => {
    const { Reservations } = await ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: 'tag:pilot-light:workload', Values: [workloadName] },
          { Name: 'instance-state-name', Values: ['running'] },
        ],
      }),
    );
    return Reservations?.[0]?.Instances?.[0]?.InstanceId ?? '';
  };
  await expect.poll(look, { timeout: 20_000 }).not.toBe('');
  return look();
}

async function foreignImage(): Promise<string> {
  const { ImageId } = await (await judged.clients(here).ec2()).send(
    new CreateImageCommand({
      InstanceId: await instanceOf('dev-another'),
      Name: `another ${judged.sandbox.clock.now()}`,
      NoReboot: true,
      TagSpecifications: (['image', 'snapshot'] as const).map((ResourceType) => ({
        ResourceType,
        Tags: [tag('dev-another')],
      })),
    }),
  );
  return ImageId ?? '';
}
