/** Images of one Region. What upkeep has to know later is written on the images themselves, as tags. */

import type { Image } from '@aws-sdk/client-ec2';
import type { Clients } from '../../aws/clients.ts';

export interface Images {
  /** The workload's own images, newest first; those of one group when it is named. */
  list(workload: string, group?: string): Promise<Image[]>;
  create(instanceId: string, name: string, tags: Readonly<Record<string, string>>): Promise<string>;
  copy(
    from: { id: string; region: string },
    name: string,
    keyId: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<string>;
  remove(image: Image): Promise<void>;
  /** An instance of the group that is in service. */
  anInstance(group: string): Promise<string | undefined>;
}

export const imageTags = {
  workload: 'pilot-light:workload',
  group: 'pilot-light:group',
  madeAt: 'pilot-light:made-at',
  copyOf: 'pilot-light:copy-of',
} as const;

export const tagOf = (image: Image, key: string): string | undefined =>
  image.Tags?.find(({ Key }) => Key === key)?.Value;
export const madeAt = (image: Image): number => Number(tagOf(image, imageTags.madeAt) ?? 0);

export function imagesOf(clients: Clients): Images {
  // On the snapshots too: by their tags alone a role may remove these and no others.
  const specifications = (tags: Readonly<Record<string, string>>) =>
    (['image', 'snapshot'] as const).map((ResourceType) => ({
      ResourceType,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }));
  return {
    async list(workload, group) {
      const { DescribeImagesCommand } = await import('@aws-sdk/client-ec2');
      const { Images = [] } = await (await clients.ec2()).send(
        new DescribeImagesCommand({
          Owners: ['self'],
          Filters: [
            { Name: `tag:${imageTags.workload}`, Values: [workload] },
            ...(group === undefined ? [] : [{ Name: `tag:${imageTags.group}`, Values: [group] }]),
          ],
        }),
      );
      return Images.sort((one, other) => madeAt(other) - madeAt(one));
    },
    async create(instanceId, name, tags) {
      const { CreateImageCommand } = await import('@aws-sdk/client-ec2');
      const { ImageId } = await (await clients.ec2()).send(
        new CreateImageCommand({
          InstanceId: instanceId,
          Name: name,
          NoReboot: true,
          TagSpecifications: specifications(tags),
        }),
      );
      return ImageId ?? '';
    },
    async copy({ id, region }, name, keyId, tags) {
      const { CopyImageCommand } = await import('@aws-sdk/client-ec2');
      const { ImageId } = await (await clients.ec2()).send(
        new CopyImageCommand({
          SourceImageId: id,
          SourceRegion: region,
          Name: name,
          Encrypted: true,
          KmsKeyId: keyId,
          TagSpecifications: specifications(tags),
        }),
      );
      return ImageId ?? '';
    },
    async remove({ ImageId, BlockDeviceMappings = [] }) {
      const { DeleteSnapshotCommand, DeregisterImageCommand } = await import('@aws-sdk/client-ec2');
      const client = await clients.ec2();
      await client.send(new DeregisterImageCommand({ ImageId }));
      // Deregistering leaves the snapshots, and their cost, behind.
      for (const { Ebs } of BlockDeviceMappings) {
        if (Ebs?.SnapshotId !== undefined) await client.send(new DeleteSnapshotCommand({ SnapshotId: Ebs.SnapshotId }));
      }
    },
    async anInstance(group) {
      const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
      const { AutoScalingGroups } = await (await clients.autoScaling()).send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
      );
      return AutoScalingGroups?.[0]?.Instances?.find(({ LifecycleState }) => LifecycleState === 'InService')
        ?.InstanceId;
    },
  };
}
