/** The MD5 digests SQS answers. Source: SQS Developer Guide, "Calculating the MD5 message digest for message attributes". */

import { createHash } from 'node:crypto';
import type { AttributeValue } from './records.ts';

export const bodyDigest = (body: string): string => createHash('md5').update(body).digest('hex');

/** Over names in order: each name, type and value with its length before it, and one byte that tells text from binary. */
export function attributesDigest(attributes: Readonly<Record<string, AttributeValue>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.byteLength);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const value = attributes[name];
    if (value === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(value.type));
    hash.update(Buffer.from([value.binary === undefined ? 1 : 2]));
    add(value.binary === undefined ? Buffer.from(value.text ?? '') : Buffer.from(value.binary, 'base64'));
  }
  return hash.digest('hex');
}
