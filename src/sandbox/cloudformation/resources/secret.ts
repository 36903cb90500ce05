/** AWS::SecretsManager::Secret. */

import type { CreateSecretCommandOutput, GetRandomPasswordCommandOutput } from '@aws-sdk/client-secrets-manager';
import { validationError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { asText, isObject } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { difference, pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

export const secret: ResourceType = {
  name: 'AWS::SecretsManager::Secret',
  properties: {
    Description: 'update',
    GenerateSecretString: 'update',
    KmsKeyId: 'update',
    Name: 'replace',
    ReplicaRegions: 'update',
    SecretString: 'update',
    Tags: 'update',
  },
  attributes: ['Id'],
  nameProperty: 'Name',
  tags: 'list',
  async create(properties, context) {
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateSecretCommandOutput>('secretsmanager', 'CreateSecret', {
      Name: textOf(properties.Name) ?? context.physicalName(200),
      ...pick(properties, ['Description', 'KmsKeyId']),
      SecretString: await secretString(properties, context),
      AddReplicaRegions: properties.ReplicaRegions,
      Tags: tags.length > 0 ? tags : undefined,
    });
    const id = answer.ARN ?? '';
    return { id, attributes: { Id: id } };
  },
  async update(change, context) {
    const { id: SecretId, changed, previous, properties } = change;
    const newString = changed.has('SecretString') || changed.has('GenerateSecretString');
    if (newString || changed.has('Description') || changed.has('KmsKeyId')) {
      await context.call('secretsmanager', 'UpdateSecret', {
        SecretId,
        ...pick(properties, ['Description', 'KmsKeyId']),
        SecretString: newString ? await secretString(properties, context) : undefined,
      });
    }
    if (changed.has('ReplicaRegions')) await syncReplicas(SecretId, previous, properties, context);
    await syncTags(change, {
      add: (Tags) => context.call('secretsmanager', 'TagResource', { SecretId, Tags }),
      remove: (TagKeys) => context.call('secretsmanager', 'UntagResource', { SecretId, TagKeys }),
    });
    return undefined;
  },
  async delete({ id: SecretId, properties }, context) {
    const RemoveReplicaRegions = regionsOf(properties);
    if (RemoveReplicaRegions.length > 0) {
      await unlessGone(
        context.call('secretsmanager', 'RemoveRegionsFromReplication', { SecretId, RemoveReplicaRegions }),
      );
    }
    // As AWS's handler does: the name is free at once.
    await unlessGone(context.call('secretsmanager', 'DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true }));
  },
};

const regionsOf = (properties: JsonObject): string[] =>
  listOf(properties.ReplicaRegions).map((replica) => asText(objectOf(replica).Region));

async function syncReplicas(
  SecretId: string,
  previous: JsonObject,
  properties: JsonObject,
  { call }: ResourceContext,
): Promise<void> {
  const { added, removed } = difference(regionsOf(previous), regionsOf(properties));
  if (removed.length > 0) {
    const RemoveReplicaRegions = removed;
    await call('secretsmanager', 'RemoveRegionsFromReplication', { SecretId, RemoveReplicaRegions });
  }
  if (added.length > 0) {
    const AddReplicaRegions = listOf(properties.ReplicaRegions).filter((replica) =>
      added.includes(asText(objectOf(replica).Region)),
    );
    await call('secretsmanager', 'ReplicateSecretToRegions', { SecretId, AddReplicaRegions });
  }
}

/** The declared text, or a generated password, alone or as one key of the declared template. */
async function secretString(properties: JsonObject, { call }: ResourceContext): Promise<string | undefined> {
  const { GenerateSecretString: declared, SecretString } = properties;
  if (declared === undefined) return textOf(SecretString);
  const { GenerateStringKey: key, SecretStringTemplate: template, ...options } = objectOf(declared);
  const answer = await call<GetRandomPasswordCommandOutput>('secretsmanager', 'GetRandomPassword', options);
  const password = answer.RandomPassword ?? '';
  if (template === undefined && key === undefined) return password;
  const members: unknown = JSON.parse(textOf(template) ?? 'null');
  if (!isObject(members) || key === undefined) {
    throw validationError(
      'GenerateSecretString needs both GenerateStringKey and SecretStringTemplate (a JSON object), or neither',
    );
  }
  return JSON.stringify({ ...members, [asText(key)]: password });
}
