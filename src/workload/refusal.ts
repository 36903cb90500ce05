/** What is wrong with a config file, field by field: its path, what was given, what is allowed. */

import type { z } from 'zod';
import type { PilotLightError } from '../kernel/errors.ts';
import { usageError } from '../kernel/errors.ts';

export interface Problem {
  readonly path: readonly string[];
  readonly message: string;
  readonly allowed?: string;
  /** In place of the value that stands there. */
  readonly given?: string;
}

/** `fieldsAt` tells the fields that may stand at a path. */
export function refusal(
  source: string,
  config: unknown,
  problems: readonly (Problem | z.core.$ZodIssue)[],
  fieldsAt: (path: readonly string[]) => readonly string[],
): PilotLightError {
  const lines = problems
    .flatMap((problem) => ('code' in problem ? problemsOf(problem, config, fieldsAt) : [problem]))
    .map((problem) => `  ${lineOf(problem, config)}`);
  return usageError(`${source} isn't valid.\n${lines.join('\n')}\n`, {
    next: 'Correct the fields above and run the command again.',
  });
}

function lineOf({ path, message, allowed, given }: Problem, config: unknown): string {
  const shown = given ?? shownValue(valueAt(config, path), path);
  return [
    `${pathText(path)}: ${message}.`,
    ...(shown === undefined ? [] : [`Given: ${shown}.`]),
    ...(allowed === undefined ? [] : [`Allowed: ${allowed}.`]),
  ].join(' ');
}

/** `functions.thumbnail.timeoutSeconds`, `buckets[0]`; names with dots or slashes stand in brackets. */
function pathText(path: readonly string[]): string {
  if (path.length === 0) return 'the whole';
  return path
    .map((part, index) => {
      if (/^\d+$/.test(part)) return `[${part}]`;
      if (!/^[\w$-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

function problemsOf(
  issue: z.core.$ZodIssue,
  config: unknown,
  fieldsAt: (path: readonly string[]) => readonly string[],
): Problem[] {
  const path = issue.path.map(String);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: 'there is no such field',
        allowed: fieldsAt(path).join(', '),
      }));
    case 'invalid_type':
      return [
        valueAt(config, path) === undefined
          ? { path, message: 'it is missing', allowed: typeText(issue.expected) }
          : { path, message: 'of the wrong type', allowed: typeText(issue.expected) },
      ];
    case 'invalid_value':
      return [{ path, message: 'not one of those there are', allowed: issue.values.map(String).join(', ') }];
    case 'too_small':
      return [{ path, message: 'too small', allowed: sizeText(issue.origin, 'at least', issue.minimum) }];
    case 'too_big':
      return [{ path, message: 'too big', allowed: sizeText(issue.origin, 'at most', issue.maximum) }];
    case 'invalid_format':
      return [{ path, message: 'not of the form it has to have', allowed: formatText(issue) }];
    case 'invalid_key':
      return [
        { path, message: 'not a name for it', allowed: issue.issues[0]?.message ?? '', given: path.at(-1) ?? '' },
      ];
    case 'custom': {
      const stated: unknown = issue.params?.allowed;
      return [{ path, message: issue.message, ...(typeof stated === 'string' ? { allowed: stated } : {}) }];
    }
    case 'invalid_union': {
      // An object is meant for the form that is one: then what is wrong in it is said.
      const meant = typeof valueAt(config, path) === 'object' ? issue.errors.find(isAboutMembers) : undefined;
      if (meant !== undefined) {
        return meant.flatMap((inner) =>
          problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, config, fieldsAt),
        );
      }
      return [
        {
          path,
          message: 'none of the forms it may have',
          // Ours says which there are; the library's own says nothing.
          ...(issue.message.startsWith('Invalid') ? {} : { allowed: issue.message }),
        },
      ];
    }
    default:
      return [{ path, message: issue.message }];
  }
}

const isAboutMembers = (issues: readonly z.core.$ZodIssue[]): boolean =>
  issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys');

const typeText = (expected: string): string =>
  ({ object: 'an object', array: 'a list', record: 'an object', int: 'a whole number' })[expected] ?? `a ${expected}`;

function sizeText(origin: string, direction: string, limit: number | bigint): string {
  if (origin === 'string') return `${direction} ${limit} characters`;
  return origin === 'array' ? `${direction} ${limit} entries` : `${direction} ${limit}`;
}

function formatText(issue: z.core.$ZodIssueInvalidStringFormat): string {
  if (issue.format === 'starts_with') return `text that begins with ${(issue as { prefix?: string }).prefix ?? ''}`;
  // A regular expression of ours carries its meaning as its message; a built-in format only its name.
  return issue.format === 'regex' && !issue.message.startsWith('Invalid') ? issue.message : issue.format;
}

function valueAt(config: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined,
    config,
  );
}

const longest = 80;

/** Below these stand values of the application's own, which may be secrets. */
const ownValues = /^(compute\.[^.]+\.(environment\.|userData$)|parameters\.values\.|notifications\.webhooks\.)/;

/** Values are shown as written, long ones cut short. */
function shownValue(value: unknown, path: readonly string[]): string | undefined {
  if (value === undefined) return undefined;
  if (ownValues.test(path.join('.'))) {
    return typeof value === 'string' ? `${value.length} characters, not shown` : `a ${typeof value}`;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
