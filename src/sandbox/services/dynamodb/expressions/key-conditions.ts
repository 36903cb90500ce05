/** Key conditions of a query: the partition key equals a value, and the sort key, if named, lies in one range. */

import { validation } from '../validation.ts';
import type { Value } from '../values.ts';
import type { Condition, Operand } from './conditions.ts';

export interface KeyNames {
  readonly partition: string;
  readonly sort?: string;
}

export interface KeyCondition {
  readonly partition: Value;
  /** Still a condition on the item; undefined asks for the whole partition. */
  readonly sort: Condition | undefined;
}

export function keyConditionOf(condition: Condition, names: KeyNames): KeyCondition {
  const terms = condition.kind === 'and' ? [condition.left, condition.right] : [condition];
  let partition: Value | undefined;
  let sort: Condition | undefined;
  for (const term of terms) {
    const name = keyOf(term);
    if (name === names.partition && partition === undefined) partition = equalTo(term);
    else if (name !== undefined && name === names.sort && sort === undefined) sort = checkedSort(term);
    else if (name !== names.partition && name !== names.sort)
      throw missed(partition === undefined ? names.partition : name);
    else throw validation('KeyConditionExpressions must only contain one condition per key');
  }
  if (partition === undefined) throw missed(names.partition);
  return { partition, sort };
}

/** The key a term is about. */
function keyOf(term: Condition): string | undefined {
  const operand = subject(term);
  if (operand?.kind !== 'path') throw unsupported();
  const [name, ...more] = operand.path;
  if (more.length > 0)
    throw validation(
      'Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes',
    );
  return String(name);
}

function subject(term: Condition): Operand | undefined {
  if (term.kind === 'compare') return term.left.kind === 'path' ? term.left : term.right;
  if (term.kind === 'between') return term.operand;
  return term.kind === 'function' ? term.operands[0] : undefined;
}

function equalTo(term: Condition): Value {
  if (term.kind !== 'compare' || term.comparator !== '=') throw unsupported();
  const value = term.left.kind === 'value' ? term.left : term.right;
  if (value.kind !== 'value') throw unsupported();
  return value.value;
}

function checkedSort(term: Condition): Condition {
  const allowed =
    (term.kind === 'compare' && term.comparator !== '<>') ||
    term.kind === 'between' ||
    (term.kind === 'function' && term.name === 'begins_with');
  if (allowed) return term;
  throw validation(
    `Invalid operator used in KeyConditionExpression: ${term.kind === 'compare' ? term.comparator : term.kind === 'function' ? term.name : term.kind.toUpperCase()}`,
  );
}

const unsupported = () => validation('Query key condition not supported');
const missed = (name: string | undefined) => validation(`Query condition missed key schema element: ${name ?? ''}`);
