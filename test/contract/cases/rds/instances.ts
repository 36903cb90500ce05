/** RDS instances: the states they go through, and each order refused in the wrong one. */

import {
  AddTagsToResourceCommand,
  CopyDBSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DBInstanceAlreadyExistsFault,
  DBInstanceNotFoundFault,
  DBParameterGroupNotFoundFault,
  DBSnapshotNotFoundFault,
  DBSubnetGroupNotFoundFault,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  InvalidDBInstanceStateFault,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  paginateDescribeDBInstances,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
  waitUntilDBInstanceDeleted,
} from '@aws-sdk/client-rds';
import { expect } from 'vitest';
import { contractCase, pagesOf, refused } from '../../contract.ts';
import {
  available,
  described,
  goneAfter,
  instanceOf,
  onceFree,
  rdsIn,
  smallest,
  statuses,
  watched,
} from './support.ts';

export const rdsInstances = [
  contractCase(
    'an instance is created, listed, tagged, rebooted, stopped and started; orders that come in between are refused',
    async (target) => {
      const rds = rdsIn(target);
      const { client } = rds;
      const id = target.name();
      const { DBInstance: created } = await client.send(
        new CreateDBInstanceCommand({
          ...smallest,
          DBInstanceIdentifier: id.toUpperCase(),
          DBName: 'contract',
          BackupRetentionPeriod: 0,
          Tags: [{ Key: 'k', Value: 'v' }],
        }),
      );
      goneAfter(rds, id);
      expect(created).toMatchObject({
        DBInstanceIdentifier: id,
        DBInstanceStatus: 'creating',
        DBInstanceArn: `arn:aws:rds:${target.region}:${target.account}:db:${id}`,
        PendingModifiedValues: { MasterUserPassword: '****' },
        TagList: [{ Key: 'k', Value: 'v' }],
      });
      expect(created?.Endpoint).toBeUndefined();
      const given = { DBInstanceIdentifier: id };
      await refused(
        client.send(new CreateDBInstanceCommand({ ...smallest, ...given })),
        DBInstanceAlreadyExistsFault,
        400,
      );
      const orders = {
        modify: () => client.send(new ModifyDBInstanceCommand({ ...given, BackupRetentionPeriod: 1 })),
        reboot: () => client.send(new RebootDBInstanceCommand(given)),
        stop: () => client.send(new StopDBInstanceCommand(given)),
        start: () => client.send(new StartDBInstanceCommand(given)),
        promote: () => client.send(new PromoteReadReplicaCommand(given)),
        snapshot: () => client.send(new CreateDBSnapshotCommand({ ...given, DBSnapshotIdentifier: target.name() })),
      };
      for (const order of Object.values(orders)) await refused(order(), InvalidDBInstanceStateFault, 400);

      const now = await available(rds, id);
      expect(now).toMatchObject({
        Endpoint: { Address: expect.stringContaining(`${id}.`), Port: 3306 },
        DBName: 'contract',
        BackupRetentionPeriod: 0,
        PendingModifiedValues: {},
        DBParameterGroups: [{ DBParameterGroupName: 'default.mysql8.0', ParameterApplyStatus: 'in-sync' }],
        MultiAZ: false,
        DeletionProtection: false,
        ReadReplicaDBInstanceIdentifiers: [],
      });
      const found = async (Filters: { Name: string; Values: string[] }[]) =>
        (await pagesOf(paginateDescribeDBInstances({ client, pageSize: 20 }, { Filters })))
          .flatMap(({ DBInstances = [] }) => DBInstances)
          .map((one) => one.DBInstanceIdentifier);
      expect(await found([{ Name: 'db-instance-id', Values: ['none', now.DBInstanceArn ?? ''] }])).toEqual([id]);
      expect(await found([{ Name: 'dbi-resource-id', Values: [now.DbiResourceId ?? ''] }])).toEqual([id]);
      expect(
        await found([
          { Name: 'engine', Values: ['postgres'] },
          { Name: 'db-instance-id', Values: [id] },
        ]),
      ).toEqual([]);
      expect(await found([{ Name: 'engine', Values: ['mysql'] }])).toContain(id);
      expect((await described(rds, now.DBInstanceArn ?? '')).DBInstanceIdentifier).toBe(id);

      const ResourceName = now.DBInstanceArn;
      await client.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'a', Value: 'b' }] }));
      await client.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['k', 'none'] }));
      const { TagList } = await client.send(new ListTagsForResourceCommand({ ResourceName }));
      expect(TagList).toEqual([{ Key: 'a', Value: 'b' }]);

      await refused(orders.start(), InvalidDBInstanceStateFault, 400);
      await refused(orders.promote(), InvalidDBInstanceStateFault, 400);
      expect((await orders.reboot()).DBInstance?.DBInstanceStatus).toBe('rebooting');
      await refused(orders.reboot(), InvalidDBInstanceStateFault, 400);
      await available(rds, id);
      expect((await onceFree(rds, orders.stop)).DBInstance?.DBInstanceStatus).toBe('stopping');
      await watched(rds, id, ({ DBInstanceStatus }) => DBInstanceStatus === 'stopped');
      for (const order of [orders.stop, orders.reboot, orders.modify]) {
        await refused(order(), InvalidDBInstanceStateFault, 400);
      }
      expect((await orders.start()).DBInstance?.DBInstanceStatus).toBe('starting');
      expect((await available(rds, id)).DbiResourceId).toBe(now.DbiResourceId);
    },
    { cost: 'cents', minutes: 40 },
  ),

  contractCase(
    'a renamed instance answers under its new name only, and stays the same one',
    async (target) => {
      const rds = rdsIn(target);
      const { client } = rds;
      const id = await instanceOf(rds);
      const other = target.name();
      const before = await available(rds, id);
      goneAfter(rds, other);
      const rename = { DBInstanceIdentifier: id, NewDBInstanceIdentifier: other, ApplyImmediately: true };
      await refused(
        client.send(new ModifyDBInstanceCommand({ ...rename, NewDBInstanceIdentifier: '1-no-name' })),
        'InvalidParameterValue',
        400,
      );
      await client.send(new ModifyDBInstanceCommand(rename));
      await target.eventually(() => described(rds, other));
      await refused(
        client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })),
        DBInstanceNotFoundFault,
        404,
      );
      // It reboots under its new name: available is only what is available at last.
      await watched(rds, other, (now) => now.DBInstanceStatus !== 'available');
      const after = await available(rds, other);
      expect(after.DbiResourceId).toBe(before.DbiResourceId);
      expect(after.DBInstanceArn).toBe(before.DBInstanceArn?.replace(id, other));
      expect(after.Endpoint?.Address).toBe(before.Endpoint?.Address?.replace(id, other));
    },
    { cost: 'cents', minutes: 30 },
  ),

  contractCase(
    'changes are pending until the next window, or made at once; a protected instance is not deleted',
    async (target) => {
      const rds = rdsIn(target);
      const { client } = rds;
      const id = await instanceOf(rds);
      await available(rds, id);
      const modify = (more: object) => client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, ...more }));
      for (const more of [
        { BackupRetentionPeriod: 36 },
        { MasterUserPassword: 'short' },
        { DBInstanceClass: 'db.none.micro' },
        { PreferredBackupWindow: '25:00-26:00' },
      ]) {
        await refused(modify(more), 'InvalidParameterValue', 400);
      }
      await refused(modify({ DBParameterGroupName: `${id}-none` }), DBParameterGroupNotFoundFault, 404);

      const { DBInstance: later } = await modify({ AllocatedStorage: 25, DeletionProtection: true });
      expect(later?.PendingModifiedValues).toEqual({ AllocatedStorage: 25 });
      await onceFree(rds, () => modify({ DeletionProtection: true }));
      const waiting = await available(rds, id);
      expect(waiting).toMatchObject({
        AllocatedStorage: 20,
        DeletionProtection: true,
        PendingModifiedValues: { AllocatedStorage: 25 },
      });

      const remove = (more: object) => client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, ...more }));
      await refused(remove({ SkipFinalSnapshot: true }), 'InvalidParameterCombination', 400, {
        message: expect.stringContaining('Cannot delete protected DB Instance'),
      });
      await onceFree(rds, () =>
        modify({ DeletionProtection: false, BackupRetentionPeriod: 1, ApplyImmediately: true }),
      );
      // From no backups to some: an outage, and a first backup.
      const seen = await watched(
        rds,
        id,
        (now) => now.BackupRetentionPeriod === 1 && now.DBInstanceStatus === 'available',
      );
      expect(statuses(seen)).toEqual(expect.arrayContaining(['rebooting', 'backing-up']));
      await refused(remove({}), 'InvalidParameterCombination', 400, {
        message: expect.stringContaining('FinalDBSnapshotIdentifier is required'),
      });
      await refused(
        remove({ SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: target.name() }),
        'InvalidParameterCombination',
        400,
      );
      const gone = await onceFree(rds, () => remove({ SkipFinalSnapshot: true }));
      expect(gone.DBInstance?.DBInstanceStatus).toBe('deleting');
      await refused(remove({ SkipFinalSnapshot: true }), InvalidDBInstanceStateFault, 400);
      await waitUntilDBInstanceDeleted({ client, ...target.waiting }, { DBInstanceIdentifier: id });
      await refused(remove({ SkipFinalSnapshot: true }), DBInstanceNotFoundFault, 404);
    },
    { cost: 'cents', minutes: 50 },
  ),

  contractCase('bad input: what is asked of an instance that is not there, or can not be made', async (target) => {
    const { client } = rdsIn(target);
    const DBInstanceIdentifier = target.name();
    const none = { DBInstanceIdentifier };
    for (const call of [
      () => client.send(new DescribeDBInstancesCommand(none)),
      () => client.send(new ModifyDBInstanceCommand(none)),
      () => client.send(new RebootDBInstanceCommand(none)),
      () => client.send(new StartDBInstanceCommand(none)),
      () => client.send(new StopDBInstanceCommand(none)),
      () => client.send(new PromoteReadReplicaCommand(none)),
      () => client.send(new DeleteDBInstanceCommand({ ...none, SkipFinalSnapshot: true })),
      () => client.send(new CreateDBSnapshotCommand({ ...none, DBSnapshotIdentifier: DBInstanceIdentifier })),
      () =>
        client.send(
          new CreateDBInstanceReadReplicaCommand({ ...none, SourceDBInstanceIdentifier: `${DBInstanceIdentifier}-s` }),
        ),
    ]) {
      await refused(call(), DBInstanceNotFoundFault, 404);
    }
    const DBSnapshotIdentifier = DBInstanceIdentifier;
    await refused(
      client.send(new RestoreDBInstanceFromDBSnapshotCommand({ ...none, DBSnapshotIdentifier })),
      DBSnapshotNotFoundFault,
      404,
    );
    await refused(
      client.send(
        new CopyDBSnapshotCommand({
          SourceDBSnapshotIdentifier: DBSnapshotIdentifier,
          TargetDBSnapshotIdentifier: `${DBSnapshotIdentifier}-t`,
        }),
      ),
      DBSnapshotNotFoundFault,
      404,
    );
    const create = (more: object) => client.send(new CreateDBInstanceCommand({ ...smallest, ...none, ...more }));
    for (const more of [
      { DBInstanceIdentifier: '1-first' },
      { DBInstanceIdentifier: 'two--hyphens' },
      { Engine: 'nosql' },
      { DBInstanceClass: 'db.none.micro' },
      { MasterUserPassword: undefined },
      { MasterUserPassword: 'with a / in it' },
      { MasterUsername: undefined },
      { BackupRetentionPeriod: 36 },
      { PreferredBackupWindow: 'nonsense' },
    ]) {
      await refused(create(more), 'InvalidParameterValue', 400).catch((error: unknown) => {
        throw new Error(`${JSON.stringify(more)}: ${String(error)}`);
      });
    }
    await refused(create({ EngineVersion: '4.1' }), 'InvalidParameterCombination', 400);
    await refused(create({ DBParameterGroupName: DBInstanceIdentifier }), DBParameterGroupNotFoundFault, 404);
    await refused(create({ DBSubnetGroupName: DBInstanceIdentifier }), DBSubnetGroupNotFoundFault, 404);
    for (const more of [{ MaxRecords: 19 }, { MaxRecords: 101 }, { Filters: [{ Name: 'colour', Values: ['red'] }] }]) {
      await refused(client.send(new DescribeDBInstancesCommand(more)), 'InvalidParameterValue', 400);
    }
  }),
];
