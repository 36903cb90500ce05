/** The JSON paths EventBridge accepts in InputPath and InputPathsMap: `$`, `.name`, `['name']`, `[0]`. */

import { AwsError } from '../../contract.ts';

/** The value at `path`; undefined when there is none. Throws `ValidationException` for a path that isn't one. */
export function atPath(path: string, document: unknown): unknown {
  let value = document;
  for (const step of stepsOf(path)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

export function stepsOf(path: string): (string | number)[] {
  if (!path.startsWith('$')) throw invalid(path);
  const steps: (string | number)[] = [];
  const rest = path.slice(1);
  const step = /\.([\w-]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\]/gy;
  for (let found = step.exec(rest); found !== null; found = step.exec(rest)) {
    steps.push(found[4] === undefined ? (found[1] ?? found[2] ?? found[3] ?? '') : Number(found[4]));
    if (step.lastIndex === rest.length) return steps;
  }
  if (rest !== '') throw invalid(path);
  return steps;
}

const invalid = (path: string): AwsError => new AwsError('ValidationException', `Invalid JSON path: ${path}`);
