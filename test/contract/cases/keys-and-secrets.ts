/** KMS and Secrets Manager: what is encrypted under which key, versions and stages, deletion and its window. */

import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisabledException,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
  KMSInvalidStateException,
  MalformedPolicyDocumentException,
  NotFoundException,
  PutKeyPolicyCommand,
  paginateListAliases,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';

export const kms = [
  contractCase(
    'what is encrypted under a key and a context is decrypted with both',
    async (target) => {
      const { client, KeyId, arn } = await keyOf(target);
      const other = await keyOf(target);
      const EncryptionContext = { purpose: 'contract' };
      const { CiphertextBlob } = await client.send(
        new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret'), EncryptionContext }),
      );
      const opened = await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
      expect([Buffer.from(opened.Plaintext ?? []).toString(), opened.KeyId]).toEqual(['secret', arn]);
      await refused(client.send(new DecryptCommand({ CiphertextBlob })), InvalidCiphertextException, 400);
      await refused(
        client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: other.KeyId })),
        IncorrectKeyException,
        400,
      );
      const data = await client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
      expect(data.Plaintext).toHaveLength(32);
      const unwrapped = await client.send(new DecryptCommand({ CiphertextBlob: data.CiphertextBlob }));
      expect(unwrapped.Plaintext).toEqual(data.Plaintext);
    },
    { cost: 'cents' },
  ),

  contractCase(
    'a key is disabled, found by alias, and deleted after its window',
    async (target) => {
      const { client, KeyId, arn } = await keyOf(target);
      const AliasName = `alias/${target.name()}`;
      await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
      target.after(() => client.send(new DeleteAliasCommand({ AliasName })));
      expect((await client.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata).toMatchObject({
        KeyId,
        Arn: arn,
        Enabled: true,
        KeyState: 'Enabled',
        MultiRegion: false,
      });
      const aliases = (await pagesOf(paginateListAliases({ client, pageSize: 1 }, {}))).flatMap(
        (page) => page.Aliases ?? [],
      );
      expect(aliases.filter((alias) => alias.AliasName === AliasName)).toMatchObject([{ TargetKeyId: KeyId }]);
      await client.send(new DisableKeyCommand({ KeyId }));
      await refused(client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })), DisabledException, 409);
      await refused(
        client.send(new EncryptCommand({ KeyId: 'alias/pl-contract-none', Plaintext: Buffer.from('x') })),
        NotFoundException,
        404,
      );
      const gone = await keyOf(target, false);
      expect(
        await gone.client.send(new ScheduleKeyDeletionCommand({ KeyId: gone.KeyId, PendingWindowInDays: 7 })),
      ).toMatchObject({ KeyState: 'PendingDeletion' });
      await refused(
        client.send(new EncryptCommand({ KeyId: gone.KeyId, Plaintext: Buffer.from('x') })),
        KMSInvalidStateException,
        409,
      );
      await refused(
        client.send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy: '{' })),
        MalformedPolicyDocumentException,
        400,
      );
    },
    { cost: 'cents' },
  ),
];

export const secretsmanager = [
  contractCase(
    'versions carry stages, and a token makes a change happen once',
    async (target) => {
      const { client, SecretId } = secretsOf(target);
      const ClientRequestToken = '11111111-1111-4111-8111-111111111111';
      const made = { Name: SecretId, SecretString: 'one', ClientRequestToken };
      const created = await client.send(new CreateSecretCommand(made));
      target.after(() => client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })));
      expect(created.VersionId).toBe(ClientRequestToken);
      expect((await client.send(new CreateSecretCommand(made))).ARN).toBe(created.ARN);
      await refused(
        client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'two' })),
        ResourceExistsException,
        400,
      );
      const put = await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'two' }));
      expect(put.VersionStages).toEqual(['AWSCURRENT']);
      const read = async (more: object = {}) =>
        (await client.send(new GetSecretValueCommand({ SecretId, ...more }))).SecretString;
      expect([
        await read(),
        await read({ VersionStage: 'AWSPREVIOUS' }),
        await read({ VersionId: ClientRequestToken }),
      ]).toEqual(['two', 'one', 'one']);
      const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
      expect(VersionIdsToStages).toEqual({
        [ClientRequestToken]: ['AWSPREVIOUS'],
        [put.VersionId ?? '']: ['AWSCURRENT'],
      });
    },
    { cost: 'cents' },
  ),

  contractCase(
    'a deleted secret is out of reach until it is restored',
    async (target) => {
      const { client, SecretId } = secretsOf(target);
      await client.send(new CreateSecretCommand({ Name: SecretId, SecretBinary: Buffer.from([0, 255, 1]) }));
      target.after(() => client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })));
      await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
      await refused(client.send(new GetSecretValueCommand({ SecretId })), InvalidRequestException, 400);
      await refused(
        client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'x' })),
        InvalidRequestException,
        400,
      );
      await client.send(new RestoreSecretCommand({ SecretId }));
      const { SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId }));
      expect([...(SecretBinary ?? [])]).toEqual([0, 255, 1]);
      await refused(
        client.send(new GetSecretValueCommand({ SecretId: `${SecretId}-none` })),
        ResourceNotFoundException,
        400,
      );
      await refused(
        client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 3 })),
        InvalidParameterException,
        400,
      );
    },
    { cost: 'cents' },
  ),
];

const secretsOf = (target: ContractTarget) => ({
  client: target.client(SecretsManagerClient),
  SecretId: target.name(),
});

async function keyOf(
  target: ContractTarget,
  cleanUp = true,
): Promise<{ client: KMSClient; KeyId: string; arn: string }> {
  const client = target.client(KMSClient);
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: 'contract' }));
  const KeyId = KeyMetadata?.KeyId ?? '';
  if (cleanUp) target.after(() => client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })));
  return { client, KeyId, arn: KeyMetadata?.Arn ?? '' };
}
