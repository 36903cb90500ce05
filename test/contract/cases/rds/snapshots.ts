/** DB snapshots: taken, copied, restored, and outliving their instance. */

import {
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  DBInstanceAlreadyExistsFault,
  DBSnapshotAlreadyExistsFault,
  DBSnapshotNotFoundFault,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  InvalidDBInstanceStateFault,
  InvalidDBSnapshotStateFault,
  paginateDescribeDBSnapshots,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  waitUntilDBInstanceDeleted,
  waitUntilDBSnapshotAvailable,
  waitUntilDBSnapshotDeleted,
} from '@aws-sdk/client-rds';
import { expect } from 'vitest';
import { contractCase, pagesOf, refused } from '../../contract.ts';
import {
  available,
  described,
  goneAfter,
  instanceOf,
  onceFree,
  type Rds,
  rdsIn,
  snapshotGoneAfter,
} from './support.ts';

export const rdsSnapshots = [
  contractCase(
    'a snapshot is taken and restored, and the last one outlives its instance',
    async (target) => {
      const rds = rdsIn(target);
      const { client } = rds;
      const id = await instanceOf(rds);
      const source = await available(rds, id);
      const DBSnapshotIdentifier = target.name();
      const order = { DBInstanceIdentifier: id, DBSnapshotIdentifier };
      const { DBSnapshot: begun } = await client.send(
        new CreateDBSnapshotCommand({ ...order, Tags: [{ Key: 'k', Value: 'v' }] }),
      );
      snapshotGoneAfter(rds, DBSnapshotIdentifier);
      expect(begun).toMatchObject({
        Status: 'creating',
        SnapshotType: 'manual',
        DBInstanceIdentifier: id,
        DbiResourceId: source.DbiResourceId,
        DBSnapshotArn: `arn:aws:rds:${target.region}:${target.account}:snapshot:${DBSnapshotIdentifier}`,
        Encrypted: false,
        AllocatedStorage: 20,
        TagList: [{ Key: 'k', Value: 'v' }],
      });
      expect((await described(rds, id)).DBInstanceStatus).toBe('backing-up');
      await refused(
        client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: id })),
        InvalidDBInstanceStateFault,
        400,
      );
      const copyOf = { SourceDBSnapshotIdentifier: DBSnapshotIdentifier, TargetDBSnapshotIdentifier: target.name() };
      await refused(client.send(new CopyDBSnapshotCommand(copyOf)), InvalidDBSnapshotStateFault, 400);
      const early = { DBInstanceIdentifier: target.name(), DBSnapshotIdentifier };
      await refused(client.send(new RestoreDBInstanceFromDBSnapshotCommand(early)), InvalidDBSnapshotStateFault, 400);
      await waitUntilDBSnapshotAvailable({ client, ...target.waiting }, { DBSnapshotIdentifier });
      const { DBSnapshots: [taken] = [] } = await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier }));
      expect(taken).toMatchObject({ Status: 'available', PercentProgress: 100, SnapshotCreateTime: expect.any(Date) });
      await available(rds, id);
      await refused(client.send(new CreateDBSnapshotCommand(order)), DBSnapshotAlreadyExistsFault, 400);

      const restored = target.name();
      const restore = (DBInstanceIdentifier: string) =>
        client.send(new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier }));
      await refused(restore(id), DBInstanceAlreadyExistsFault, 400);
      const { DBInstance } = await restore(restored);
      goneAfter(rds, restored);
      expect(DBInstance?.DBInstanceStatus).toBe('creating');
      const now = await available(rds, restored);
      expect(now).toMatchObject({
        MasterUsername: 'contract',
        DBParameterGroups: [{ DBParameterGroupName: 'default.mysql8.0' }],
      });
      expect(now.DbiResourceId).not.toBe(source.DbiResourceId);

      const FinalDBSnapshotIdentifier = target.name();
      snapshotGoneAfter(rds, FinalDBSnapshotIdentifier);
      await onceFree(rds, () =>
        client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, FinalDBSnapshotIdentifier })),
      );
      await waitUntilDBInstanceDeleted({ client, ...target.waiting }, { DBInstanceIdentifier: id });
      const listed = await pagesOf(
        paginateDescribeDBSnapshots({ client, pageSize: 20 }, { DBInstanceIdentifier: id, SnapshotType: 'manual' }),
      );
      const left = listed.flatMap(({ DBSnapshots = [] }) => DBSnapshots);
      expect(new Map(left.map((one) => [one.DBSnapshotIdentifier, one.Status]))).toEqual(
        new Map([
          [DBSnapshotIdentifier, 'available'],
          [FinalDBSnapshotIdentifier, 'available'],
        ]),
      );
    },
    { cost: 'cents', minutes: 60 },
  ),

  contractCase(
    'a copy in another Region is named by ARN, and is there without its source',
    async (target) => {
      const rds = rdsIn(target);
      const there = rdsIn(target, target.otherRegion);
      const { client } = rds;
      const id = await instanceOf(rds);
      await available(rds, id);
      const DBSnapshotIdentifier = target.name();
      const { DBSnapshot } = await client.send(
        new CreateDBSnapshotCommand({
          DBInstanceIdentifier: id,
          DBSnapshotIdentifier,
          Tags: [{ Key: 'k', Value: 'v' }],
        }),
      );
      snapshotGoneAfter(rds, DBSnapshotIdentifier);
      await waitUntilDBSnapshotAvailable({ client, ...target.waiting }, { DBSnapshotIdentifier });
      const TargetDBSnapshotIdentifier = target.name();
      const copy = (SourceDBSnapshotIdentifier: string | undefined) =>
        there.client.send(
          new CopyDBSnapshotCommand({
            SourceDBSnapshotIdentifier,
            TargetDBSnapshotIdentifier,
            CopyTags: true,
          }),
        );
      await refused(copy(DBSnapshotIdentifier), DBSnapshotNotFoundFault, 404);
      const { DBSnapshot: begun } = await copy(DBSnapshot?.DBSnapshotArn);
      snapshotGoneAfter(there, TargetDBSnapshotIdentifier);
      expect(begun).toMatchObject({
        Status: 'creating',
        SourceDBSnapshotIdentifier: DBSnapshot?.DBSnapshotArn,
        SourceRegion: target.region,
        DBSnapshotArn: `arn:aws:rds:${target.otherRegion}:${target.account}:snapshot:${TargetDBSnapshotIdentifier}`,
      });
      await refused(copy(DBSnapshot?.DBSnapshotArn), DBSnapshotAlreadyExistsFault, 400);
      const given = { DBSnapshotIdentifier: TargetDBSnapshotIdentifier };
      await waitUntilDBSnapshotAvailable({ client: there.client, ...target.waiting }, given);
      await client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }));
      await waitUntilDBSnapshotDeleted({ client, ...target.waiting }, { DBSnapshotIdentifier });
      await refused(
        client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier })),
        DBSnapshotNotFoundFault,
        404,
      );
      expect(await snapshotTags(there, TargetDBSnapshotIdentifier)).toEqual([{ Key: 'k', Value: 'v' }]);
    },
    { cost: 'cents', minutes: 60 },
  ),
];

async function snapshotTags({ client }: Rds, DBSnapshotIdentifier: string) {
  const { DBSnapshots: [snapshot] = [] } = await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier }));
  return snapshot?.TagList;
}
