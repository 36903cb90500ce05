/** A config file in JSON or YAML, for a CDK app or a command: what it says, not yet judged. */

import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parse } from 'yaml';
import { messageOf, usageError } from '../kernel/errors.ts';
import type { WorkloadConfig } from './config.ts';

/** @throws a usage error for a file that can't be read or isn't of its format. */
export function readConfig(file: string): WorkloadConfig {
  const read = readers[extname(file)];
  if (read === undefined) {
    throw usageError('A config file of this kind is imported, not read.', {
      given: file,
      allowed: Object.keys(readers).join(', '),
      next: 'Import a .ts or .js file in your app.',
    });
  }
  try {
    return read(readFileSync(file, 'utf8')) as WorkloadConfig;
  } catch (error) {
    throw usageError(`The config file can't be read: ${messageOf(error)}.`, {
      given: file,
      next: 'Correct it and run the command again.',
    });
  }
}

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  '.json': (text) => JSON.parse(text) as unknown,
  '.yaml': (text) => parse(text) as unknown,
  '.yml': (text) => parse(text) as unknown,
};

export const isRead = (file: string): boolean => readers[extname(file)] !== undefined;
