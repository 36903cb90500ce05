/** Conditions: each evaluated once, on parameters and mappings only. */

import { validationError } from './errors.ts';
import type { Scope } from './intrinsics.ts';
import { evaluate, soleMember } from './intrinsics.ts';
import type { Json, JsonObject } from './json.ts';
import { asText, isList, isObject, sameJson } from './json.ts';

/** Evaluates the declared conditions on demand. `scope` answers for everything but conditions. */
export function conditionsOf(declared: JsonObject, scope: Omit<Scope, 'condition'>): (name: string) => boolean {
  const known = new Map<string, boolean | 'under evaluation'>();
  const condition = (name: string): boolean => {
    const found = known.get(name);
    if (found === 'under evaluation')
      throw validationError(`Template format error: Circular dependency between conditions: [${name}]`);
    if (found !== undefined) return found;
    const expression = declared[name];
    if (expression === undefined) throw validationError(`Template error: unresolved condition dependency ${name}`);
    known.set(name, 'under evaluation');
    const value = holds(expression, { ...scope, condition }, `Conditions/${name}`);
    known.set(name, value);
    return value;
  };
  return condition;
}

/** Whether a condition expression holds. */
export function holds(expression: Json, scope: Scope, path: string): boolean {
  if (!isObject(expression)) throw validationError('Template error: a condition function is needed here', path);
  const [name, argument] = soleMember(expression);
  if (name === 'Condition') return scope.condition(asText(argument));
  const operands = isList(argument) ? argument : [];
  const each = (index: number): boolean => holds(operands[index] ?? null, scope, `${path}/${name}/${index}`);
  switch (name) {
    case 'Fn::Equals': {
      const [left, right] = operands;
      if (left === undefined || right === undefined || operands.length !== 2) {
        throw validationError(
          'Template error: every Fn::Equals object requires a list of two string parameters.',
          path,
        );
      }
      return sameJson(evaluate(left, scope, path), evaluate(right, scope, path));
    }
    case 'Fn::And':
    case 'Fn::Or':
      if (operands.length < 2 || operands.length > 10) {
        throw validationError(
          `Template error: every ${name} object requires a list of at least 2 and at most 10 boolean parameters.`,
          path,
        );
      }
      return name === 'Fn::And' ? operands.every((_, index) => each(index)) : operands.some((_, index) => each(index));
    case 'Fn::Not':
      if (operands.length !== 1)
        throw validationError('Template error: every Fn::Not object requires one boolean parameter.', path);
      return !each(0);
    case 'Fn::Contains': {
      const [set, value] = operands.map((operand) => evaluate(operand, scope, path));
      return isList(set) && set.some((item) => sameJson(item, value));
    }
    default:
      throw validationError(
        `Template error: unsupported condition function ${name ?? JSON.stringify(expression)}`,
        path,
      );
  }
}
