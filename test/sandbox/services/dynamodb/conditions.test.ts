import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../../../src/sandbox/services/dynamodb/expressions/conditions.ts';
import { holds } from '../../../../src/sandbox/services/dynamodb/expressions/evaluate.ts';
import { Placeholders } from '../../../../src/sandbox/services/dynamodb/expressions/placeholders.ts';
import { takenItem } from '../../../../src/sandbox/services/dynamodb/values.ts';

const item: Record<string, AttributeValue> = {
  count: { N: '5' },
  title: { S: 'hello' },
  blobby: { B: new Uint8Array([1, 2, 3]) },
  yes: { BOOL: true },
  nothing: { NULL: true },
  elements: { L: [{ S: 'a' }, { N: '1.0' }] },
  map: { M: { 'inner.name': { S: 'x' }, deep: { L: [{ M: { leaf: { N: '7' } } }] } } },
  tags: { SS: ['b', 'a'] },
  numbers: { NS: ['1', '2'] },
};
const values: Record<string, AttributeValue> = {
  ':5': { N: '5.00' },
  ':4': { N: '4' },
  ':9': { N: '9' },
  ':1': { N: '1' },
  ':he': { S: 'he' },
  ':hello': { S: 'hello' },
  ':x': { S: 'x' },
  ':a': { S: 'a' },
  ':ab': { SS: ['a', 'b'] },
  ':N': { S: 'N' },
  ':7': { N: '7' },
  ':bytes': { B: new Uint8Array([1, 2]) },
  ':map': { M: { deep: { L: [{ M: { leaf: { N: '7.0' } } }] }, 'inner.name': { S: 'x' } } },
};
const names = { '#c': 'count', '#n': 'inner.name', '#m': 'map' };

function evaluate(text: string): boolean {
  const placeholders = new Placeholders({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }, true);
  const condition = parseCondition('ConditionExpression', text, placeholders);
  if (condition === undefined) throw new Error('no condition');
  return holds(condition, takenItem(item));
}

describe('condition expressions', () => {
  it.each([
    '#c = :5',
    '#c <> :4 AND #c > :4 AND #c >= :5 AND #c < :9 AND #c <= :5',
    '#c BETWEEN :4 AND :9 AND title = :hello',
    'title IN (:x, :hello)',
    'NOT title IN (:x, :he)',
    'begins_with(title, :he) AND begins_with(blobby, :bytes)',
    'contains(title, :he) AND contains(tags, :a) AND contains(elements, :1) AND contains(numbers, :1)',
    'attribute_exists(#m.deep[0].leaf) AND attribute_not_exists(#m.deep[1].leaf)',
    'attribute_type(#c, :N)',
    'size(tags) < :4 AND size(title) = :5',
    '#m.#n = :x',
    '#m.deep[0].leaf = :7',
    'tags = :ab',
    '#m = :map',
    'absent <> :x',
    'NOT absent = :x',
    'title = :x OR title = :hello AND yes <> :x',
    'not (title = :x or #c = :4)',
    '(title = :hello)',
    'title <> absent',
  ])('holds: %s', (text) => {
    expect(evaluate(text)).toBe(true);
  });

  it.each([
    'title = :x',
    '#c = :hello',
    'absent > :4',
    'absent = absent',
    'title < :5',
    '#c BETWEEN :9 AND :9',
    '(title = :x OR title = :hello) AND #c = :4',
    'begins_with(#c, :he)',
    'contains(numbers, :a)',
    'size(#c) = :1',
    'attribute_exists(elements[5])',
  ])("doesn't hold: %s", (text) => {
    expect(evaluate(text)).toBe(false);
  });

  it.each([
    ['count = :5', 'Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: count'],
    [
      'title = :none',
      'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :none',
    ],
    [
      '#none = :5',
      'Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #none',
    ],
    ['title = ', 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'],
    ['title = :x AND', 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "AND"'],
    ['title ! :x', 'Invalid ConditionExpression: Syntax error; token: "!"'],
    ['attribute_exists(:x)', 'requires a document path'],
    ['exists(title)', 'Invalid ConditionExpression: Invalid function name; function: exists'],
    ['begins_with(title)', 'Incorrect number of operands'],
    [
      'begins_with(title, :5)',
      'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    ],
    ['title < :ab', 'Incorrect operand type for operator or function; operator or function: <, operand type: SS'],
    ['attribute_type(title, :x)', 'Invalid attribute type name found'],
    ['', 'The expression can not be empty'],
  ])('refuses %j', (text, message) => {
    expect(() => evaluate(text)).toThrow(message);
  });
});
