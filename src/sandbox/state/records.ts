/** One record of a state file: a line of checksum and JSON. What a killed process wrote half of isn't one, and ends the file. */

import { crc32 } from 'node:zlib';

const checksumLength = 8;

export const record = (content: unknown): Buffer => {
  const text = JSON.stringify(content);
  return Buffer.from(`${checksum(text)} ${text}\n`);
};

/** The whole records from the beginning of `bytes`, and how many bytes they are. */
export function* recordsIn(bytes: Buffer): Generator<{ readonly content: unknown; readonly end: number }> {
  let from = 0;
  for (;;) {
    const newline = bytes.indexOf(0x0a, from);
    if (newline < 0) return;
    const line = bytes.toString('utf8', from, newline);
    const text = line.slice(checksumLength + 1);
    if (line.slice(0, checksumLength) !== checksum(text)) return;
    from = newline + 1;
    yield { content: JSON.parse(text) as unknown, end: from };
  }
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(checksumLength, '0');
