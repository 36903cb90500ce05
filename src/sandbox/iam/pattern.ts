/**
 * Text of a policy that is matched against a value: wildcards `*` and `?`, and policy variables such as `${aws:PrincipalTag/team}`.
 * A variable's value is literal: a `*` in it stands for itself.
 * Source: IAM User Guide, "IAM policy elements: Variables and tags".
 */

/** The value of a condition key used as a variable; undefined when the request has none, or more than one. */
export type Resolve = (key: string) => string | undefined;

export interface Pattern {
  readonly text: string;
  /** Undefined when a variable has no value: the element that holds it then can't match. */
  readonly matches: (value: string, resolve: Resolve) => boolean | undefined;
}

export interface PatternOptions {
  /** Version 2008-10-17 takes variables for plain text. */
  readonly variables: boolean;
  /** Whether `*` and `?` are wildcards, or stand for themselves. */
  readonly wildcards: boolean;
  readonly ignoreCase?: boolean;
}

export function pattern(text: string, options: PatternOptions): Pattern {
  const pieces = options.variables ? piecesOf(text) : [{ text }];
  if (pieces.some((piece) => piece.variable !== undefined)) {
    return {
      text,
      matches: (value, resolve) => {
        const source = sourceOf(pieces, options, resolve);
        return source === undefined ? undefined : expression(source, options).test(value);
      },
    };
  }
  const matcher = fixed(pieces, options);
  return { text, matches: matcher };
}

interface Piece {
  /** Text of the policy, or the value of a variable such as `${*}`. */
  readonly text: string;
  readonly literal?: boolean;
  readonly variable?: string;
  readonly fallback?: string;
}

/** `${key}`, `${key, 'fallback'}`, and the escapes `${*}`, `${?}`, `${$}`. */
const variableForm = /\$\{\s*(?:([*?$])|([\w.:@/+=\- ]+?)(?:\s*,\s*'([^']*)')?)\s*\}/g;

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(variableForm)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    const [whole, escaped, variable, fallback] = match;
    if (escaped !== undefined) pieces.push({ text: escaped, literal: true });
    else pieces.push({ text: whole, variable: variable ?? '', ...(fallback === undefined ? {} : { fallback }) });
    at = match.index + whole.length;
  }
  if (at < text.length || pieces.length === 0) pieces.push({ text: text.slice(at) });
  return pieces;
}

function fixed(pieces: readonly Piece[], options: PatternOptions): (value: string) => boolean {
  const plain = pieces.map((piece) => piece.text).join('');
  const wild = options.wildcards && pieces.some((piece) => piece.literal !== true && /[*?]/.test(piece.text));
  if (wild && plain === '*') return () => true;
  if (wild) {
    const compiled = expression(sourceOf(pieces, options, () => undefined) ?? '', options);
    return (value) => compiled.test(value);
  }
  if (options.ignoreCase !== true) return (value) => value === plain;
  const lower = plain.toLowerCase();
  return (value) => value.toLowerCase() === lower;
}

function sourceOf(pieces: readonly Piece[], options: PatternOptions, resolve: Resolve): string | undefined {
  let source = '';
  for (const piece of pieces) {
    if (piece.variable === undefined) {
      const escaped = quoted(piece.text);
      const wild = options.wildcards && piece.literal !== true;
      source += wild ? escaped.replaceAll('\\*', '.*').replaceAll('\\?', '.') : escaped;
      continue;
    }
    const value = resolve(piece.variable) ?? piece.fallback;
    if (value === undefined) return undefined;
    source += quoted(value);
  }
  return source;
}

const quoted = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const expression = (source: string, { ignoreCase }: PatternOptions): RegExp =>
  new RegExp(`^${source}$`, ignoreCase === true ? 'is' : 's');
