/** Who may use a bucket: its policy, the public access block, and the ACL every bucket has. */

import type {
  DeleteBucketPolicyCommandInput,
  DeletePublicAccessBlockCommandInput,
  GetBucketAclCommandInput,
  GetBucketPolicyCommandInput,
  GetBucketPolicyStatusCommandInput,
  GetPublicAccessBlockCommandInput,
  PutBucketAclCommandInput,
  PutBucketPolicyCommandInput,
  PutPublicAccessBlockCommandInput,
} from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../../contract.ts';
import { readablePolicy } from '../../resource-policies.ts';
import { bucketOfArn, onBucket } from '../asks.ts';
import type { S3Context } from '../context.ts';
import { needControlPlane } from '../context.ts';
import { accessDenied, malformed, missingConfiguration } from '../errors.ts';
import { accept, without } from '../members.ts';
import { checkAcl } from '../objects.ts';
import { ownerOf } from '../owner.ts';

export const bucketPolicies = (s3: S3Context) => ({
  GetBucketPolicy: operation((input: GetBucketPolicyCommandInput, call) => {
    accept('GetBucketPolicy', input, [], call.account);
    const { policy } = s3.store.bucket(call.region, input.Bucket);
    if (policy === undefined) throw noPolicy();
    return { Policy: policy };
  }, onBucket('GetBucketPolicy')),

  PutBucketPolicy: operation((input: PutBucketPolicyCommandInput, call) => {
    accept('PutBucketPolicy', input, ['Policy', 'ConfirmRemoveSelfBucketAccess'], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    const statements = statementsOf(input.Policy, bucket.name);
    if (bucket.publicAccessBlock?.BlockPublicPolicy === true && isPublic(statements)) throw accessDenied();
    needControlPlane(s3, call.region);
    const policy = input.Policy ?? '';
    s3.store.change(bucket, (record) => ({ ...record, policy }));
    return {};
  }, onBucket('PutBucketPolicy')),

  DeleteBucketPolicy: operation((input: DeleteBucketPolicyCommandInput, call) => {
    accept('DeleteBucketPolicy', input, [], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    s3.store.change(bucket, (record) => without(record, 'policy'));
    return {};
  }, onBucket('DeleteBucketPolicy')),

  GetBucketPolicyStatus: operation((input: GetBucketPolicyStatusCommandInput, call) => {
    accept('GetBucketPolicyStatus', input, [], call.account);
    const { policy, name } = s3.store.bucket(call.region, input.Bucket);
    if (policy === undefined) throw noPolicy();
    return { PolicyStatus: { IsPublic: isPublic(statementsOf(policy, name)) } };
  }, onBucket('GetBucketPolicyStatus')),

  GetPublicAccessBlock: operation((input: GetPublicAccessBlockCommandInput, call) => {
    accept('GetPublicAccessBlock', input, [], call.account);
    const { publicAccessBlock } = s3.store.bucket(call.region, input.Bucket);
    if (publicAccessBlock === undefined) {
      throw missingConfiguration(
        'NoSuchPublicAccessBlockConfiguration',
        'The public access block configuration was not found',
      );
    }
    return { PublicAccessBlockConfiguration: publicAccessBlock };
  }, onBucket('GetBucketPublicAccessBlock')),

  PutPublicAccessBlock: operation((input: PutPublicAccessBlockCommandInput, call) => {
    accept('PutPublicAccessBlock', input, ['PublicAccessBlockConfiguration'], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    const given = input.PublicAccessBlockConfiguration;
    if (given === undefined) throw malformed('PublicAccessBlockConfiguration');
    s3.store.change(bucket, (record) => ({
      ...record,
      publicAccessBlock: {
        BlockPublicAcls: given.BlockPublicAcls ?? false,
        IgnorePublicAcls: given.IgnorePublicAcls ?? false,
        BlockPublicPolicy: given.BlockPublicPolicy ?? false,
        RestrictPublicBuckets: given.RestrictPublicBuckets ?? false,
      },
    }));
    return {};
  }, onBucket('PutBucketPublicAccessBlock')),

  DeletePublicAccessBlock: operation((input: DeletePublicAccessBlockCommandInput, call) => {
    accept('DeletePublicAccessBlock', input, [], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    s3.store.change(bucket, (record) => without(record, 'publicAccessBlock'));
    return {};
  }, onBucket('PutBucketPublicAccessBlock')),

  GetBucketAcl: operation((input: GetBucketAclCommandInput, call) => {
    accept('GetBucketAcl', input, [], call.account);
    s3.store.bucket(call.region, input.Bucket);
    const owner = ownerOf(call.account);
    return { Owner: owner, Grants: [{ Grantee: { ...owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }] };
  }, onBucket('GetBucketAcl')),

  /** The one ACL a bucket can have. */
  PutBucketAcl: operation((input: PutBucketAclCommandInput, call) => {
    accept('PutBucketAcl', input, ['ACL'], call.account);
    s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    checkAcl(input.ACL);
    return {};
  }, onBucket('PutBucketAcl')),
});

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Condition?: unknown;
}

function statementsOf(policy: string | undefined, bucket: string): Statement[] {
  const document = parse(policy);
  readablePolicy(policy ?? '', malformedPolicy);
  const statements = [document.Statement ?? []].flat();
  if (statements.length === 0) throw malformedPolicy('Missing required field Statement');
  for (const statement of statements) {
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
      throw malformedPolicy('Missing required field Effect');
    }
    if (statement.Principal === undefined && !('NotPrincipal' in statement)) {
      throw malformedPolicy('Missing required field Principal');
    }
    if (statement.Action === undefined && statement.NotAction === undefined) {
      throw malformedPolicy('Missing required field Action');
    }
    for (const resource of [statement.Resource ?? statement.NotResource ?? []].flat()) {
      const named = bucketOfArn(resource);
      if (named !== bucket && !/[*?$]/.test(named)) throw malformedPolicy('Policy has invalid resource');
    }
  }
  return statements;
}

function parse(policy: string | undefined): { Statement?: Statement | Statement[] } {
  try {
    return JSON.parse(policy ?? '') as { Statement?: Statement | Statement[] };
  } catch {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
}

/** Public: allows anybody, on no condition. S3 looks closer at conditions; any is enough here. */
const isPublic = (statements: readonly Statement[]): boolean =>
  statements.some(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Allow' &&
      Condition === undefined &&
      /^("\*"|\{"AWS":("\*"|\[.*"\*".*\])\})$/.test(JSON.stringify(Principal)),
  );

const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicy', message);
const noPolicy = (): AwsError => missingConfiguration('NoSuchBucketPolicy', 'The bucket policy does not exist');
