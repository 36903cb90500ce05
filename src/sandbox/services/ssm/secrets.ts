/**
 * SecureStrings through KMS, in the caller's name: of a customer's key the caller needs the use; AWS's own key for Parameter Store lets
 * in everybody of the account who came through it. Values are never logged.
 * Source: KMS Developer Guide, "How AWS Systems Manager Parameter Store uses AWS KMS".
 */

import { messageOf } from '../../../kernel/errors.ts';
import type { Call, SandboxCore } from '../../contract.ts';
import { AwsError, codeOf, inNameOf } from '../../contract.ts';

export const managedKey = 'alias/aws/ssm';

/** Answers the ciphertext in base64. */
export async function encrypt(
  core: SandboxCore,
  call: Call,
  arn: string,
  keyId: string,
  value: string,
): Promise<string> {
  const input = { KeyId: keyId, Plaintext: Buffer.from(value), EncryptionContext: { PARAMETER_ARN: arn } };
  const { CiphertextBlob: blob } = await kms<{ CiphertextBlob?: Uint8Array }>(core, call, 'Encrypt', input);
  if (blob === undefined) throw invalidKey('KMS answered without a ciphertext.');
  return Buffer.from(blob).toString('base64');
}

export async function decrypt(core: SandboxCore, call: Call, arn: string, value: string): Promise<string> {
  const input = { CiphertextBlob: Buffer.from(value, 'base64'), EncryptionContext: { PARAMETER_ARN: arn } };
  const { Plaintext: plain } = await kms<{ Plaintext?: Uint8Array }>(core, call, 'Decrypt', input);
  if (plain === undefined) throw invalidKey('KMS answered without a plain text.');
  return Buffer.from(plain).toString();
}

async function kms<Output>(core: SandboxCore, call: Call, operation: string, input: object): Promise<Output> {
  try {
    return await core.invoke<Output>({
      service: 'kms',
      operation,
      region: call.region,
      input,
      ...inNameOf(call, 'ssm'),
    });
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code.startsWith('AccessDenied')) throw error;
    throw invalidKey(`${messageOf(error)} (Service: AWSKMS; Status Code: 400; Error Code: ${code})`);
  }
}

const invalidKey = (message: string): AwsError => new AwsError('InvalidKeyId', message);
