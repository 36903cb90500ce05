/** Encrypting and decrypting. Keys are Regional: a ciphertext opens only where its key is. */

import type {
  DecryptCommandInput,
  EncryptCommandInput,
  GenerateDataKeyCommandInput,
  GenerateDataKeyWithoutPlaintextCommandInput,
  ReEncryptCommandInput,
} from '@aws-sdk/client-kms';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { askOnCiphertext, askOnKey, ciphertextKey, contextKeys } from './asks.ts';
import type { EncryptionContext } from './cipher.ts';
import { open, seal } from './cipher.ts';
import { required, unsupported, validation } from './errors.ts';
import { keyOf, usable } from './keys.ts';
import type { KeyRow } from './rows.ts';

const algorithm = 'SYMMETRIC_DEFAULT' as const;

export function cryptographicOperations(core: SandboxCore): Record<string, AnyOperation> {
  const sealed = (key: KeyRow, plaintext: Uint8Array, context: EncryptionContext = {}): Uint8Array =>
    seal(key, Buffer.from(core.ids.hex(24), 'hex'), plaintext, context);
  const dataKey = (input: GenerateDataKeyCommandInput, call: Call) => {
    const key = usable(keyOf(core, call, input.KeyId));
    const plaintext = Buffer.from(core.ids.hex(2 * lengthOf(input)), 'hex');
    refuseModes(input);
    return { key, plaintext, ciphertext: sealed(key, plaintext, input.EncryptionContext) };
  };
  const askForDataKey = (action: string) => (input: GenerateDataKeyCommandInput, call: Call) => [
    askOnKey(core, call, action, input.KeyId, contextKeys(input.EncryptionContext)),
  ];
  return {
    Encrypt: operation(
      (input: EncryptCommandInput, call) => {
        const key = usable(keyOf(core, call, input.KeyId));
        const plaintext = required(input.Plaintext, 'plaintext');
        if (plaintext.length === 0 || plaintext.length > 4096) {
          throw validation(
            `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and 4096`,
          );
        }
        refuseModes(input);
        const CiphertextBlob = sealed(key, plaintext, input.EncryptionContext);
        return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: algorithm };
      },
      (input, call) => [askOnKey(core, call, 'Encrypt', input.KeyId, contextKeys(input.EncryptionContext))],
    ),
    Decrypt: operation(
      (input: DecryptCommandInput, call) => {
        const key = expectKey(core, call, input.CiphertextBlob, input.KeyId);
        refuseModes(input);
        const Plaintext = opened(key, input.CiphertextBlob, input.EncryptionContext);
        return { KeyId: key.arn, Plaintext, EncryptionAlgorithm: algorithm };
      },
      (input, call) => [
        askOnCiphertext(core, call, 'Decrypt', input.CiphertextBlob, contextKeys(input.EncryptionContext)),
      ],
    ),
    ReEncrypt: operation(
      (input: ReEncryptCommandInput, call) => {
        const from = expectKey(core, call, input.CiphertextBlob, input.SourceKeyId);
        const to = usable(keyOf(core, call, input.DestinationKeyId));
        const plaintext = opened(from, input.CiphertextBlob, input.SourceEncryptionContext);
        refuseModes(input);
        return {
          CiphertextBlob: sealed(to, plaintext, input.DestinationEncryptionContext),
          SourceKeyId: from.arn,
          KeyId: to.arn,
          SourceEncryptionAlgorithm: algorithm,
          DestinationEncryptionAlgorithm: algorithm,
        };
      },
      (input, call) => [
        askOnCiphertext(core, call, 'ReEncryptFrom', input.CiphertextBlob, contextKeys(input.SourceEncryptionContext)),
        askOnKey(core, call, 'ReEncryptTo', input.DestinationKeyId, contextKeys(input.DestinationEncryptionContext)),
      ],
    ),
    GenerateDataKey: operation((input: GenerateDataKeyCommandInput, call) => {
      const { key, plaintext, ciphertext } = dataKey(input, call);
      return { CiphertextBlob: ciphertext, Plaintext: plaintext, KeyId: key.arn };
    }, askForDataKey('GenerateDataKey')),
    GenerateDataKeyWithoutPlaintext: operation((input: GenerateDataKeyWithoutPlaintextCommandInput, call) => {
      const { key, ciphertext } = dataKey(input, call);
      return { CiphertextBlob: ciphertext, KeyId: key.arn };
    }, askForDataKey('GenerateDataKeyWithoutPlaintext')),
  };
}

/** The ciphertext's key, which must be the one the caller names, if it names one. */
function expectKey(
  core: SandboxCore,
  call: Call,
  ciphertext: Uint8Array | undefined,
  named: string | undefined,
): KeyRow {
  const key = ciphertextKey(core, call, ciphertext);
  if (named !== undefined && keyOf(core, call, named).id !== key.id) {
    throw new AwsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    );
  }
  return usable(key);
}

function opened(key: KeyRow, ciphertext: Uint8Array | undefined, context: EncryptionContext = {}): Uint8Array {
  const plaintext = open(key, ciphertext ?? new Uint8Array(), context);
  if (plaintext === undefined) {
    throw new AwsError(
      'InvalidCiphertextException',
      'The ciphertext or its encryption context is not the one it was encrypted with.',
    );
  }
  return plaintext;
}

function lengthOf({ KeySpec: spec, NumberOfBytes: bytes }: GenerateDataKeyCommandInput): number {
  if ((spec === undefined) === (bytes === undefined))
    throw validation('Please specify either number of bytes or key spec.');
  if (spec !== undefined) return spec === 'AES_128' ? 16 : 32;
  if (bytes === undefined || bytes < 1 || bytes > 1024) throw validation(`NumberOfBytes is 1 to 1024, not ${bytes}.`);
  return bytes;
}

/** Grants hold at once here, so grant tokens change nothing; a dry run ends where the work would begin. */
function refuseModes(input: { readonly Recipient?: unknown; readonly DryRun?: boolean | undefined }): void {
  if (input.Recipient !== undefined) throw unsupported('Recipient (Nitro Enclaves)');
  if (input.DryRun === true) {
    throw new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.', {
      status: 412,
    });
  }
}
