/** AWS::SecretsManager::SecretTargetAttachment: writes where the database is into its secret. */

import type { DescribeDBInstancesCommandOutput } from '@aws-sdk/client-rds';
import type { GetSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager';
import { validationError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { asText, isObject } from '../json.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';

/** What the attachment writes, and takes back when it goes. */
const written = ['dbInstanceIdentifier', 'dbname', 'engine', 'host', 'port'];

export const secretTargetAttachment: ResourceType = {
  name: 'AWS::SecretsManager::SecretTargetAttachment',
  properties: { SecretId: 'replace', TargetId: 'update', TargetType: 'update' },
  required: ['SecretId', 'TargetId', 'TargetType'],
  attributes: [],
  async create(properties, context) {
    await attach(properties, context);
    return { id: textOf(properties.SecretId) ?? '' };
  },
  async update({ properties }, context) {
    await attach(properties, context);
    return undefined;
  },
  async delete({ properties }, context) {
    const members = await membersOf(textOf(properties.SecretId) ?? '', context);
    const rest = Object.fromEntries(Object.entries(members).filter(([name]) => !written.includes(name)));
    await put(textOf(properties.SecretId) ?? '', rest, context);
  },
};

async function attach({ SecretId, TargetId, TargetType }: JsonObject, context: ResourceContext): Promise<void> {
  if (TargetType !== 'AWS::RDS::DBInstance') {
    throw validationError(`TargetType must be AWS::RDS::DBInstance here, not ${asText(TargetType)}`);
  }
  const answer = await context.call<DescribeDBInstancesCommandOutput>('rds', 'DescribeDBInstances', {
    DBInstanceIdentifier: TargetId,
  });
  const instance = answer.DBInstances?.[0];
  if (instance?.Endpoint?.Address === undefined) throw validationError(`${asText(TargetId)} has no endpoint yet`);
  const id = textOf(SecretId) ?? '';
  const { DBName, Engine, Endpoint } = instance;
  await put(
    id,
    {
      ...(await membersOf(id, context)),
      dbInstanceIdentifier: asText(TargetId),
      ...(DBName === undefined ? {} : { dbname: DBName }),
      engine: Engine ?? '',
      host: Endpoint.Address ?? '',
      port: Endpoint.Port ?? 0,
    },
    context,
  );
}

async function membersOf(SecretId: string, { call }: ResourceContext): Promise<JsonObject> {
  const answer = await call<GetSecretValueCommandOutput>('secretsmanager', 'GetSecretValue', { SecretId });
  const members: unknown = JSON.parse(answer.SecretString ?? '{}');
  if (!isObject(members)) throw validationError(`Secret ${SecretId} must hold a JSON object`);
  return members;
}

const put = (SecretId: string, members: JsonObject, { call }: ResourceContext) =>
  call('secretsmanager', 'PutSecretValue', { SecretId, SecretString: JSON.stringify(members) });
