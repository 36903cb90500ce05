/** What a value refers to: the edges of the dependency graph, with the branches of `Fn::If` that don't apply left out. */

import { attributeReference, soleMember } from './intrinsics.ts';
import type { Json } from './json.ts';
import { asText, isList, isObject } from './json.ts';
import { substitutions } from './substitution.ts';

export interface Reference {
  readonly logicalId: string;
  /** Set for Fn::GetAtt and `${id.attribute}`; a text only when it is a literal. */
  readonly attribute?: Json;
  readonly path: string;
}

/** All references in a value. `condition` undefined keeps both branches of every `Fn::If`. */
export function referencesIn(
  value: Json,
  path: string,
  condition: ((name: string) => boolean) | undefined,
): Reference[] {
  if (isList(value)) return value.flatMap((item, index) => referencesIn(item, `${path}/${index}`, condition));
  if (!isObject(value)) return [];
  const [name, argument] = soleMember(value);
  if (argument !== undefined) {
    if (name === 'Ref') return typeof argument === 'string' ? [{ logicalId: argument, path }] : [];
    if (name === 'Fn::GetAtt') {
      const [logicalId, attribute] = attributeReference(argument, path);
      return [{ logicalId, attribute, path }, ...referencesIn(attribute, path, condition)];
    }
    if (name === 'Fn::Sub') return substituted(argument, path, condition);
    if (name === 'Fn::If' && condition !== undefined && isList(argument)) {
      const [test, yes = null, no = null] = argument;
      return referencesIn(condition(asText(test)) ? yes : no, path, condition);
    }
  }
  return Object.entries(value).flatMap(([key, member]) => referencesIn(member, `${path}/${key}`, condition));
}

function substituted(argument: Json, path: string, condition: ((name: string) => boolean) | undefined): Reference[] {
  const [template, variables = {}] = isList(argument) ? argument : [argument];
  const own = isObject(variables) ? variables : {};
  const names = typeof template === 'string' ? substitutions(template) : [];
  return [
    ...names.flatMap((part): Reference[] => {
      if (part.kind === 'literal' || own[part.name] !== undefined) return [];
      const dot = part.name.indexOf('.');
      if (dot < 0) return [{ logicalId: part.name, path }];
      return [{ logicalId: part.name.slice(0, dot), attribute: part.name.slice(dot + 1), path }];
    }),
    ...referencesIn(own, path, condition),
  ];
}
