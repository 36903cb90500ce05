/** The rules of Choice states. Source: the Amazon States Language specification, "Choice State". */

import { choiceOperators } from '../choice-rules.ts';
import type { ChoiceRule } from '../definition.ts';
import { isObject } from '../json.ts';
import { expressionIn } from '../jsonata.ts';
import { type Problem, schemaProblem } from './problem.ts';
import type { Place } from './walk.ts';

export function choiceProblems({ state, path, language }: Place): Problem[] {
  if (state.Type !== 'Choice') return [];
  return (state.Choices ?? []).flatMap((rule, index) => {
    const at = `${path}/Choices[${index}]`;
    const aimless = typeof rule.Next === 'string' ? [] : [schemaProblem('These fields are required: [Next]', at)];
    return [...aimless, ...(language === 'JSONata' ? conditionProblems(rule, at) : ruleProblems(rule, at))];
  });
}

function conditionProblems(rule: ChoiceRule, at: string): Problem[] {
  const unknown = Object.keys(rule).filter((name) => !jsonataFields.has(name));
  const { Condition } = rule;
  const isExpression = typeof Condition === 'boolean' || (typeof Condition === 'string' && isJsonata(Condition));
  return [
    ...unknown.map((name) => schemaProblem(`Field '${name}' is not supported`, at)),
    ...(Condition === undefined ? [schemaProblem('These fields are required: [Condition]', at)] : []),
    ...(Condition === undefined || isExpression
      ? []
      : [schemaProblem('Expected a JSONata expression, or true or false', `${at}/Condition`)]),
  ];
}

const isJsonata = (text: string): boolean => expressionIn(text) !== undefined;
const jsonataFields = new Set(['Condition', 'Next', 'Assign', 'Output', 'Comment']);

/** What isn't an operator: of a whole rule, and of one inside And, Or or Not. */
const outerFields = new Set(['Variable', 'Next', 'Assign', 'Comment']);
const innerFields = new Set(['Variable', 'Comment']);

function ruleProblems(rule: ChoiceRule, at: string, plain = outerFields): Problem[] {
  const operators = Object.keys(rule).filter((name) => !plain.has(name));
  const unknown = operators.filter((name) => !known.has(name));
  if (unknown.length > 0) return unknown.map((name) => schemaProblem(`Field '${name}' is not supported`, at));
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    return [schemaProblem('A choice rule must have exactly one comparison operator', at)];
  }
  const operand = rule[operator];
  if (operator === 'Not') return isObject(operand) ? inner(operand, `${at}/Not`) : [expected('Object', `${at}/Not`)];
  if (operator === 'And' || operator === 'Or') {
    if (!Array.isArray(operand) || !operand.every(isObject)) return [expected('Array of Objects', `${at}/${operator}`)];
    return operand.flatMap((one, index) => inner(one, `${at}/${operator}[${index}]`));
  }
  const kind = operator.endsWith('Path') ? 'String' : kindOf(operator);
  return [
    ...(typeof rule.Variable === 'string' ? [] : [schemaProblem('These fields are required: [Variable]', at)]),
    ...(typeof operand === kind.toLowerCase() ? [] : [expected(kind, `${at}/${operator}`)]),
  ];
}

const inner = (rule: object, at: string): Problem[] => ruleProblems(rule as ChoiceRule, at, innerFields);

const expected = (kind: string, at: string): Problem => schemaProblem(`Expected value of type ${kind}`, at);

const { comparisons, kinds } = choiceOperators;
const known = new Set(['And', 'Or', 'Not', ...kinds, ...comparisons, ...comparisons.map((name) => `${name}Path`)]);

function kindOf(operator: string): 'Boolean' | 'Number' | 'String' {
  if (operator.startsWith('Is') || operator.startsWith('Boolean')) return 'Boolean';
  return operator.startsWith('Numeric') ? 'Number' : 'String';
}
