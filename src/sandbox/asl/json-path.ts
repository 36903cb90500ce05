/**
 * Paths of Step Functions: `$` into the input, `$$` into the context object, `$name` into a variable; then names, indexes, slices,
 * unions, wildcards and descent. Filters are refused: see `pathProblem`.
 */

import type { Json, JsonObject } from './json.ts';
import { isObject } from './json.ts';

export interface PathRoots {
  readonly input: Json;
  readonly context: JsonObject;
  readonly variables: JsonObject;
}

type Step =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'all' }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'descend' };

interface Path {
  readonly root:
    | { readonly kind: 'input' }
    | { readonly kind: 'context' }
    | { readonly kind: 'variable'; readonly name: string };
  readonly steps: readonly Step[];
  /** Whether it can only ever mean one place. */
  readonly definite: boolean;
}

export class PathError extends Error {}

/** The value at `path`: of an indefinite path, the list of all there are. Throws `PathError` when a definite one leads nowhere. */
export function atPath(path: string, roots: PathRoots): Json {
  const parsed = parsePath(path);
  const found = parsed.steps.reduce<Json[]>(
    (values, step) => values.flatMap((value) => take(value, step)),
    [...rootValues(parsed, roots)],
  );
  if (!parsed.definite) return found;
  const [value] = found;
  if (value === undefined) throw new PathError(`Invalid path '${path}' : ${whereItEnds(parsed, roots)}`);
  return value;
}

/** As AWS words it: the last step finds nothing, or one before it does. */
function whereItEnds(path: Path, roots: PathRoots): string {
  const { steps } = path;
  let values = [...rootValues(path, roots)];
  const end = steps.findIndex((step) => {
    values = values.flatMap((value) => take(value, step));
    return values.length === 0;
  });
  const until = `$${steps
    .slice(0, end + 1)
    .map(inBrackets)
    .join('')}`;
  return end === steps.length - 1 ? `No results for path: ${until}` : `Missing property in path ${until}`;
}

const inBrackets = (step: Step): string =>
  step.kind === 'names' ? `['${step.names[0]}']` : step.kind === 'indexes' ? `[${step.indexes[0]}]` : '';

/** Why `path` can't be used: undefined when it can. */
export function pathProblem(path: string): string | undefined {
  try {
    parsePath(path);
    return undefined;
  } catch (error) {
    if (error instanceof PathError) return error.message;
    throw error;
  }
}

/** Why `path` can't be a reference path, which means one place of the input: undefined when it can. */
export function referenceProblem(path: string): string | undefined {
  const problem = pathProblem(path);
  if (problem !== undefined) return problem;
  const { definite, root } = parsePath(path);
  return definite && root.kind === 'input' ? undefined : `Invalid path '${path}' : it must be a reference path`;
}

/** `target` with `value` at a reference path (`$.a.b[0]`), objects being made on the way. */
export function withAtPath(path: string, target: Json, value: Json): Json {
  const { steps, definite } = parsePath(path);
  if (!definite) throw new PathError(`'${path}' is not a reference path`);
  return place(target, steps, value, path);
}

function place(target: Json, [step, ...rest]: readonly Step[], value: Json, path: string): Json {
  if (step === undefined) return value;
  if (step.kind === 'names') {
    const name = step.names[0] ?? '';
    if (!isObject(target))
      throw new PathError(`Unable to apply path '${path}': there is no object to put '${name}' in`);
    return { ...target, [name]: place(target[name] ?? {}, rest, value, path) };
  }
  const index = step.kind === 'indexes' ? (step.indexes[0] ?? 0) : 0;
  if (!Array.isArray(target) || target[index] === undefined) {
    throw new PathError(`Unable to apply path '${path}': there is no item ${index}`);
  }
  return target.with(index, place(target[index], rest, value, path));
}

function rootValues({ root }: Path, { input, context, variables }: PathRoots): Json[] {
  if (root.kind === 'input') return [input];
  if (root.kind === 'context') return [context];
  const value = variables[root.name];
  return value === undefined ? [] : [value];
}

function take(value: Json, step: Step): Json[] {
  switch (step.kind) {
    case 'names':
      return isObject(value) ? step.names.flatMap((name) => present(value[name])) : [];
    case 'indexes':
      return Array.isArray(value) ? step.indexes.flatMap((index) => present(value.at(index))) : [];
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to) : [];
    case 'all':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'descend':
      return descendants(value);
  }
}

const present = (value: Json | undefined): Json[] => (value === undefined ? [] : [value]);

const descendants = (value: Json): Json[] => [value, ...take(value, { kind: 'all' }).flatMap(descendants)];

const known = new Map<string, Path>();

function parsePath(text: string): Path {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const path = parse(text);
  if (known.size > 1000) known.clear();
  known.set(text, path);
  return path;
}

function parse(text: string): Path {
  const start = /^\$(\$|[A-Za-z_]\w*)?/.exec(text);
  if (start === null) throw new PathError(`Invalid path '${text}' : it must begin with $`);
  const [whole, after] = start;
  const root: Path['root'] =
    after === undefined ? { kind: 'input' } : after === '$' ? { kind: 'context' } : { kind: 'variable', name: after };
  const steps = stepsIn(text, whole.length);
  const definite = steps.every(
    (step) =>
      (step.kind === 'names' && step.names.length === 1) || (step.kind === 'indexes' && step.indexes.length === 1),
  );
  return { root, steps, definite };
}

function stepsIn(text: string, from: number): Step[] {
  const steps: Step[] = [];
  let at = from;
  while (at < text.length) {
    const rest = text.slice(at);
    const dotted = /^(\.\.?)(\*|[^.[\]*'"(),\s]+)/.exec(rest);
    const descent = /^\.\.(?=\[)/.exec(rest);
    const bracket = /^\[((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\]'"])*)\]/.exec(rest);
    if (descent !== null) {
      steps.push({ kind: 'descend' });
      at += descent[0].length;
    } else if (dotted !== null) {
      const [whole, dots, name = ''] = dotted;
      if (dots === '..') steps.push({ kind: 'descend' });
      steps.push(name === '*' ? { kind: 'all' } : { kind: 'names', names: [name] });
      at += whole.length;
    } else if (bracket !== null) {
      steps.push(bracketStep(bracket[1]?.trim() ?? '', text));
      at += bracket[0].length;
    } else throw new PathError(`Invalid path '${text}' : can't read '${rest}'`);
  }
  return steps;
}

function bracketStep(inside: string, path: string): Step {
  if (inside === '*') return { kind: 'all' };
  if (inside.startsWith('?') || inside.startsWith('(')) {
    throw new PathError(`Invalid path '${path}' : the sandbox doesn't support filter expressions in paths`);
  }
  const slice = /^(-?\d+)?:(-?\d+)?$/.exec(inside);
  if (slice !== null) return { kind: 'slice', from: integer(slice[1]), to: integer(slice[2]) };
  if (/^-?\d+(\s*,\s*-?\d+)*$/.test(inside)) return { kind: 'indexes', indexes: inside.split(',').map(Number) };
  if (!/^(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")(?:\s*,\s*(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))*$/.test(inside)) {
    throw new PathError(`Invalid path '${path}' : can't read '[${inside}]'`);
  }
  const names = [...inside.matchAll(/'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"/g)].map(([, single, double]) =>
    (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'),
  );
  return { kind: 'names', names };
}

const integer = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
