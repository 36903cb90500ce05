import { describe, expect, it } from 'vitest';
import { s3Sandbox } from './support.ts';

const policy = (principal: unknown, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: principal, Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*', ...more },
    ],
  });

describe('buckets', () => {
  it('has one name space for all Regions', async () => {
    const { bucket, s3 } = s3Sandbox();
    await bucket('photos', 'us-west-2');
    await expect(s3('CreateBucket', { Bucket: 'photos' })).rejects.toMatchObject({ code: 'BucketAlreadyOwnedByYou' });
    expect(await s3('ListBuckets', {})).toMatchObject({ Buckets: [{ Name: 'photos', BucketRegion: 'us-west-2' }] });
    expect(await s3('GetBucketLocation', { Bucket: 'photos' }, 'us-west-2')).toEqual({
      LocationConstraint: 'us-west-2',
    });
    await s3('DeleteBucket', { Bucket: 'photos' }, 'us-west-2');
    await s3('CreateBucket', { Bucket: 'photos' });
    expect(await s3('GetBucketLocation', { Bucket: 'photos' })).toEqual({});
  });

  it('keeps a bucket that has versions left', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos');
    await put('photos', 'k', 'x');
    await s3('DeleteObject', { Bucket: 'photos', Key: 'k' });
    await expect(s3('DeleteBucket', { Bucket: 'photos' })).rejects.toMatchObject({ code: 'BucketNotEmpty' });
  });

  it.each(['Photos', 'ab', 'a..b', '192.168.0.1', 'xn--a'])('refuses the name %s', async (Bucket) => {
    const { s3 } = s3Sandbox();
    await expect(s3('CreateBucket', { Bucket })).rejects.toMatchObject({ code: 'InvalidBucketName' });
  });

  it('refuses a location that is not the Region asked', async () => {
    const { s3 } = s3Sandbox();
    const input = { Bucket: 'photos', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } };
    await expect(s3('CreateBucket', input, 'us-west-2')).rejects.toMatchObject({
      code: 'IllegalLocationConstraintException',
    });
  });

  it('can not be configured anywhere while us-east-1 is dark, and serves objects all the same', async () => {
    const sandbox = s3Sandbox();
    const { bucket, put, get, s3 } = sandbox;
    await bucket('photos', 'us-west-2');
    sandbox.setDark('us-east-1', true);
    const versioning = { Bucket: 'photos', VersioningConfiguration: { Status: 'Enabled' } };
    const attempts = [
      s3('PutBucketVersioning', versioning, 'us-west-2'),
      s3('PutBucketPolicy', { Bucket: 'photos', Policy: policy({ AWS: '111122223333' }) }, 'us-west-2'),
      s3('DeleteBucketReplication', { Bucket: 'photos' }, 'us-west-2'),
      s3('DeleteBucket', { Bucket: 'photos' }, 'us-west-2'),
      s3(
        'CreateBucket',
        { Bucket: 'more', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } },
        'us-west-2',
      ),
    ];
    for (const attempt of await Promise.allSettled(attempts)) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'ServiceUnavailable', status: 503 } });
    }
    await put('photos', 'k', 'served', {}, 'us-west-2');
    expect((await get('photos', 'k', {}, 'us-west-2')).text).toBe('served');
    expect(await s3('GetBucketVersioning', { Bucket: 'photos' }, 'us-west-2')).toEqual({ Status: 'Enabled' });
  });

  it('gives its policy to IAM, for the bucket and its objects', async () => {
    const { bucket, s3, dispatcher, core } = s3Sandbox();
    await bucket('photos');
    const text = policy({ AWS: 'arn:aws:iam::111122223333:role/app' });
    await s3('PutBucketPolicy', { Bucket: 'photos', Policy: text });
    const call = {
      account: core.account,
      region: 'us-east-1',
      from: 'outside',
      principal: core.as('test'),
      requestId: 'r',
    };
    const service = dispatcher.service('s3');
    expect(service?.resourcePolicy?.('arn:aws:s3:::photos', call)).toBe(text);
    expect(service?.resourcePolicy?.('arn:aws:s3:::photos/a/b', call)).toBe(text);
    expect(await s3('GetBucketPolicyStatus', { Bucket: 'photos' })).toEqual({ PolicyStatus: { IsPublic: false } });
    await s3('DeleteBucketPolicy', { Bucket: 'photos' });
    await expect(s3('GetBucketPolicy', { Bucket: 'photos' })).rejects.toMatchObject({ code: 'NoSuchBucketPolicy' });
  });

  it('blocks public policies until told not to', async () => {
    const { bucket, s3 } = s3Sandbox();
    await bucket('photos');
    const open = { Bucket: 'photos', Policy: policy('*') };
    await expect(s3('PutBucketPolicy', open)).rejects.toMatchObject({ code: 'AccessDenied' });
    await s3('PutPublicAccessBlock', { Bucket: 'photos', PublicAccessBlockConfiguration: { BlockPublicAcls: true } });
    await s3('PutBucketPolicy', open);
    expect(await s3('GetBucketPolicyStatus', { Bucket: 'photos' })).toEqual({ PolicyStatus: { IsPublic: true } });
    await expect(s3('PutBucketPolicy', { ...open, Policy: '{' })).rejects.toMatchObject({ code: 'MalformedPolicy' });
  });

  it('gives back what it is told: encryption, lifecycle, tags, ownership', async () => {
    const { bucket, s3 } = s3Sandbox();
    await bucket('photos');
    const encryption = {
      Rules: [
        {
          ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/photos' },
          BucketKeyEnabled: true,
        },
      ],
    };
    await s3('PutBucketEncryption', { Bucket: 'photos', ServerSideEncryptionConfiguration: encryption });
    expect(await s3('GetBucketEncryption', { Bucket: 'photos' })).toEqual({
      ServerSideEncryptionConfiguration: encryption,
    });
    const Rules = [{ ID: 'old', Status: 'Enabled', Filter: {}, NoncurrentVersionExpiration: { NoncurrentDays: 30 } }];
    await s3('PutBucketLifecycleConfiguration', { Bucket: 'photos', LifecycleConfiguration: { Rules } });
    expect(await s3('GetBucketLifecycleConfiguration', { Bucket: 'photos' })).toMatchObject({ Rules });
    await s3('PutBucketTagging', { Bucket: 'photos', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } });
    expect(await s3('GetBucketTagging', { Bucket: 'photos' })).toEqual({ TagSet: [{ Key: 'a', Value: 'b' }] });
    expect(await s3('GetBucketOwnershipControls', { Bucket: 'photos' })).toEqual({
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    const { Grants } = await s3<{ Grants: unknown[] }>('GetBucketAcl', { Bucket: 'photos' });
    expect(Grants).toMatchObject([{ Permission: 'FULL_CONTROL' }]);
  });

  it('refuses notifications of kinds it does not deliver, by name', async () => {
    const { bucket, s3 } = s3Sandbox();
    await bucket('photos');
    const NotificationConfiguration = { QueueConfigurations: [{ QueueArn: 'arn', Events: ['s3:ObjectCreated:*'] }] };
    await expect(
      s3('PutBucketNotificationConfiguration', { Bucket: 'photos', NotificationConfiguration }),
    ).rejects.toThrow(/QueueConfigurations/);
  });
});
