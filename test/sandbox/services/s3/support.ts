/** S3 under test: a sandbox with the service, short calls, and a KMS and an EventBridge that record what they are asked. */

import { rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import type { Service, ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { AwsError, operation } from '../../../../src/sandbox/contract.ts';
import type { S3Options } from '../../../../src/sandbox/services/s3/context.ts';
import { createS3Service } from '../../../../src/sandbox/services/s3/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

export function s3Sandbox(extra: readonly ServiceFactory[] = [], options: S3Options = {}) {
  const sandbox = testSandbox([(core) => createS3Service(core, options), ...extra]);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  const s3 = <Output = Record<string, unknown>>(operationName: string, input: object, region = 'us-east-1') =>
    sandbox.call<Output>('s3', operationName, input, region);
  return {
    ...sandbox,
    s3,
    put: (Bucket: string, Key: string, Body: string | Uint8Array, more: object = {}, region = 'us-east-1') =>
      s3<{ VersionId?: string; ETag: string }>('PutObject', { Bucket, Key, Body, ...more }, region),
    get: async (Bucket: string, Key: string, more: object = {}, region = 'us-east-1') => {
      const output = await s3<GetObjectCommandOutput & { Body: Readable }>(
        'GetObject',
        { Bucket, Key, ...more },
        region,
      );
      return { ...output, text: (await bytes(output.Body)).toString() };
    },
    head: (Bucket: string, Key: string, region = 'us-east-1', more: object = {}) =>
      s3<Record<string, unknown>>('HeadObject', { Bucket, Key, ...more }, region),
    bucket: async (name: string, region = 'us-east-1', versioned = true) => {
      const constraint = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
      await s3('CreateBucket', { Bucket: name, ...constraint }, region);
      if (versioned) {
        await s3('PutBucketVersioning', { Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }, region);
      }
    },
  };
}

export type S3Sandbox = ReturnType<typeof s3Sandbox>;

export async function bytes(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Two buckets with a rule from `source` (us-east-1) to `copy` (us-west-2). */
export async function replicated(sandbox: S3Sandbox, rule: object = {}): Promise<void> {
  await sandbox.bucket('source');
  await sandbox.bucket('copy', 'us-west-2');
  await replicate(sandbox, 'source', 'copy', 'us-east-1', rule);
}

export const replicate = (sandbox: S3Sandbox, from: string, to: string, region: string, rule: object = {}) =>
  sandbox.s3(
    'PutBucketReplication',
    {
      Bucket: from,
      ReplicationConfiguration: {
        Role: 'arn:aws:iam::111122223333:role/replication',
        Rules: [
          {
            ID: 'all',
            Priority: 1,
            Status: 'Enabled',
            Filter: {},
            DeleteMarkerReplication: { Status: 'Enabled' },
            Destination: { Bucket: `arn:aws:s3:::${to}` },
            ...rule,
          },
        ],
      },
    },
    region,
  );

/** Keys by alias in both Regions; those listed in `disabled` are disabled. */
export const fakeKms =
  (disabled: readonly string[] = []): ServiceFactory =>
  (): Service => ({
    name: 'kms',
    operations: {
      DescribeKey: operation((input: { KeyId: string }, call) => {
        if (!input.KeyId.includes('alias/photos') && !input.KeyId.includes(':key/')) {
          throw new AwsError('NotFoundException', `Alias ${input.KeyId} is not found.`);
        }
        const Arn = input.KeyId.includes(':key/') ? input.KeyId : `arn:aws:kms:${call.region}:${call.account}:key/k-1`;
        return { KeyMetadata: { Arn, KeyState: disabled.includes(Arn) ? 'Disabled' : 'Enabled' } };
      }),
    },
  });

export interface BusEntry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly region: string;
}

export function recordingBus(): { readonly entries: BusEntry[]; readonly factory: ServiceFactory } {
  const entries: BusEntry[] = [];
  const factory: ServiceFactory = () => ({
    name: 'events',
    operations: {
      PutEvents: operation((input: { Entries: Omit<BusEntry, 'region'>[] }, call) => {
        entries.push(...input.Entries.map((entry) => ({ ...entry, region: call.region })));
        return { FailedEntryCount: 0 };
      }),
    },
  });
  return { entries, factory };
}
