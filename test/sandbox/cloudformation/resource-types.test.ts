import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/sandbox/cloudformation/json.ts';
import { changeBetween, replacing } from '../../../src/sandbox/cloudformation/properties.ts';
import type { ResourceContext, ResourceType } from '../../../src/sandbox/cloudformation/resource-type.ts';
import { resourceCoverage, resourceType } from '../../../src/sandbox/cloudformation/resources/registry.ts';
import { shaped } from '../../../src/sandbox/cloudformation/shape.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';

type Answers = Record<string, (input: Record<string, unknown>) => unknown>;

/** A context whose calls are shaped by the real schemas, noted, and answered by the test. */
function contextWith(answers: Answers, others: Partial<ResourceContext> = {}) {
  const calls: [operation: string, input: Record<string, unknown>][] = [];
  const context: ResourceContext = {
    account: '111122223333',
    region: 'us-east-1',
    stackId: 'arn:stack',
    stackName: 'app',
    logicalId: 'Thing',
    type: 'x',
    updatePolicy: {},
    kept: {},
    rollingBack: false,
    async call<Output>(service: Parameters<ResourceContext['call']>[0], operation: string, input: object) {
      const whole = (await shaped(service, operation, input)) as Record<string, unknown>;
      calls.push([operation, whole]);
      return ((await answers[operation]?.(whole)) ?? {}) as Output;
    },
    async until(what, probe) {
      for (let turn = 0; turn < 20; turn++) {
        const found = await probe();
        if (found !== undefined && found !== false) return found;
      }
      throw new AwsError('NotStabilized', what);
    },
    created: () => {},
    physicalName: (_, style) => (style === 'lower case' ? 'app-thing-0a1b' : 'app-Thing-0A1B'),
    once: (make) => make(),
    askCustomResource: () => Promise.reject(new Error('no functions here')),
    arn: (service, resource) => `arn:aws:${service}:us-east-1:111122223333:${resource}`,
    ...others,
  };
  return {
    context,
    calls,
    sent: (name: string) => calls.filter(([operation]) => operation === name).map(([, input]) => input),
  };
}

const type = (name: string): ResourceType => {
  const found = resourceType(name);
  if (found === undefined) throw new Error(name);
  return found;
};

async function update(
  name: string,
  previous: JsonObject,
  properties: JsonObject,
  answers: Answers,
  others: Partial<ResourceContext> = {},
) {
  const on = contextWith(answers, others);
  await type(name).update?.({ id: 'thing', attributes: {}, ...changeBetween(previous, properties) }, on.context);
  return on;
}

describe('databases', () => {
  const db = 'AWS::RDS::DBInstance';
  const source = 'arn:aws:rds:us-east-1:111122223333:db:app';
  const replica = {
    DBInstanceIdentifier: 'app',
    DBInstanceClass: 'db.t4g.medium',
    SourceDBInstanceIdentifier: source,
    SourceRegion: 'us-east-1',
  };
  const { SourceDBInstanceIdentifier: _source, ...standalone } = replica;
  const available = { DBInstanceIdentifier: 'app', DBInstanceStatus: 'available', DBInstanceArn: 'arn' };
  const replaces = (previous: JsonObject, properties: JsonObject) =>
    replacing(type(db), changeBetween(previous, properties));

  it('replaces when the declared source changes or appears, and not when it goes', () => {
    expect(replaces(replica, { ...replica, SourceDBInstanceIdentifier: `${source}-2` })).toEqual([
      'SourceDBInstanceIdentifier',
    ]);
    expect(replaces(standalone, replica)).toContain('SourceDBInstanceIdentifier');
    expect(replaces(replica, standalone)).toEqual([]);
    expect(replaces(replica, { ...replica, DBInstanceClass: 'db.r6g.large' })).toEqual([]);
    expect(replaces(replica, { ...replica, KmsKeyId: 'other' })).toEqual(['KmsKeyId']);
    const { SourceRegion: _region, ...bare } = standalone;
    expect(replaces(replica, bare)).toEqual(['SourceRegion']);
  });

  it('promotes when the source goes, and is done only when nothing of the replica is left', async () => {
    const states = [
      {
        ...available,
        ReadReplicaSourceDBInstanceIdentifier: source,
        StatusInfos: [{ StatusType: 'read replication', Status: 'replicating' }],
      },
      { ...available, ReadReplicaSourceDBInstanceIdentifier: source },
      { ...available, DBInstanceStatus: 'rebooting' },
      available,
    ];
    const on = await update(
      db,
      replica,
      { ...standalone, BackupRetentionPeriod: 7 },
      {
        DescribeDBInstances: () => ({ DBInstances: [states.length > 1 ? states.shift() : states[0]] }),
      },
    );
    expect(on.calls.map(([operation]) => operation)).toEqual([
      'DescribeDBInstances',
      'PromoteReadReplica',
      'DescribeDBInstances',
      'DescribeDBInstances',
      'DescribeDBInstances',
      'ModifyDBInstance',
      'DescribeDBInstances',
    ]);
    expect(on.sent('PromoteReadReplica')).toEqual([{ DBInstanceIdentifier: 'thing', BackupRetentionPeriod: 7 }]);
  });

  it('never settles an update of a replica that does not replicate', async () => {
    const dark = {
      ...available,
      ReadReplicaSourceDBInstanceIdentifier: source,
      StatusInfos: [{ StatusType: 'read replication', Status: 'error' }],
    };
    await expect(
      update(
        db,
        replica,
        { ...replica, DBInstanceClass: 'db.r6g.large' },
        { DescribeDBInstances: () => ({ DBInstances: [dark] }) },
      ),
    ).rejects.toMatchObject({ code: 'NotStabilized' });
  });

  it('sends changed properties only, at once, and reboots for a parameter group that waits for it', async () => {
    let rebooted = false;
    const on = await update(
      db,
      { ...standalone, AllocatedStorage: '20', MultiAZ: false },
      { ...standalone, AllocatedStorage: '20', MultiAZ: true, DBParameterGroupName: 'pg' },
      {
        DescribeDBInstances: () => ({
          DBInstances: [
            { ...available, DBParameterGroups: [{ ParameterApplyStatus: rebooted ? 'in-sync' : 'pending-reboot' }] },
          ],
        }),
        RebootDBInstance: () => {
          rebooted = true;
        },
      },
    );
    expect(on.sent('ModifyDBInstance')).toEqual([
      { DBInstanceIdentifier: 'thing', ApplyImmediately: true, MultiAZ: true, DBParameterGroupName: 'pg' },
    ]);
    expect(on.sent('RebootDBInstance')).toHaveLength(1);
  });

  it('makes a replica of a source elsewhere, and sets afterwards what its creation does not take', async () => {
    const on = contextWith({ DescribeDBInstances: () => ({ DBInstances: [available] }) });
    const properties = {
      ...replica,
      VPCSecurityGroups: ['sg-1'],
      KmsKeyId: 'key',
      BackupRetentionPeriod: '7',
      DeletionProtection: true,
    };
    await type(db).create(properties, on.context);
    expect(on.sent('CreateDBInstanceReadReplica')[0]).toMatchObject({
      DBInstanceIdentifier: 'app',
      SourceDBInstanceIdentifier: source,
      VpcSecurityGroupIds: ['sg-1'],
      KmsKeyId: 'key',
    });
    expect(on.sent('ModifyDBInstance')[0]).toMatchObject({ BackupRetentionPeriod: 7, DeletionProtection: true });
    await expect(type(db).create({ ...replica, MasterUsername: 'x' }, on.context)).rejects.toThrow(
      'takes MasterUsername from its source',
    );
  });

  it('is deleted with a final snapshot, unless it is a replica', async () => {
    for (const [instance, keeps] of [
      [available, true],
      [{ ...available, ReadReplicaSourceDBInstanceIdentifier: source }, false],
    ] as const) {
      let gone = false;
      const on = contextWith({
        DescribeDBInstances: () => ({ DBInstances: gone ? [] : [instance] }),
        DeleteDBInstance: () => {
          gone = true;
        },
      });
      await type(db).delete({ id: 'app', properties: {}, attributes: {}, snapshot: true }, on.context);
      expect(on.sent('DeleteDBInstance')[0]?.SkipFinalSnapshot).toBe(!keeps);
      expect(on.sent('DeleteDBInstance')[0]?.FinalDBSnapshotIdentifier !== undefined).toBe(keeps);
    }
    expect(type(db).defaultDeletionPolicy?.({})).toBe('Snapshot');
  });

  it('sends every declared parameter of a group again, by how each is applied', async () => {
    const on = await update(
      'AWS::RDS::DBParameterGroup',
      { Family: 'mysql8.0', Description: 'd', Parameters: { a: '1', gone: 'x' } },
      { Family: 'mysql8.0', Description: 'd', Parameters: { a: '1', fixed: 2 } },
      { DescribeDBParameters: () => ({ Parameters: [{ ParameterName: 'a', ApplyType: 'dynamic' }] }) },
    );
    expect(on.sent('ResetDBParameterGroup')[0]?.Parameters).toEqual([
      { ParameterName: 'gone', ApplyMethod: 'pending-reboot' },
    ]);
    expect(on.sent('ModifyDBParameterGroup')[0]?.Parameters).toEqual([
      { ParameterName: 'a', ApplyMethod: 'immediate', ParameterValue: '1' },
      { ParameterName: 'fixed', ApplyMethod: 'pending-reboot', ParameterValue: '2' },
    ]);
  });
});

describe('groups of instances', () => {
  const group = 'AWS::AutoScaling::AutoScalingGroup';
  const declared = { MinSize: '1', MaxSize: '4', DesiredCapacity: '2', HealthCheckGracePeriod: 60 };
  const sizes = async (properties: JsonObject, others: Partial<ResourceContext> = {}) => {
    const on = await update(group, declared, properties, {}, others);
    const [{ MinSize, MaxSize, DesiredCapacity } = {}] = on.sent('UpdateAutoScalingGroup');
    return [MinSize, MaxSize, DesiredCapacity];
  };
  const lenient = { updatePolicy: { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } } };

  it('re-sends its sizes with every update', async () => {
    expect(await sizes({ ...declared, HealthCheckGracePeriod: 90 })).toEqual([1, 4, 2]);
  });

  it('leaves unmodified sizes alone when its update policy says so, but not in a rollback', async () => {
    expect(await sizes({ ...declared, HealthCheckGracePeriod: 90 }, lenient)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await sizes({ ...declared, DesiredCapacity: '3' }, lenient)).toEqual([undefined, undefined, 3]);
    expect(await sizes({ ...declared, HealthCheckGracePeriod: 90 }, { ...lenient, rollingBack: true })).toEqual([
      1, 4, 2,
    ]);
  });

  it('is emptied before it is deleted', async () => {
    const instances = [['i-1'], ['i-1'], []];
    let gone = false;
    const on = contextWith({
      DescribeAutoScalingGroups: () => ({ AutoScalingGroups: gone ? [] : [{ Instances: instances.shift() ?? [] }] }),
      DeleteAutoScalingGroup: () => {
        gone = true;
      },
    });
    await type(group).delete({ id: 'g', properties: {}, attributes: {}, snapshot: false }, on.context);
    expect(on.sent('UpdateAutoScalingGroup')).toEqual([
      { AutoScalingGroupName: 'g', MinSize: 0, MaxSize: 0, DesiredCapacity: 0 },
    ]);
    expect(on.calls.map(([operation]) => operation).indexOf('DeleteAutoScalingGroup')).toBeGreaterThan(3);
  });
});

describe('buckets', () => {
  const configured = async (property: string, value: Json) => {
    const on = contextWith({});
    await type('AWS::S3::Bucket').create({ BucketName: 'b', [property]: value }, on.context);
    return on.calls.at(-1);
  };

  const table: [string, Json, string, object][] = [
    [
      'ReplicationConfiguration',
      {
        Role: 'arn:role',
        Rules: [
          {
            Id: 'all',
            Priority: 1,
            Status: 'Enabled',
            Filter: { Prefix: '' },
            Destination: { Bucket: 'arn:b2', Metrics: { Status: 'Enabled' } },
            DeleteMarkerReplication: { Status: 'Enabled' },
            SourceSelectionCriteria: { ReplicaModifications: { Status: 'Enabled' } },
          },
        ],
      },
      'PutBucketReplication',
      {
        ReplicationConfiguration: {
          Role: 'arn:role',
          Rules: [
            {
              ID: 'all',
              Priority: 1,
              Status: 'Enabled',
              Filter: { Prefix: '' },
              Destination: { Bucket: 'arn:b2', Metrics: { Status: 'Enabled' } },
              DeleteMarkerReplication: { Status: 'Enabled' },
              SourceSelectionCriteria: { ReplicaModifications: { Status: 'Enabled' } },
            },
          ],
        },
      },
    ],
    [
      'NotificationConfiguration',
      {
        EventBridgeConfiguration: { EventBridgeEnabled: true },
        QueueConfigurations: [
          {
            Event: 's3:ObjectCreated:*',
            Queue: 'arn:q',
            Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } },
          },
        ],
      },
      'PutBucketNotificationConfiguration',
      {
        NotificationConfiguration: {
          EventBridgeConfiguration: {},
          QueueConfigurations: [
            {
              QueueArn: 'arn:q',
              Events: ['s3:ObjectCreated:*'],
              Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'in/' }] } },
            },
          ],
        },
      },
    ],
    [
      'BucketEncryption',
      {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k' } },
        ],
      },
      'PutBucketEncryption',
      {
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              BucketKeyEnabled: true,
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k' },
            },
          ],
        },
      },
    ],
    [
      'LifecycleConfiguration',
      {
        Rules: [
          { Id: 'r', Status: 'Enabled', ExpirationInDays: '30', NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
        ],
      },
      'PutBucketLifecycleConfiguration',
      {
        LifecycleConfiguration: {
          Rules: [
            {
              ID: 'r',
              Status: 'Enabled',
              Filter: { Prefix: '' },
              Expiration: { Days: 30 },
              NoncurrentVersionExpiration: { NoncurrentDays: 3 },
            },
          ],
        },
      },
    ],
  ];
  it.each(table)('%s is spelled as its API wants it', async (property, value, operation, input) => {
    expect(await configured(property, value)).toEqual([operation, { Bucket: 'b', ...input }]);
  });

  it('refuses by name what the API does not have', async () => {
    await expect(configured('PublicAccessBlockConfiguration', { BlockEverything: true })).rejects.toThrow(
      'extraneous key [BlockEverything]',
    );
  });
});

it('fills state machine definitions with their substitutions, inside JSON texts', async () => {
  const on = contextWith({});
  await type('AWS::StepFunctions::StateMachine').create(
    {
      RoleArn: 'arn:r',
      DefinitionString: '{"StartAt":"${First}","Comment":"${other}"}',
      DefinitionSubstitutions: { First: 'a "b"' },
    },
    on.context,
  );
  const [{ definition } = {}] = on.sent('CreateStateMachine');
  expect(JSON.parse(String(definition))).toEqual({ StartAt: 'a "b"', Comment: '${other}' });
});

it('tells what it supports as data, every property with what a change of it means', () => {
  const coverage = resourceCoverage();
  expect(coverage.map(({ name }) => name)).toContain('AWS::RDS::DBInstance');
  expect(new Set(coverage.map(({ name }) => name)).size).toBe(coverage.length);
  for (const { name, properties } of coverage) {
    expect(
      Object.values(properties).every((change) => change === 'update' || change === 'replace'),
      name,
    ).toBe(true);
  }
});
