/** The actions IAM knows here: those of the operations that are served, and those that stand for none of them. */

import type { Service } from '../contract.ts';

/** All of them, sorted: `kms:Decrypt`. */
export function knownActions(services: readonly Pick<Service, 'name' | 'iamPrefix' | 'operations'>[]): string[] {
  const served = services.flatMap(({ name, iamPrefix = name, operations }) =>
    Object.keys(operations)
      .filter((operation) => renamed[name]?.has(operation) !== true)
      .map((operation) => `${iamPrefix}:${operation}`),
  );
  return [...new Set([...served, ...beside])].sort();
}

/** Operations that are asked about under another name. */
const renamed: Readonly<Record<string, ReadonlySet<string>>> = {
  s3: new Set([
    'AbortMultipartUpload',
    'CompleteMultipartUpload',
    'CopyObject',
    'CreateMultipartUpload',
    'DeleteBucketEncryption',
    'DeleteBucketLifecycle',
    'DeleteBucketOwnershipControls',
    'DeleteBucketReplication',
    'DeleteBucketTagging',
    'DeleteObjects',
    'DeletePublicAccessBlock',
    'GetBucketEncryption',
    'GetBucketLifecycleConfiguration',
    'GetBucketNotificationConfiguration',
    'GetBucketReplication',
    'GetPublicAccessBlock',
    'HeadBucket',
    'HeadObject',
    'ListBuckets',
    'ListMultipartUploads',
    'ListObjects',
    'ListObjectsV2',
    'ListObjectVersions',
    'ListParts',
    'PutBucketEncryption',
    'PutBucketLifecycleConfiguration',
    'PutBucketNotificationConfiguration',
    'PutBucketReplication',
    'PutPublicAccessBlock',
    'UploadPart',
  ]),
  lambda: new Set(['Invoke']),
  dynamodb: new Set(['TransactGetItems', 'TransactWriteItems']),
  kms: new Set(['ReEncrypt']),
  sns: new Set(['PublishBatch']),
  sqs: new Set(['ChangeMessageVisibilityBatch', 'DeleteMessageBatch', 'SendMessageBatch']),
};

/** Permissions that are no operation's name. Source: Service Authorization Reference. */
const beside: readonly string[] = [
  'iam:PassRole',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'lambda:InvokeFunction',
  'rds:CrossRegionCommunication',
  's3:AbortMultipartUpload',
  's3:DeleteObjectVersion',
  's3:GetBucketNotification',
  's3:GetBucketPublicAccessBlock',
  's3:GetEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:GetObjectVersion',
  's3:GetObjectVersionAcl',
  's3:GetObjectVersionForReplication',
  's3:GetObjectVersionTagging',
  's3:GetReplicationConfiguration',
  's3:ListAllMyBuckets',
  's3:ListBucket',
  's3:ListBucketMultipartUploads',
  's3:ListBucketVersions',
  's3:ListMultipartUploadParts',
  's3:ObjectOwnerOverrideToBucketOwner',
  's3:PutBucketNotification',
  's3:PutBucketPublicAccessBlock',
  's3:PutEncryptionConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutObjectVersionTagging',
  's3:PutReplicationConfiguration',
  's3:ReplicateDelete',
  's3:ReplicateObject',
  's3:ReplicateTags',
  'sts:TagSession',
];
