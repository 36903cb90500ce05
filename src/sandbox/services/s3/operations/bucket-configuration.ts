/** How a bucket behaves: versioning, encryption, replication, lifecycle, notification, ownership. */

import type {
  DeleteBucketEncryptionCommandInput,
  DeleteBucketLifecycleCommandInput,
  DeleteBucketOwnershipControlsCommandInput,
  DeleteBucketReplicationCommandInput,
  GetBucketEncryptionCommandInput,
  GetBucketLifecycleConfigurationCommandInput,
  GetBucketNotificationConfigurationCommandInput,
  GetBucketOwnershipControlsCommandInput,
  GetBucketReplicationCommandInput,
  GetBucketVersioningCommandInput,
  PutBucketEncryptionCommandInput,
  PutBucketLifecycleConfigurationCommandInput,
  PutBucketNotificationConfigurationCommandInput,
  PutBucketOwnershipControlsCommandInput,
  PutBucketReplicationCommandInput,
  PutBucketVersioningCommandInput,
} from '@aws-sdk/client-s3';
import type { Call } from '../../../contract.ts';
import { AwsError, operation } from '../../../contract.ts';
import { onBucket } from '../asks.ts';
import type { S3Context } from '../context.ts';
import { needControlPlane } from '../context.ts';
import { conflict, invalidRequest, malformed, missingConfiguration, serviceUnavailable } from '../errors.ts';
import { accept, present, without } from '../members.ts';
import type { BucketRecord, DefaultEncryption } from '../records.ts';
import { checkConfiguration, destinationOf } from '../replication/rules.ts';

interface Named {
  readonly Bucket?: string | undefined;
}

export const bucketConfiguration = (s3: S3Context) => {
  /** A write: the bucket is here, the control plane answers, and the record changes. */
  const write = (
    name: string,
    input: Named,
    call: Call,
    members: string[],
    change: (bucket: BucketRecord) => BucketRecord,
  ) => {
    accept(name, input, members, call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    s3.store.change(bucket, () => change(bucket));
    return {};
  };
  const read = (name: string, input: Named, call: Call) => {
    accept(name, input, [], call.account);
    return s3.store.bucket(call.region, input.Bucket);
  };

  return {
    GetBucketVersioning: operation((input: GetBucketVersioningCommandInput, call) => {
      const { versioning } = read('GetBucketVersioning', input, call);
      return versioning === undefined ? {} : { Status: versioning };
    }, onBucket('GetBucketVersioning')),

    PutBucketVersioning: operation((input: PutBucketVersioningCommandInput, call) => {
      const { Status: status, MFADelete: mfa } = input.VersioningConfiguration ?? {};
      if (status !== 'Enabled' && status !== 'Suspended') throw malformed('VersioningConfiguration.Status');
      if (mfa === 'Enabled') throw unsupported('MFADelete', 'PutBucketVersioning');
      return write('PutBucketVersioning', input, call, ['VersioningConfiguration'], (bucket) => {
        if (status === 'Suspended' && bucket.replication !== undefined) {
          throw conflict(
            'InvalidBucketState',
            'A replication configuration is present on this bucket, so the versioning state cannot be changed.',
          );
        }
        return { ...bucket, versioning: status };
      });
    }, onBucket('PutBucketVersioning')),

    GetBucketEncryption: operation((input: GetBucketEncryptionCommandInput, call) => {
      const { encryption } = read('GetBucketEncryption', input, call);
      const byDefault = present({ SSEAlgorithm: encryption.algorithm, KMSMasterKeyID: encryption.key });
      const rule = {
        ApplyServerSideEncryptionByDefault: byDefault,
        BucketKeyEnabled: encryption.bucketKey === true,
      };
      return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
    }, onBucket('GetEncryptionConfiguration')),

    PutBucketEncryption: operation((input: PutBucketEncryptionCommandInput, call) => {
      const rules = input.ServerSideEncryptionConfiguration?.Rules ?? [];
      const [rule] = rules;
      if (rule === undefined || rules.length > 1) throw malformed('ServerSideEncryptionConfiguration');
      if ((rule.BlockedEncryptionTypes?.EncryptionType ?? []).some((type) => type !== 'NONE' && type !== 'SSE-C')) {
        throw unsupported('BlockedEncryptionTypes', 'PutBucketEncryption');
      }
      const { SSEAlgorithm: algorithm = 'AES256', KMSMasterKeyID: key } = rule.ApplyServerSideEncryptionByDefault ?? {};
      if (algorithm !== 'AES256' && algorithm !== 'aws:kms') throw unsupported(algorithm, 'PutBucketEncryption');
      if (algorithm === 'AES256' && key !== undefined) {
        throw new AwsError(
          'InvalidArgument',
          'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
        );
      }
      const encryption = present({ algorithm, key, bucketKey: rule.BucketKeyEnabled }) as DefaultEncryption;
      return write('PutBucketEncryption', input, call, ['ServerSideEncryptionConfiguration'], (bucket) => ({
        ...bucket,
        encryption,
      }));
    }, onBucket('PutEncryptionConfiguration')),

    DeleteBucketEncryption: operation(
      (input: DeleteBucketEncryptionCommandInput, call) =>
        write('DeleteBucketEncryption', input, call, [], (bucket) => ({
          ...bucket,
          encryption: { algorithm: 'AES256' },
        })),
      onBucket('PutEncryptionConfiguration'),
    ),

    GetBucketReplication: operation((input: GetBucketReplicationCommandInput, call) => {
      const { replication } = read('GetBucketReplication', input, call);
      if (replication === undefined) {
        throw missingConfiguration(
          'ReplicationConfigurationNotFoundError',
          'The replication configuration was not found',
        );
      }
      return { ReplicationConfiguration: replication };
    }, onBucket('GetReplicationConfiguration')),

    PutBucketReplication: operation(
      (input: PutBucketReplicationCommandInput, call) => {
        const configuration = checkConfiguration(input.ReplicationConfiguration, call.account, () =>
          s3.core.ids.uuid(),
        );
        write('PutBucketReplication', input, call, ['ReplicationConfiguration'], (bucket) => {
          if (bucket.versioning !== 'Enabled') {
            throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
          }
          for (const rule of configuration.Rules ?? []) checkDestination(s3, call.region, bucket, destinationOf(rule));
          return { ...bucket, replication: configuration };
        });
        s3.metrics.watch(call.region);
        return {};
      },
      (input: PutBucketReplicationCommandInput) => [
        ...onBucket('PutReplicationConfiguration')(input),
        {
          action: 'iam:PassRole',
          resource: input.ReplicationConfiguration?.Role ?? '',
          context: { 'iam:PassedToService': 's3.amazonaws.com' },
        },
      ],
    ),

    DeleteBucketReplication: operation(
      (input: DeleteBucketReplicationCommandInput, call) =>
        write('DeleteBucketReplication', input, call, [], (bucket) => without(bucket, 'replication')),
      onBucket('PutReplicationConfiguration'),
    ),

    GetBucketLifecycleConfiguration: operation((input: GetBucketLifecycleConfigurationCommandInput, call) => {
      const { lifecycle } = read('GetBucketLifecycleConfiguration', input, call);
      if (lifecycle === undefined) {
        throw missingConfiguration('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist');
      }
      const { transitionDefaultMinimumObjectSize, Rules: rules } = lifecycle;
      return { Rules: rules, TransitionDefaultMinimumObjectSize: transitionDefaultMinimumObjectSize };
    }, onBucket('GetLifecycleConfiguration')),

    /** Recorded, not carried out: nothing expires within a rehearsal's hours. */
    PutBucketLifecycleConfiguration: operation((input: PutBucketLifecycleConfigurationCommandInput, call) => {
      const rules = input.LifecycleConfiguration?.Rules;
      if (rules === undefined || rules.length === 0) throw malformed('LifecycleConfiguration.Rules');
      const minimum = input.TransitionDefaultMinimumObjectSize ?? 'all_storage_classes_128K';
      write(
        'PutBucketLifecycleConfiguration',
        input,
        call,
        ['LifecycleConfiguration', 'TransitionDefaultMinimumObjectSize'],
        (bucket) => ({ ...bucket, lifecycle: { Rules: rules, transitionDefaultMinimumObjectSize: minimum } }),
      );
      return { TransitionDefaultMinimumObjectSize: minimum };
    }, onBucket('PutLifecycleConfiguration')),

    DeleteBucketLifecycle: operation(
      (input: DeleteBucketLifecycleCommandInput, call) =>
        write('DeleteBucketLifecycle', input, call, [], (bucket) => without(bucket, 'lifecycle')),
      onBucket('PutLifecycleConfiguration'),
    ),

    GetBucketNotificationConfiguration: operation(
      (input: GetBucketNotificationConfigurationCommandInput, call) =>
        read('GetBucketNotificationConfiguration', input, call).eventBridge ? { EventBridgeConfiguration: {} } : {},
      onBucket('GetBucketNotification'),
    ),

    PutBucketNotificationConfiguration: operation((input: PutBucketNotificationConfigurationCommandInput, call) => {
      const configuration = input.NotificationConfiguration ?? {};
      for (const kind of ['TopicConfigurations', 'QueueConfigurations', 'LambdaFunctionConfigurations'] as const) {
        if ((configuration[kind] ?? []).length > 0) throw unsupported(kind, 'PutBucketNotificationConfiguration');
      }
      const eventBridge = configuration.EventBridgeConfiguration !== undefined;
      return write(
        'PutBucketNotificationConfiguration',
        input,
        call,
        ['NotificationConfiguration', 'SkipDestinationValidation'],
        (bucket) => ({ ...bucket, eventBridge }),
      );
    }, onBucket('PutBucketNotification')),

    GetBucketOwnershipControls: operation((input: GetBucketOwnershipControlsCommandInput, call) => {
      const { ownership } = read('GetBucketOwnershipControls', input, call);
      if (ownership === undefined) {
        throw missingConfiguration('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found');
      }
      return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
    }, onBucket('GetBucketOwnershipControls')),

    PutBucketOwnershipControls: operation((input: PutBucketOwnershipControlsCommandInput, call) => {
      const rules = input.OwnershipControls?.Rules ?? [];
      const ownership = rules[0]?.ObjectOwnership;
      if (ownership === undefined || rules.length > 1) throw malformed('OwnershipControls');
      return write('PutBucketOwnershipControls', input, call, ['OwnershipControls'], (bucket) => ({
        ...bucket,
        ownership,
      }));
    }, onBucket('PutBucketOwnershipControls')),

    DeleteBucketOwnershipControls: operation(
      (input: DeleteBucketOwnershipControlsCommandInput, call) =>
        write('DeleteBucketOwnershipControls', input, call, [], (bucket) => without(bucket, 'ownership')),
      onBucket('PutBucketOwnershipControls'),
    ),
  };
};

function checkDestination(s3: S3Context, region: string, bucket: BucketRecord, name: string): void {
  const destination = s3.store.find(name);
  if (destination === undefined) throw invalidRequest('Destination bucket must exist.');
  if (destination.name === bucket.name)
    throw invalidRequest('Destination bucket cannot be the same as the source bucket.');
  if (!s3.core.network.reachable(region, destination.region)) {
    throw serviceUnavailable(`The Region of the destination bucket ${name} can't be reached.`);
  }
  if (destination.versioning !== 'Enabled') throw invalidRequest('Destination bucket must have versioning enabled.');
}

const unsupported = (what: string, where: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what} of s3:${where}.`, { status: 501 });
