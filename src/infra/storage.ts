/** Buckets of a side, and the primary's replication both ways: its own rule is native, the reverse one is made once by the install function. */

import { RemovalPolicy, aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { replicationRule } from '../workload/names.ts';
import { acknowledge } from './acknowledged.ts';
import { installed } from './installed.ts';
import type { Place } from './place.ts';
import { roleArn, SideStack } from './place.ts';

export class StorageStack extends SideStack {
  constructor(scope: Construct, place: Place) {
    super(scope, 'storage', place, `Pilot Light: buckets of the ${place.side} Region`);
    for (const bucket of place.workload.buckets) this.#bucket(bucket);
  }

  #bucket(name: string): void {
    const { names, arns, side, workload } = this.place;
    const id = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const replicates = side === 'primary';
    const replicationRole = roleArn(this.place, `${names.prefix}-replication`);
    const bucket = new s3.CfnBucket(this, `${id}Bucket`, {
      bucketName: names.bucket(name, side),
      versioningConfiguration: { status: 'Enabled' },
      bucketEncryption: {
        serverSideEncryptionConfiguration: [
          {
            serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn(this.place, side) },
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
                    encryptionConfiguration: { replicaKmsKeyId: keyArn(this.place, 'recovery') },
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
    new s3.CfnBucketPolicy(this, `${id}TlsOnly`, {
      bucket: bucket.ref,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TlsOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [bucket.attrArn, `${bucket.attrArn}/*`],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
    if (!replicates) return;
    const reverse = installed(this, `${id}ReverseReplication`, {
      Kind: 'replication',
      Bucket: names.bucket(name, 'recovery'),
      Region: workload.recovery.region,
      Destination: arns.bucket('primary', name),
      Role: replicationRole,
      DestinationKey: keyArn(this.place, 'primary'),
    });
    reverse.addResourceDependency(bucket);
  }
}

/** By alias: a key's id is AWS's to choose, and the other Region's stack can't be asked. */
const keyArn = ({ names, workload }: Place, side: Place['side']): string =>
  `arn:aws:kms:${workload[side].region}:${workload.account}:${names.keyAlias}`;
