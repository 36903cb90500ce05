/** Every resource type the sandbox's CloudFormation knows. */

import type { ResourceType } from '../resource-type.ts';

const types: readonly ResourceType[] = [];

const byName: ReadonlyMap<string, ResourceType> = new Map(types.map((type) => [type.name, type]));

export const resourceType = (name: string): ResourceType | undefined => byName.get(name);
