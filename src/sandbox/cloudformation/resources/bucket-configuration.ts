/** The configurations of a bucket: how each property is spelled in its API call, and what takes it away again. */

import { validationError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { tagList } from './tags.ts';

type ApiCall = readonly [operation: string, members: object];

export interface BucketConfiguration {
  readonly property: string;
  readonly put: (value: Json) => ApiCall;
  /** What restores the state of a bucket that never declared it. */
  readonly remove: ApiCall;
}

/** In the order they are sent: replication needs versioning. */
export const configurations: readonly BucketConfiguration[] = [
  {
    property: 'AccessControl',
    put: (ACL) => {
      if (ACL !== 'Private')
        throw validationError(`The sandbox's buckets support AccessControl Private only, not ${asText(ACL)}`);
      return ['PutBucketAcl', { ACL: 'private' }];
    },
    remove: ['PutBucketAcl', { ACL: 'private' }],
  },
  {
    property: 'OwnershipControls',
    put: (OwnershipControls) => ['PutBucketOwnershipControls', { OwnershipControls }],
    remove: ['DeleteBucketOwnershipControls', {}],
  },
  {
    property: 'PublicAccessBlockConfiguration',
    put: (PublicAccessBlockConfiguration) => ['PutPublicAccessBlock', { PublicAccessBlockConfiguration }],
    remove: ['DeletePublicAccessBlock', {}],
  },
  {
    property: 'BucketEncryption',
    put: (value) => ['PutBucketEncryption', { ServerSideEncryptionConfiguration: { Rules: encryptionRules(value) } }],
    remove: ['DeleteBucketEncryption', {}],
  },
  {
    property: 'VersioningConfiguration',
    put: (VersioningConfiguration) => ['PutBucketVersioning', { VersioningConfiguration }],
    remove: ['PutBucketVersioning', { VersioningConfiguration: { Status: 'Suspended' } }],
  },
  {
    property: 'LifecycleConfiguration',
    put: (value) => [
      'PutBucketLifecycleConfiguration',
      { LifecycleConfiguration: { Rules: listOf(objectOf(value).Rules).map(lifecycleRule) } },
    ],
    remove: ['DeleteBucketLifecycle', {}],
  },
  {
    property: 'NotificationConfiguration',
    put: (value) => [
      'PutBucketNotificationConfiguration',
      { NotificationConfiguration: notifications(objectOf(value)) },
    ],
    remove: ['PutBucketNotificationConfiguration', { NotificationConfiguration: {} }],
  },
  {
    property: 'ReplicationConfiguration',
    put: (value) => {
      const { Role, Rules } = objectOf(value);
      return [
        'PutBucketReplication',
        { ReplicationConfiguration: { Role, Rules: listOf(Rules).map(objectOf).map(replicationRule) } },
      ];
    },
    remove: ['DeleteBucketReplication', {}],
  },
  {
    property: 'Tags',
    put: (value) => ['PutBucketTagging', { Tagging: { TagSet: tagList(value) } }],
    remove: ['DeleteBucketTagging', {}],
  },
];

const encryptionRules = (value: Json) =>
  listOf(objectOf(value).ServerSideEncryptionConfiguration).map((rule) => {
    const { BucketKeyEnabled, ServerSideEncryptionByDefault, ...others } = objectOf(rule);
    return { ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault, BucketKeyEnabled, ...others };
  });

/** Members without a different spelling (destination, source selection, delete markers) pass as they are. */
function replicationRule({ Id, Filter, ...rule }: JsonObject): object {
  const { TagFilter, And, ...filter } = objectOf(Filter);
  const { TagFilters, ...both } = objectOf(And);
  return {
    ...rule,
    ID: Id,
    Filter:
      Filter === undefined
        ? undefined
        : { ...filter, Tag: TagFilter, And: And === undefined ? undefined : { ...both, Tags: TagFilters } },
  };
}

function lifecycleRule(value: Json): object {
  const {
    Id,
    Status,
    Prefix,
    TagFilters,
    ExpirationInDays,
    ExpirationDate,
    ExpiredObjectDeleteMarker,
    NoncurrentVersionExpirationInDays,
    NoncurrentVersionExpiration,
    ...others
  } = objectOf(value);
  const tags = listOf(TagFilters);
  const prefix = textOf(Prefix) ?? '';
  const expiration = { Days: ExpirationInDays, Date: ExpirationDate, ExpiredObjectDeleteMarker };
  return {
    ...others,
    ID: Id,
    Status,
    Filter: tags.length === 0 ? { Prefix: prefix } : { And: { Prefix: prefix, Tags: tags } },
    Expiration: Object.values(expiration).every((member) => member === undefined) ? undefined : expiration,
    NoncurrentVersionExpiration:
      NoncurrentVersionExpirationInDays === undefined
        ? NoncurrentVersionExpiration
        : { NoncurrentDays: NoncurrentVersionExpirationInDays },
  };
}

function notifications(value: JsonObject): object {
  const { EventBridgeConfiguration, LambdaConfigurations, QueueConfigurations, TopicConfigurations, ...others } = value;
  const bridge = objectOf(EventBridgeConfiguration).EventBridgeEnabled;
  const each = (list: Json | undefined, from: string, to: string) =>
    list === undefined
      ? undefined
      : listOf(list).map((item) => {
          const { Event, Filter, [from]: arn, ...rest } = objectOf(item);
          const rules = objectOf(objectOf(Filter).S3Key).Rules;
          const filter = rules === undefined ? undefined : { Key: { FilterRules: rules } };
          return { ...rest, [to]: arn, Events: [Event], Filter: filter };
        });
  return {
    ...others,
    EventBridgeConfiguration: EventBridgeConfiguration !== undefined && asText(bridge) !== 'false' ? {} : undefined,
    LambdaFunctionConfigurations: each(LambdaConfigurations, 'Function', 'LambdaFunctionArn'),
    QueueConfigurations: each(QueueConfigurations, 'Queue', 'QueueArn'),
    TopicConfigurations: each(TopicConfigurations, 'Topic', 'TopicArn'),
  };
}
