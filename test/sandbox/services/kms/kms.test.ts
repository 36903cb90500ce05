import type { KeyMetadata } from '@aws-sdk/client-kms';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/sandbox/contract.ts';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import type { GuardedSandbox } from '../iam/iam-sandbox.ts';
import { account, allow, away, guardedSandbox, home, policy, refusal } from '../iam/iam-sandbox.ts';

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox([createKmsService]);
});

interface Sealed {
  CiphertextBlob: Uint8Array;
  KeyId: string;
}

const kms = <Output = Record<string, unknown>>(
  operation: string,
  input: object = {},
  { by, region = home }: { by?: Principal; region?: string } = {},
): Promise<Output> => sandbox.as<Output>(by, 'kms', operation, input, region);

const makeKey = async (input: object = {}, region = home): Promise<KeyMetadata & { Arn: string; KeyId: string }> => {
  const { KeyMetadata: made } = await kms<{ KeyMetadata: KeyMetadata }>('CreateKey', input, { region });
  return { ...made, Arn: made.Arn ?? '', KeyId: made.KeyId ?? '' };
};

const secret = new Uint8Array(Buffer.from('squeamish ossifrage'));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('encrypting', () => {
  it('opens with the same context, and with no other', async () => {
    const key = await makeKey();
    const EncryptionContext = { b: '2', a: '1' };
    const { CiphertextBlob, KeyId } = await kms<Sealed>('Encrypt', {
      KeyId: key.KeyId,
      Plaintext: secret,
      EncryptionContext,
    });
    expect(KeyId).toBe(key.Arn);
    expect(text(CiphertextBlob)).not.toContain('ossifrage');
    const opened = await kms<{ Plaintext: Uint8Array; KeyId: string }>('Decrypt', {
      CiphertextBlob,
      EncryptionContext: { a: '1', b: '2' },
    });
    expect(text(opened.Plaintext)).toBe('squeamish ossifrage');
    expect(opened.KeyId).toBe(key.Arn);
    for (const other of [{}, { a: '1' }, { a: '1', b: '3' }]) {
      expect(await refusal(kms('Decrypt', { CiphertextBlob, EncryptionContext: other }))).toMatch(
        /^InvalidCiphertextException/,
      );
    }
  });

  it('is authenticated: a changed byte doesn’t open', async () => {
    const key = await makeKey();
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId: key.KeyId, Plaintext: secret });
    const changed = Uint8Array.from(CiphertextBlob, (byte, index) =>
      index === CiphertextBlob.length - 1 ? byte ^ 1 : byte,
    );
    expect(await refusal(kms('Decrypt', { CiphertextBlob: changed }))).toMatch(/^InvalidCiphertextException/);
    expect(await refusal(kms('Decrypt', { CiphertextBlob: secret }))).toMatch(/^InvalidCiphertextException/);
  });

  it('keys are Regional: another Region knows neither key nor ciphertext', async () => {
    const key = await makeKey();
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId: key.KeyId, Plaintext: secret });
    expect(await refusal(kms('Decrypt', { CiphertextBlob }, { region: away }))).toMatch(
      /^AccessDeniedException: The ciphertext refers to a customer master key that does not exist/,
    );
    expect(await refusal(kms('DescribeKey', { KeyId: key.Arn }, { region: away }))).toMatch(/^NotFoundException/);
    expect(await refusal(kms('DescribeKey', { KeyId: key.KeyId }, { region: away }))).toMatch(/^NotFoundException/);
  });

  it('a named key has to be the ciphertext’s', async () => {
    const [one, other] = [await makeKey(), await makeKey()];
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId: one.KeyId, Plaintext: secret });
    expect(await refusal(kms('Decrypt', { CiphertextBlob, KeyId: other.KeyId }))).toMatch(/^IncorrectKeyException/);
    expect(await kms('Decrypt', { CiphertextBlob, KeyId: one.Arn })).toHaveProperty('Plaintext');
  });

  it('takes at most 4096 bytes', async () => {
    const { KeyId } = await makeKey();
    expect(await refusal(kms('Encrypt', { KeyId, Plaintext: new Uint8Array(4097) }))).toMatch(/^ValidationException/);
  });

  it('data keys come in clear and sealed, or sealed only', async () => {
    const { KeyId } = await makeKey();
    const both = await kms<Sealed & { Plaintext: Uint8Array }>('GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
    expect(both.Plaintext.length).toBe(32);
    const { Plaintext } = await kms<{ Plaintext: Uint8Array }>('Decrypt', { CiphertextBlob: both.CiphertextBlob });
    expect(Buffer.from(Plaintext).equals(both.Plaintext)).toBe(true);
    const sealed = await kms('GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: 20 });
    expect(sealed).not.toHaveProperty('Plaintext');
    expect(await refusal(kms('GenerateDataKey', { KeyId }))).toMatch(/^ValidationException/);
    expect(await refusal(kms('GenerateDataKey', { KeyId, KeySpec: 'AES_256', DryRun: true }))).toMatch(
      /^DryRunOperation/,
    );
  });

  it('moves from key to key without showing the plain text', async () => {
    const [from, to] = [await makeKey(), await makeKey()];
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId: from.KeyId, Plaintext: secret });
    const moved = await kms<Sealed & { SourceKeyId: string }>('ReEncrypt', {
      CiphertextBlob,
      DestinationKeyId: to.KeyId,
      DestinationEncryptionContext: { now: 'here' },
    });
    expect([moved.SourceKeyId, moved.KeyId]).toEqual([from.Arn, to.Arn]);
    const opened = await kms<{ Plaintext: Uint8Array }>('Decrypt', {
      CiphertextBlob: moved.CiphertextBlob,
      EncryptionContext: { now: 'here' },
    });
    expect(text(opened.Plaintext)).toBe('squeamish ossifrage');
  });
});

describe('aliases', () => {
  it('name keys, by themselves and as ARNs, and can be moved', async () => {
    const [one, other] = [await makeKey(), await makeKey()];
    await kms('CreateAlias', { AliasName: 'alias/data', TargetKeyId: one.KeyId });
    const arn = `arn:aws:kms:${home}:${account}:alias/data`;
    for (const KeyId of ['alias/data', arn]) {
      expect(await kms('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { Arn: one.Arn } });
    }
    await kms('UpdateAlias', { AliasName: 'alias/data', TargetKeyId: other.Arn });
    expect(await kms('DescribeKey', { KeyId: arn })).toMatchObject({ KeyMetadata: { Arn: other.Arn } });
    expect(await kms('ListAliases', { KeyId: other.KeyId })).toMatchObject({
      Aliases: [{ AliasName: 'alias/data', AliasArn: arn, TargetKeyId: other.KeyId }],
    });
    expect(await refusal(kms('CreateAlias', { AliasName: 'alias/data', TargetKeyId: one.KeyId }))).toMatch(
      /^AlreadyExistsException/,
    );
    await kms('DeleteAlias', { AliasName: 'alias/data' });
    expect(await refusal(kms('DescribeKey', { KeyId: 'alias/data' }))).toBe(
      `NotFoundException: Alias ${arn} is not found.`,
    );
  });

  it('of AWS are there when asked for, one key per Region, usable only through the service', async () => {
    const at = async (region: string) =>
      (await kms<{ KeyMetadata: KeyMetadata }>('DescribeKey', { KeyId: 'alias/aws/rds' }, { region })).KeyMetadata;
    const [here, there, again] = [await at(home), await at(away), await at(home)];
    expect(here).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled' });
    expect(again.KeyId).toBe(here.KeyId);
    expect(there.KeyId).not.toBe(here.KeyId);
    expect(await refusal(kms('Encrypt', { KeyId: 'alias/aws/rds', Plaintext: secret }))).toMatch(
      /^AccessDeniedException: .* not authorized to perform: kms:Encrypt .* no resource-based policy/,
    );
    expect(
      await kms('Encrypt', { KeyId: 'alias/aws/rds', Plaintext: secret }, { by: sandbox.core.as('rds') }),
    ).toHaveProperty('CiphertextBlob');
    expect(await refusal(kms('DescribeKey', { KeyId: 'alias/aws/unheard-of' }))).toMatch(/^NotFoundException/);
    expect(await refusal(kms('CreateAlias', { AliasName: 'alias/aws/mine', TargetKeyId: here.KeyId }))).toMatch(
      /^AccessDeniedException|^NotAuthorizedException/,
    );
  });
});

describe('the life of a key', () => {
  it('disabled keys don’t work, enabled again they do', async () => {
    const { KeyId, Arn } = await makeKey();
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId, Plaintext: secret });
    await kms('DisableKey', { KeyId });
    expect(await refusal(kms('Decrypt', { CiphertextBlob }))).toBe(`DisabledException: ${Arn} is disabled.`);
    expect(await refusal(kms('Decrypt', { CiphertextBlob }, { by: sandbox.core.as('ssm') }))).toMatch(
      /^DisabledException/,
    );
    await kms('EnableKey', { KeyId });
    expect(await kms('Decrypt', { CiphertextBlob })).toHaveProperty('Plaintext');
  });

  it('deletion waits, can be called off, and takes the aliases along', async () => {
    const { KeyId, Arn } = await makeKey();
    await kms('CreateAlias', { AliasName: 'alias/data', TargetKeyId: KeyId });
    const scheduled = await kms<{ DeletionDate: Date }>('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    expect(scheduled.DeletionDate).toEqual(new Date(sandbox.clock.now() + 7 * 86_400_000));
    expect(await refusal(kms('Encrypt', { KeyId, Plaintext: secret }))).toBe(
      `KMSInvalidStateException: ${Arn} is pending deletion.`,
    );
    await kms('CancelKeyDeletion', { KeyId });
    expect(await kms('DescribeKey', { KeyId })).toMatchObject({
      KeyMetadata: { KeyState: 'Disabled', Enabled: false },
    });
    await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await sandbox.clock.advance(7 * 86_400_000);
    expect(await refusal(kms('DescribeKey', { KeyId }))).toMatch(/^NotFoundException/);
    expect(await refusal(kms('DescribeKey', { KeyId: 'alias/data' }))).toMatch(/^NotFoundException/);
    expect(await kms('ListKeys')).toMatchObject({ Keys: [] });
    expect(
      await refusal(kms('ScheduleKeyDeletion', { KeyId: (await makeKey()).KeyId, PendingWindowInDays: 3 })),
    ).toMatch(/^ValidationException/);
  });

  it('rotation and tags are kept', async () => {
    const { KeyId } = await makeKey({ Tags: [{ TagKey: 'team', TagValue: 'photos' }] });
    expect(await kms('GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false });
    await kms('EnableKeyRotation', { KeyId });
    expect(await kms('GetKeyRotationStatus', { KeyId })).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 365,
      NextRotationDate: new Date(sandbox.clock.now() + 365 * 86_400_000),
    });
    await kms('TagResource', { KeyId, Tags: [{ TagKey: 'env', TagValue: 'dev' }] });
    await kms('UntagResource', { KeyId, TagKeys: ['team'] });
    expect(await kms('ListResourceTags', { KeyId })).toMatchObject({ Tags: [{ TagKey: 'env', TagValue: 'dev' }] });
  });

  it('what the sandbox can’t make is refused by name', async () => {
    expect(await refusal(kms('CreateKey', { KeySpec: 'RSA_2048' }))).toMatch(/^UnsupportedOperation.*RSA_2048/);
    expect(await refusal(kms('CreateKey', { MultiRegion: true }))).toMatch(/^UnsupportedOperation.*MultiRegion/);
  });
});

describe('key policies', () => {
  const rootArn = `arn:aws:iam::${account}:root`;
  const decrypting = async (by: Principal, CiphertextBlob: Uint8Array, more: object = {}) =>
    kms('Decrypt', { CiphertextBlob, ...more }, { by });

  it('the default one leaves it to identity policies', async () => {
    const { Arn, KeyId } = await makeKey();
    await sandbox.role('may', allow('kms:Decrypt', Arn));
    await sandbox.role('other', allow('kms:Decrypt', `${Arn}0`));
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId, Plaintext: secret });
    expect(await decrypting(await sandbox.session('may'), CiphertextBlob)).toHaveProperty('Plaintext');
    expect(await refusal(decrypting(await sandbox.session('other'), CiphertextBlob))).toMatch(
      /^AccessDeniedException: .* no identity-based policy allows the kms:Decrypt action/,
    );
  });

  it('one that names a role suffices for it, and shuts out an administrator it doesn’t name', async () => {
    const role = await sandbox.role('app');
    const { KeyId, Arn } = await makeKey({
      Policy: policy(
        { Effect: 'Allow', Principal: { AWS: role }, Action: 'kms:*', Resource: '*' },
        { Effect: 'Allow', Principal: { AWS: rootArn }, Action: ['kms:Put*', 'kms:Describe*'], Resource: '*' },
      ),
    });
    const app = await sandbox.session('app');
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId, Plaintext: secret }, { by: app });
    expect(await decrypting(app, CiphertextBlob)).toHaveProperty('Plaintext');
    expect(await refusal(kms('Decrypt', { CiphertextBlob }))).toMatch(
      new RegExp(`^AccessDeniedException: .* no resource-based policy .* in: the policy of ${Arn}`),
    );
  });

  it('can depend on the encryption context and on the service the call came through', async () => {
    const { Arn, KeyId } = await makeKey();
    await sandbox.role(
      'app',
      allow('kms:Decrypt', Arn, { Condition: { StringEquals: { 'kms:EncryptionContext:for': 'app' } } }),
    );
    const app = await sandbox.session('app');
    const EncryptionContext = { for: 'app' };
    const mine = await kms<Sealed>('Encrypt', { KeyId, Plaintext: secret, EncryptionContext });
    const other = await kms<Sealed>('Encrypt', { KeyId, Plaintext: secret });
    expect(await decrypting(app, mine.CiphertextBlob, { EncryptionContext })).toHaveProperty('Plaintext');
    expect(await refusal(decrypting(app, other.CiphertextBlob))).toMatch(/^AccessDeniedException/);
  });

  it('are refused when malformed, when they name nobody, and when they lock their writer out', async () => {
    const { KeyId } = await makeKey();
    const put = (...statements: object[]) => refusal(kms('PutKeyPolicy', { KeyId, Policy: policy(...statements) }));
    const statement = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    expect(await put(statement)).toMatch(/^MalformedPolicyDocumentException: .*Statement\[0\]\.Principal/);
    expect(await put({ ...statement, Principal: { AWS: `arn:aws:iam::${account}:role/nobody` } })).toMatch(
      /^MalformedPolicyDocumentException: .*invalid principals/,
    );
    const role = await sandbox.role('app');
    expect(await put({ ...statement, Principal: { AWS: role } })).toMatch(
      /will not allow you to update the key policy/,
    );
    await kms('PutKeyPolicy', {
      KeyId,
      Policy: policy({ ...statement, Principal: { AWS: role } }),
      BypassPolicyLockoutSafetyCheck: true,
    });
    expect(await refusal(kms('GetKeyPolicy', { KeyId }))).toMatch(/^AccessDeniedException/);
    const read = await kms<{ Policy: string }>('GetKeyPolicy', { KeyId }, { by: await sandbox.session('app') });
    expect(JSON.parse(read.Policy)).toMatchObject({ Statement: [{ Principal: { AWS: role } }] });
  });
});

describe('grants', () => {
  it('let a role in until they are revoked, within their operations and context', async () => {
    const { KeyId, Arn } = await makeKey();
    const role = await sandbox.role('app');
    const app = await sandbox.session('app');
    const EncryptionContext = { for: 'app', at: 'home' };
    const { CiphertextBlob } = await kms<Sealed>('Encrypt', { KeyId, Plaintext: secret, EncryptionContext });
    const open = () => kms('Decrypt', { CiphertextBlob, EncryptionContext }, { by: app });
    expect(await refusal(open())).toMatch(/^AccessDeniedException/);
    const { GrantId } = await kms<{ GrantId: string }>('CreateGrant', {
      KeyId,
      GranteePrincipal: role,
      Operations: ['Decrypt', 'DescribeKey'],
      Constraints: { EncryptionContextSubset: { for: 'app' } },
    });
    expect(await open()).toHaveProperty('Plaintext');
    expect(await kms('DescribeKey', { KeyId: Arn }, { by: app })).toHaveProperty('KeyMetadata');
    expect(await refusal(kms('Encrypt', { KeyId: Arn, Plaintext: secret, EncryptionContext }, { by: app }))).toMatch(
      /^AccessDeniedException/,
    );
    const plain = await kms<Sealed>('Encrypt', { KeyId, Plaintext: secret });
    expect(await refusal(kms('Decrypt', { CiphertextBlob: plain.CiphertextBlob }, { by: app }))).toMatch(
      /^AccessDeniedException/,
    );
    expect(await kms('ListGrants', { KeyId })).toMatchObject({
      Grants: [{ GrantId, GranteePrincipal: role, Operations: ['Decrypt', 'DescribeKey'] }],
    });
    await kms('RevokeGrant', { KeyId, GrantId });
    expect(await refusal(open())).toMatch(/^AccessDeniedException/);
  });

  it('are retired by whom they name, without a policy, and by nobody else without one', async () => {
    const { KeyId } = await makeKey();
    const [keeper, other] = [await sandbox.role('keeper'), await sandbox.role('other')];
    const { GrantId } = await kms<{ GrantId: string }>('CreateGrant', {
      KeyId,
      GranteePrincipal: other,
      RetiringPrincipal: keeper,
      Operations: ['Decrypt'],
    });
    const retire = async (role: string) => kms('RetireGrant', { KeyId, GrantId }, { by: await sandbox.session(role) });
    expect(await refusal(retire('other'))).toMatch(/^AccessDeniedException: .* kms:RetireGrant/);
    await retire('keeper');
    expect(await kms('ListGrants', { KeyId })).toMatchObject({ Grants: [] });
  });

  it('are refused for what isn’t a principal or an operation', async () => {
    const { KeyId } = await makeKey();
    const grant = (input: object) =>
      refusal(
        kms('CreateGrant', {
          KeyId,
          GranteePrincipal: `arn:aws:iam::${account}:root`,
          Operations: ['Decrypt'],
          ...input,
        }),
      );
    expect(await grant({ GranteePrincipal: 'ana' })).toMatch(/^InvalidArnException/);
    expect(await grant({ Operations: ['Sign'] })).toMatch(/^ValidationException/);
  });
});
