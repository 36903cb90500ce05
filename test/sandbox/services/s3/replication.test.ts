import { describe, expect, it } from 'vitest';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { AwsError, operation } from '../../../../src/sandbox/contract.ts';
import { fakeSts } from '../../functions/fake-sts.ts';
import { fakeKms, recordingBus, replicate, replicated, s3Sandbox } from './support.ts';

const status = async (sandbox: ReturnType<typeof s3Sandbox>, bucket: string, key: string, region: string) =>
  (await sandbox.head(bucket, key, region)).ReplicationStatus;

const minute = 60_000;

describe('replication', () => {
  it('copies later, under the same version, time and headers, and says so on both sides', async () => {
    const sandbox = s3Sandbox();
    await replicated(sandbox);
    const { VersionId } = await sandbox.put('source', 'k', 'data', { Metadata: { m: '1' }, Tagging: 't=1' });
    expect(await status(sandbox, 'source', 'k', 'us-east-1')).toBe('PENDING');
    await sandbox.clock.advance(4_000);
    expect(await status(sandbox, 'source', 'k', 'us-east-1')).toBe('PENDING');
    await expect(sandbox.head('copy', 'k', 'us-west-2')).rejects.toMatchObject({ code: 'NotFound' });
    await sandbox.clock.advance(12_000);
    expect(await status(sandbox, 'source', 'k', 'us-east-1')).toBe('COMPLETED');
    expect(await sandbox.get('copy', 'k', {}, 'us-west-2')).toMatchObject({
      text: 'data',
      VersionId,
      ReplicationStatus: 'REPLICA',
      Metadata: { m: '1' },
      TagCount: 1,
      LastModified: new Date('2026-11-23T12:00:00Z'),
    });
  });

  it('survives the deletion of the source version', async () => {
    const sandbox = s3Sandbox();
    await replicated(sandbox);
    const { VersionId } = await sandbox.put('source', 'k', 'data');
    await sandbox.clock.advance(minute);
    await sandbox.s3('DeleteObject', { Bucket: 'source', Key: 'k', VersionId });
    await sandbox.clock.advance(minute);
    expect((await sandbox.get('copy', 'k', {}, 'us-west-2')).text).toBe('data');
  });

  it('replicates delete markers where the rule says so', async () => {
    const sandbox = s3Sandbox();
    await replicated(sandbox);
    await sandbox.put('source', 'k', 'data');
    await sandbox.clock.advance(minute);
    await sandbox.s3('DeleteObject', { Bucket: 'source', Key: 'k' });
    await sandbox.clock.advance(minute);
    await expect(sandbox.head('copy', 'k', 'us-west-2')).rejects.toMatchObject({ code: 'NotFound' });

    const rule = { DeleteMarkerReplication: { Status: 'Disabled' } };
    await replicate(sandbox, 'source', 'copy', 'us-east-1', rule);
    await sandbox.put('source', 'kept', 'data');
    await sandbox.clock.advance(minute);
    await sandbox.s3('DeleteObject', { Bucket: 'source', Key: 'kept' });
    await sandbox.clock.advance(minute);
    expect((await sandbox.get('copy', 'kept', {}, 'us-west-2')).text).toBe('data');
  });

  it('takes only what the filter takes, and nothing written before', async () => {
    const sandbox = s3Sandbox();
    await sandbox.bucket('source');
    await sandbox.bucket('copy', 'us-west-2');
    await sandbox.put('source', 'photos/old', '0');
    const filter = { And: { Prefix: 'photos/', Tags: [{ Key: 'keep', Value: 'yes' }] } };
    const rule = { Filter: filter, DeleteMarkerReplication: { Status: 'Disabled' } };
    await replicate(sandbox, 'source', 'copy', 'us-east-1', rule);
    await sandbox.put('source', 'photos/1', '1', { Tagging: 'keep=yes' });
    await sandbox.put('source', 'photos/2', '2');
    await sandbox.put('source', 'logs/3', '3', { Tagging: 'keep=yes' });
    await sandbox.clock.advance(minute);
    const { Contents } = await sandbox.s3('ListObjectsV2', { Bucket: 'copy' }, 'us-west-2');
    expect(Contents).toMatchObject([{ Key: 'photos/1' }]);
    expect(await status(sandbox, 'source', 'photos/2', 'us-east-1')).toBeUndefined();
  });

  it('does not replicate replicas on, in a pair that replicates both ways', async () => {
    const sandbox = s3Sandbox();
    await replicated(sandbox);
    await replicate(sandbox, 'copy', 'source', 'us-west-2');
    await sandbox.put('source', 'k', 'from the east');
    await sandbox.put('copy', 'w', 'from the west', {}, 'us-west-2');
    await sandbox.clock.advance(5 * minute);
    for (const [bucket, region] of [
      ['source', 'us-east-1'],
      ['copy', 'us-west-2'],
    ] as const) {
      const { Versions } = await sandbox.s3<{ Versions: unknown[] }>('ListObjectVersions', { Bucket: bucket }, region);
      expect(Versions).toHaveLength(2);
    }
  });

  it('stops while the source is dark and arrives late when it returns', async () => {
    const sandbox = s3Sandbox();
    await replicated(sandbox);
    await sandbox.put('source', 'k', 'old, from the east');
    sandbox.setDark('us-east-1', true);
    await sandbox.dispatcher.service('s3')?.regionDark?.('us-east-1');
    await sandbox.clock.advance(10 * minute);
    await expect(sandbox.head('copy', 'k', 'us-west-2')).rejects.toMatchObject({ code: 'NotFound' });
    await sandbox.put('copy', 'k', 'new, from the west', {}, 'us-west-2');
    sandbox.setDark('us-east-1', false);
    await sandbox.clock.advance(1_000);
    expect((await sandbox.get('copy', 'k', {}, 'us-west-2')).text).toBe('new, from the west');
    await sandbox.clock.advance(minute);
    expect(await status(sandbox, 'source', 'k', 'us-east-1')).toBe('COMPLETED');
    expect((await sandbox.get('copy', 'k', {}, 'us-west-2')).text).toBe('old, from the east');
  });

  it('puts a late arrival where it was written, when told to', async () => {
    const sandbox = s3Sandbox([], { lateArrival: 'source time' });
    await replicated(sandbox);
    await sandbox.put('source', 'k', 'old, from the east');
    await sandbox.clock.advance(2_000);
    await sandbox.put('copy', 'k', 'new, from the west', {}, 'us-west-2');
    await sandbox.clock.advance(minute);
    expect((await sandbox.get('copy', 'k', {}, 'us-west-2')).text).toBe('new, from the west');
    const { Versions } = await sandbox.s3<{ Versions: unknown[] }>(
      'ListObjectVersions',
      { Bucket: 'copy' },
      'us-west-2',
    );
    expect(Versions).toHaveLength(2);
  });

  it('waits while the destination is dark, and resumes', async () => {
    const sandbox = s3Sandbox();
    await replicated(sandbox);
    sandbox.setDark('us-west-2', true);
    await sandbox.put('source', 'k', 'data');
    await sandbox.clock.advance(10 * minute);
    expect(await status(sandbox, 'source', 'k', 'us-east-1')).toBe('PENDING');
    sandbox.setDark('us-west-2', false);
    await sandbox.clock.advance(minute);
    expect(await status(sandbox, 'source', 'k', 'us-east-1')).toBe('COMPLETED');
  });

  it('acts as the role, asks for what AWS asks for, and fails what it refuses', async () => {
    const sandbox = s3Sandbox([fakeSts]);
    await replicated(sandbox);
    const asked = new Set<string>();
    let denied = '';
    sandbox.dispatcher.authorizer = (principal, asks) => {
      for (const { action, resource } of asks) {
        asked.add(`${principal.arn.split('/').slice(1).join('/')} ${action} ${resource}`);
        if (action === denied) throw new AwsError('AccessDenied', 'no', { status: 403 });
      }
    };
    await sandbox.put('source', 'k', 'data', { Tagging: 't=1' });
    await sandbox.clock.advance(minute);
    expect([...asked]).toEqual([
      'replication/s3-replication s3:GetReplicationConfiguration arn:aws:s3:::source',
      'replication/s3-replication s3:ListBucket arn:aws:s3:::source',
      'replication/s3-replication s3:GetObjectVersionForReplication arn:aws:s3:::source/k',
      'replication/s3-replication s3:GetObjectVersionAcl arn:aws:s3:::source/k',
      'replication/s3-replication s3:GetObjectVersionTagging arn:aws:s3:::source/k',
      'replication/s3-replication s3:ReplicateObject arn:aws:s3:::copy/k',
      'replication/s3-replication s3:ReplicateTags arn:aws:s3:::copy/k',
    ]);
    denied = 's3:ReplicateObject';
    await sandbox.put('source', 'refused', 'data');
    await sandbox.clock.advance(minute);
    expect(await status(sandbox, 'source', 'refused', 'us-east-1')).toBe('FAILED');
    await expect(sandbox.head('copy', 'refused', 'us-west-2')).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('replicates what KMS encrypts only under a rule that says so, with the destination key', async () => {
    const sandbox = s3Sandbox([fakeKms()]);
    await replicated(sandbox);
    const kms = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/photos' };
    await sandbox.put('source', 'left', 'data', kms);
    expect(await status(sandbox, 'source', 'left', 'us-east-1')).toBeUndefined();
    const ReplicaKmsKeyID = 'arn:aws:kms:us-west-2:111122223333:alias/photos';
    await replicate(sandbox, 'source', 'copy', 'us-east-1', {
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
      Destination: { Bucket: 'arn:aws:s3:::copy', EncryptionConfiguration: { ReplicaKmsKeyID } },
    });
    await sandbox.put('source', 'taken', 'data', kms);
    await sandbox.clock.advance(minute);
    expect(await sandbox.head('copy', 'taken', 'us-west-2')).toMatchObject({
      SSEKMSKeyId: 'arn:aws:kms:us-west-2:111122223333:key/k-1',
    });
  });

  it('takes tags along later, back from a replica only with ReplicaModifications', async () => {
    const sandbox = s3Sandbox();
    await replicated(sandbox);
    await sandbox.put('source', 'k', 'data');
    await sandbox.clock.advance(minute);
    const tag = (Bucket: string, Value: string, region: string) =>
      sandbox.s3('PutObjectTagging', { Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 't', Value }] } }, region);
    const tags = (Bucket: string, region: string) => sandbox.s3('GetObjectTagging', { Bucket, Key: 'k' }, region);
    await tag('source', 'east', 'us-east-1');
    await sandbox.clock.advance(minute);
    expect(await tags('copy', 'us-west-2')).toMatchObject({ TagSet: [{ Key: 't', Value: 'east' }] });

    await replicate(sandbox, 'copy', 'source', 'us-west-2');
    await tag('copy', 'west', 'us-west-2');
    await sandbox.clock.advance(minute);
    expect(await tags('source', 'us-east-1')).toMatchObject({ TagSet: [{ Value: 'east' }] });

    const both = { SourceSelectionCriteria: { ReplicaModifications: { Status: 'Enabled' } } };
    await replicate(sandbox, 'copy', 'source', 'us-west-2', both);
    await tag('copy', 'west again', 'us-west-2');
    await sandbox.clock.advance(minute);
    expect(await tags('source', 'us-east-1')).toMatchObject({ TagSet: [{ Value: 'west again' }] });
  });

  it('tells the destination bucket by an event', async () => {
    const bus = recordingBus();
    const sandbox = s3Sandbox([bus.factory]);
    await replicated(sandbox);
    const notification = { Bucket: 'copy', NotificationConfiguration: { EventBridgeConfiguration: {} } };
    await sandbox.s3('PutBucketNotificationConfiguration', notification, 'us-west-2');
    await sandbox.put('source', 'k', 'data');
    await sandbox.clock.advance(minute);
    expect(bus.entries).toMatchObject([{ DetailType: 'Object Created', region: 'us-west-2' }]);
  });

  it('publishes what is pending in the destination, until the source goes dark', async () => {
    const published: { region: string; name: string; value: number }[] = [];
    const monitoring: ServiceFactory = () => ({
      name: 'monitoring',
      operations: {
        PutMetricData: operation((input: { MetricData: { MetricName: string; Value: number }[] }, call) => {
          for (const datum of input.MetricData) {
            published.push({ region: call.region, name: datum.MetricName, value: datum.Value });
          }
          return {};
        }),
      },
    });
    const sandbox = s3Sandbox([monitoring]);
    await replicated(sandbox, { Destination: { Bucket: 'arn:aws:s3:::copy', Metrics: { Status: 'Enabled' } } });
    await sandbox.clock.advance(58_000);
    await sandbox.put('source', 'k', '12345');
    await sandbox.clock.advance(2_000);
    expect(published).toEqual([
      { region: 'us-west-2', name: 'BytesPendingReplication', value: 5 },
      { region: 'us-west-2', name: 'OperationsPendingReplication', value: 1 },
      { region: 'us-west-2', name: 'ReplicationLatency', value: 2 },
      { region: 'us-east-1', name: 'OperationsFailedReplication', value: 0 },
    ]);
    sandbox.setDark('us-east-1', true);
    published.length = 0;
    await sandbox.clock.advance(5 * minute);
    expect(published).toEqual([]);
  });

  it('refuses configurations that AWS refuses', async () => {
    const sandbox = s3Sandbox();
    await sandbox.bucket('source');
    await sandbox.bucket('plain', 'us-west-2', false);
    const to = (Bucket: string) => ({ Destination: { Bucket: `arn:aws:s3:::${Bucket}` } });
    const put = (rule: object) => replicate(sandbox, 'source', 'plain', 'us-east-1', rule);
    await expect(put({})).rejects.toThrow('Destination bucket must have versioning enabled.');
    await expect(put(to('absent'))).rejects.toThrow('Destination bucket must exist.');
    await expect(put({ Priority: undefined })).rejects.toThrow(/Priority must be specified/);
    await expect(put({ Filter: undefined, Prefix: '' })).rejects.toThrow(/schema V1/);
    await expect(replicate(sandbox, 'plain', 'source', 'us-west-2')).rejects.toThrow(/Versioning must be 'Enabled'/);
  });
});
