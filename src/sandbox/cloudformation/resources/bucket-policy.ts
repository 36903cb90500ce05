/** AWS::S3::BucketPolicy. */

import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';

export const bucketPolicy: ResourceType = {
  name: 'AWS::S3::BucketPolicy',
  properties: { Bucket: 'replace', PolicyDocument: 'update' },
  required: ['Bucket', 'PolicyDocument'],
  attributes: [],
  async create({ Bucket, PolicyDocument }, context) {
    await context.call('s3', 'PutBucketPolicy', { Bucket, Policy: PolicyDocument });
    return { id: textOf(Bucket) ?? '' };
  },
  async update({ id, properties: { PolicyDocument } }, context) {
    await context.call('s3', 'PutBucketPolicy', { Bucket: id, Policy: PolicyDocument });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('s3', 'DeleteBucketPolicy', { Bucket: id }));
  },
};
