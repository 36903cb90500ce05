/** AWS::KMS::Key and Alias. */

import type { CreateKeyCommandOutput } from '@aws-sdk/client-kms';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { flagOf, numberOf, textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

export const key: ResourceType = {
  name: 'AWS::KMS::Key',
  properties: {
    Description: 'update',
    EnableKeyRotation: 'update',
    Enabled: 'update',
    KeyPolicy: 'update',
    KeySpec: 'replace',
    KeyUsage: 'replace',
    MultiRegion: 'replace',
    PendingWindowInDays: 'update',
    Tags: 'update',
  },
  attributes: ['Arn', 'KeyId'],
  tags: 'list',
  async create(properties, context) {
    const answer = await context.call<CreateKeyCommandOutput>('kms', 'CreateKey', {
      ...pick(properties, ['Description', 'KeySpec', 'KeyUsage', 'MultiRegion']),
      Policy: properties.KeyPolicy,
      Tags: kmsTags(tagList(properties.Tags)),
    });
    const { KeyId: id = '', Arn = '' } = answer.KeyMetadata ?? {};
    context.created(id);
    if (flagOf(properties.EnableKeyRotation)) await rotate(id, true, context);
    if (properties.Enabled !== undefined && !flagOf(properties.Enabled)) await enable(id, false, context);
    return { id, attributes: { Arn, KeyId: id } };
  },
  async update(change, context) {
    const { id, changed, properties } = change;
    if (changed.has('Enabled')) {
      await enable(id, properties.Enabled === undefined || flagOf(properties.Enabled), context);
    }
    if (changed.has('KeyPolicy')) {
      await context.call('kms', 'PutKeyPolicy', { KeyId: id, PolicyName: 'default', Policy: properties.KeyPolicy });
    }
    if (changed.has('Description')) {
      await context.call('kms', 'UpdateKeyDescription', { KeyId: id, Description: properties.Description ?? '' });
    }
    if (changed.has('EnableKeyRotation')) await rotate(id, flagOf(properties.EnableKeyRotation), context);
    await syncTags(change, {
      add: (tags) => context.call('kms', 'TagResource', { KeyId: id, Tags: kmsTags(tags) }),
      remove: (TagKeys) => context.call('kms', 'UntagResource', { KeyId: id, TagKeys }),
    });
    return undefined;
  },
  async delete({ id, properties }, context) {
    const PendingWindowInDays = numberOf(properties.PendingWindowInDays) ?? 30;
    await unlessGone(context.call('kms', 'ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays }));
  },
};

export const alias: ResourceType = {
  name: 'AWS::KMS::Alias',
  properties: { AliasName: 'replace', TargetKeyId: 'update' },
  required: ['AliasName', 'TargetKeyId'],
  attributes: [],
  nameProperty: 'AliasName',
  async create({ AliasName, TargetKeyId }, context) {
    await context.call('kms', 'CreateAlias', { AliasName, TargetKeyId });
    return { id: textOf(AliasName) ?? '' };
  },
  async update({ id, properties: { TargetKeyId } }, context) {
    await context.call('kms', 'UpdateAlias', { AliasName: id, TargetKeyId });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('kms', 'DeleteAlias', { AliasName: id }));
  },
};

const kmsTags = (tags: readonly { Key: string; Value: string }[]) =>
  tags.length === 0 ? undefined : tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));

const rotate = (KeyId: string, on: boolean, { call }: ResourceContext) =>
  call('kms', on ? 'EnableKeyRotation' : 'DisableKeyRotation', { KeyId });

const enable = (KeyId: string, on: boolean, { call }: ResourceContext) =>
  call('kms', on ? 'EnableKey' : 'DisableKey', { KeyId });
