/**
 * Values at rest: each version under a data key of its own, which KMS made under the secret's key. The encryption context binds it to
 * the secret and the version. Source: Secrets Manager User Guide, "Secret encryption and decryption".
 */

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Sealed } from './rows.ts';

export const managedKey = 'alias/aws/secretsmanager';

/** Where a value lies, and what it is. */
export interface Slot {
  readonly region: string;
  readonly arn: string;
  readonly versionId: string;
  readonly kmsKeyId: string | undefined;
}

/** Throws `EncryptionFailure` when the key can't be used. */
export async function seal(core: SandboxCore, slot: Slot, value: Uint8Array): Promise<Sealed> {
  const { Plaintext: key, CiphertextBlob: dataKey } = await kms(core, slot, 'GenerateDataKey', 'EncryptionFailure', {
    KeyId: slot.kmsKeyId ?? managedKey,
    KeySpec: 'AES_256',
  });
  const iv = Buffer.from(core.ids.hex(24), 'hex');
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const data = Buffer.concat([cipher.update(value), cipher.final()]);
  return { dataKey: base64(dataKey), iv: base64(iv), tag: base64(cipher.getAuthTag()), data: base64(data) };
}

/** Throws `DecryptionFailure` when the key can't be used. */
export async function open(core: SandboxCore, slot: Slot, sealed: Sealed): Promise<Buffer> {
  const { Plaintext: key } = await kms(core, slot, 'Decrypt', 'DecryptionFailure', {
    CiphertextBlob: bytes(sealed.dataKey),
  });
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(sealed.iv));
  decipher.setAuthTag(bytes(sealed.tag));
  return Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()]);
}

const contextOf = ({ arn, versionId }: Pick<Slot, 'arn' | 'versionId'>): Record<string, string> => ({
  SecretARN: arn,
  SecretVersionId: versionId,
});

interface DataKey {
  Plaintext: Uint8Array;
  CiphertextBlob: Uint8Array;
}

/** As Secrets Manager itself: what the caller may do with the key was asked at the door. */
async function kms(
  core: SandboxCore,
  slot: Slot,
  operation: 'GenerateDataKey' | 'Decrypt',
  failure: string,
  input: object,
): Promise<DataKey> {
  try {
    return await core.invoke<DataKey>({
      service: 'kms',
      operation,
      region: slot.region,
      input: { ...input, EncryptionContext: contextOf(slot) },
      principal: core.as('secretsmanager'),
    });
  } catch (error) {
    throw new AwsError(failure, `Secrets Manager can't use the KMS key of ${slot.arn}: ${messageOf(error)}`);
  }
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
const bytes = (value: string): Buffer => Buffer.from(value, 'base64');
