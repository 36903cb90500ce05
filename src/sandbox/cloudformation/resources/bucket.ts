/** AWS::S3::Bucket: one API call per configuration, sent when declared and when changed. */

import type { JsonObject } from '../json.ts';
import { canonical } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { configurations } from './bucket-configuration.ts';

export const bucket: ResourceType = {
  name: 'AWS::S3::Bucket',
  properties: {
    ...(Object.fromEntries(configurations.map(({ property }) => [property, 'update'])) as Record<string, OnChange>),
    BucketName: 'replace',
  },
  attributes: ['Arn', 'DomainName', 'DualStackDomainName', 'RegionalDomainName'],
  nameProperty: 'BucketName',
  tags: 'list',
  async create(properties, context) {
    const id = textOf(properties.BucketName) ?? context.physicalName(63, 'lower case');
    const { region } = context;
    await context.call('s3', 'CreateBucket', {
      Bucket: id,
      // us-east-1 is the place a bucket has when none is named, and can't be named.
      CreateBucketConfiguration: region === 'us-east-1' ? undefined : { LocationConstraint: region },
    });
    context.created(id);
    await configure(id, {}, properties, context);
    return {
      id,
      attributes: {
        Arn: `arn:aws:s3:::${id}`,
        DomainName: `${id}.s3.amazonaws.com`,
        DualStackDomainName: `${id}.s3.dualstack.${region}.amazonaws.com`,
        RegionalDomainName: `${id}.s3.${region}.amazonaws.com`,
      },
    };
  },
  async update({ id, previous, properties }, context) {
    await configure(id, previous, properties, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('s3', 'DeleteBucket', { Bucket: id }));
  },
};

async function configure(Bucket: string, before: JsonObject, now: JsonObject, context: ResourceContext): Promise<void> {
  for (const { property, put, remove } of configurations) {
    const value = now[property];
    if (canonical(value) === canonical(before[property])) continue;
    if (value === undefined) {
      const [operation, members] = remove;
      await context.call('s3', operation, { Bucket, ...members });
    } else {
      const [operation, members] = put(value);
      await context.call('s3', operation, { Bucket, ...members });
    }
  }
}
