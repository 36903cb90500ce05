/** EBS snapshots: what images are made of. They stay when an image is deregistered, until somebody deletes them. */

import type {
  DeleteSnapshotCommandInput,
  DescribeSnapshotsCommandInput,
  DescribeSnapshotsCommandOutput,
  Snapshot,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { removeFolder } from '../../instances/image-folders.ts';
import { askOn } from './asks.ts';
import { required } from './errors.ts';
import { matching } from './filters.ts';
import { rootVolumeGiB } from './images.ts';
import type { SnapshotRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { page } from './pages.ts';
import { ec2Tables } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { tagList, tagsOf } from './tags.ts';

export function snapshotOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    DescribeSnapshots: strictOperation<DescribeSnapshotsCommandInput, Answer<DescribeSnapshotsCommandOutput>>({
      name: 'DescribeSnapshots',
      members: ['SnapshotIds', 'OwnerIds', 'Filters', 'MaxResults', 'NextToken'],
      handle(input, call) {
        const owners = input.OwnerIds?.map((owner) => (owner === 'self' ? core.account : owner));
        const all =
          input.SnapshotIds?.map((id) => snapshotOf(core, call.region, id)) ??
          machineTables(core, call.region).snapshots.values();
        const rows = matching(
          all.filter((row) => owners?.includes(row.ownerId) ?? true),
          input.Filters,
          {
            'snapshot-id': (row) => row.id,
            'volume-id': (row) => row.volumeId,
            description: (row) => row.description,
            status: (row) => row.state,
            encrypted: (row) => String(row.encrypted),
            'owner-id': (row) => row.ownerId,
            'start-time': (row) => new Date(row.startedAt).toISOString(),
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { Snapshots: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    DeleteSnapshot: strictOperation<DeleteSnapshotCommandInput, object>({
      name: 'DeleteSnapshot',
      members: ['SnapshotId'],
      authorize: (input, call) => [askOn(core, call, 'DeleteSnapshot', 'snapshot', input.SnapshotId)],
      async handle(input, call) {
        const { images, snapshots } = machineTables(core, call.region);
        const row = snapshotOf(core, call.region, required(input.SnapshotId, 'snapshotId'));
        const user = images.values().find((image) => image.snapshotId === row.id);
        if (user !== undefined) {
          throw new AwsError('InvalidSnapshot.InUse', `The snapshot ${row.id} is currently in use by ${user.id}`);
        }
        snapshots.delete(row.id);
        ec2Tables(core, call.region).tags.delete(row.id);
        if (row.owned && row.folder !== undefined) await removeFolder(row.folder);
        return {};
      },
    }),
  };
}

function snapshotOf(core: SandboxCore, region: string, id: string): SnapshotRow {
  const row = machineTables(core, region).snapshots.get(id);
  if (row === undefined) throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
  return row;
}

function describe(core: SandboxCore, region: string, row: SnapshotRow): Snapshot {
  return {
    SnapshotId: row.id,
    VolumeId: row.volumeId,
    VolumeSize: rootVolumeGiB,
    State: row.state,
    Progress: row.state === 'completed' ? '100%' : '0%',
    StartTime: new Date(row.startedAt),
    ...(row.completedAt === undefined ? {} : { CompletionTime: new Date(row.completedAt) }),
    Description: row.description,
    Encrypted: row.encrypted,
    KmsKeyId: row.kmsKeyId,
    OwnerId: row.ownerId,
    StorageTier: 'standard',
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
