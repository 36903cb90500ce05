/** ASN.1's distinguished encoding, as far as a certificate needs it. */

import { Buffer } from 'node:buffer';

const encoded = (tag: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([tag]), lengthOf(body), body]);

export const sequence = (...parts: readonly Buffer[]): Buffer => encoded(0x30, Buffer.concat(parts));

export const set = (...parts: readonly Buffer[]): Buffer => encoded(0x31, Buffer.concat(parts));

/** A positive integer, most significant byte first. */
export function integer(bytes: Buffer): Buffer {
  const trimmed = bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => byte !== 0),
    ),
  );
  const signed = (trimmed[0] ?? 0) > 0x7f;
  return encoded(0x02, signed ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}

export const truth: Buffer = encoded(0x01, Buffer.from([0xff]));

export const octets = (body: Buffer): Buffer => encoded(0x04, body);

/** `unused` bits at the end are no part of it. */
export const bits = (body: Buffer, unused = 0): Buffer => encoded(0x03, Buffer.concat([Buffer.from([unused]), body]));

export const utf8 = (text: string): Buffer => encoded(0x0c, Buffer.from(text));

/** Seconds of UTC; years from 2050 on have four digits. */
export function time(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  return new Date(at).getUTCFullYear() < 2050
    ? encoded(0x17, Buffer.from(text.slice(2)))
    : encoded(0x18, Buffer.from(text));
}

/** `2.5.29.17` */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encoded(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Tagged by its context: around other parts, or as a value of its own. */
export const tagged = (number: number, body: Buffer, around = true): Buffer =>
  encoded((around ? 0xa0 : 0x80) + number, body);

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let left = length; left > 0; left >>>= 8) bytes.unshift(left & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}
