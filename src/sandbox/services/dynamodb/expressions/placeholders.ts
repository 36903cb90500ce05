/** ExpressionAttributeNames and ExpressionAttributeValues: looked up while parsing, and every one of them has to be used. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validation } from '../validation.ts';
import type { Value } from '../values.ts';
import { taken } from '../values.ts';
import type { Cursor } from './tokens.ts';

export interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #used = new Set<string>();

  constructor(input: PlaceholderInput, hasExpression: boolean) {
    for (const member of ['ExpressionAttributeNames', 'ExpressionAttributeValues'] as const) {
      const given = input[member];
      if (given === undefined) continue;
      if (!hasExpression) throw validation(`${member} can only be specified when using expressions`);
      if (Object.keys(given).length === 0) throw validation(`${member} must not be empty`);
    }
    this.#names = new Map(Object.entries(input.ExpressionAttributeNames ?? {}));
    this.#values = new Map(
      Object.entries(input.ExpressionAttributeValues ?? {}).map(([name, value]) => [name, taken(value)]),
    );
    this.#checkSpelling();
  }

  name(cursor: Cursor, placeholder: string): string {
    const name = this.#names.get(placeholder);
    if (name === undefined) {
      throw cursor.error(
        `An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
      );
    }
    this.#used.add(placeholder);
    return name;
  }

  value(cursor: Cursor, placeholder: string): Value {
    const value = this.#values.get(placeholder);
    if (value === undefined) {
      throw cursor.error(
        `An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
      );
    }
    this.#used.add(placeholder);
    return value;
  }

  /** To be asked once all expressions of a request are parsed. */
  checkAllUsed(): void {
    for (const [member, given] of [
      ['ExpressionAttributeNames', this.#names],
      ['ExpressionAttributeValues', this.#values],
    ] as const) {
      const unused = [...given.keys()].filter((name) => !this.#used.has(name));
      if (unused.length > 0) {
        throw validation(`Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`);
      }
    }
  }

  #checkSpelling(): void {
    for (const name of this.#names.keys()) {
      if (!/^#[A-Za-z0-9_]+$/.test(name)) {
        throw validation(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${name}"`);
      }
    }
    for (const name of this.#values.keys()) {
      if (!/^:[A-Za-z0-9_]+$/.test(name)) {
        throw validation(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${name}"`);
      }
    }
  }
}
