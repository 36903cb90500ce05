/** Tags of parameters. Other resource types are refused by name. */

import type {
  AddTagsToResourceCommandInput,
  ListTagsForResourceCommandInput,
  RemoveTagsFromResourceCommandInput,
} from '@aws-sdk/client-ssm';
import type { Ask, Call } from '../../../contract.ts';
import { AwsError, operation } from '../../../contract.ts';
import { onParameter } from '../asks.ts';
import { accept, unsupported } from '../members.ts';
import type { ParameterRecord } from '../records.ts';
import type { ParameterStore } from '../store.ts';

interface Tagged {
  readonly ResourceType?: string | undefined;
  readonly ResourceId?: string | undefined;
}

const onResource =
  (action: string) =>
  (input: Tagged, call: Call): Ask[] => [onParameter(action, input.ResourceId, call)];

export const tagging = (store: ParameterStore) => ({
  AddTagsToResource: operation((input: AddTagsToResourceCommandInput, call) => {
    accept('AddTagsToResource', input, ['ResourceType', 'ResourceId', 'Tags']);
    const record = tagged(store, 'AddTagsToResource', input, call);
    const added = Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
    const tags = { ...record.tags, ...added };
    if (Object.keys(tags).length > 50) {
      throw new AwsError(
        'TooManyTagsError',
        'The Targets parameter includes too many tags. A parameter has at most 50.',
      );
    }
    store.table(call.region).update(record.name, (before) => ({ ...before, tags }));
    return {};
  }, onResource('AddTagsToResource')),

  RemoveTagsFromResource: operation((input: RemoveTagsFromResourceCommandInput, call) => {
    accept('RemoveTagsFromResource', input, ['ResourceType', 'ResourceId', 'TagKeys']);
    const record = tagged(store, 'RemoveTagsFromResource', input, call);
    const kept = Object.entries(record.tags).filter(([key]) => input.TagKeys?.includes(key) !== true);
    store.table(call.region).update(record.name, (before) => ({ ...before, tags: Object.fromEntries(kept) }));
    return {};
  }, onResource('RemoveTagsFromResource')),

  ListTagsForResource: operation((input: ListTagsForResourceCommandInput, call) => {
    accept('ListTagsForResource', input, ['ResourceType', 'ResourceId']);
    const { tags } = tagged(store, 'ListTagsForResource', input, call);
    return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  }, onResource('ListTagsForResource')),
});

function tagged(store: ParameterStore, name: string, input: Tagged, call: Call): ParameterRecord {
  if (input.ResourceType !== 'Parameter') throw unsupported(`ResourceType ${input.ResourceType ?? '(none)'}`, name);
  const record = store.table(call.region).get(input.ResourceId ?? '');
  if (record === undefined) {
    throw new AwsError(
      'InvalidResourceId',
      `The resource ID ${input.ResourceId ?? ''} is not valid. Verify that you entered the correct ID and try again.`,
    );
  }
  return record;
}
