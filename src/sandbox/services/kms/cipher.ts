/**
 * The cipher: AES-256-GCM, with the encryption context as additional authenticated data. A ciphertext names its key, as KMS's do:
 * marker (4 bytes), key id (16), initialisation vector (12), tag (16), then the encrypted bytes.
 */

import { createCipheriv, createDecipheriv } from 'node:crypto';

export type EncryptionContext = Readonly<Record<string, string>>;

const marker = Buffer.from([1, 2, 2, 0]);
const ivLength = 12;
const tagLength = 16;
const keyIdAt = marker.length;
const ivAt = keyIdAt + 16;
const tagAt = ivAt + ivLength;
const dataAt = tagAt + tagLength;

/** `iv` is 12 bytes that were never used with this key. */
export function seal(
  key: { readonly id: string; readonly material: string },
  iv: Uint8Array,
  plaintext: Uint8Array,
  context: EncryptionContext,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv);
  cipher.setAAD(authenticated(context));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([marker, Buffer.from(key.id.replaceAll('-', ''), 'hex'), iv, cipher.getAuthTag(), encrypted]);
}

/** The id of the key a ciphertext was made with; undefined for anything that isn't one. */
export function keyIdOf(ciphertext: Uint8Array): string | undefined {
  const bytes = Buffer.from(ciphertext);
  if (bytes.length < dataAt || !bytes.subarray(0, marker.length).equals(marker)) return undefined;
  const hex = bytes.subarray(keyIdAt, ivAt).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Undefined when the key, the context or the bytes aren't those it was sealed with. */
export function open(
  key: { readonly material: string },
  ciphertext: Uint8Array,
  context: EncryptionContext,
): Buffer | undefined {
  const bytes = Buffer.from(ciphertext);
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), bytes.subarray(ivAt, tagAt));
  decipher.setAAD(authenticated(context));
  decipher.setAuthTag(bytes.subarray(tagAt, dataAt));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(dataAt)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The context doesn't depend on the order of its pairs. */
const authenticated = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1))));
