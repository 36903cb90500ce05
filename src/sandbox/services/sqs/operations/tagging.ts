/** Tags of queues. */

import type { ListQueueTagsCommandInput, TagQueueCommandInput, UntagQueueCommandInput } from '@aws-sdk/client-sqs';
import { operation } from '../../../contract.ts';
import { onQueue } from '../asks.ts';
import { accept } from '../members.ts';
import type { Queues } from '../queues.ts';

export const tagging = (queues: Queues) => ({
  TagQueue: operation((input: TagQueueCommandInput, call) => {
    accept('TagQueue', input, ['QueueUrl', 'Tags']);
    const { name } = queues.byUrl(call.region, input.QueueUrl);
    queues.table(call.region).update(name, (queue) => ({ ...queue, tags: { ...queue.tags, ...input.Tags } }));
    return {};
  }, onQueue('TagQueue')),

  UntagQueue: operation((input: UntagQueueCommandInput, call) => {
    accept('UntagQueue', input, ['QueueUrl', 'TagKeys']);
    const { name } = queues.byUrl(call.region, input.QueueUrl);
    queues.table(call.region).update(name, (queue) => {
      const kept = Object.entries(queue.tags).filter(([key]) => input.TagKeys?.includes(key) !== true);
      return { ...queue, tags: Object.fromEntries(kept) };
    });
    return {};
  }, onQueue('UntagQueue')),

  ListQueueTags: operation((input: ListQueueTagsCommandInput, call) => {
    accept('ListQueueTags', input, ['QueueUrl']);
    const { tags } = queues.byUrl(call.region, input.QueueUrl);
    return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
  }, onQueue('ListQueueTags')),
});
