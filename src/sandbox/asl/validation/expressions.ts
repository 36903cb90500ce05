/** JSONata that doesn't parse, paths and intrinsic functions that can't be read, and fields of the other query language. */

import { messageOf } from '../../../kernel/errors.ts';
import { fieldsOnlyIn } from '../fields.ts';
import { isIntrinsic, parseIntrinsic } from '../intrinsics.ts';
import { isObject } from '../json.ts';
import { pathProblem, referenceProblem } from '../json-path.ts';
import { compileExpression, expressionIn } from '../jsonata.ts';
import { type Problem, schemaProblem } from './problem.ts';
import type { Place } from './walk.ts';

export function expressionProblems({ state, path, language }: Place): Problem[] {
  const others = language === 'JSONata' ? pathFields : jsonataFields;
  const foreign = Object.keys(state)
    .filter((field) => others.has(field))
    .map((field) => schemaProblem(`The field '${field}' is not supported in ${language} states`, `${path}/${field}`));
  // Inner sets of states are walked on their own.
  const { Branches: _branches, ItemProcessor: _processor, Iterator: _iterator, ...own } = state;
  return [...foreign, ...(language === 'JSONata' ? jsonataProblems(own, path) : pathProblems(own, path))];
}

const pathFields = fieldsOnlyIn('jsonpath');
const jsonataFields = fieldsOnlyIn('jsonata');

function jsonataProblems(value: unknown, path: string): Problem[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => jsonataProblems(item, `${path}[${index}]`));
  if (isObject(value))
    return Object.entries(value).flatMap(([name, inner]) => jsonataProblems(inner, `${path}/${name}`));
  const expression = typeof value === 'string' ? expressionIn(value) : undefined;
  if (expression === undefined) return [];
  try {
    compileExpression(expression);
    return [];
  } catch (error) {
    const { code = 'S0500', message = messageOf(error) } = error as { code?: string; message?: string };
    return [schemaProblem(`The JSONata expression can't be read: ${code} ${message}`, path)];
  }
}

function pathProblems(value: unknown, path: string, inTemplate = false): Problem[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => pathProblems(item, `${path}[${index}]`, inTemplate));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = `${path}/${name}`;
    const holdsPath = inTemplate ? name.endsWith('.$') : /Path$|^Variable$/.test(name);
    if (!holdsPath || typeof inner !== 'string') {
      return name === 'Result' ? [] : pathProblems(inner, at, inTemplate || templates.has(name));
    }
    const judge = name === 'ResultPath' ? referenceProblem : isIntrinsic(inner) ? intrinsicProblem : pathProblem;
    const problem = judge(inner);
    return problem === undefined ? [] : [schemaProblem(problem, at)];
  });
}

const templates = new Set(['Parameters', 'ResultSelector', 'ItemSelector', 'Assign']);

function intrinsicProblem(text: string): string | undefined {
  try {
    parseIntrinsic(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
