/** AWS::SSM::Parameter. SecureString parameters can't be made by a template, on AWS either. */

import type { GetParameterCommandOutput } from '@aws-sdk/client-ssm';
import { validationError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { known, pick } from './pick.ts';
import { syncTags, tagMap } from './tags.ts';

const members = ['AllowedPattern', 'DataType', 'Description', 'Policies', 'Tier', 'Type', 'Value'];

export const ssmParameter: ResourceType = {
  name: 'AWS::SSM::Parameter',
  properties: {
    AllowedPattern: 'update',
    DataType: 'update',
    Description: 'update',
    Name: 'replace',
    Policies: 'update',
    Tags: 'update',
    Tier: 'update',
    Type: 'update',
    Value: 'update',
  },
  required: ['Type', 'Value'],
  attributes: ['Type', 'Value'],
  nameProperty: 'Name',
  tags: 'map',
  async create(properties, context) {
    const id = textOf(properties.Name) ?? `CFN-${context.physicalName(250)}`;
    const tags = Object.entries(tagMap(properties.Tags)).map(([Key, Value]) => ({ Key, Value }));
    await context.call('ssm', 'PutParameter', {
      Name: id,
      ...pick(checked(properties), members),
      Tags: tags.length > 0 ? tags : undefined,
    });
    return { id, attributes: attributesOf(context.kept) };
  },
  async update(change, context) {
    const { id, properties } = change;
    await context.call('ssm', 'PutParameter', { Name: id, ...pick(checked(properties), members), Overwrite: true });
    const resource = { ResourceType: 'Parameter', ResourceId: id };
    await syncTags(change, {
      add: (Tags) => context.call('ssm', 'AddTagsToResource', { ...resource, Tags }),
      remove: (TagKeys) => context.call('ssm', 'RemoveTagsFromResource', { ...resource, TagKeys }),
    });
    return { attributes: attributesOf(context.kept) };
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ssm', 'DeleteParameter', { Name: id }));
  },
  async read({ id }, call) {
    const { Parameter } = await call<GetParameterCommandOutput>('ssm', 'GetParameter', { Name: id });
    return known({ Type: Parameter?.Type, Value: Parameter?.Value });
  },
};

function checked(properties: JsonObject): JsonObject {
  if (properties.Type === 'SecureString') {
    throw validationError('AWS::SSM::Parameter does not support the type SecureString. Allowed: String, StringList');
  }
  return properties;
}

/** From what is kept: an attribute must not hold what a dynamic reference stands for. */
const attributesOf = ({ Type, Value }: JsonObject): JsonObject => ({
  Type: textOf(Type) ?? '',
  Value: textOf(Value) ?? '',
});
