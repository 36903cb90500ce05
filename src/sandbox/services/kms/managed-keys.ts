/**
 * AWS's own keys: one per service and Region, behind alias/aws/…, usable by everybody in the account who comes through the service.
 * Source: KMS Developer Guide, "AWS managed keys"; their key policies as the console shows them.
 */

import type { Call, SandboxCore } from '../../contract.ts';
import { newKey } from './new-key.ts';
import type { KeyRow } from './rows.ts';
import { kmsTables } from './rows.ts';

/** The service that uses each, where its name isn't the alias's. */
const services: Readonly<Record<string, string>> = {
  'alias/aws/rds': 'rds',
  'alias/aws/ssm': 'ssm',
  'alias/aws/s3': 's3',
  'alias/aws/secretsmanager': 'secretsmanager',
  'alias/aws/ebs': 'ec2',
  'alias/aws/dynamodb': 'dynamodb',
  'alias/aws/sqs': 'sqs',
  'alias/aws/sns': 'sns',
  'alias/aws/lambda': 'lambda',
};

/** The key behind an alias of AWS, made when it is first asked for; undefined for other aliases. */
export function managedKey(
  core: SandboxCore,
  where: Pick<Call, 'account' | 'region'>,
  alias: string,
): KeyRow | undefined {
  const service = services[alias];
  if (service === undefined) return undefined;
  const { keys, aliases } = kmsTables(core, where.region);
  const known = aliases.get(alias);
  if (known !== undefined) return keys.get(known.keyId);
  const row = newKey(core, where, {
    description: `Default key that protects my data when no other key is defined for ${alias.slice('alias/aws/'.length)}`,
    policy: policyFor(where, service, alias),
    manager: 'AWS',
  });
  const now = core.clock.now();
  const arn = `arn:aws:kms:${where.region}:${where.account}:${alias}`;
  aliases.put(alias, { name: alias, arn, keyId: row.id, createdAt: now, updatedAt: now });
  return keys.put(row.id, { ...row, rotation: { days: 365, since: now } });
}

export const isManagedAlias = (name: string): boolean => name.startsWith('alias/aws/');

const policyFor = ({ account, region }: Pick<Call, 'account' | 'region'>, service: string, alias: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: `auto-${alias.slice('alias/aws/'.length)}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use it`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:CreateGrant',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  });
