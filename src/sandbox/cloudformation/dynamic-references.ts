/**
 * `{{resolve:ssm:…}}`, `{{resolve:ssm-secure:…}}` and `{{resolve:secretsmanager:…}}`: read at the moment a property is sent to
 * the resource's service. Stacks, change sets and events only ever hold the reference.
 */

import type { GetSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager';
import type { GetParameterCommandOutput } from '@aws-sdk/client-ssm';
import type { ServiceName } from '../contract.ts';
import { validationError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { asText, isList, isObject, mapTexts } from './json.ts';

const pattern = /\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}/g;

export type ReadCall = <Output>(service: ServiceName, operation: string, input: JsonObject) => Promise<Output>;

/** AWS allows secure strings in few properties only; of the types we have, in this one. */
const secureProperties = new Set(['AWS::RDS::DBInstance/MasterUserPassword']);

/** The properties with every dynamic reference replaced by what it stands for, read with `call`. */
export async function withDynamicReferences(type: string, properties: JsonObject, call: ReadCall): Promise<JsonObject> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(properties)) {
    for (const [text, kind, rest] of textsOf(value).flatMap((item) => [...item.matchAll(pattern)])) {
      if (kind === undefined || rest === undefined || found.has(text)) continue;
      if (kind === 'ssm-secure' && !secureProperties.has(`${type}/${name}`)) {
        throw validationError(`SSM Secure reference is not supported in: [${type}/Properties/${name}]`);
      }
      found.set(text, kind === 'secretsmanager' ? await secret(rest, call) : await parameter(kind, rest, call));
    }
  }
  if (found.size === 0) return properties;
  return mapTexts(properties, (text) => text.replace(pattern, (match) => found.get(match) ?? match)) as JsonObject;
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}

async function parameter(kind: string, reference: string, call: ReadCall): Promise<string> {
  const answer = await call<GetParameterCommandOutput>('ssm', 'GetParameter', {
    Name: reference,
    ...(kind === 'ssm-secure' ? { WithDecryption: true } : {}),
  });
  const { Type: type, Value: value } = answer.Parameter ?? {};
  if (value === undefined) throw validationError(`Parameter ${reference} has no value`);
  if (kind === 'ssm' && type === 'SecureString') {
    throw validationError(`Non-secure ssm prefix was used for secure parameter: ${reference}`);
  }
  return value;
}

/** `secret-id:SecretString:json-key:version-stage:version-id`, where the id may be an ARN. */
async function secret(reference: string, call: ReadCall): Promise<string> {
  const parts = reference.split(':');
  const idParts = reference.startsWith('arn:') ? 7 : 1;
  const id = parts.slice(0, idParts).join(':');
  const [, key = '', stage = '', version = ''] = parts.slice(idParts);
  const answer = await call<GetSecretValueCommandOutput>('secretsmanager', 'GetSecretValue', {
    SecretId: id,
    ...(stage === '' ? {} : { VersionStage: stage }),
    ...(version === '' ? {} : { VersionId: version }),
  });
  const text = answer.SecretString;
  if (text === undefined) throw validationError(`Secret ${id} has no SecretString`);
  if (key === '') return text;
  const members: unknown = JSON.parse(text);
  const value = isObject(members) ? members[key] : undefined;
  if (value === undefined)
    throw validationError(`Could not find a value associated with JSONKey in SecretString of ${id}`);
  return asText(value);
}
