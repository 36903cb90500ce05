/** Judges a value that a person wrote by a schema: every wrong field is named with its path, what was given and what is allowed. */

import type { z } from 'zod';
import { usageError } from '../kernel/errors.ts';

export interface Asked {
  /** What the value is, as the start of a sentence: `The price file`. */
  readonly what: string;
  /** Where it was written: a file, an option. */
  readonly from: string;
  readonly next: string;
  /** The fields of the whole, to be named where another one was written. */
  readonly fields?: readonly string[];
}

/** @throws a usage error that lists every wrong field. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, asked: Asked): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.flatMap((issue) => linesOf(issue, value, asked.fields));
  throw usageError(`${asked.what} ${asked.from} isn't valid.\n${wrong.join('\n')}\n`, { next: asked.next });
}

function linesOf(issue: z.core.$ZodIssue, value: unknown, fields?: readonly string[]): string[] {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
  return keys.map((key) => {
    const path = [...issue.path, ...(key === undefined ? [] : [key])];
    const given = at(value, path);
    const known = issue.path.length === 0 && fields !== undefined ? `: one of ${fields.join(', ')}` : '';
    const allowed = key === undefined ? issue.message : `no such field${known}`;
    return `  ${pathText(path)}: given ${given === undefined ? 'nothing' : shortened(JSON.stringify(given))}; ${allowed}`;
  });
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text === '' ? '(the whole)' : text.replace(/^\./, '');
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
