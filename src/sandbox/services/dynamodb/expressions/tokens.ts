/** The words of an expression: names, placeholders, numbers and symbols, and a cursor over them that says where it stopped. */

import { validation } from '../validation.ts';

export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

export interface Token {
  readonly kind: 'name' | 'name placeholder' | 'value placeholder' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

const shapes: readonly (readonly [Token['kind'], RegExp])[] = [
  ['name placeholder', /#[A-Za-z0-9_]+/y],
  ['value placeholder', /:[A-Za-z0-9_]+/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /\d+/y],
  ['symbol', /<>|<=|>=|[=<>()[\],.+-]/y],
];

export class Cursor {
  readonly expression: ExpressionKind;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(expression: ExpressionKind, text: string) {
    this.expression = expression;
    this.#text = text;
    this.#tokens = this.#split(text);
  }

  get next(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '<EOF>', at: this.#text.length };
  }

  /** The token after the next. */
  get following(): Token | undefined {
    return this.#tokens[this.#position + 1];
  }

  take(): Token {
    const token = this.next;
    this.#position++;
    return token;
  }

  takeIf(symbol: string): boolean {
    if (this.next.kind !== 'symbol' || this.next.text !== symbol) return false;
    this.#position++;
    return true;
  }

  /** Keywords are read in any case. */
  isWord(word: string): boolean {
    return this.next.kind === 'name' && this.next.text.toUpperCase() === word;
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#position++;
    return true;
  }

  expect(symbol: string): void {
    if (!this.takeIf(symbol)) throw this.stop();
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.stop();
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') throw this.stop();
  }

  stop(): Error {
    const { text, at } = this.next;
    const before = this.#tokens[this.#position - 1];
    const after = this.following;
    const near = this.#text.slice(before?.at ?? at, after === undefined ? undefined : after.at + after.text.length);
    return this.error(`Syntax error; token: "${text}", near: "${near.trim()}"`);
  }

  error(detail: string): Error {
    return validation(`Invalid ${this.expression}: ${detail}`);
  }

  #split(text: string): Token[] {
    if (text.trim() === '') throw this.error('The expression can not be empty;');
    if (Buffer.byteLength(text) > 4096) {
      throw this.error(
        `Expression size has exceeded the maximum allowed size; expression size: ${Buffer.byteLength(text)}`,
      );
    }
    const tokens: Token[] = [];
    for (let at = 0; at < text.length; ) {
      if (/\s/.test(text.charAt(at))) {
        at++;
        continue;
      }
      const token = tokenAt(text, at);
      if (token === undefined) {
        throw this.error(
          `Syntax error; token: "${text.charAt(at)}", near: "${text.slice(Math.max(0, at - 5), at + 5)}"`,
        );
      }
      tokens.push(token);
      at += token.text.length;
    }
    return tokens;
  }
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [kind, shape] of shapes) {
    shape.lastIndex = at;
    const found = shape.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found, at };
  }
  return undefined;
}
