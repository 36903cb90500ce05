/** Template parameters: declared, given, defaulted, kept from before, or read from Parameter Store. */

import type { Parameter } from '@aws-sdk/client-cloudformation';
import { validationError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { asText, isList, mapTexts } from './json.ts';

export interface ParameterValue {
  readonly key: string;
  /** As given: for an SSM type, the parameter's name. */
  readonly value: string;
  /** For SSM types: what Parameter Store answered. */
  readonly resolved?: string;
  readonly noEcho: boolean;
  /** What `Ref` answers. */
  readonly ref: Json;
}

/** Reads Parameter Store; answers undefined for a name that isn't there. */
export type ReadSsm = (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/**
 * Values for every declared parameter. `previous` are those of the stack being updated, for `UsePreviousValue`.
 * Raises ValidationError for missing, unknown or disallowed values, as AWS words them.
 */
export async function resolveParameters(
  declared: Readonly<Record<string, JsonObject>>,
  given: readonly Parameter[],
  previous: readonly ParameterValue[],
  readSsm: ReadSsm,
): Promise<ParameterValue[]> {
  const unknown = given.map(({ ParameterKey }) => ParameterKey ?? '').filter((key) => declared[key] === undefined);
  if (unknown.length > 0) {
    throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  }
  const missing: string[] = [];
  const values = Object.entries(declared).map(([key, declaration]) => {
    const value = textFor(key, declaration, given, previous);
    if (value === undefined) missing.push(key);
    else checkAllowed(key, declaration, value);
    return { key, declaration, value: value ?? '' };
  });
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);

  const names = values.filter(({ declaration }) => ssmType(declaration) !== undefined).map(({ value }) => value);
  const stored = names.length === 0 ? new Map<string, string>() : await readSsm(names);
  const absent = names.filter((name) => !stored.has(name));
  if (absent.length > 0) {
    throw validationError(`Unable to fetch parameters [${absent.join(',')}] from parameter store for this account.`);
  }
  return values.map(({ key, declaration, value }) => {
    const inner = ssmType(declaration);
    const resolved = inner === undefined ? undefined : stored.get(value);
    return {
      key,
      value,
      ...(resolved === undefined ? {} : { resolved }),
      noEcho: asText(declaration.NoEcho) === 'true',
      ref: typed(inner ?? typeOf(declaration), resolved ?? value),
    };
  });
}

/** As DescribeStacks and DescribeChangeSet show them. */
export const shownParameters = (values: readonly ParameterValue[]): Parameter[] =>
  values.map(({ key, value, resolved, noEcho }) => ({
    ParameterKey: key,
    ParameterValue: noEcho ? '****' : value,
    ...(resolved === undefined ? {} : { ResolvedValue: noEcho ? '****' : resolved }),
  }));

/** A value with those of NoEcho parameters masked, for whatever is shown. */
export function withoutHidden(value: Json, parameters: readonly ParameterValue[]): Json {
  const hidden = parameters
    .filter(({ noEcho, value: secret }) => noEcho && secret !== '')
    .map(({ value: secret }) => secret);
  if (hidden.length === 0) return value;
  return mapTexts(value, (text) => hidden.reduce((masked, secret) => masked.replaceAll(secret, '****'), text));
}

const typeOf = (declaration: JsonObject): string => asText(declaration.Type);

/** The type inside `AWS::SSM::Parameter::Value<…>`. */
const ssmType = (declaration: JsonObject): string | undefined =>
  /^AWS::SSM::Parameter::Value<(.+)>$/.exec(typeOf(declaration))?.[1];

function textFor(
  key: string,
  declaration: JsonObject,
  given: readonly Parameter[],
  previous: readonly ParameterValue[],
): string | undefined {
  checkType(key, declaration);
  const own = given.find(({ ParameterKey }) => ParameterKey === key);
  if (own?.UsePreviousValue === true) return previous.find((value) => value.key === key)?.value;
  if (own?.ParameterValue !== undefined) return own.ParameterValue;
  const fallback = declaration.Default;
  return fallback === undefined || fallback === null ? undefined : asText(fallback);
}

/** Types whose values stay text or lists of text; whether an AWS-specific id exists is left to the call that uses it. */
const plainTypes =
  /^(String|Number|CommaDelimitedList|List<(String|Number|AWS::[\w:]+)>|AWS::EC2::[\w:]+|AWS::Route53::HostedZone::Id|AWS::SSM::Parameter::Name)$/;

function checkType(key: string, declaration: JsonObject): void {
  const type = ssmType(declaration) ?? typeOf(declaration);
  if (!plainTypes.test(type)) {
    throw validationError(
      `Template format error: Unrecognized parameter type: ${typeOf(declaration)}`,
      `Parameters/${key}`,
    );
  }
}

function checkAllowed(key: string, declaration: JsonObject, value: string): void {
  const fail = (what: string): never => {
    const explanation = declaration.ConstraintDescription;
    throw validationError(
      explanation === undefined
        ? `Parameter ${key} ${what}`
        : `Parameter ${key} failed to satisfy constraint: ${asText(explanation)}`,
    );
  };
  const bound = (name: string): number | undefined => {
    const limit = declaration[name];
    return limit === undefined ? undefined : Number(limit);
  };
  const { AllowedValues: allowed, AllowedPattern: pattern } = declaration;
  if (typeOf(declaration) === 'Number') {
    const number = Number(value);
    if (value.trim() === '' || Number.isNaN(number)) fail(`must be a number`);
    if (number < (bound('MinValue') ?? number)) fail(`must be at least ${bound('MinValue')}`);
    if (number > (bound('MaxValue') ?? number)) fail(`must be at most ${bound('MaxValue')}`);
  }
  if (value.length < (bound('MinLength') ?? 0)) fail(`must contain at least ${bound('MinLength')} characters`);
  if (value.length > (bound('MaxLength') ?? value.length)) {
    fail(`must contain at most ${bound('MaxLength')} characters`);
  }
  const items = /List/.test(typeOf(declaration)) ? commaList(value) : [value];
  if (isList(allowed) && !items.every((item) => allowed.map(String).includes(item))) {
    fail(`must be one of AllowedValues: [${allowed.map(String).join(', ')}]`);
  }
  if (typeof pattern === 'string' && !items.every((item) => new RegExp(`^(?:${pattern})$`).test(item))) {
    fail(`must match pattern ${pattern}`);
  }
}

const typed = (type: string, value: string): Json =>
  type === 'CommaDelimitedList' || type.startsWith('List<') ? commaList(value) : value;

const commaList = (value: string): string[] => (value === '' ? [] : value.split(',').map((item) => item.trim()));
