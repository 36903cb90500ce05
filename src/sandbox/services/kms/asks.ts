/** What KMS asks IAM: always about the key's ARN, whatever name it was called by. Source: "Actions, resources, and condition keys for AWS KMS". */

import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { resourceTagKeys } from '../iam/tags.ts';
import type { EncryptionContext } from './cipher.ts';
import { keyIdOf } from './cipher.ts';
import { unknownCiphertextKey } from './errors.ts';
import { keyOf, liveKey } from './keys.ts';
import type { KeyRow } from './rows.ts';
import { kmsTables } from './rows.ts';

/** The question about a key. Throws `NotFoundException` when there is none: KMS looks before it asks. */
export function askOnKey(
  core: SandboxCore,
  call: Call,
  action: string,
  given: string | undefined,
  context: Ask['context'] = {},
): Ask {
  const requested = given?.includes('alias/') === true ? given.slice(given.indexOf('alias/')) : undefined;
  return about(core, keyOf(core, call, given), action, {
    ...(requested === undefined ? {} : { 'kms:RequestAlias': requested }),
    ...context,
  });
}

/** The question about the key a ciphertext was made with. */
export function askOnCiphertext(
  core: SandboxCore,
  call: Call,
  action: string,
  ciphertext: Uint8Array | undefined,
  context: Ask['context'],
): Ask {
  return about(core, ciphertextKey(core, call, ciphertext), action, context);
}

/** The key a ciphertext names, if it is one of this Region. */
export function ciphertextKey(core: SandboxCore, call: Call, ciphertext: Uint8Array | undefined): KeyRow {
  const id = keyIdOf(ciphertext ?? new Uint8Array());
  if (id === undefined) throw new AwsError('InvalidCiphertextException', 'The ciphertext is not one KMS made.');
  const row = liveKey(core, call, id);
  if (row === undefined) throw unknownCiphertextKey();
  return row;
}

export function contextKeys(context: EncryptionContext | undefined): NonNullable<Ask['context']> {
  const entries = Object.entries(context ?? {});
  if (entries.length === 0) return {};
  return {
    ...Object.fromEntries(entries.map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
    'kms:EncryptionContextKeys': entries.map(([key]) => key),
  };
}

/** What is known of the key of an ARN, whoever asks about it; nothing where it isn't there. */
export function keyContext(core: SandboxCore, arn: string): NonNullable<Ask['context']> {
  const [, region, id] = /^arn:aws:kms:([^:]+):\d{12}:key\/(.+)$/.exec(arn) ?? [];
  const row = region === undefined || id === undefined ? undefined : liveKey(core, { region }, id);
  return row === undefined ? {} : contextOf(core, row);
}

const about = (core: SandboxCore, row: KeyRow, action: string, context: Ask['context']): Ask => ({
  action: `kms:${action}`,
  resource: row.arn,
  context: { ...contextOf(core, row), ...context },
});

function contextOf(core: SandboxCore, row: KeyRow): NonNullable<Ask['context']> {
  const aliases = kmsTables(core, row.region)
    .aliases.values()
    .filter(({ keyId }) => keyId === row.id)
    .map(({ name }) => name);
  return {
    'kms:KeySpec': 'SYMMETRIC_DEFAULT',
    'kms:KeyUsage': 'ENCRYPT_DECRYPT',
    'kms:KeyOrigin': 'AWS_KMS',
    ...(aliases.length === 0 ? {} : { 'kms:ResourceAliases': aliases }),
    ...Object.fromEntries(Object.entries(resourceTagKeys(row.tags, 'kms')).filter(([key]) => key.startsWith('aws:'))),
  };
}
