/** What services ask of KMS on their callers' behalf, judged by real key policies. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/sandbox/contract.ts';
import { operation } from '../../../src/sandbox/contract.ts';
import { createKmsService } from '../../../src/sandbox/services/kms/service.ts';
import { createRdsService } from '../../../src/sandbox/services/rds/service.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createSecretsManagerService } from '../../../src/sandbox/services/secretsmanager/service.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';
import type { GuardedSandbox } from '../services/iam/iam-sandbox.ts';
import { account, allow, guardedSandbox, home, policy, refusal } from '../services/iam/iam-sandbox.ts';
import { idleDatabases } from '../services/rds/idle-databases.ts';

let sandbox: GuardedSandbox;
let keyArn: string;
let caller: Principal;

/** The key lets the role use it through one service only; the role's own policies say nothing of KMS. */
async function keyThrough(service: string): Promise<void> {
  const { KeyMetadata } = await sandbox.as<{ KeyMetadata: { Arn: string } }>(undefined, 'kms', 'CreateKey', {
    Policy: policy(
      allow('kms:*', '*', { Principal: { AWS: `arn:aws:iam::${account}:user/administrator` } }),
      allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], '*', {
        Principal: { AWS: `arn:aws:iam::${account}:role/app` },
        Condition: {
          StringEquals: { 'kms:ViaService': `${service}.${home}.amazonaws.com`, 'kms:CallerAccount': account },
          Bool: { 'aws:ViaAWSService': 'true' },
          'ForAnyValue:StringEquals': { 'aws:CalledVia': `${service}.amazonaws.com` },
        },
      }),
    ),
  });
  keyArn = KeyMetadata.Arn;
}

beforeEach(async () => {
  sandbox = guardedSandbox([
    createKmsService,
    createSsmService,
    createSecretsManagerService,
    createSqsService,
    createS3Service,
    (core) => createRdsService(core, { databases: idleDatabases() }),
    () => ({ name: 'events', operations: { PutEvents: operation(() => ({})) } }),
  ]);
  await sandbox.role('app', allow(['ssm:*', 'secretsmanager:*', 'sqs:*', 's3:*']));
  caller = await sandbox.session('app');
});

const as = (service: string, operation: string, input: object) =>
  sandbox.as<Record<string, never>>(caller, service, operation, input);

/** One use of a customer's key through each service. */
const uses: Record<string, () => Promise<unknown>> = {
  ssm: () => as('ssm', 'PutParameter', { Name: '/app/secret', Value: 'x', Type: 'SecureString', KeyId: keyArn }),
  secretsmanager: () => as('secretsmanager', 'CreateSecret', { Name: 'own', SecretString: 'x', KmsKeyId: keyArn }),
  async sqs() {
    const { QueueUrl } = await as('sqs', 'CreateQueue', { QueueName: 'q', Attributes: { KmsMasterKeyId: keyArn } });
    return as('sqs', 'SendMessage', { QueueUrl, MessageBody: 'x' });
  },
  async s3() {
    await as('s3', 'CreateBucket', { Bucket: 'photos' });
    const sealed = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn };
    return as('s3', 'PutObject', { Bucket: 'photos', Key: 'k', Body: Buffer.from('x'), ...sealed });
  },
};

describe('a key that may be used through one service', () => {
  it.each(Object.keys(uses))('is used through %s', async (service) => {
    await keyThrough(service);
    await expect(uses[service]?.()).resolves.toBeTypeOf('object');
  });

  it.each(Object.keys(uses))(
    'is not used through %s when another is meant, nor by the caller itself',
    async (service) => {
      await keyThrough(service === 'ssm' ? 'sqs' : 'ssm');
      expect(await refusal(uses[service]?.() ?? Promise.resolve())).toMatch(
        /not authorized to perform: kms:\w+ on resource: arn:aws:kms:.* because no resource-based policy allows/,
      );
      expect(await refusal(as('kms', 'Encrypt', { KeyId: keyArn, Plaintext: Buffer.from('x') }))).toMatch(
        /^AccessDeniedException: .* kms:Encrypt/,
      );
    },
  );
});

describe('a role that may use keys by their alias only', () => {
  beforeEach(async () => {
    const { KeyMetadata } = await sandbox.as<{ KeyMetadata: { Arn: string } }>(undefined, 'kms', 'CreateKey');
    keyArn = KeyMetadata.Arn;
    const Condition = { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/photos' } };
    const PolicyDocument = policy(allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], '*', { Condition }));
    await sandbox.as(undefined, 'iam', 'PutRolePolicy', { RoleName: 'app', PolicyName: 'keys', PolicyDocument });
  });

  it.each(Object.keys(uses))('uses one through %s once it has the alias', async (service) => {
    expect(await refusal(uses[service]?.() ?? Promise.resolve())).toMatch(/not authorized to perform: kms:\w+/);
    await sandbox.as(undefined, 'kms', 'CreateAlias', { AliasName: 'alias/photos', TargetKeyId: keyArn });
    if (service === 's3') await as('s3', 'DeleteBucket', { Bucket: 'photos' });
    await expect(uses[service]?.()).resolves.toBeTypeOf('object');
  });
});

describe('a database under a customer’s key', () => {
  const create = (id: string) =>
    as('rds', 'CreateDBInstance', {
      DBInstanceIdentifier: id,
      Engine: 'mysql',
      DBInstanceClass: 'db.t4g.medium',
      AllocatedStorage: 20,
      MasterUsername: 'admin',
      MasterUserPassword: 'correct-horse',
      StorageEncrypted: true,
      KmsKeyId: keyArn,
    });
  const give = (...statements: object[]) =>
    sandbox.as(undefined, 'iam', 'PutRolePolicy', {
      RoleName: 'app',
      PolicyName: 'database',
      PolicyDocument: policy(...statements),
    });

  it('is made by who may see the key and grant its use to RDS', async () => {
    const { KeyMetadata } = await sandbox.as<{ KeyMetadata: { Arn: string } }>(undefined, 'kms', 'CreateKey');
    keyArn = KeyMetadata.Arn;
    const database = allow(['rds:CreateDBInstance', 'kms:DescribeKey']);
    await give(database);
    expect(await refusal(create('one'))).toMatch(/^KMSKeyNotAccessibleFault/);
    const Condition = {
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
      StringEquals: { 'kms:ViaService': `rds.${home}.amazonaws.com` },
    };
    await give(database, allow('kms:CreateGrant', keyArn, { Condition }));
    expect(await create('one')).toMatchObject({ DBInstance: { KmsKeyId: keyArn } });
    expect(
      await refusal(as('kms', 'CreateGrant', { KeyId: keyArn, GranteePrincipal: account, Operations: ['Decrypt'] })),
    ).toMatch(/^AccessDeniedException: .* kms:CreateGrant/);
  });
});

describe('AWS’s own key for Parameter Store', () => {
  it('lets in everybody who may read the parameter, unless a Deny of their own forbids it', async () => {
    await as('ssm', 'PutParameter', { Name: '/app/secret', Value: 'hunter2', Type: 'SecureString' });
    const read = () => as('ssm', 'GetParameter', { Name: '/app/secret', WithDecryption: true });
    expect(await read()).toMatchObject({ Parameter: { Value: 'hunter2' } });
    await sandbox.as(undefined, 'iam', 'PutRolePolicy', {
      RoleName: 'app',
      PolicyName: 'no-keys',
      PolicyDocument: policy({ Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*', Sid: 'NoKeys' }),
    });
    expect(await refusal(read())).toMatch(/kms:Decrypt .* explicit deny in an identity-based policy .*NoKeys/);
  });
});
