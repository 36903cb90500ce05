/** Operations on DB snapshots. */

import type {
  CopyDBSnapshotCommandInput,
  CreateDBSnapshotCommandInput,
  DeleteDBSnapshotCommandInput,
  DescribeDBSnapshotsCommandInput,
} from '@aws-sdk/client-rds';
import { operation } from '../../contract.ts';
import { askOn, askTagging, requestTags } from './asks.ts';
import type { Rds } from './context.ts';
import { refuseOthers } from './input.ts';
import { snapshotShape } from './snapshot-shape.ts';
import { copySnapshot, createSnapshot, deleteSnapshot, describeSnapshots } from './snapshots.ts';

const describeMembers = [
  'DBInstanceIdentifier',
  'DBSnapshotIdentifier',
  'DbiResourceId',
  'Filters',
  'Marker',
  'MaxRecords',
  'SnapshotType',
];

export const snapshotOperations = (rds: Rds) => ({
  CreateDBSnapshot: operation(
    (input: CreateDBSnapshotCommandInput, call) => ({
      DBSnapshot: snapshotShape(rds.core, createSnapshot(rds, call, input)),
    }),
    (input, call) => [
      askOn(rds.core, call, 'CreateDBSnapshot', 'db', input.DBInstanceIdentifier ?? ''),
      askOn(rds.core, call, 'CreateDBSnapshot', 'snapshot', input.DBSnapshotIdentifier ?? '', requestTags(input.Tags)),
      ...askTagging(rds.core, call, 'snapshot', input.DBSnapshotIdentifier, input.Tags),
    ],
  ),
  CopyDBSnapshot: operation(
    async (input: CopyDBSnapshotCommandInput, call) => ({
      DBSnapshot: snapshotShape(rds.core, await copySnapshot(rds, call, input)),
    }),
    (input, call) => [
      askOn(rds.core, call, 'CopyDBSnapshot', 'snapshot', input.SourceDBSnapshotIdentifier ?? ''),
      askOn(
        rds.core,
        call,
        'CopyDBSnapshot',
        'snapshot',
        input.TargetDBSnapshotIdentifier ?? '',
        requestTags(input.Tags),
      ),
      ...askTagging(rds.core, call, 'snapshot', input.TargetDBSnapshotIdentifier, input.Tags),
    ],
  ),
  DescribeDBSnapshots: operation(
    (input: DescribeDBSnapshotsCommandInput, { region }) => {
      refuseOthers('DescribeDBSnapshots', input, describeMembers);
      return describeSnapshots(rds, region, input);
    },
    (input, call) => [askOn(rds.core, call, 'DescribeDBSnapshots', 'snapshot', input.DBSnapshotIdentifier)],
  ),
  DeleteDBSnapshot: operation(
    (input: DeleteDBSnapshotCommandInput, call) => ({
      DBSnapshot: snapshotShape(rds.core, deleteSnapshot(rds, call, input.DBSnapshotIdentifier)),
    }),
    (input, call) => [askOn(rds.core, call, 'DeleteDBSnapshot', 'snapshot', input.DBSnapshotIdentifier ?? '')],
  ),
});
