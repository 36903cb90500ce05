/** Images: described, made of instances, deregistered. Copies between Regions are in `copy-image.ts`. */

import type {
  CreateImageCommandInput,
  CreateImageCommandOutput,
  DeregisterImageCommandInput,
  DeregisterImageCommandOutput,
  DescribeImagesCommandInput,
  DescribeImagesCommandOutput,
  Image,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { copyFolder, instanceFolder, makeFolder, removeFolder, snapshotFolder } from '../../instances/image-folders.ts';
import { askNew, askOn } from './asks.ts';
import { invalidParameter, required } from './errors.ts';
import { matching } from './filters.ts';
import type { InstanceLifecycle } from './instance-lifecycle.ts';
import { instanceOf } from './instance-lookup.ts';
import type { ImageRow, InstanceRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { page } from './pages.ts';
import { ec2Tables, newId } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';

/** The size the timing model's rows are for. */
export const rootVolumeGiB = 8;
export const rootDevice = '/dev/xvda';

export function imageOperations(core: SandboxCore, lifecycle: InstanceLifecycle): Record<string, AnyOperation> {
  return {
    DescribeImages: strictOperation<DescribeImagesCommandInput, Answer<DescribeImagesCommandOutput>>({
      name: 'DescribeImages',
      members: ['ImageIds', 'Owners', 'Filters', 'MaxResults', 'NextToken'],
      handle(input, call) {
        const owners = input.Owners?.map((owner) => (owner === 'self' ? core.account : owner));
        const all =
          input.ImageIds?.map((id) => imageOf(core, call.region, id)) ??
          machineTables(core, call.region).images.values();
        const owned = all.filter(
          (row) =>
            owners === undefined || owners.some((owner) => owner === row.ownerId || owner === aliasOf(core, row)),
        );
        const rows = matching(
          owned,
          input.Filters,
          {
            'image-id': (row) => row.id,
            name: (row) => row.name,
            description: (row) => row.description,
            state: (row) => row.state,
            'owner-id': (row) => row.ownerId,
            'owner-alias': (row) => aliasOf(core, row),
            'is-public': (row) => String(row.isPublic),
            architecture: () => 'x86_64',
            'image-type': () => 'machine',
            'root-device-type': () => 'ebs',
            'virtualization-type': () => 'hvm',
            'block-device-mapping.snapshot-id': (row) => row.snapshotId,
            'source-instance-id': (row) => row.sourceInstanceId,
            'source-image-id': (row) => row.sourceImageId,
            'creation-date': (row) => new Date(row.createdAt).toISOString(),
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { Images: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    CreateImage: strictOperation<CreateImageCommandInput, Answer<CreateImageCommandOutput>>({
      name: 'CreateImage',
      members: ['InstanceId', 'Name', 'Description', 'NoReboot', 'TagSpecifications'],
      authorize: (input, call) => [
        askOn(core, call, 'CreateImage', 'instance', input.InstanceId),
        ...askNew(call, 'CreateImage', 'image', input.TagSpecifications),
        ...askNew(call, 'CreateImage', 'snapshot', input.TagSpecifications),
      ],
      async handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['image', 'snapshot']);
        const instance = instanceOf(core, call.region, required(input.InstanceId, 'instanceId'));
        if (instance.state !== 'running' && instance.state !== 'stopped') {
          throw new AwsError('IncorrectState', `Instance '${instance.id}' is not 'running' or 'stopped'.`);
        }
        const name = freeName(core, call.region, required(input.Name, 'name'));
        const row = createImage(core, call.region, instance, name, input.Description ?? '');
        tagNew(core, call.region, row.id, specified(input.TagSpecifications, 'image'));
        tagNew(core, call.region, row.snapshotId, specified(input.TagSpecifications, 'snapshot'));
        const reboots = input.NoReboot !== true && instance.state === 'running';
        if (reboots) await lifecycle.pause(call.region, instance.id);
        const copied = takeDisk(core, call.region, instance, row);
        const bootAgain = () => lifecycle.bootAgain(call.region, instance.id);
        if (reboots) copied.then(bootAgain, bootAgain);
        completeWhenDue(core, call.region, row, copied);
        return { ImageId: row.id };
      },
    }),
    DeregisterImage: strictOperation<DeregisterImageCommandInput, Answer<DeregisterImageCommandOutput>>({
      name: 'DeregisterImage',
      members: ['ImageId'],
      authorize: (input, call) => [askOn(core, call, 'DeregisterImage', 'image', input.ImageId)],
      handle(input, call) {
        const row = imageOf(core, call.region, required(input.ImageId, 'imageId'));
        if (row.ownerId !== core.account) {
          throw new AwsError('AuthFailure', `Not authorized for image:${row.id}`, { status: 403 });
        }
        machineTables(core, call.region).images.delete(row.id);
        ec2Tables(core, call.region).tags.delete(row.id);
        return { Return: true };
      },
    }),
  };
}

export function imageOf(core: SandboxCore, region: string, id: string): ImageRow {
  if (!/^ami-[0-9a-f]{8,17}$/.test(id)) throw new AwsError('InvalidAMIID.Malformed', `Invalid id: "${id}"`);
  const row = machineTables(core, region).images.get(id);
  if (row === undefined) throw new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
  return row;
}

/** Refuses a name another image of this account in the Region has. */
export function freeName(core: SandboxCore, region: string, name: string): string {
  if (!/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/.test(name)) {
    throw new AwsError(
      'InvalidAMIName.Malformed',
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/', '_', '[', ']', ''', '@' and spaces. Given: '${name}'.`,
    );
  }
  const taken = machineTables(core, region)
    .images.values()
    .find((row) => row.name === name && row.ownerId === core.account);
  if (taken === undefined) return name;
  throw new AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${taken.id}`);
}

function createImage(
  core: SandboxCore,
  region: string,
  instance: InstanceRow,
  name: string,
  description: string,
): ImageRow {
  const { images, snapshots } = machineTables(core, region);
  const now = core.region(region).clock.now();
  const id = newId(core, 'ami');
  const snapshotId = newId(core, 'snap');
  snapshots.put(snapshotId, {
    id: snapshotId,
    volumeId: instance.volumeId,
    state: 'pending',
    description: `Created by CreateImage(${instance.id}) for ${id}`,
    encrypted: instance.encrypted,
    startedAt: now,
    ownerId: core.account,
    owned: true,
    folder: snapshotFolder(core, region, snapshotId),
    ...(instance.kmsKeyId === undefined ? {} : { kmsKeyId: instance.kmsKeyId }),
  });
  return images.put(id, {
    id,
    name,
    description,
    state: 'pending',
    createdAt: now,
    ownerId: core.account,
    isPublic: false,
    snapshotId,
    command: instance.command,
    sourceImageId: instance.imageId,
    sourceImageRegion: region,
    sourceInstanceId: instance.id,
  });
}

/** The snapshot is of the disk as it is now: crash-consistent, the program writes on. */
async function takeDisk(core: SandboxCore, region: string, instance: InstanceRow, image: ImageRow): Promise<void> {
  const to = snapshotFolder(core, region, image.snapshotId);
  const from = instanceFolder(core, region, instance.id);
  await makeFolder(from);
  await copyFolder(from, to);
}

/** Takes the disks of images that were being made in an earlier life anew; an instance that is gone meanwhile leaves none. */
export function resumeImages(core: SandboxCore, region: string): void {
  const { images, instances } = machineTables(core, region);
  for (const image of images.values()) {
    if (image.state !== 'pending' || image.sourceInstanceId === undefined) continue;
    const instance = instances.get(image.sourceInstanceId);
    const again = async () => {
      if (instance === undefined) throw new Error(`the instance ${image.sourceInstanceId} is gone`);
      await removeFolder(snapshotFolder(core, region, image.snapshotId));
      await takeDisk(core, region, instance, image);
    };
    completeWhenDue(core, region, image, again());
  }
}

function completeWhenDue(core: SandboxCore, region: string, image: ImageRow, copied: Promise<void>): void {
  const { clock } = core.region(region);
  // Noted now, so that a copy that fails before it is due isn't an unhandled rejection.
  const outcome = copied.then(
    () => undefined,
    (error: unknown) => String(error),
  );
  clock.after(core.timing.milliseconds('ec2_create_image_no_reboot_8gb'), () => {
    void core.clock.hold(async () => settleImage(core, region, image.id, await outcome));
  });
}

/** Brings an image and its snapshot to their end: available, or failed with a reason. */
export function settleImage(core: SandboxCore, region: string, imageId: string, failure: string | undefined): void {
  const { images, snapshots } = machineTables(core, region);
  const completedAt = core.region(region).clock.now();
  const row = images.update(imageId, (old) => ({
    ...old,
    state: failure === undefined ? 'available' : 'failed',
    ...(failure === undefined ? {} : { failure }),
  }));
  if (row === undefined) return;
  snapshots.update(row.snapshotId, (old) => ({
    ...old,
    state: failure === undefined ? 'completed' : 'error',
    completedAt,
  }));
  if (failure !== undefined) core.log({ service: 'ec2', region, text: `image ${imageId} failed: ${failure}` });
}

/** Refuses an image that can't be launched from. */
export function launchable(core: SandboxCore, region: string, id: string): ImageRow {
  const row = imageOf(core, region, id);
  if (row.state === 'available') return row;
  throw row.state === 'pending'
    ? new AwsError('InvalidAMIID.Unavailable', `The image ID '${id}' is not available (its state is pending)`)
    : invalidParameter(`The image '${id}' can't be launched: its state is ${row.state}`);
}

const aliasOf = (core: SandboxCore, row: ImageRow): string | undefined =>
  row.ownerId === core.account ? undefined : 'amazon';

function describe(core: SandboxCore, region: string, row: ImageRow): Image {
  const snapshot = machineTables(core, region).snapshots.get(row.snapshotId);
  return {
    ImageId: row.id,
    ImageLocation: `${row.ownerId}/${row.name}`,
    Name: row.name,
    Description: row.description,
    State: row.state,
    ...(row.failure === undefined ? {} : { StateReason: { Code: 'Server.InternalError', Message: row.failure } }),
    CreationDate: new Date(row.createdAt).toISOString(),
    OwnerId: row.ownerId,
    ImageOwnerAlias: aliasOf(core, row),
    Public: row.isPublic,
    Architecture: 'x86_64',
    ImageType: 'machine',
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    RootDeviceType: 'ebs',
    RootDeviceName: rootDevice,
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    EnaSupport: true,
    BootMode: 'uefi-preferred',
    SourceImageId: row.sourceImageId,
    SourceImageRegion: row.sourceImageRegion,
    SourceInstanceId: row.sourceInstanceId,
    ...(row.lastLaunchedAt === undefined ? {} : { LastLaunchedTime: new Date(row.lastLaunchedAt).toISOString() }),
    BlockDeviceMappings: [
      {
        DeviceName: rootDevice,
        Ebs: {
          SnapshotId: row.snapshotId,
          VolumeSize: rootVolumeGiB,
          VolumeType: 'gp3',
          DeleteOnTermination: true,
          Encrypted: snapshot?.encrypted ?? false,
          ...(snapshot?.kmsKeyId === undefined ? {} : { KmsKeyId: snapshot.kmsKeyId }),
        },
      },
    ],
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
