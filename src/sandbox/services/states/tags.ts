/** Tags of state machines. */

import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  Tag,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-sfn';
import type { AnyOperation, Ask, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { withoutTags } from '../events/tags.ts';
import { type MachineRow, tablesOf } from './rows.ts';

export function tagOperations(core: SandboxCore): Record<string, AnyOperation> {
  const change = (region: string, arn: string | undefined, tags: (row: MachineRow) => MachineRow['tags']): object => {
    const changed = tablesOf(core, region).machines.update(arn ?? '', (row) => ({ ...row, tags: tags(row) }));
    if (changed === undefined) throw notFound(arn);
    return {};
  };
  return {
    TagResource: operation<TagResourceCommandInput, object>(
      ({ resourceArn, tags }, { region }) => change(region, resourceArn, (row) => ({ ...row.tags, ...tagsFrom(tags) })),
      onResource('TagResource'),
    ),
    UntagResource: operation<UntagResourceCommandInput, object>(
      ({ resourceArn, tagKeys = [] }, { region }) =>
        change(region, resourceArn, (row) => withoutTags(row.tags, tagKeys)),
      onResource('UntagResource'),
    ),
    ListTagsForResource: operation<
      ListTagsForResourceCommandInput,
      Omit<ListTagsForResourceCommandOutput, '$metadata'>
    >(({ resourceArn }, { region }) => {
      const row = tablesOf(core, region).machines.get(resourceArn ?? '');
      if (row === undefined) throw notFound(resourceArn);
      return { tags: Object.entries(row.tags).map(([key, value]) => ({ key, value })) };
    }, onResource('ListTagsForResource')),
  };
}

export const tagsFrom = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ key, value }) => [key ?? '', value ?? '']));

const onResource =
  (action: string) =>
  ({ resourceArn = '*' }: { resourceArn: string | undefined }): Ask[] => [
    { action: `states:${action}`, resource: resourceArn },
  ];

const notFound = (arn: string | undefined): AwsError =>
  new AwsError('ResourceNotFound', `Resource not found: '${arn}'`, { fields: { resourceName: arn } });
