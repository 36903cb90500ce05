/**
 * Replication configurations: which are accepted, and which rules a version falls under. V2 rules (with a Filter) only.
 * Sources: S3 User Guide, "Replication configuration" and "What does Amazon S3 replicate?".
 */

import type { ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter } from '@aws-sdk/client-s3';
import { AwsError } from '../../../contract.ts';
import { bucketOfArn } from '../asks.ts';
import { invalidRequest, malformed } from '../errors.ts';
import type { BucketRecord, Version } from '../records.ts';

const schemaText =
  'for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.';

/** Throws for configurations S3 refuses, and by name for what isn't supported here. Rules without an id get one. */
export function checkConfiguration(
  given: ReplicationConfiguration | undefined,
  account: string,
  freshId: () => string,
): ReplicationConfiguration {
  const rules = given?.Rules ?? [];
  if (given?.Role === undefined || !/^arn:aws:iam::\d{12}:role\/.+/.test(given.Role)) throw malformed('Role');
  if (rules.length === 0 || rules.length > 1000) throw malformed('Rules');
  const named = rules.map((rule) => ({ ...rule, ID: rule.ID ?? freshId() }));
  for (const rule of named) checkRule(rule, account);
  if (new Set(named.map((rule) => rule.ID)).size < named.length) throw invalidRequest('Rule Ids must be unique.');
  if (new Set(named.map((rule) => rule.Priority)).size < named.length) {
    throw invalidRequest('Found duplicate priority in rules: priorities must be unique.');
  }
  return { Role: given.Role, Rules: named };
}

function checkRule(rule: ReplicationRule, account: string): void {
  if (rule.Filter === undefined) throw unsupported('rules without a Filter (schema V1)');
  if (rule.Prefix !== undefined) throw malformed('Prefix beside Filter');
  if (rule.Status !== 'Enabled' && rule.Status !== 'Disabled') throw malformed('Status');
  if (rule.Priority === undefined) throw invalidRequest(`Priority must be specified ${schemaText}`);
  if (rule.DeleteMarkerReplication?.Status === undefined) {
    throw invalidRequest(`DeleteMarkerReplication must be specified ${schemaText}`);
  }
  if (rule.DeleteMarkerReplication.Status === 'Enabled' && tagsOf(rule.Filter).length > 0) {
    throw invalidRequest('Delete marker replication is not supported if any Tag filter is specified.');
  }
  if (rule.ExistingObjectReplication?.Status === 'Enabled') throw unsupported('ExistingObjectReplication');
  const destination = rule.Destination;
  if (destination?.Bucket === undefined || !destination.Bucket.startsWith('arn:aws:s3:::')) {
    throw malformed('Destination.Bucket');
  }
  if (destination.Account !== undefined && destination.Account !== account) throw unsupported('another account');
  const encrypts = rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status === 'Enabled';
  const replicaKey = destination.EncryptionConfiguration?.ReplicaKmsKeyID;
  if (encrypts && replicaKey === undefined) {
    throw invalidRequest(
      'EncryptionConfiguration must be specified in Destination when SseKmsEncryptedObjects is enabled.',
    );
  }
  if (!encrypts && replicaKey !== undefined) {
    throw invalidRequest('SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.');
  }
  const minutes = destination.ReplicationTime?.Time?.Minutes;
  if (destination.ReplicationTime?.Status === 'Enabled' && minutes !== 15) {
    throw invalidRequest('ReplicationTime must be 15 minutes.');
  }
}

/** The rules a new version replicates by: per destination bucket, the enabled and matching one of highest priority. */
export function rulesFor(bucket: BucketRecord, key: string, version: Version): ReplicationRule[] {
  if (version.versionId === 'null' || version.replication === 'REPLICA') return [];
  const best = new Map<string, ReplicationRule>();
  for (const rule of bucket.replication?.Rules ?? []) {
    const destination = rule.Destination?.Bucket ?? '';
    const rival = best.get(destination);
    if (!applies(rule, key, version) || (rival?.Priority ?? -1) > (rule.Priority ?? 0)) continue;
    best.set(destination, rule);
  }
  return [...best.values()];
}

/** Whether changes to a replica's tags go back by this rule. */
export const replicatesModifications = (rule: ReplicationRule): boolean =>
  rule.Status === 'Enabled' && rule.SourceSelectionCriteria?.ReplicaModifications?.Status === 'Enabled';

export const destinationOf = (rule: ReplicationRule): string => bucketOfArn(rule.Destination?.Bucket ?? '');

export function applies(rule: ReplicationRule, key: string, version: Version): boolean {
  if (rule.Status !== 'Enabled' || !key.startsWith(prefixOf(rule.Filter))) return false;
  if (version.kind === 'delete-marker') return rule.DeleteMarkerReplication?.Status === 'Enabled';
  if (tagsOf(rule.Filter).some((tag) => version.tags[tag.Key ?? ''] !== tag.Value)) return false;
  return (
    version.encryption.algorithm !== 'aws:kms' ||
    rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status === 'Enabled'
  );
}

const prefixOf = (filter: ReplicationRuleFilter | undefined): string => filter?.And?.Prefix ?? filter?.Prefix ?? '';

const tagsOf = (filter: ReplicationRuleFilter | undefined) =>
  filter?.And?.Tags ?? (filter?.Tag === undefined ? [] : [filter.Tag]);

const unsupported = (what: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what} in s3:PutBucketReplication.`, {
    status: 501,
  });
