/** Buckets themselves: made, found, listed, deleted. Names belong to the whole account. */

import type {
  CreateBucketCommandInput,
  DeleteBucketCommandInput,
  GetBucketLocationCommandInput,
  HeadBucketCommandInput,
  ListBucketsCommandInput,
} from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../../contract.ts';
import { bucketArn, onBucket } from '../asks.ts';
import type { S3Context } from '../context.ts';
import { needControlPlane, now } from '../context.ts';
import { conflict, elsewhere, invalidArgument, notFound } from '../errors.ts';
import { accept, present, required } from '../members.ts';
import { checkAcl, tagsFromSet } from '../objects.ts';
import { ownerOf } from '../owner.ts';

export const buckets = (s3: S3Context) => ({
  CreateBucket: operation((input: CreateBucketCommandInput, call) => {
    accept('CreateBucket', input, ['CreateBucketConfiguration', 'ObjectOwnership', 'ACL'], call.account);
    const name = required(input.Bucket, 'Bucket');
    checkName(name);
    checkAcl(input.ACL);
    needControlPlane(s3, call.region);
    const configuration = input.CreateBucketConfiguration ?? {};
    accept('CreateBucket', configuration, ['LocationConstraint', 'Tags'], call.account);
    checkLocation(configuration.LocationConstraint, call.region);
    const created = { BucketArn: bucketArn(name), Location: `/${name}` };
    if (s3.store.names.has(name)) {
      if (call.region === 'us-east-1' && s3.store.names.get(name)?.region === call.region) return created;
      throw conflict(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
      );
    }
    const createdAt = now(s3, call.region);
    s3.store.names.put(name, { region: call.region, createdAt });
    s3.store.buckets(call.region).put(name, {
      name,
      region: call.region,
      createdAt,
      encryption: { algorithm: 'AES256' },
      eventBridge: false,
      ownership: input.ObjectOwnership ?? 'BucketOwnerEnforced',
      // What AWS gives every new bucket since April 2023.
      publicAccessBlock: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
      ...(configuration.Tags === undefined ? {} : { tags: tagsFromSet(configuration.Tags) }),
    });
    return created;
  }, onBucket('CreateBucket')),

  DeleteBucket: operation((input: DeleteBucketCommandInput, call) => {
    accept('DeleteBucket', input, [], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    if (s3.store.keys(bucket).size > 0) {
      const text = 'The bucket you tried to delete is not empty';
      throw conflict(
        'BucketNotEmpty',
        bucket.versioning === undefined ? text : `${text}. You must delete all versions in the bucket.`,
      );
    }
    for (const upload of s3.store.uploads(bucket).values()) s3.store.uploads(bucket).delete(upload.id);
    s3.contents.removeBucket(bucket);
    s3.store.buckets(bucket.region).delete(bucket.name);
    s3.store.names.delete(bucket.name);
    return {};
  }, onBucket('DeleteBucket')),

  HeadBucket: operation((input: HeadBucketCommandInput, call) => {
    accept('HeadBucket', input, [], call.account);
    const bucket = s3.store.find(required(input.Bucket, 'Bucket'));
    if (bucket === undefined) throw notFound();
    if (bucket.region !== call.region) throw elsewhere(bucket.name, bucket.region);
    return { BucketArn: bucketArn(bucket.name), BucketRegion: bucket.region, AccessPointAlias: false };
  }, onBucket('ListBucket')),

  ListBuckets: operation(
    (input: ListBucketsCommandInput, call) => {
      accept('ListBuckets', input, ['MaxBuckets', 'ContinuationToken', 'Prefix', 'BucketRegion'], call.account);
      const after = Buffer.from(input.ContinuationToken ?? '', 'base64url').toString();
      const found = s3.store.names
        .entries()
        .filter(([name]) => name.startsWith(input.Prefix ?? '') && name > after)
        .filter(([, { region }]) => input.BucketRegion === undefined || region === input.BucketRegion)
        .sort(([left], [right]) => (left < right ? -1 : 1));
      const page = found.slice(0, input.MaxBuckets ?? 10_000);
      const last = page.at(-1)?.[0];
      return present({
        Buckets: page.map(([Name, { region, createdAt }]) => ({
          Name,
          BucketArn: bucketArn(Name),
          BucketRegion: region,
          CreationDate: new Date(createdAt),
        })),
        Owner: ownerOf(call.account),
        Prefix: input.Prefix,
        ContinuationToken:
          page.length < found.length && last !== undefined ? Buffer.from(last).toString('base64url') : undefined,
      });
    },
    () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
  ),

  /** us-east-1 has no location constraint: null on the wire, absent here. */
  GetBucketLocation: operation((input: GetBucketLocationCommandInput, call) => {
    accept('GetBucketLocation', input, [], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    return bucket.region === 'us-east-1' ? {} : { LocationConstraint: bucket.region };
  }, onBucket('GetBucketLocation')),
});

/** Source: S3 User Guide, "General purpose bucket naming rules". */
function checkName(name: string): void {
  const shape = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
  const reserved = /^(\d{1,3}\.){3}\d{1,3}$|^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;
  if (!shape || reserved.test(name)) {
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', { fields: { BucketName: name } });
  }
}

function checkLocation(constraint: string | undefined, region: string): void {
  if (region === 'us-east-1') {
    if (constraint === undefined) return;
    throw invalidArgument('The specified location-constraint is not valid', 'LocationConstraint', constraint);
  }
  if (constraint === region) return;
  throw new AwsError(
    'IllegalLocationConstraintException',
    `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}
