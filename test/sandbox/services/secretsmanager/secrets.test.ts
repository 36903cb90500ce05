import type { DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/sandbox/contract.ts';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import { createSecretsManagerService } from '../../../../src/sandbox/services/secretsmanager/service.ts';
import type { GuardedSandbox } from '../iam/iam-sandbox.ts';
import { account, allow, guardedSandbox, home, policy, refusal } from '../iam/iam-sandbox.ts';

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox([createKmsService, createSecretsManagerService]);
});

const sm = <Output = Record<string, unknown>>(operation: string, input: object = {}, by?: Principal): Promise<Output> =>
  sandbox.as<Output>(by, 'secretsmanager', operation, input);

const create = (input: object = {}) =>
  sm<{ ARN: string; VersionId: string }>('CreateSecret', { Name: 'dev/db', SecretString: 'one', ...input });

const read = async (input: object = {}, by?: Principal): Promise<string> =>
  (await sm<{ SecretString: string }>('GetSecretValue', { SecretId: 'dev/db', ...input }, by)).SecretString;

const token = (letter: string): string => letter.repeat(32);

describe('secrets', () => {
  it('are found by name, ARN, and ARN without its last characters', async () => {
    const { ARN, VersionId } = await create({ Description: 'the database', Tags: [{ Key: 'team', Value: 'photos' }] });
    expect(ARN).toMatch(new RegExp(`^arn:aws:secretsmanager:${home}:${account}:secret:dev/db-[A-Za-z0-9]{6}$`));
    for (const SecretId of ['dev/db', ARN, ARN.slice(0, -7)]) expect(await read({ SecretId })).toBe('one');
    expect(await sm('DescribeSecret', { SecretId: ARN })).toMatchObject({
      Name: 'dev/db',
      Description: 'the database',
      Tags: [{ Key: 'team', Value: 'photos' }],
      VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] },
    });
    expect(await refusal(create())).toMatch(/^ResourceExistsException/);
    expect(await refusal(read({ SecretId: 'dev/none' }))).toBe(
      "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    );
  });

  it('are not kept in clear', async () => {
    await create({ SecretString: 'squeamish ossifrage' });
    const rows = sandbox.core.table('secretsmanager', home, 'secrets').values();
    expect(JSON.stringify(rows)).not.toContain('ossifrage');
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('squeamish ossifrage').toString('base64').slice(0, 20));
  });

  it('bytes come back as bytes', async () => {
    await create({ SecretString: undefined, SecretBinary: new Uint8Array([0, 255, 7]) });
    expect(await sm('GetSecretValue', { SecretId: 'dev/db' })).toMatchObject({
      SecretBinary: new Uint8Array([0, 255, 7]),
    });
  });

  it('can be made without a value, which is then missing', async () => {
    await create({ SecretString: undefined });
    expect(await refusal(read())).toMatch(/^ResourceNotFoundException: .*staging label: AWSCURRENT/);
  });
});

describe('versions', () => {
  it('a new one is current, the one before it previous', async () => {
    const { VersionId: first } = await create();
    const { VersionId: second } = await sm<{ VersionId: string }>('PutSecretValue', {
      SecretId: 'dev/db',
      SecretString: 'two',
    });
    expect([await read(), await read({ VersionStage: 'AWSPREVIOUS' }), await read({ VersionId: first })]).toEqual([
      'two',
      'one',
      'one',
    ]);
    await sm('UpdateSecret', { SecretId: 'dev/db', SecretString: 'three' });
    expect([await read(), await read({ VersionStage: 'AWSPREVIOUS' }), await read({ VersionId: first })]).toEqual([
      'three',
      'two',
      'one',
    ]);
    const { VersionIdsToStages: stages } = await sm<DescribeSecretResponse>('DescribeSecret', { SecretId: 'dev/db' });
    expect(stages?.[second]).toEqual(['AWSPREVIOUS']);
    expect(stages).not.toHaveProperty(first);
  });

  it('labels of one’s own leave the current one alone', async () => {
    await create();
    await sm('PutSecretValue', { SecretId: 'dev/db', SecretString: 'next', VersionStages: ['AWSPENDING'] });
    expect([await read(), await read({ VersionStage: 'AWSPENDING' })]).toEqual(['one', 'next']);
  });

  it('a repeated request changes nothing, another value under its token is refused', async () => {
    await create();
    const put = (SecretString: string) =>
      sm('PutSecretValue', { SecretId: 'dev/db', SecretString, ClientRequestToken: token('a') });
    const first = await put('two');
    expect(await put('two')).toEqual(first);
    expect(await refusal(put('three'))).toMatch(/^ResourceExistsException/);
    expect(await read({ VersionStage: 'AWSPREVIOUS' })).toBe('one');
  });

  it('puts at the same time all arrive', async () => {
    await create();
    const letters = ['a', 'b', 'c'];
    await Promise.all(
      letters.map((letter) =>
        sm('PutSecretValue', { SecretId: 'dev/db', SecretString: letter, ClientRequestToken: token(letter) }),
      ),
    );
    for (const letter of letters) expect(await read({ VersionId: token(letter) })).toBe(letter);
  });
});

describe('deletion', () => {
  it('waits for its window, in which the name is taken and the secret can come back', async () => {
    await create();
    await sm('DeleteSecret', { SecretId: 'dev/db', RecoveryWindowInDays: 7 });
    expect(await refusal(read())).toMatch(/^InvalidRequestException: .*marked for deletion/);
    expect(await refusal(create())).toMatch(/^InvalidRequestException: .*scheduled for deletion/);
    expect(await sm('ListSecrets')).toMatchObject({ SecretList: [] });
    await sm('RestoreSecret', { SecretId: 'dev/db' });
    expect(await read()).toBe('one');
    await sm('DeleteSecret', { SecretId: 'dev/db', RecoveryWindowInDays: 7 });
    await sandbox.clock.advance(7 * 86_400_000);
    expect(await refusal(sm('DescribeSecret', { SecretId: 'dev/db' }))).toMatch(/^ResourceNotFoundException/);
    await create({ SecretString: 'again' });
    expect(await read()).toBe('again');
  });

  it('by force is at once', async () => {
    await create();
    expect(
      await refusal(
        sm('DeleteSecret', { SecretId: 'dev/db', RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }),
      ),
    ).toMatch(/^InvalidParameterException/);
    await sm('DeleteSecret', { SecretId: 'dev/db', ForceDeleteWithoutRecovery: true });
    expect(await refusal(read())).toMatch(/^ResourceNotFoundException/);
  });
});

describe('lists', () => {
  it('are filtered by prefix', async () => {
    await create({ Tags: [{ Key: 'team', Value: 'photos' }] });
    await create({ Name: 'dev/api' });
    await create({ Name: 'prod/db' });
    const names = async (Key: string, ...Values: string[]) =>
      (await sm<{ SecretList: { Name: string }[] }>('ListSecrets', { Filters: [{ Key, Values }] })).SecretList.map(
        ({ Name }) => Name,
      );
    expect(await names('name', 'dev/')).toEqual(['dev/db', 'dev/api']);
    expect(await names('name', '!dev/')).toEqual(['prod/db']);
    expect(await names('tag-key', 'team')).toEqual(['dev/db']);
    expect(await refusal(names('all', 'x'))).toMatch(/^UnsupportedOperation/);
  });
});

describe('permissions', () => {
  const value = `arn:aws:secretsmanager:${home}:${account}:secret:dev/db-*`;

  it('are on the secret’s ARN, and on the key when it is a customer’s', async () => {
    const { KeyMetadata: key } = await sandbox.as<{ KeyMetadata: { Arn: string } }>(undefined, 'kms', 'CreateKey');
    await create({ KmsKeyId: key.Arn });
    await create({ Name: 'dev/plain' });
    const reading = allow('secretsmanager:GetSecretValue', [value, value.replace('dev/db', 'dev/plain')]);
    const through = { Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${home}.amazonaws.com` } } };
    await sandbox.role('noKey', reading);
    await sandbox.role('withKey', reading, allow('kms:Decrypt', key.Arn, through));
    expect(await refusal(read({}, await sandbox.session('noKey')))).toMatch(
      /^AccessDeniedException: .* not authorized to perform: kms:Decrypt/,
    );
    expect(await read({ SecretId: 'dev/plain' }, await sandbox.session('noKey'))).toBe('one');
    expect(await read({}, await sandbox.session('withKey'))).toBe('one');
    expect(await refusal(read({ SecretId: 'dev/other' }, await sandbox.session('withKey')))).toMatch(
      /^AccessDeniedException/,
    );
  });

  it('can come from the secret’s own policy', async () => {
    await create();
    const role = await sandbox.role('app');
    const app = await sandbox.session('app');
    expect(await refusal(read({}, app))).toMatch(/^AccessDeniedException/);
    const ResourcePolicy = policy({
      Effect: 'Allow',
      Principal: { AWS: role },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    });
    await sm('PutResourcePolicy', { SecretId: 'dev/db', ResourcePolicy });
    expect(await read({}, app)).toBe('one');
    expect(await sm('GetResourcePolicy', { SecretId: 'dev/db' })).toMatchObject({ ResourcePolicy });
    await sm('DeleteResourcePolicy', { SecretId: 'dev/db' });
    expect(await refusal(read({}, app))).toMatch(/^AccessDeniedException/);
    const everybody = policy({ Effect: 'Allow', Principal: '*', Action: 'secretsmanager:*', Resource: '*' });
    expect(
      await refusal(
        sm('PutResourcePolicy', { SecretId: 'dev/db', ResourcePolicy: everybody, BlockPublicPolicy: true }),
      ),
    ).toMatch(/^PublicPolicyException/);
    expect(await refusal(sm('PutResourcePolicy', { SecretId: 'dev/db', ResourcePolicy: '{}' }))).toMatch(
      /^MalformedPolicyDocumentException/,
    );
  });

  it('a secret whose key is gone can’t be read', async () => {
    const { KeyMetadata: key } = await sandbox.as<{ KeyMetadata: { KeyId: string } }>(undefined, 'kms', 'CreateKey');
    await create({ KmsKeyId: key.KeyId });
    await sandbox.as(undefined, 'kms', 'DisableKey', { KeyId: key.KeyId });
    expect(await refusal(read())).toMatch(/^DecryptionFailure: .*is disabled/);
  });

  it('changing the key moves the labelled values under it', async () => {
    await create();
    const { KeyMetadata: key } = await sandbox.as<{ KeyMetadata: { Arn: string } }>(undefined, 'kms', 'CreateKey');
    await sm('UpdateSecret', { SecretId: 'dev/db', KmsKeyId: key.Arn });
    expect(await read()).toBe('one');
    await sandbox.as(undefined, 'kms', 'DisableKey', { KeyId: key.Arn });
    expect(await refusal(read())).toMatch(/^DecryptionFailure/);
  });
});
