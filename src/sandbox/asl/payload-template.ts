/** Payload templates of JSONPath states: members named `….$` hold a path or an intrinsic function. */

import { callIntrinsic, isIntrinsic } from './intrinsics.ts';
import { isObject, type Json } from './json.ts';
import { atPath, PathError, type PathRoots } from './json-path.ts';
import type { FunctionHost } from './jsonata-functions.ts';

export function fillTemplate(template: Json, roots: PathRoots, host: FunctionHost): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, roots, host));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$') && typeof value === 'string'
        ? [name.slice(0, -2), named(name, value, roots, host)]
        : [name, fillTemplate(value, roots, host)],
    ),
  );
}

/** The value of a path or of an intrinsic function that a field holds: when it leads nowhere, the field is named. */
export function named(field: string, text: string, roots: PathRoots, host: FunctionHost): Json {
  try {
    return expressed(text, roots, host);
  } catch (error) {
    if (!(error instanceof PathError) || isIntrinsic(text)) throw error;
    throw new PathError(
      `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(roots.input)}'`,
    );
  }
}

/** The value of a path or of an intrinsic function. */
export const expressed = (text: string, roots: PathRoots, host: FunctionHost): Json =>
  isIntrinsic(text) ? callIntrinsic(text, (path) => atPath(path, roots), host) : atPath(text, roots);
