/** Payload templates of JSONPath states: members named `….$` hold a path or an intrinsic function. */

import { callIntrinsic, isIntrinsic } from './intrinsics.ts';
import { isObject, type Json } from './json.ts';
import { atPath, type PathRoots } from './json-path.ts';
import type { FunctionHost } from './jsonata-functions.ts';

export function fillTemplate(template: Json, roots: PathRoots, host: FunctionHost): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, roots, host));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$') && typeof value === 'string'
        ? [name.slice(0, -2), expressed(value, roots, host)]
        : [name, fillTemplate(value, roots, host)],
    ),
  );
}

/** The value of a path or of an intrinsic function. */
export const expressed = (text: string, roots: PathRoots, host: FunctionHost): Json =>
  isIntrinsic(text) ? callIntrinsic(text, (path) => atPath(path, roots), host) : atPath(text, roots);
