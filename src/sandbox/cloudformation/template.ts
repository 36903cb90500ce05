/** Templates: text in, typed sections out. What CloudFormation doesn't know, or we don't support, is refused by name. */

import { validationError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { asText, isList, isObject } from './json.ts';
import { parseYaml } from './yaml.ts';

export interface Template {
  readonly description?: string;
  readonly metadata: JsonObject;
  readonly parameters: Readonly<Record<string, JsonObject>>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly rules: Readonly<Record<string, JsonObject>>;
  readonly resources: Readonly<Record<string, ResourceDeclaration>>;
  readonly outputs: Readonly<Record<string, JsonObject>>;
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';

export interface ResourceDeclaration {
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  readonly condition?: string;
  readonly metadata: JsonObject;
  readonly updatePolicy: JsonObject;
  readonly deletionPolicy?: DeletionPolicy;
  readonly updateReplacePolicy?: DeletionPolicy;
}

/** Parses a template in JSON or YAML. Raises ValidationError with the path of what is wrong. */
export function parseTemplate(text: string): Template {
  if (text.trim() === '') throw validationError("1 validation error detected: 'templateBody' must not be empty");
  const source = parseText(text);
  if (!isObject(source)) throw validationError('Template format error: unsupported structure.');
  refuseNulls(source, '');
  const unknown = Object.keys(source).filter((key) => !sections.has(key));
  if (unknown.length > 0) {
    throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`);
  }
  if (source.Transform !== undefined) {
    throw validationError('Template error: transforms are not supported by the sandbox', 'Transform');
  }
  const version = source.AWSTemplateFormatVersion;
  if (version !== undefined && version !== '2010-09-09') {
    throw validationError(`Template format error: unsupported value for AWSTemplateFormatVersion: ${asText(version)}`);
  }
  const resources = section(source, 'Resources');
  if (Object.keys(resources).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  const description = source.Description;
  return {
    ...(typeof description === 'string' ? { description } : {}),
    metadata: object(source.Metadata ?? {}, 'Metadata'),
    parameters: section(source, 'Parameters'),
    mappings: section(source, 'Mappings'),
    conditions: object(source.Conditions ?? {}, 'Conditions'),
    rules: section(source, 'Rules'),
    resources: Object.fromEntries(Object.entries(resources).map(([id, value]) => [id, resource(id, value)])),
    outputs: section(source, 'Outputs'),
  };
}

/** `[/Resources/Queue/Properties/QueueName] 'null' values are not allowed in templates`. Metadata is nobody's but its author's. */
function refuseNulls(value: unknown, path: string): void {
  if (value === null) throw validationError(`[${path}] 'null' values are not allowed in templates`);
  if (typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) {
    if (name !== 'Metadata') refuseNulls(member, `${path}/${name}`);
  }
}

const sections = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Rules',
  'Resources',
  'Outputs',
  'Transform',
]);

const resourceMembers = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'UpdatePolicy',
]);

function parseText(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return parseYaml(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const before = text.slice(0, offset).split('\n');
    const place = `(line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
    throw validationError(`Template format error: JSON not well-formed. ${place} [${message}]`);
  }
}

function section(source: JsonObject, name: string): Record<string, JsonObject> {
  const members = object(source[name] ?? {}, name);
  for (const id of Object.keys(members)) {
    if (!/^[A-Za-z0-9]+$/.test(id) && name !== 'Mappings') {
      throw validationError(`Template format error: ${name} name ${id} is non alphanumeric.`, name);
    }
  }
  return Object.fromEntries(Object.entries(members).map(([id, value]) => [id, object(value, `${name}/${id}`)]));
}

function object(value: Json, path: string): JsonObject {
  if (!isObject(value)) {
    throw validationError(`Template format error: every ${path} member must be an object.`, path);
  }
  return value;
}

function resource(id: string, source: JsonObject): ResourceDeclaration {
  const path = `Resources/${id}`;
  const unknown = Object.keys(source).filter((key) => !resourceMembers.has(key));
  if (unknown.length > 0) {
    throw validationError(`Invalid or unsupported resource attribute: ${unknown.join(', ')}`, path);
  }
  const { Type: type, Condition: condition, DependsOn: dependsOn = [] } = source;
  if (typeof type !== 'string') {
    throw validationError(`Template format error: [/${path}] Every Resources object must contain a Type member.`);
  }
  return {
    type,
    properties: object(source.Properties ?? {}, `${path}/Properties`),
    dependsOn: (isList(dependsOn) ? dependsOn : [dependsOn]).map(String),
    ...(typeof condition === 'string' ? { condition } : {}),
    metadata: object(source.Metadata ?? {}, `${path}/Metadata`),
    updatePolicy: object(source.UpdatePolicy ?? {}, `${path}/UpdatePolicy`),
    ...policyMember(
      'deletionPolicy',
      source.DeletionPolicy,
      ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'],
      path,
    ),
    ...policyMember('updateReplacePolicy', source.UpdateReplacePolicy, ['Delete', 'Retain', 'Snapshot'], path),
  };
}

function policyMember(
  name: 'deletionPolicy' | 'updateReplacePolicy',
  value: Json | undefined,
  allowed: readonly DeletionPolicy[],
  path: string,
): { [member in typeof name]?: DeletionPolicy } {
  if (value === undefined) return {};
  const found = allowed.find((policy) => policy === value);
  if (found === undefined) {
    throw validationError(
      `Template error: unrecognized ${name} ${JSON.stringify(value)}. Allowed: ${allowed.join(', ')}`,
      path,
    );
  }
  return { [name]: found };
}
