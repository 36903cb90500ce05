/** What options take, checked before anything is started. */

import { InvalidArgumentError } from 'commander';

export function speed(text: string): number | 'max' {
  const value = Number(text);
  if (text === 'max') return 'max';
  if (!Number.isFinite(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('Allowed: a number from 1 to 1000, or "max".');
  return value;
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`Allowed: a whole number, ${range}.`);
    }
    return value;
  };
}

export function timingMode(text: string): 'p50' | 'p95' | 'drawn' {
  const mode = (['p50', 'p95', 'drawn'] as const).find((known) => known === text);
  if (mode === undefined) throw new InvalidArgumentError('Allowed: p50, p95 or drawn.');
  return mode;
}

export function stoppedReplication(text: string): 'resumes' | 'stays' {
  if (text === 'resumes' || text === 'stays') return text;
  throw new InvalidArgumentError('Allowed: resumes or stays.');
}

export const timingHelp =
  "AWS's durations: p50, p95, or drawn from a distribution through both (repeatable with --seed)";

export function collect(value: string, values: string[] = []): string[] {
  return [...values, value];
}
