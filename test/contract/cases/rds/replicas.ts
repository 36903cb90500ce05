/** Read replicas in another Region: made, linked, promoted, and what becomes of them when their source goes. */

import {
  CreateDBInstanceReadReplicaCommand,
  type CreateDBInstanceReadReplicaCommandInput,
  type DBInstance,
  DBInstanceNotFoundFault,
  DeleteDBInstanceCommand,
  InvalidDBInstanceStateFault,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  StopDBInstanceCommand,
  waitUntilDBInstanceDeleted,
} from '@aws-sdk/client-rds';
import { expect } from 'vitest';
import { contractCase, refused } from '../../contract.ts';
import {
  available,
  described,
  goneAfter,
  instanceOf,
  onceFree,
  type Rds,
  rdsIn,
  statuses,
  watched,
} from './support.ts';

export const rdsReplicas = [
  contractCase(
    'a replica in another Region is asked for by ARN, gets the defaults there, and binds its source',
    async (target) => {
      const here = rdsIn(target);
      const there = rdsIn(target, target.otherRegion);
      const id = await instanceOf(here);
      const { DBInstanceArn } = await available(here, id);
      const create = (more: Partial<CreateDBInstanceReadReplicaCommandInput>) =>
        there.client.send(
          new CreateDBInstanceReadReplicaCommand({
            DBInstanceIdentifier: replica,
            SourceDBInstanceIdentifier: id,
            ...more,
          }),
        );
      const replica = target.name();
      await refused(create({}), DBInstanceNotFoundFault, 404);
      // Without automated backups nothing can be replicated.
      await refused(create({ SourceDBInstanceIdentifier: DBInstanceArn }), InvalidDBInstanceStateFault, 400);
      const keep = { DBInstanceIdentifier: id, BackupRetentionPeriod: 1, ApplyImmediately: true };
      await here.client.send(new ModifyDBInstanceCommand(keep));
      const kept = (one: DBInstance) => one.BackupRetentionPeriod === 1 && one.DBInstanceStatus === 'available';
      await watched(here, id, kept);

      const { DBInstance: begun } = await create({
        SourceDBInstanceIdentifier: DBInstanceArn,
        DeletionProtection: true,
      });
      goneAfter(there, replica);
      expect(begun).toMatchObject({
        DBInstanceStatus: 'creating',
        ReadReplicaSourceDBInstanceIdentifier: DBInstanceArn,
        BackupRetentionPeriod: 0,
      });
      const order = { DBInstanceIdentifier: replica };
      await refused(there.client.send(new PromoteReadReplicaCommand(order)), InvalidDBInstanceStateFault, 400);
      // While its snapshot is taken the source is modifying.
      const source = await watched(here, id, ({ DBInstanceStatus }) => DBInstanceStatus === 'modifying');
      expect(statuses(source).at(-1)).toBe('modifying');
      const standing = await available(there, replica);
      expect(standing).toMatchObject({
        ReadReplicaSourceDBInstanceIdentifier: DBInstanceArn,
        DBParameterGroups: [{ DBParameterGroupName: 'default.mysql8.0' }],
        StatusInfos: [{ StatusType: 'read replication', Status: 'replicating', Normal: true }],
        DeletionProtection: false,
        BackupRetentionPeriod: 0,
        MasterUsername: 'contract',
      });
      expect((await described(here, id)).ReadReplicaDBInstanceIdentifiers).toEqual([standing.DBInstanceArn]);
      await available(here, id);
      await refused(
        here.client.send(new StopDBInstanceCommand({ DBInstanceIdentifier: id })),
        InvalidDBInstanceStateFault,
        400,
      );
      await refused(there.client.send(new StopDBInstanceCommand(order)), InvalidDBInstanceStateFault, 400);
    },
    { cost: 'cents', minutes: 150 },
  ),

  contractCase(
    'a promotion is refused while backing up, keeps the source name until the reboot is over, and costs no backup twice',
    async (target) => {
      const { there, replica } = await replicated(target);
      const order = { DBInstanceIdentifier: replica };
      const keep = { ...order, BackupRetentionPeriod: 1, ApplyImmediately: true };
      await there.client.send(new ModifyDBInstanceCommand(keep));
      await watched(there, replica, ({ DBInstanceStatus }) => DBInstanceStatus === 'backing-up');
      await refused(there.client.send(new PromoteReadReplicaCommand(order)), InvalidDBInstanceStateFault, 400);
      await available(there, replica);

      const { DBInstance: begun } = await there.client.send(
        new PromoteReadReplicaCommand({ ...order, BackupRetentionPeriod: 1 }),
      );
      expect(begun).toMatchObject({
        DBInstanceStatus: 'modifying',
        ReadReplicaSourceDBInstanceIdentifier: expect.stringContaining(':db:'),
      });
      const seen = await watched(there, replica, isPromoted);
      expect(statuses(seen)).toContain('rebooting');
      expect(statuses(seen)).not.toContain('backing-up');
      for (const moment of seen.slice(0, -1)) expect(moment.ReadReplicaSourceDBInstanceIdentifier).toBeDefined();
      expect(seen.at(-1)).toMatchObject({ BackupRetentionPeriod: 1, StatusInfos: [] });
      await refused(there.client.send(new PromoteReadReplicaCommand(order)), InvalidDBInstanceStateFault, 400);
    },
    { cost: 'cents', minutes: 150 },
  ),

  contractCase(
    'a replica without backups takes its first one while it is promoted, and its source is free again',
    async (target) => {
      const { here, there, source, replica } = await replicated(target);
      await there.client.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: replica }));
      // A reader may see "available" before anything has happened: a waiter that begins at once returns too early.
      const early = await available(there, replica);
      if (target.kind === 'sandbox') expect(early.ReadReplicaSourceDBInstanceIdentifier).toBeDefined();
      const seen = await watched(there, replica, isPromoted);
      const order = statuses(seen);
      expect(order.indexOf('rebooting')).toBeLessThan(order.indexOf('backing-up'));
      expect(seen.at(-1)?.BackupRetentionPeriod).toBe(1);
      await target.eventually(async () =>
        expect((await described(here, source)).ReadReplicaDBInstanceIdentifiers).toEqual([]),
      );
      const { DBInstance } = await onceFree(here, () =>
        here.client.send(new StopDBInstanceCommand({ DBInstanceIdentifier: source })),
      );
      expect(DBInstance?.DBInstanceStatus).toBe('stopping');
      await watched(here, source, ({ DBInstanceStatus }) => DBInstanceStatus === 'stopped');
    },
    { cost: 'cents', minutes: 150 },
  ),

  contractCase(
    'deleting a source promotes its replica',
    async (target) => {
      const { here, there, source, replica } = await replicated(target);
      const last = { DBInstanceIdentifier: source, SkipFinalSnapshot: true };
      await onceFree(here, () => here.client.send(new DeleteDBInstanceCommand(last)));
      await waitUntilDBInstanceDeleted({ client: here.client, ...target.waiting }, { DBInstanceIdentifier: source });
      await watched(there, replica, isPromoted);
    },
    { cost: 'cents', minutes: 150 },
  ),
];

const isPromoted = ({ DBInstanceStatus, ReadReplicaSourceDBInstanceIdentifier }: DBInstance): boolean =>
  DBInstanceStatus === 'available' && ReadReplicaSourceDBInstanceIdentifier === undefined;

/** A source here and its replica there, both available. */
async function replicated(target: Rds['target']) {
  const here = rdsIn(target);
  const there = rdsIn(target, target.otherRegion);
  const source = await instanceOf(here, { BackupRetentionPeriod: 1 });
  const { DBInstanceArn } = await available(here, source);
  const replica = target.name();
  await onceFree(here, () =>
    there.client.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: replica,
        SourceDBInstanceIdentifier: DBInstanceArn,
      }),
    ),
  );
  goneAfter(there, replica);
  await available(there, replica);
  return { here, there, source, replica };
}
