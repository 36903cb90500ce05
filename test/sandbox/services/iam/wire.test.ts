import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { CreateRoleCommand, GetRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outside } from '../../../../src/sandbox/contract.ts';
import { startGateway } from '../../../../src/sandbox/gateway/server.ts';
import type { Gateway } from '../../../../src/sandbox/gateway-seam.ts';
import { credentials } from '../../../../src/sandbox/services/iam/credentials.ts';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import { createSecretsManagerService } from '../../../../src/sandbox/services/secretsmanager/service.ts';
import { account, allow, guardedSandbox, home, policy, refusal, trusting } from './iam-sandbox.ts';

let gateway: Gateway;
let settings: { endpoint: string; region: string; maxAttempts: number };
const sandbox = guardedSandbox([createKmsService, createSecretsManagerService]);

beforeAll(async () => {
  const port = await freePort();
  gateway = await startGateway(
    {
      core: sandbox.core,
      dispatcher: sandbox.dispatcher,
      listeners: [{ place: outside, address: '127.0.0.1', port }],
      crossing: async () => {},
    },
    { credentials: (key, token) => credentials(sandbox.core, key, token) },
  );
  settings = { endpoint: `http://127.0.0.1:${port}`, region: home, maxAttempts: 1 };
});
afterAll(() => gateway.close());

const administrator = () => ({ ...settings, credentials: sandbox.administrator });

describe('through the AWS SDK', () => {
  it('a role is made, assumed, and does what it may', async () => {
    const iam = new IAMClient(administrator());
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: trusting({ AWS: account }) }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'app',
        PolicyName: 'own',
        PolicyDocument: policy(allow(['kms:Encrypt', 'kms:Decrypt'])),
      }),
    );
    const { Credentials: given } = await new STSClient(administrator()).send(
      new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'me' }),
    );
    const asRole = {
      ...settings,
      credentials: {
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        sessionToken: given?.SessionToken ?? '',
      },
    };
    const { Arn } = await new STSClient(asRole).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::${account}:assumed-role/app/me`);
    const { KeyMetadata: key } = await new KMSClient(administrator()).send(new CreateKeyCommand({}));
    const kms = new KMSClient(asRole);
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: key?.Arn, Plaintext: Buffer.from('text'), EncryptionContext: { a: 'b' } }),
    );
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: 'b' } }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('text');
    expect(await refusal(new IAMClient(asRole).send(new GetRoleCommand({ RoleName: 'app' })))).toMatch(
      /^AccessDenied: User: .* is not authorized to perform: iam:GetRole on resource/,
    );
    expect(await refusal(kms.send(new CreateKeyCommand({})))).toMatch(/^AccessDeniedException: .* kms:CreateKey/);
  });

  it('errors carry AWS’s names', async () => {
    const iam = new IAMClient(administrator());
    expect(await refusal(iam.send(new GetRoleCommand({ RoleName: 'none' })))).toMatch(/^NoSuchEntityException: /);
    expect(await refusal(iam.send(new CreateRoleCommand({ RoleName: 'bad', AssumeRolePolicyDocument: '{}' })))).toMatch(
      /^MalformedPolicyDocumentException: .*Statement/,
    );
  });

  it('a secret is made and read', async () => {
    const secretsManager = new SecretsManagerClient(administrator());
    await secretsManager.send(new CreateSecretCommand({ Name: 'dev/db', SecretString: 'one' }));
    const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: 'dev/db' }));
    expect(SecretString).toBe('one');
    const { CreatedDate } = await secretsManager.send(new DescribeSecretCommand({ SecretId: 'dev/db' }));
    expect(CreatedDate).toEqual(new Date(sandbox.clock.now()));
    expect(await refusal(secretsManager.send(new GetSecretValueCommand({ SecretId: 'none' })))).toMatch(
      /^ResourceNotFoundException/,
    );
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
