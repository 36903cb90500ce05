/**
 * What a resource type is to the engine: which properties it takes, what a change of each means, what `Fn::GetAtt` may ask, and
 * how it is created, updated and deleted by calls of AWS's own APIs.
 */

import type { ServiceName } from '../contract.ts';
import type { Json, JsonObject } from './json.ts';
import { asText } from './json.ts';
import type { DeletionPolicy } from './template.ts';

/** Whether a changed property is updated in place or needs a new physical resource. */
export type OnChange = 'update' | 'replace';

export interface ResourceType {
  readonly name: string;
  /** The properties supported; any other is refused by name. */
  readonly properties: Readonly<Record<string, OnChange>>;
  readonly required?: readonly string[];
  /** What `Fn::GetAtt` may ask. */
  readonly attributes: readonly string[];
  /** Set for custom resources: any property is taken, any attribute may be asked. */
  readonly open?: boolean;
  /** The property that names it: two of the same name can't exist, so it can't be replaced under its name. */
  readonly nameProperty?: string;
  /** Shape of its `Tags` property, when it has one: stack tags are added there. */
  readonly tags?: 'list' | 'map';
  /** Whether the deletion policy Snapshot is possible. */
  readonly snapshots?: boolean;
  /** Keys of `UpdatePolicy` it understands. */
  readonly updatePolicies?: readonly string[];
  /** The deletion policy when the template names none; Delete otherwise. */
  readonly defaultDeletionPolicy?: (properties: JsonObject) => DeletionPolicy;
  /** Of the changed properties those that replace, where the table can't tell from the name alone. */
  readonly replaces?: (change: Change) => readonly string[];
  readonly create: (properties: JsonObject, context: ResourceContext) => Promise<Physical>;
  /** Absent when every property replaces. Attributes not answered keep their values; another id means it was replaced. */
  readonly update?: (change: ResourceChange, context: ResourceContext) => Promise<Partial<Physical> | undefined>;
  readonly delete: (existing: Existing, context: ResourceContext) => Promise<void>;
  /** What properties really are, for drift: those that can be read. Declared ones alone are compared. */
  readonly read?: (existing: Pick<Existing, 'id' | 'properties'>, call: ReadCall) => Promise<JsonObject>;
}

export type ReadCall = <Output = Record<string, unknown>>(
  service: ServiceName,
  operation: string,
  input: CallInput,
) => Promise<Output>;

export interface Physical {
  /** The physical id, which is what `Ref` answers. */
  readonly id: string;
  readonly attributes?: JsonObject;
}

export interface Change {
  readonly previous: JsonObject;
  readonly properties: JsonObject;
  /** Names of the properties that differ. */
  readonly changed: ReadonlySet<string>;
}

export interface ResourceChange extends Change {
  readonly id: string;
  readonly attributes: JsonObject;
}

export interface Existing {
  readonly id: string;
  readonly properties: JsonObject;
  readonly attributes: JsonObject;
  /** The deletion policy asks for a snapshot first. */
  readonly snapshot: boolean;
}

export interface ResourceContext {
  readonly account: string;
  readonly region: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly updatePolicy: JsonObject;
  /** The properties as they are kept: with dynamic references in place of what they stand for. */
  readonly kept: JsonObject;
  /** True while a failed update is being undone. */
  readonly rollingBack: boolean;
  /**
   * Calls an operation as the stack's role (or its caller), its input shaped by the operation's schema: in the stack's Region, or from
   * there in another, which has to be reachable.
   */
  readonly call: <Output = Record<string, unknown>>(
    service: ServiceName,
    operation: string,
    input: CallInput,
    at?: string,
  ) => Promise<Output>;
  /** Polls on the Region's clock until `probe` answers something. Fails after `minutes` of AWS time. */
  readonly until: <T>(what: string, probe: () => Promise<T | undefined | false>, minutes?: number) => Promise<T>;
  /** Reports the physical id as soon as it is known, so that a failure later on can be cleaned up. */
  readonly created: (id: string, attributes?: JsonObject) => void;
  /** A generated name: stack, logical id and a random tail, cut to `limit` characters. */
  readonly physicalName: (limit: number, style?: 'as is' | 'lower case') => string;
  /** What is made up for this work (ids, times): plain data, the same in another life of the sandbox. */
  readonly once: <T>(make: () => T) => T;
  /** Asks a custom resource's function and waits for what it answers. */
  readonly askCustomResource: (request: CustomResourceRequest) => Promise<CustomResourceAnswer>;
  readonly arn: (service: string, resource: string) => string;
}

/** Members left undefined are not sent. */
export interface CallInput {
  readonly [member: string]: unknown;
}

export interface CustomResourceRequest {
  readonly serviceToken: string;
  readonly requestType: 'Create' | 'Update' | 'Delete';
  readonly physicalId?: string;
  readonly properties: JsonObject;
  readonly previous?: JsonObject;
  readonly timeoutSeconds: number;
}

export interface CustomResourceAnswer {
  readonly physicalId: string;
  readonly data: JsonObject;
}

/** Properties of a resource, read with the type a call needs. */
export const textOf = (value: Json | undefined): string | undefined =>
  value === undefined || value === null || typeof value === 'object' ? undefined : String(value);

export const flagOf = (value: Json | undefined): boolean => asText(value) === 'true';

export const numberOf = (value: Json | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);

export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
