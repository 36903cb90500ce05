/** One of the workload's buckets, in both Regions, replicated both ways: the primary's own rule is native, the reverse one is made once by the install function. */

import { RemovalPolicy, aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { replicationRule } from '../../workload/names.ts';
import { acknowledge } from '../acknowledged.ts';
import { installed } from '../installed.ts';
import type { Home, PartProps } from '../part.ts';
import { Part, regionBound } from '../part.ts';
import { roleArn } from '../place.ts';
import { tlsOnly } from '../tls-only.ts';
import { keyAliasArn } from './data-keys.ts';

export interface ReplicatedBucketProps extends PartProps {
  /** The bucket, by the workload's own name: one of the config's `buckets`. */
  readonly bucket: string;
}

/** The primary's stack is made after the recovery's: a replication rule needs its destination. */
export class ReplicatedBucket extends Part {
  constructor(scope: Construct, id: string, props: ReplicatedBucketProps) {
    super(scope, id, props);
    for (const side of ['recovery', 'primary'] as const) bucketIn(this.homeOn(side), props.bucket);
    this.sideAfter('primary');
  }
}

function bucketIn(home: Home, name: string): void {
  const { place } = home;
  const { names, arns, side, workload } = place;
  const replicates = side === 'primary';
  const replicationRole = roleArn(place, `${names.prefix}-replication`);
  const bucket = new s3.CfnBucket(home, 'Resource', {
    bucketName: names.bucket(name, side),
    versioningConfiguration: { status: 'Enabled' },
    bucketEncryption: {
      serverSideEncryptionConfiguration: [
        {
          serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyAliasArn(place, side) },
          bucketKeyEnabled: true,
        },
      ],
    },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    // On both sides alike: which side's functions hear of an object is for their rules to say.
    ...(Object.values(workload.functions).some(({ objects }) => objects?.bucket === name)
      ? { notificationConfiguration: { eventBridgeConfiguration: { eventBridgeEnabled: true } } }
      : {}),
    ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
    lifecycleConfiguration: {
      rules: [
        {
          id: 'old-versions',
          status: 'Enabled',
          noncurrentVersionExpiration: { noncurrentDays: 90 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
    ...(replicates
      ? {
          replicationConfiguration: {
            role: replicationRole,
            rules: [
              {
                id: replicationRule('recovery'),
                priority: 1,
                status: 'Enabled',
                filter: { prefix: '' },
                deleteMarkerReplication: { status: 'Enabled' },
                sourceSelectionCriteria: {
                  sseKmsEncryptedObjects: { status: 'Enabled' },
                  replicaModifications: { status: 'Enabled' },
                },
                destination: {
                  bucket: arns.bucket('recovery', name),
                  encryptionConfiguration: { replicaKmsKeyId: keyAliasArn(place, 'recovery') },
                  // How much is still on its way is published where it is going: there to be read when this Region is dark.
                  metrics: { status: 'Enabled' },
                },
              },
            ],
          },
        }
      : {}),
  });
  bucket.applyRemovalPolicy(RemovalPolicy.RETAIN);
  acknowledge(bucket, 'S1');
  regionBound(home, `bucket-${name}`, bucket.ref);
  new s3.CfnBucketPolicy(home, 'TlsOnly', {
    bucket: bucket.ref,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [tlsOnly('s3:*', [bucket.attrArn, `${bucket.attrArn}/*`])],
    },
  });
  if (!replicates) return;
  const reverse = installed(home, 'ReverseReplication', {
    Kind: 'replication',
    Bucket: names.bucket(name, 'recovery'),
    Region: workload.recovery.region,
    Destination: arns.bucket('primary', name),
    Role: replicationRole,
    DestinationKey: keyAliasArn(place, 'primary'),
  });
  reverse.addResourceDependency(bucket);
}
