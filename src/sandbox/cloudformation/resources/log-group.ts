/** AWS::Logs::LogGroup. */

import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { syncTags, tagMap } from './tags.ts';

export const logGroup: ResourceType = {
  name: 'AWS::Logs::LogGroup',
  properties: {
    KmsKeyId: 'update',
    LogGroupClass: 'replace',
    LogGroupName: 'replace',
    RetentionInDays: 'update',
    Tags: 'update',
  },
  attributes: ['Arn'],
  nameProperty: 'LogGroupName',
  tags: 'list',
  async create(properties, context) {
    const id = textOf(properties.LogGroupName) ?? context.physicalName(512);
    const tags = tagMap(properties.Tags);
    await context.call('logs', 'CreateLogGroup', {
      logGroupName: id,
      kmsKeyId: properties.KmsKeyId,
      logGroupClass: properties.LogGroupClass,
      tags: Object.keys(tags).length > 0 ? tags : undefined,
    });
    context.created(id);
    if (properties.RetentionInDays !== undefined) await retain(id, properties.RetentionInDays, context);
    return { id, attributes: { Arn: `${context.arn('logs', `log-group:${id}`)}:*` } };
  },
  async update(change, context) {
    const { id: logGroupName, changed, properties } = change;
    if (changed.has('RetentionInDays')) await retain(logGroupName, properties.RetentionInDays, context);
    if (changed.has('KmsKeyId')) {
      const { KmsKeyId: kmsKeyId } = properties;
      if (kmsKeyId === undefined) await context.call('logs', 'DisassociateKmsKey', { logGroupName });
      else await context.call('logs', 'AssociateKmsKey', { logGroupName, kmsKeyId });
    }
    const resourceArn = context.arn('logs', `log-group:${logGroupName}`);
    await syncTags(change, {
      add: (tags) =>
        context.call('logs', 'TagResource', {
          resourceArn,
          tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
        }),
      remove: (tagKeys) => context.call('logs', 'UntagResource', { resourceArn, tagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('logs', 'DeleteLogGroup', { logGroupName: id }));
  },
};

function retain(logGroupName: string, retentionInDays: unknown, { call }: ResourceContext) {
  return retentionInDays === undefined
    ? call('logs', 'DeleteRetentionPolicy', { logGroupName })
    : call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
}
