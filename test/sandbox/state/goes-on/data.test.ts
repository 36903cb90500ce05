/** Data on its way between Regions, and databases in the middle of a change, when the sandbox is killed. */

import type { DBInstance } from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import { expectSameEnd } from './expect-same-end.ts';
import {
  account,
  bodiesIn,
  here,
  makeQueue,
  makeRole,
  minutes,
  role,
  seconds,
  there,
  type WholeWorld,
  wholeWorld,
} from './whole-world.ts';

describe('a secret', () => {
  test('reaches its replica, and so does its next value', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      async begin({ call }) {
        const AddReplicaRegions = [{ Region: there }];
        await call('secretsmanager', 'CreateSecret', { Name: 'db', SecretString: 'one', AddReplicaRegions });
        await call('secretsmanager', 'PutSecretValue', { SecretId: 'db', SecretString: 'two' });
      },
      lasts: 5 * minutes,
      async end({ call }) {
        type Described = { ReplicationStatus: { Status: string }[] };
        const { ReplicationStatus } = await call<Described>('secretsmanager', 'DescribeSecret', { SecretId: 'db' });
        type Value = { SecretString: string };
        const { SecretString } = await call<Value>('secretsmanager', 'GetSecretValue', { SecretId: 'db' }, there);
        return { status: ReplicationStatus[0]?.Status, there: SecretString };
      },
    });
    expect(found).toEqual({ status: 'InSync', there: 'two' });
  });
});

describe('an object', () => {
  test('that is PENDING is copied, and told of on both sides; a deletion marker follows it', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        await makeRole(world);
        const { call } = world;
        const Enabled = { VersioningConfiguration: { Status: 'Enabled' } };
        await call('s3', 'CreateBucket', { Bucket: 'source' });
        const constraint = { CreateBucketConfiguration: { LocationConstraint: there } };
        await call('s3', 'CreateBucket', { Bucket: 'copy', ...constraint }, there);
        await call('s3', 'PutBucketVersioning', { Bucket: 'source', ...Enabled });
        await call('s3', 'PutBucketVersioning', { Bucket: 'copy', ...Enabled }, there);
        const { arn, url } = await makeQueue(world, 'told', {}, there);
        await call('events', 'PutRule', { Name: 'objects', EventPattern: '{"source":["aws.s3"]}' }, there);
        const Targets = [{ Id: 'queue', Arn: arn, InputPath: '$.detail.object.key' }];
        await call('events', 'PutTargets', { Rule: 'objects', Targets }, there);
        const notice = { NotificationConfiguration: { EventBridgeConfiguration: {} } };
        await call('s3', 'PutBucketNotificationConfiguration', { Bucket: 'copy', ...notice }, there);
        await call('s3', 'PutBucketReplication', {
          Bucket: 'source',
          ReplicationConfiguration: {
            Role: role,
            Rules: [
              {
                ID: 'all',
                Priority: 1,
                Status: 'Enabled',
                Filter: {},
                DeleteMarkerReplication: { Status: 'Enabled' },
                Destination: { Bucket: 'arn:aws:s3:::copy' },
              },
            ],
          },
        });
        for (const Key of ['kept', 'gone'])
          await call('s3', 'PutObject', { Bucket: 'source', Key, Body: Buffer.from(Key) });
        await call('s3', 'DeleteObject', { Bucket: 'source', Key: 'gone' });
        return url;
      },
      lasts: 10 * minutes,
      step: 5 * seconds,
      async end(world, url) {
        const { call } = world;
        const head = (Bucket: string, region: string) =>
          call<{ ReplicationStatus: string; VersionId: string }>('s3', 'HeadObject', { Bucket, Key: 'kept' }, region);
        type Listed = { Versions: { Key: string }[]; DeleteMarkers: { Key: string }[] };
        const { Versions, DeleteMarkers } = await call<Listed>('s3', 'ListObjectVersions', { Bucket: 'copy' }, there);
        const [source, copy] = [await head('source', here), await head('copy', there)];
        return {
          statuses: [source.ReplicationStatus, copy.ReplicationStatus],
          sameVersion: source.VersionId === copy.VersionId,
          versions: Versions.map(({ Key }) => Key),
          markers: DeleteMarkers.map(({ Key }) => Key),
          told: [...new Set(await bodiesIn(world, url, there))],
        };
      },
    });
    expect(found).toEqual({
      statuses: ['COMPLETED', 'REPLICA'],
      sameVersion: true,
      versions: ['gone', 'kept'],
      markers: ['gone'],
      told: ['"gone"', '"kept"'],
    });
  });
});

describe('a global table', () => {
  const definition = {
    TableName: 'items',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
  const { TableName } = definition;
  const put = ({ call }: WholeWorld, id: string, value: string, region: string) =>
    call('dynamodb', 'PutItem', { TableName, Item: { id: { S: id }, value: { S: value } } }, region);
  const seen = async ({ call }: WholeWorld, region: string) => {
    type Items = { Items: { id: { S: string }; value: { S: string } }[] };
    const { Items } = await call<Items>('dynamodb', 'Scan', { TableName }, region);
    return Items.map(({ id, value }) => `${id.S} ${value.S}`).sort();
  };
  type Described = { Table: { TableStatus: string; Replicas?: { RegionName: string; ReplicaStatus: string }[] } };
  const described = async ({ call }: WholeWorld, region: string) => {
    const { Table } = await call<Described>('dynamodb', 'DescribeTable', { TableName }, region);
    return {
      status: Table.TableStatus,
      replicas: Table.Replicas?.map(({ RegionName, ReplicaStatus }) => `${RegionName} ${ReplicaStatus}`).sort(),
    };
  };

  test('is being made, and gets the items it had and those written meanwhile', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        await world.call('dynamodb', 'CreateTable', definition);
        await world.sandbox.clock.advance(minutes);
        await put(world, 'before', 'one', here);
        const ReplicaUpdates = [{ Create: { RegionName: there } }];
        await world.call('dynamodb', 'UpdateTable', { TableName, ReplicaUpdates });
        await put(world, 'during', 'one', here);
      },
      lasts: 10 * minutes,
      end: async (world) => ({ here: await described(world, here), there: await seen(world, there) }),
    });
    expect(found).toMatchObject({ here: { status: 'ACTIVE' }, there: ['before one', 'during one'] });
  });

  test('gets writes that were in flight both ways, the later one winning everywhere', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        await world.call('dynamodb', 'CreateTable', definition);
        await world.sandbox.clock.advance(minutes);
        await world.call('dynamodb', 'UpdateTable', { TableName, ReplicaUpdates: [{ Create: { RegionName: there } }] });
        await world.sandbox.clock.advance(5 * minutes);
        await put(world, 'shared', 'first', here);
        await put(world, 'here', 'x', here);
        await world.sandbox.clock.advance(10);
        await put(world, 'shared', 'second', there);
        await put(world, 'there', 'x', there);
      },
      lasts: minutes,
      end: async (world) => ({ here: await seen(world, here), there: await seen(world, there) }),
    });
    expect(found).toEqual({
      here: ['here x', 'shared second', 'there x'],
      there: ['here x', 'shared second', 'there x'],
    });
  });

  test('that is strongly consistent is being made, and has what was acknowledged in every Region', async () => {
    const regions = ['us-east-1', 'us-east-2', 'us-west-2'];
    const made = async (world: WholeWorld): Promise<void> => {
      await world.call('dynamodb', 'CreateTable', definition);
      await world.sandbox.clock.advance(minutes);
      await world.call('dynamodb', 'UpdateTable', {
        TableName,
        ReplicaUpdates: ['us-east-2', 'us-west-2'].map((RegionName) => ({ Create: { RegionName } })),
        MultiRegionConsistency: 'STRONG',
      });
    };
    const during = await expectSameEnd({
      world: wholeWorld({ regions }),
      begin: made,
      lasts: 15 * minutes,
      end: (world) => described(world, here),
    });
    expect(during).toEqual({ status: 'ACTIVE', replicas: ['us-east-2 ACTIVE', 'us-west-2 ACTIVE'] });
    const written = await expectSameEnd({
      world: wholeWorld({ regions }),
      async begin(world) {
        await made(world);
        await world.sandbox.clock.advance(15 * minutes);
        const acknowledged = put(world, 'a', 'one', here);
        await world.sandbox.clock.advance(1000);
        await acknowledged;
        // Not acknowledged: all Regions have it, or none.
        void put(world, 'b', 'two', 'us-west-2').catch(() => {});
      },
      lasts: minutes,
      async end(world) {
        const all = await Promise.all(regions.map((region) => seen(world, region)));
        return { acknowledged: all.map((items) => items.includes('a one')), agree: new Set(all.map(String)).size };
      },
    });
    expect(written).toEqual({ acknowledged: [true, true, true], agree: 1 });
  });

  test('is deleted', async () => {
    const found = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        await world.call('dynamodb', 'CreateTable', definition);
        await world.sandbox.clock.advance(minutes);
        await world.call('dynamodb', 'DeleteTable', { TableName });
      },
      lasts: 5 * minutes,
      end: ({ call }) => call('dynamodb', 'ListTables'),
    });
    expect(found).toEqual({ TableNames: [] });
  });
});

describe('a database', { timeout: 120_000 }, () => {
  const source = {
    DBInstanceIdentifier: 'app',
    Engine: 'mysql',
    EngineVersion: '8.0',
    DBInstanceClass: 'db.t4g.medium',
    AllocatedStorage: 20,
    MasterUsername: 'admin',
    MasterUserPassword: 'correct-horse',
    BackupRetentionPeriod: 7,
    PreferredBackupWindow: '03:00-03:30',
  };
  const replica = {
    DBInstanceIdentifier: 'copy',
    SourceDBInstanceIdentifier: `arn:aws:rds:${here}:${account}:db:app`,
  };
  const make = async (world: WholeWorld, more: object = {}): Promise<void> => {
    await world.call('rds', 'CreateDBInstance', { ...source, ...more });
    await world.sandbox.clock.advance(10 * minutes);
  };
  const withReplica = async (world: WholeWorld): Promise<void> => {
    await make(world);
    await world.call('rds', 'CreateDBInstanceReadReplica', replica, there);
    await world.sandbox.clock.advance(60 * minutes);
  };
  const app = { DBInstanceIdentifier: 'app' };

  type Act = (world: WholeWorld) => Promise<unknown>;
  const changes: [string, before: Act, act: Act][] = [
    ['is created', async () => {}, ({ call }) => call('rds', 'CreateDBInstance', source)],
    ['is rebooted', make, ({ call }) => call('rds', 'RebootDBInstance', app)],
    ['is stopped', make, ({ call }) => call('rds', 'StopDBInstance', app)],
    [
      'is started',
      async (world) => {
        await make(world);
        await world.call('rds', 'StopDBInstance', app);
        await world.sandbox.clock.advance(10 * minutes);
      },
      ({ call }) => call('rds', 'StartDBInstance', app),
    ],
    [
      'is modified, password and all',
      make,
      ({ call }) =>
        call('rds', 'ModifyDBInstance', {
          ...app,
          MultiAZ: true,
          BackupRetentionPeriod: 3,
          DBInstanceClass: 'db.t4g.large',
          MasterUserPassword: 'battery-staple',
          ApplyImmediately: true,
        }),
    ],
    [
      'gets another parameter group',
      async (world) => {
        await make(world);
        const group = { DBParameterGroupName: 'own', DBParameterGroupFamily: 'mysql8.0', Description: 'own' };
        await world.call('rds', 'CreateDBParameterGroup', group);
      },
      ({ call }) => call('rds', 'ModifyDBInstance', { ...app, DBParameterGroupName: 'own', ApplyImmediately: true }),
    ],
    [
      'gets a parameter',
      async (world) => {
        const group = { DBParameterGroupName: 'own', DBParameterGroupFamily: 'mysql8.0', Description: 'own' };
        await world.call('rds', 'CreateDBParameterGroup', group);
        await make(world, { DBParameterGroupName: 'own' });
      },
      ({ call }) =>
        call('rds', 'ModifyDBParameterGroup', {
          DBParameterGroupName: 'own',
          Parameters: [{ ParameterName: 'read_only', ParameterValue: '1', ApplyMethod: 'immediate' }],
        }),
    ],
    [
      'is renamed',
      make,
      ({ call }) => call('rds', 'ModifyDBInstance', { ...app, NewDBInstanceIdentifier: 'old', ApplyImmediately: true }),
    ],
    ['is backed up', make, ({ call }) => call('rds', 'CreateDBSnapshot', { ...app, DBSnapshotIdentifier: 'one' })],
    [
      'has a snapshot copied to the other Region',
      async (world) => {
        await make(world);
        await world.call('rds', 'CreateDBSnapshot', { ...app, DBSnapshotIdentifier: 'one' });
        await world.sandbox.clock.advance(10 * minutes);
      },
      ({ call }) =>
        call(
          'rds',
          'CopyDBSnapshot',
          {
            SourceDBSnapshotIdentifier: `arn:aws:rds:${here}:${account}:snapshot:one`,
            TargetDBSnapshotIdentifier: 'one',
          },
          there,
        ),
    ],
    [
      'is restored from a snapshot',
      async (world) => {
        await make(world);
        await world.call('rds', 'CreateDBSnapshot', { ...app, DBSnapshotIdentifier: 'one' });
        await world.sandbox.clock.advance(10 * minutes);
      },
      ({ call }) =>
        call('rds', 'RestoreDBInstanceFromDBSnapshot', {
          DBInstanceIdentifier: 'again',
          DBSnapshotIdentifier: 'one',
        }),
    ],
    ['gets a replica', make, ({ call }) => call('rds', 'CreateDBInstanceReadReplica', replica, there)],
    [
      'has its replica promoted',
      withReplica,
      ({ call }) =>
        call('rds', 'PromoteReadReplica', { DBInstanceIdentifier: 'copy', BackupRetentionPeriod: 7 }, there),
    ],
    [
      'is deleted, which promotes its replica, with a last snapshot',
      withReplica,
      ({ call }) => call('rds', 'DeleteDBInstance', { ...app, FinalDBSnapshotIdentifier: 'last' }),
    ],
  ];

  test.each(changes)('%s', async (_, before, act) => {
    await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        await before(world);
        await act(world);
      },
      // Steps that are cut short begin anew.
      lasts: 3 * 60 * minutes,
      end: async (world) => ({ here: await holdings(world, here), there: await holdings(world, there) }),
    });
  });
});

/** All that customers see of a Region's databases, without times and what is drawn. */
async function holdings({ call }: WholeWorld, region: string) {
  const { DBInstances } = await call<{ DBInstances: DBInstance[] }>('rds', 'DescribeDBInstances', {}, region);
  type Snapshots = { DBSnapshots: { DBSnapshotIdentifier: string; Status: string; SnapshotType: string }[] };
  const { DBSnapshots } = await call<Snapshots>('rds', 'DescribeDBSnapshots', {}, region);
  return {
    instances: DBInstances.map(
      ({
        InstanceCreateTime: _c,
        LatestRestorableTime: _l,
        AutomaticRestartTime: _a,
        DbiResourceId: _r,
        DBParameterGroups: groups = [],
        ...rest
      }) => ({
        ...rest,
        // A kill restarts the server, as an outage does: what waited for a reboot has had one.
        groups: groups.map(({ ParameterApplyStatus, ...group }) => [group, ParameterApplyStatus === 'applying']),
      }),
    ),
    snapshots: DBSnapshots.filter(({ SnapshotType }) => SnapshotType === 'manual').map(
      (snapshot) => `${snapshot.DBSnapshotIdentifier} ${snapshot.Status}`,
    ),
  };
}
