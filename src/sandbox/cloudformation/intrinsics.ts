/**
 * Intrinsic functions: a template's value and a scope in, the value CloudFormation would send out.
 *
 * `undefined` is `AWS::NoValue`: a member that is left out. A value that can't be known before a change is executed is the text
 * `knownAfterApply`, which spreads through every function, so a change set is computed by the same code as the change.
 */

import { cidrBlocks } from './cidr.ts';
import { validationError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { asText, isList, isObject, someText } from './json.ts';
import { substitutions } from './substitution.ts';

export interface Scope {
  /** The value of a parameter, a pseudo parameter or a resource; undefined when there is none of that name. */
  readonly ref: (name: string) => Json | typeof noValue | undefined;
  /** An attribute of a resource; undefined when there is no such resource or attribute. */
  readonly attribute: (logicalId: string, name: string) => Json | undefined;
  readonly condition: (name: string) => boolean;
  /** Answers for Fn::FindInMap. */
  readonly mappings: JsonObject;
  readonly importValue: (name: string) => Json;
  /** Availability Zones of a Region, in order. */
  readonly zones: (region: string) => readonly string[];
}

export const noValue = Symbol('AWS::NoValue');

/** AWS's own text for a value that exists only once the change set has been executed. */
export const knownAfterApply = '{{changeSet:KNOWN_AFTER_APPLY}}';

export const isKnown = (value: Json | undefined): boolean => !someText(value, (text) => text.includes(knownAfterApply));

/** Resolves every function in `value`. Raises ValidationError with the path of what is wrong. */
export function evaluate(value: Json, scope: Scope, path: string): Json | undefined {
  if (isList(value)) {
    return value.flatMap((item, index) => {
      const resolved = evaluate(item, scope, `${path}/${index}`);
      return resolved === undefined ? [] : [resolved];
    });
  }
  if (!isObject(value)) return value;
  const [name, argument] = soleMember(value);
  if (name === 'Ref') return reference(argument, scope, path);
  if (name?.startsWith('Fn::')) {
    const intrinsic = intrinsics[name];
    if (intrinsic === undefined) throw validationError(`Template error: unsupported function ${name}`, path);
    return intrinsic(argument as Json, scope, `${path}/${name}`);
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const resolved = evaluate(member, scope, `${path}/${key}`);
      return resolved === undefined ? [] : [[key, resolved]];
    }),
  );
}

export function soleMember(value: JsonObject): [string | undefined, Json | undefined] {
  const keys = Object.keys(value);
  const [key] = keys;
  return keys.length === 1 && key !== undefined ? [key, value[key]] : [undefined, undefined];
}

/** `Fn::GetAtt` takes `[id, attribute]` or `id.attribute`. */
export function attributeReference(argument: Json, path: string): [string, Json] {
  const parts = typeof argument === 'string' ? splitAtDot(argument) : argument;
  const [id, name] = isList(parts) ? parts : [];
  if (typeof id !== 'string' || name === undefined) {
    throw validationError(
      'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
      path,
    );
  }
  return [id, name];
}

const splitAtDot = (text: string): string[] => {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
};

function reference(argument: Json | undefined, scope: Scope, path: string): Json | undefined {
  const found = typeof argument === 'string' ? scope.ref(argument) : undefined;
  if (found === undefined) {
    throw validationError(
      `Template format error: Unresolved resource dependencies [${asText(argument)}] in the Resources block of the template`,
      path,
    );
  }
  return found === noValue ? undefined : found;
}

type Intrinsic = (argument: Json, scope: Scope, path: string) => Json | undefined;

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  'Fn::GetAtt': getAttribute,
  'Fn::Sub': substitute,
  'Fn::Join': join,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::If': choose,
  'Fn::FindInMap': findInMap,
  'Fn::ImportValue': (argument, scope, path) => scope.importValue(text(argument, scope, path)),
  'Fn::Base64': (argument, scope, path) => {
    const source = text(argument, scope, path);
    return isKnown(source) ? Buffer.from(source).toString('base64') : source;
  },
  'Fn::Cidr': (argument, scope, path) => {
    const [block, count, bits = 8] = list(argument, scope, path);
    if (!isKnown([block ?? null, count ?? null, bits])) return [knownAfterApply];
    return cidrBlocks(asText(block), Number(count), Number(bits), path);
  },
  'Fn::GetAZs': (argument, scope, path) => {
    const region = evaluate(argument, scope, path);
    const named = region === undefined || region === '' ? scope.ref('AWS::Region') : region;
    return [...scope.zones(typeof named === 'symbol' ? '' : asText(named))];
  },
};

function getAttribute(argument: Json, scope: Scope, path: string): Json {
  const [id, attribute] = attributeReference(argument, path);
  const name = evaluate(attribute, scope, path);
  const found = typeof name === 'string' ? scope.attribute(id, name) : undefined;
  if (found === undefined) {
    throw validationError(
      `Template error: resource ${id} does not support attribute type ${asText(name)} in Fn::GetAtt`,
      path,
    );
  }
  return found;
}

function substitute(argument: Json, scope: Scope, path: string): string {
  const [template, variables = {}] = isList(argument) ? argument : [argument];
  if (typeof template !== 'string' || !isObject(variables)) {
    throw validationError(
      "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments.",
      path,
    );
  }
  return substitutions(template)
    .map((part) => {
      if (part.kind === 'literal') return part.text;
      const own = variables[part.name];
      if (own !== undefined) return scalar(evaluate(own, scope, path), path);
      const [id, attribute] = splitAtDot(part.name);
      const found =
        attribute === undefined ? reference(part.name, scope, path) : getAttribute([id ?? '', attribute], scope, path);
      return scalar(found, path);
    })
    .join('');
}

function join(argument: Json, scope: Scope, path: string): string {
  const [delimiter, items] = isList(argument) ? argument : [];
  if (typeof delimiter !== 'string' || items === undefined) {
    throw validationError(
      'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
      path,
    );
  }
  return list(items, scope, path)
    .map((item) => scalar(item, path))
    .join(delimiter);
}

function select(argument: Json, scope: Scope, path: string): Json {
  const [position, items] = isList(argument) ? argument : [];
  if (position === undefined || items === undefined) {
    throw validationError(
      'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
      path,
    );
  }
  const index = Number(evaluate(position, scope, path));
  const values = list(items, scope, path);
  const value = values[index];
  if (value !== undefined) return value;
  if (!isKnown(values)) return knownAfterApply;
  throw validationError(`Template error: Fn::Select cannot select nonexistent value at index ${index}`, path);
}

function split(argument: Json, scope: Scope, path: string): Json {
  const [delimiter, source] = isList(argument) ? argument : [];
  if (typeof delimiter !== 'string' || delimiter === '' || source === undefined) {
    throw validationError(
      'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
      path,
    );
  }
  const whole = text(source, scope, path);
  return isKnown(whole) ? whole.split(delimiter) : [knownAfterApply];
}

function choose(argument: Json, scope: Scope, path: string): Json | undefined {
  const [condition, yes, no] = isList(argument) ? argument : [];
  if (typeof condition !== 'string' || yes === undefined || no === undefined) {
    throw validationError('Template error: Fn::If requires a list argument with three values', path);
  }
  return scope.condition(condition) ? evaluate(yes, scope, `${path}/1`) : evaluate(no, scope, `${path}/2`);
}

function findInMap(argument: Json, scope: Scope, path: string): Json | undefined {
  const [mapName, topKey, secondKey] = list(argument, scope, path).map(String);
  const options = isList(argument) ? argument[3] : undefined;
  const map = own(scope.mappings, mapName);
  const row = own(map, topKey);
  const found = own(row, secondKey);
  if (found !== undefined) return found;
  if (isObject(options) && options.DefaultValue !== undefined) return evaluate(options.DefaultValue, scope, path);
  throw validationError(`Template error: Unable to get mapping for ${mapName}::${topKey}::${secondKey}`, path);
}

/** What a document itself holds under a name: not what every object has, like `constructor`. */
const own = (holder: Json | undefined, name = ''): Json | undefined =>
  isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;

function list(argument: Json, scope: Scope, path: string): readonly Json[] {
  const value = evaluate(argument, scope, path);
  if (isList(value)) return value;
  if (typeof value === 'string' && !isKnown(value)) return [value];
  throw validationError('Template error: a list is needed here', path);
}

const text: (argument: Json, scope: Scope, path: string) => string = (argument, scope, path) =>
  scalar(evaluate(argument, scope, path), path);

function scalar(value: Json | undefined, path: string): string {
  if (value === undefined || value === null || typeof value === 'object') {
    throw validationError(`Template error: a text is needed here, not ${JSON.stringify(value)}`, path);
  }
  return String(value);
}
