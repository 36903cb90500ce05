/** What S3 asks IAM: the ARNs and actions of its operations. Source: Service Authorization Reference, "Actions for Amazon S3". */

import type { Ask } from '../../contract.ts';
import type { Encryption } from './records.ts';

export const bucketArn = (bucket: string | undefined): string => `arn:aws:s3:::${bucket ?? ''}`;
export const objectArn = (bucket: string | undefined, key: string | undefined): string =>
  `${bucketArn(bucket)}/${key ?? ''}`;

/** `arn:aws:s3:::bucket` or `arn:aws:s3:::bucket/key` to the bucket's name. */
export const bucketOfArn = (arn: string): string => arn.slice('arn:aws:s3:::'.length).split('/')[0] ?? '';

interface BucketInput {
  readonly Bucket?: string | undefined;
}

interface ObjectInput extends BucketInput {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
}

/** An authorizer for an operation on a bucket that is judged by one action. */
export const onBucket =
  (action: string) =>
  (input: BucketInput): Ask[] => [{ action: `s3:${action}`, resource: bucketArn(input.Bucket) }];

/** An authorizer for an operation on an object, with the action that takes its place when a version is named. */
export const onObject =
  (action: string, ofVersion = action) =>
  (input: ObjectInput): Ask[] => [
    {
      action: `s3:${input.VersionId === undefined ? action : ofVersion}`,
      resource: objectArn(input.Bucket, input.Key),
      ...(input.VersionId === undefined ? {} : { context: { 's3:versionid': input.VersionId } }),
    },
  ];

/** The action on an object, and on its key when a customer's key encrypts it: S3 uses the key in the caller's name. */
export function onKey(action: string, encryption: Encryption | undefined, object: string, region: string): Ask[] {
  if (encryption?.algorithm !== 'aws:kms' || encryption.key === undefined || encryption.managed === true) return [];
  const encryptionContext = encryption.bucketKey === true ? (object.split('/')[0] ?? object) : object;
  return [
    {
      action: `kms:${action}`,
      resource: encryption.key,
      context: {
        'kms:ViaService': `s3.${region}.amazonaws.com`,
        'kms:EncryptionContext:aws:s3:arn': encryptionContext,
        'kms:EncryptionContextKeys': ['aws:s3:arn'],
      },
    },
  ];
}
