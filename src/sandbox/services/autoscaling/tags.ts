/** Tags of groups: each says whether it goes on to the instances. */

import type {
  CreateOrUpdateTagsCommandInput,
  DeleteTagsCommandInput,
  DescribeTagsCommandInput,
  DescribeTagsCommandOutput,
  Tag,
  TagDescription,
} from '@aws-sdk/client-auto-scaling';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { tagContext } from '../ec2/asks.ts';
import { matching } from '../ec2/filters.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { askOnGroup, groupOf, validationError } from './lookup.ts';
import type { GroupRow, GroupTag } from './rows.ts';
import { scalingTables } from './rows.ts';

export function tagOperations(core: SandboxCore): Record<string, AnyOperation> {
  const asks =
    (action: string) =>
    (input: { Tags: Tag[] | undefined }, call: Call): Ask[] =>
      [...new Set((input.Tags ?? []).map((tag) => tag.ResourceId))].map((name) =>
        askOnGroup(core, call, action, name, tagContext(input.Tags)),
      );

  return {
    CreateOrUpdateTags: strictOperation<CreateOrUpdateTagsCommandInput, object>({
      name: 'CreateOrUpdateTags',
      members: ['Tags'],
      authorize: asks('CreateOrUpdateTags'),
      handle(input, call) {
        for (const tag of input.Tags ?? []) {
          const { name } = groupOf(core, call.region, tag.ResourceId);
          const [added] = groupTags([tag]);
          scalingTables(core, call.region).groups.update(name, (row) => ({
            ...row,
            tags: [...row.tags.filter((old) => old.key !== tag.Key), ...(added === undefined ? [] : [added])],
          }));
        }
        return {};
      },
    }),
    DeleteTags: strictOperation<DeleteTagsCommandInput, object>({
      name: 'DeleteTags',
      members: ['Tags'],
      authorize: asks('DeleteTags'),
      handle(input, call) {
        for (const tag of input.Tags ?? []) {
          const { name } = groupOf(core, call.region, tag.ResourceId);
          scalingTables(core, call.region).groups.update(name, (row) => ({
            ...row,
            tags: row.tags.filter((old) => old.key !== tag.Key),
          }));
        }
        return {};
      },
    }),
    DescribeTags: strictOperation<DescribeTagsCommandInput, Answer<DescribeTagsCommandOutput>>({
      name: 'DescribeTags',
      members: ['Filters', 'MaxRecords', 'NextToken'],
      handle(input, call) {
        const all = scalingTables(core, call.region).groups.values().flatMap(describeTags);
        const rows = matching(all, input.Filters, {
          'auto-scaling-group': (tag) => tag.ResourceId,
          key: (tag) => tag.Key,
          value: (tag) => tag.Value,
          'propagate-at-launch': (tag) => String(tag.PropagateAtLaunch),
        });
        const cut = page(rows, input.MaxRecords, input.NextToken, 100);
        return { Tags: cut.rows, NextToken: cut.nextToken };
      },
    }),
  };
}

export const groupTags = (tags: readonly Tag[] | undefined): GroupTag[] =>
  (tags ?? []).map((tag) => {
    if (tag.Key === undefined || tag.Key === '') throw validationError('Tag keys must not be empty.');
    return { key: tag.Key, value: tag.Value ?? '', propagate: tag.PropagateAtLaunch ?? false };
  });

export const describeTags = (row: GroupRow): TagDescription[] =>
  row.tags.map((tag) => ({
    ResourceId: row.name,
    ResourceType: 'auto-scaling-group',
    Key: tag.key,
    Value: tag.value,
    PropagateAtLaunch: tag.propagate,
  }));
