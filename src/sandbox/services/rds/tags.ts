/** Tags of RDS's resources, by ARN. */

import type {
  AddTagsToResourceCommandInput,
  ListTagsForResourceCommandInput,
  RemoveTagsFromResourceCommandInput,
  Tag,
} from '@aws-sdk/client-rds';
import { type Call, operation, type SandboxCore } from '../../contract.ts';
import { parseArn } from './arns.ts';
import { askOn, requestTags, tagsOn } from './asks.ts';
import type { Rds } from './context.ts';
import {
  instanceNotFound,
  invalidValue,
  parameterGroupNotFound,
  snapshotNotFound,
  subnetGroupNotFound,
} from './errors.ts';
import { refuseOthers, tagList, tagsFrom } from './input.ts';
import { change, needInstance } from './lookups.ts';
import { rdsTables, type Tags } from './rows.ts';

const mostTags = 50;

export const tagOperations = ({ core }: Rds) => ({
  AddTagsToResource: operation(
    (input: AddTagsToResourceCommandInput, call) => {
      retag(core, call, input.ResourceName, (tags) => ({ ...tags, ...tagsFrom(input.Tags) }));
      return {};
    },
    (input, call) => [asked(core, call, 'AddTagsToResource', input.ResourceName, requestTags(input.Tags))],
  ),
  RemoveTagsFromResource: operation(
    (input: RemoveTagsFromResourceCommandInput, call) => {
      const gone = new Set(input.TagKeys);
      retag(core, call, input.ResourceName, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
      );
      return {};
    },
    (input, call) => [
      asked(core, call, 'RemoveTagsFromResource', input.ResourceName, { 'aws:TagKeys': input.TagKeys ?? [] }),
    ],
  ),
  ListTagsForResource: operation(
    (input: ListTagsForResourceCommandInput, call): { TagList: Tag[] } => {
      refuseOthers('ListTagsForResource', input, ['ResourceName']);
      const { kind, name } = target(core, call, input.ResourceName);
      retag(core, call, input.ResourceName, (tags) => tags);
      return { TagList: tagList(tagsOn(core, call.region, kind, name)) };
    },
    (input, call) => [asked(core, call, 'ListTagsForResource', input.ResourceName)],
  ),
});

function asked(core: SandboxCore, call: Call, action: string, arn: string | undefined, context = {}) {
  return askOn(core, call, action, target(core, call, arn).kind, arn, context);
}

function target(core: SandboxCore, call: Call, arn: string | undefined) {
  const parsed = parseArn(core, arn ?? '');
  if (parsed.region !== call.region) throw invalidValue(`The resource ${arn} is not in ${call.region}.`);
  return parsed;
}

function retag(core: SandboxCore, call: Call, arn: string | undefined, changed: (tags: Tags) => Tags): void {
  const { kind, name } = target(core, call, arn);
  const tables = rdsTables(core, call.region);
  const limited = (tags: Tags): Tags => {
    const next = changed(tags);
    if (Object.keys(next).length > mostTags) throw invalidValue(`A resource can have at most ${mostTags} tags.`);
    return next;
  };
  const update = <T extends { readonly tags: Tags }>(row: T): T => ({ ...row, tags: limited(row.tags) });
  if (kind === 'db') change(core, needInstance(core, call.region, name), update);
  else if (kind === 'snapshot' && tables.snapshots.update(name, update) === undefined) throw snapshotNotFound(name);
  else if (kind === 'subgrp' && tables.subnetGroups.update(name, update) === undefined) throw subnetGroupNotFound(name);
  else if (kind === 'pg' && tables.parameterGroups.update(name, update) === undefined)
    throw parameterGroupNotFound(name);
  else if (kind === 'og') throw instanceNotFound(name);
}
