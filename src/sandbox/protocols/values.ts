/**
 * Single values between text or JSON and the SDK's JavaScript shapes, and the refusal of what isn't of the type the schema says.
 */

import type { Leaf, TimestampFormat } from './shapes.ts';

/** A body that can't be read, or a value in a header, path or query string that isn't one. */
export type InputProblem = 'malformed' | 'invalid';

/** Input the schema doesn't allow. The protocol's own code and status for it are chosen where the answer is written. */
export class InputError extends Error {
  readonly problem: InputProblem;

  constructor(problem: InputProblem, message: string) {
    super(message);
    this.name = 'InputError';
    this.problem = problem;
  }
}

export const malformed = (path: string, expected: string): InputError =>
  new InputError('malformed', `${path || 'The request'} must be ${expected}.`);

/** A value written as text (XML, form, header, query string); `format` is what a timestamp has where no trait says otherwise. */
export function fromText(leaf: Leaf, text: string, format: TimestampFormat, path: string): unknown {
  switch (leaf.kind) {
    case 'string':
      return text;
    case 'number':
      return numberFrom(text, path);
    case 'boolean':
      if (/^true$/i.test(text)) return true;
      if (/^false$/i.test(text)) return false;
      throw malformed(path, 'true or false');
    case 'blob':
      return blobFrom(text, path);
    case 'timestamp':
      return timestampFrom(text, leaf.format ?? format, path);
  }
}

export function toText(leaf: Leaf, value: unknown, format: TimestampFormat, path: string): string {
  switch (leaf.kind) {
    case 'blob':
      return base64Of(value, path);
    case 'timestamp':
      return String(timestampTo(value, leaf.format ?? format, path));
    case 'number':
      if (typeof value === 'number' || typeof value === 'bigint') return String(value);
      throw unfit(path, 'a number', value);
    case 'boolean':
      if (typeof value === 'boolean') return String(value);
      throw unfit(path, 'a boolean', value);
    case 'string':
      if (typeof value === 'string') return value;
      throw unfit(path, 'a string', value);
  }
}

/** A handler's output that isn't what the schema says: a fault of the sandbox, never of the caller. */
export const unfit = (path: string, expected: string, value: unknown): Error =>
  new TypeError(`The output ${path} should be ${expected} but is ${value === null ? 'null' : typeof value}.`);

const numberPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const specialNumbers = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function numberFrom(text: string, path: string): number {
  const special = specialNumbers.get(text);
  if (special !== undefined) return special;
  if (!numberPattern.test(text)) throw malformed(path, 'a number');
  return Number(text);
}

/** JSON has no word for these three: they travel as strings. */
export const specialNumber = (text: string): number | undefined => specialNumbers.get(text);

const base64Pattern = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

export function blobFrom(text: string, path: string): Uint8Array {
  if (!base64Pattern.test(text)) throw malformed(path, 'base64');
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export function base64Of(value: unknown, path: string): string {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (typeof value === 'string') return Buffer.from(value).toString('base64');
  throw unfit(path, 'bytes', value);
}

/** Clients of every age are read: seconds since the epoch, ISO 8601 and HTTP dates, whichever of them was expected. */
export function timestampFrom(value: unknown, format: TimestampFormat, path: string): Date {
  const seconds =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && numberPattern.test(value)
        ? Number(value)
        : undefined;
  const time =
    seconds !== undefined ? Math.round(seconds * 1000) : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw malformed(path, `a timestamp (${format})`);
  return date;
}

export function timestampTo(value: unknown, format: TimestampFormat, path: string): string | number {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw unfit(path, 'a Date', value);
  if (format === 'epoch-seconds') return value.getTime() / 1000;
  return format === 'http-date' ? value.toUTCString() : value.toISOString().replace('.000Z', 'Z');
}
