/** Intrinsic functions of JSONPath payload templates: `States.Format('{}', $.name)`, nested as one likes. */

import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../kernel/errors.ts';
import { seededRandom } from '../../kernel/ids.ts';
import { StatesError } from './errors.ts';
import type { Json } from './json.ts';
import { isObject } from './json.ts';
import { type FunctionHost, hash, partition, range } from './jsonata-functions.ts';

export const isIntrinsic = (text: string): boolean => text.startsWith('States.');

/** Evaluates a call. `lookUp` answers the value at a path. Throws `States.IntrinsicFailure`. */
export function callIntrinsic(text: string, lookUp: (path: string) => Json, host: FunctionHost): Json {
  const call = parseIntrinsic(text);
  const resolve = (argument: Argument): Json => {
    if (argument.kind === 'literal') return argument.value;
    if (argument.kind === 'path') return lookUp(argument.path);
    return apply(argument.name, argument.arguments.map(resolve), host, text);
  };
  return resolve(call);
}

type Argument =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Argument[] };

/** Throws `States.IntrinsicFailure` when `text` isn't a call of a known function. */
export function parseIntrinsic(text: string): Extract<Argument, { kind: 'call' }> {
  const reader = { text, at: 0 };
  const call = readArgument(reader);
  skip(reader);
  if (call.kind !== 'call' || reader.at < text.length) throw invalid(text);
  return call;
}

interface Reader {
  readonly text: string;
  at: number;
}

function readArgument(reader: Reader): Argument {
  skip(reader);
  const rest = reader.text.slice(reader.at);
  const call = /^(States\.\w+)\s*\(/.exec(rest);
  if (call !== null) return readCall(reader, call);
  const text = /^'((?:\\.|[^'\\])*)'/.exec(rest);
  if (text !== null) {
    reader.at += text[0].length;
    // `\{` and `\}` stay escaped: they mean something to States.Format.
    return { kind: 'literal', value: (text[1] ?? '').replaceAll(/\\(['\\])/g, '$1') };
  }
  const path = /^\$(?:\[(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\]'"])*\]|[^,()[\]\s])*/.exec(rest);
  if (path !== null) {
    reader.at += path[0].length;
    return { kind: 'path', path: path[0] };
  }
  const literal = /^(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/.exec(rest);
  if (literal === null) throw invalid(reader.text);
  reader.at += literal[0].length;
  return { kind: 'literal', value: JSON.parse(literal[0]) as Json };
}

function readCall(reader: Reader, [whole, name = '']: RegExpExecArray): Argument {
  if (!(name in functions)) throw invalid(reader.text);
  reader.at += whole.length;
  const given: Argument[] = [];
  for (;;) {
    skip(reader);
    if (reader.text[reader.at] === ')' && given.length === 0) break;
    given.push(readArgument(reader));
    skip(reader);
    const mark = reader.text[reader.at];
    if (mark === ')') break;
    if (mark !== ',') throw invalid(reader.text);
    reader.at += 1;
  }
  reader.at += 1;
  return { kind: 'call', name, arguments: given };
}

function skip(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at += 1;
}

function apply(name: string, given: Json[], host: FunctionHost, text: string): Json {
  try {
    const called = functions[name];
    if (called === undefined) throw new Error('unknown function');
    return called(given, host);
  } catch (error) {
    if (error instanceof StatesError) throw error;
    throw new StatesError('States.IntrinsicFailure', `${text}: ${messageOf(error)}`);
  }
}

const invalid = (text: string): StatesError =>
  new StatesError('States.IntrinsicFailure', `Can't read the intrinsic function ${text}.`);

const functions: Readonly<Record<string, (given: Json[], host: FunctionHost) => Json>> = {
  'States.Format': ([template, ...values]) => format(textOf(template), values),
  'States.StringToJson': ([text]) => JSON.parse(textOf(text)) as Json,
  'States.JsonToString': ([value]) => JSON.stringify(value ?? null),
  'States.Array': (items) => items,
  'States.ArrayPartition': ([items, size]) => partition(listOf(items), numberOf(size)),
  'States.ArrayContains': ([items, sought]) => listOf(items).some((item) => isDeepStrictEqual(item, sought)),
  'States.ArrayRange': ([first, last, step]) => range(numberOf(first), numberOf(last), numberOf(step)),
  'States.ArrayGetItem': ([items, index]) => itemAt(listOf(items), numberOf(index)),
  'States.ArrayLength': ([items]) => listOf(items).length,
  'States.ArrayUnique': ([items]) =>
    listOf(items).filter((item, index, all) => all.findIndex((other) => isDeepStrictEqual(item, other)) === index),
  'States.Base64Encode': ([text]) => Buffer.from(textOf(text)).toString('base64'),
  'States.Base64Decode': ([text]) => Buffer.from(textOf(text), 'base64').toString(),
  'States.Hash': ([value, algorithm]) =>
    hash(typeof value === 'string' ? value : JSON.stringify(value), textOf(algorithm)),
  'States.JsonMerge': ([first, second, deep]) => {
    if (deep !== false) throw new Error('States.JsonMerge supports shallow merging only: the third argument is false.');
    if (!isObject(first) || !isObject(second)) throw new Error('States.JsonMerge takes two objects.');
    return { ...first, ...second };
  },
  'States.MathRandom': ([from, to, seed], { random }) => {
    const source = seed === undefined ? random : seededRandom(numberOf(seed));
    return Math.trunc(numberOf(from) + source.next() * (numberOf(to) - numberOf(from)));
  },
  'States.MathAdd': ([one, other]) => Math.round(numberOf(one)) + Math.round(numberOf(other)),
  'States.StringSplit': ([text, splitters]) => {
    const marks = textOf(splitters).replaceAll(/[\\\]^-]/g, '\\$&');
    return textOf(text)
      .split(new RegExp(`[${marks}]+`))
      .filter((part) => part !== '');
  },
  'States.UUID': (_, { ids }) => ids.uuid(),
};

export const intrinsicNames: readonly string[] = Object.keys(functions);

function format(template: string, values: Json[]): string {
  let used = 0;
  const text = template.replaceAll(/\\([{}])|\{\}/g, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const value = values[used++];
    if (value === undefined) throw new Error('States.Format has more {} than values.');
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  if (used < values.length) throw new Error('States.Format has more values than {}.');
  return text;
}

function itemAt(items: Json[], index: number): Json {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no item ${index}.`);
  return item;
}

function textOf(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is not a string.`);
  return value;
}

function numberOf(value: Json | undefined): number {
  if (typeof value !== 'number') throw new Error(`${JSON.stringify(value)} is not a number.`);
  return value;
}

function listOf(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error(`${JSON.stringify(value)} is not an array.`);
  return value;
}
