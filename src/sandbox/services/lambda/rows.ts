/** What the Lambda service keeps, as plain JSON, and the tables it keeps it in. */

import type {
  Architecture,
  EventSourceMappingConfiguration,
  FunctionEventInvokeConfig,
  Runtime,
} from '@aws-sdk/client-lambda';
import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { FunctionKey } from './names.ts';

export interface FunctionRow {
  readonly name: string;
  /** Without a version. */
  readonly arn: string;
  readonly version: string;
  readonly description: string;
  readonly runtime: Runtime;
  readonly role: string;
  readonly handler: string;
  readonly timeout: number;
  readonly memory: number;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly vpc?: Vpc | undefined;
  readonly deadLetterArn?: string | undefined;
  readonly architectures: Architecture[];
  readonly ephemeralStorage: number;
  readonly tracing: 'Active' | 'PassThrough';
  readonly kmsKeyArn?: string | undefined;
  readonly logGroup: string;
  readonly code: Code;
  readonly modified: number;
  readonly revision: string;
  readonly state: 'Pending' | 'Active';
  readonly updateStatus: 'Successful' | 'InProgress';
  readonly tags: Readonly<Record<string, string>>;
  /** Reserved concurrency as asked for, and as it is in effect: changes take a moment. */
  readonly reserved?: number | undefined;
  readonly reservedInEffect?: number | undefined;
}

export interface Vpc {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

export interface Code {
  /** Base64, as AWS shows it. */
  readonly sha256: string;
  readonly size: number;
  /** The unpacked package. */
  readonly folder: string;
  readonly archive: string;
}

export interface AliasRow {
  readonly name: string;
  readonly functionName: string;
  readonly version: string;
  readonly description: string;
  readonly revision: string;
}

/** Dates are kept as milliseconds. */
export type MappingRow = Omit<EventSourceMappingConfiguration, 'LastModified' | 'StartingPositionTimestamp'> & {
  readonly UUID: string;
  readonly functionName: string;
  readonly State: string;
  /** Where a passing state leads. */
  readonly settlesAs?: 'Enabled' | 'Disabled' | 'gone';
  readonly modified: number;
  readonly tags: Readonly<Record<string, string>>;
};

export type EventConfigRow = Omit<FunctionEventInvokeConfig, 'LastModified'> & { readonly modified: number };

export interface UrlRow {
  /** The first label of its name. */
  readonly id: string;
  readonly key: FunctionKey;
  /** With the alias, where it is one's. */
  readonly arn: string;
  readonly authType: 'NONE';
  readonly address: string;
  readonly created: number;
  readonly modified: number;
}

/** Keys of the last five are `name:qualifier`. */
export interface LambdaTables {
  readonly functions: Table<FunctionRow>;
  readonly mappings: Table<MappingRow>;
  readonly versions: Table<FunctionRow>;
  readonly aliases: Table<AliasRow>;
  readonly policies: Table<string>;
  readonly eventConfigs: Table<EventConfigRow>;
  readonly urls: Table<UrlRow>;
}

export const lambdaTables = (core: SandboxCore, region: string): LambdaTables => ({
  functions: core.table('lambda', region, 'functions'),
  mappings: core.table('lambda', region, 'event-source-mappings'),
  versions: core.table('lambda', region, 'versions'),
  aliases: core.table('lambda', region, 'aliases'),
  policies: core.table('lambda', region, 'policies'),
  eventConfigs: core.table('lambda', region, 'event-invoke-configs'),
  urls: core.table('lambda', region, 'function-urls'),
});

export const latest = '$LATEST';

/** The key of what hangs on a function or on one of its versions and aliases. */
export const qualifiedKey = ({ name, qualifier = latest }: FunctionKey): string => `${name}:${qualifier}`;

export const functionArn = (core: SandboxCore, region: string, { name, qualifier }: FunctionKey): string =>
  `arn:aws:lambda:${region}:${core.account}:function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`;

export function functionNamed(core: SandboxCore, region: string, name: string): FunctionRow {
  const row = lambdaTables(core, region).functions.get(name);
  if (row === undefined) throw notFound(core, region, { name });
  return row;
}

/** The row of a version: `$LATEST` unless the key has a version or an alias. Throws `ResourceNotFoundException`. */
export function versionOf(core: SandboxCore, region: string, key: FunctionKey): FunctionRow {
  const tables = lambdaTables(core, region);
  const row = functionNamed(core, region, key.name);
  if (key.qualifier === undefined || key.qualifier === latest) return row;
  const version = tables.aliases.get(qualifiedKey(key))?.version ?? key.qualifier;
  const found = version === latest ? row : tables.versions.get(`${key.name}:${version}`);
  if (found === undefined) throw notFound(core, region, key);
  return found;
}

export const notFound = (core: SandboxCore, region: string, key: FunctionKey): AwsError =>
  new AwsError('ResourceNotFoundException', `Function not found: ${functionArn(core, region, key)}`, {
    status: 404,
    fields: { Type: 'User' },
  });

export const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, { fields: { Type: 'User' } });

export const conflict = (message: string): AwsError =>
  new AwsError('ResourceConflictException', message, { status: 409, fields: { Type: 'User' } });
