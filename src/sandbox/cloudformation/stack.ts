/** Stacks as they are kept: plain JSON in tables, one set per Region. Times are milliseconds since the epoch. */

import type { SandboxCore, Table } from '../contract.ts';
import type { JsonObject } from './json.ts';
import type { ParameterValue } from './parameters.ts';
import type { DeletionPolicy } from './template.ts';

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly statusReason?: string;
  readonly creationTime: number;
  readonly lastUpdatedTime?: number;
  readonly deletionTime?: number;
  readonly content: StackContent;
  readonly resources: Readonly<Record<string, StackResource>>;
  readonly roleArn?: string;
  readonly terminationProtection: boolean;
  readonly disableRollback: boolean;
  readonly policy?: string;
  readonly changeSetId?: string;
  /** Logical ids the update under way is through with. */
  readonly updated?: readonly string[];
  /** What the last operation may have to go back to. */
  readonly before?: { readonly content: StackContent; readonly resources: Readonly<Record<string, StackResource>> };
  /** Physical resources of replaced and removed ones, to be deleted once the operation has succeeded. */
  readonly leftovers: readonly Leftover[];
}

/** What a deployment sets as a whole. */
export interface StackContent {
  /** The template's text as it was given. */
  readonly template: string;
  readonly parameters: readonly ParameterValue[];
  readonly capabilities: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly outputs: readonly StackOutput[];
  /** Names of other stacks' exports in use. */
  readonly imports: readonly string[];
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly status: string;
  readonly statusReason?: string;
  readonly timestamp: number;
  /** As last sent, with functions resolved and dynamic references not. */
  readonly properties: JsonObject;
  readonly attributes: JsonObject;
  readonly metadata: JsonObject;
  readonly updatePolicy: JsonObject;
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  readonly dependsOn: readonly string[];
}

export interface Leftover {
  readonly resource: StackResource;
  readonly policy: DeletionPolicy;
}

export interface StackEvent {
  readonly id: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly timestamp: number;
  readonly status: string;
  readonly reason?: string;
  /** JSON text of the resource's properties, as AWS shows them. */
  readonly properties?: string;
  readonly token?: string;
}

/** The tables of one Region. */
export interface StackTables {
  readonly stacks: Table<Stack>;
  /** Events of a stack, oldest first. */
  readonly events: Table<readonly StackEvent[]>;
}

export const stackTables = (core: SandboxCore, region: string): StackTables => ({
  stacks: core.table<Stack>('cloudformation', region, 'stacks'),
  events: core.table<readonly StackEvent[]>('cloudformation', region, 'events'),
});

/** The live stack of a name, or any stack (also a deleted one) by its id. */
export function findStack(tables: StackTables, nameOrId: string): Stack | undefined {
  const byId = tables.stacks.get(nameOrId);
  if (byId !== undefined) return byId;
  return tables.stacks.values().find(({ name, status }) => name === nameOrId && status !== 'DELETE_COMPLETE');
}

export const emptyContent: StackContent = {
  template: '',
  parameters: [],
  capabilities: [],
  tags: {},
  outputs: [],
  imports: [],
};

/** All exports of a Region, from the stacks that stand. */
export function exportsIn(tables: StackTables): { name: string; value: string; stackId: string }[] {
  return tables.stacks
    .values()
    .filter(({ status }) => status !== 'DELETE_COMPLETE')
    .flatMap(({ id, content }) =>
      content.outputs.flatMap(({ exportName, value }) =>
        exportName === undefined ? [] : [{ name: exportName, value, stackId: id }],
      ),
    );
}

/** Names of the stacks that import an export. */
export const importersOf = (tables: StackTables, exportName: string): string[] =>
  tables.stacks
    .values()
    .filter(({ status, content }) => status !== 'DELETE_COMPLETE' && content.imports.includes(exportName))
    .map(({ name }) => name);
