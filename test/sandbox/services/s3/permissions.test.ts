import { rmSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { createAuthorizer } from '../../../../src/sandbox/iam/authorizer.ts';
import { createIamService } from '../../../../src/sandbox/services/iam/service.ts';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import { createS3Service } from '../../../../src/sandbox/services/s3/service.ts';
import { createStsService } from '../../../../src/sandbox/services/sts/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

/** The statements a replication role needs, as AWS documents them, and as CDK writes them. */
const statements = (keys: Record<'east' | 'west', string>) => [
  { Action: ['s3:GetReplicationConfiguration', 's3:ListBucket'], Resource: 'arn:aws:s3:::east' },
  {
    Action: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
    Resource: 'arn:aws:s3:::east/*',
  },
  { Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'], Resource: 'arn:aws:s3:::west/*' },
  {
    Action: 'kms:Decrypt',
    Resource: keys.east,
    Condition: { StringLike: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
  },
  {
    Action: ['kms:Encrypt', 'kms:GenerateDataKey'],
    Resource: keys.west,
    Condition: { StringLike: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::west/*' } },
  },
];

it('replicates with the permissions AWS asks for, and fails without any one of them', async () => {
  const sandbox = testSandbox([createS3Service, createIamService, createStsService, createKmsService]);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  sandbox.dispatcher.authorizer = createAuthorizer(sandbox.core).authorizer;
  const call: typeof sandbox.call = (...request) => sandbox.call(...request);
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await call('iam', 'CreateRole', { RoleName: 'replication', AssumeRolePolicyDocument: JSON.stringify(trust) });
  const key = async (region: string) =>
    (await call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {}, region)).KeyMetadata.Arn;
  const keys = { east: await key('us-east-1'), west: await key('us-west-2') };
  for (const [Bucket, region] of [
    ['east', 'us-east-1'],
    ['west', 'us-west-2'],
  ] as const) {
    const place = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
    await call('s3', 'CreateBucket', { Bucket, ...place }, region);
    await call('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } }, region);
    const byDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keys[Bucket] };
    const rules = { Rules: [{ ApplyServerSideEncryptionByDefault: byDefault }] };
    await call('s3', 'PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: rules }, region);
  }
  await call('s3', 'PutBucketReplication', {
    Bucket: 'east',
    ReplicationConfiguration: {
      Role: 'arn:aws:iam::111122223333:role/replication',
      Rules: [
        {
          Priority: 1,
          Status: 'Enabled',
          Filter: {},
          DeleteMarkerReplication: { Status: 'Enabled' },
          SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
          Destination: { Bucket: 'arn:aws:s3:::west', EncryptionConfiguration: { ReplicaKmsKeyID: keys.west } },
        },
      ],
    },
  });
  const all = statements(keys);
  const replicate = async (allowed: object[]) => {
    const Statement = allowed.map((one) => ({ Effect: 'Allow', ...one }));
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await call('iam', 'PutRolePolicy', { RoleName: 'replication', PolicyName: 'p', PolicyDocument });
    const Key = sandbox.core.ids.uuid();
    await call('s3', 'PutObject', { Bucket: 'east', Key, Body: 'data', Tagging: 't=1' });
    await sandbox.clock.advance(60_000);
    return (await call('s3', 'HeadObject', { Bucket: 'east', Key })).ReplicationStatus;
  };
  expect(await replicate(all)).toBe('COMPLETED');
  for (const missing of all) {
    expect(await replicate(all.filter((one) => one !== missing)), JSON.stringify(missing)).toBe('FAILED');
  }
  expect(await replicate(all)).toBe('COMPLETED');
});
