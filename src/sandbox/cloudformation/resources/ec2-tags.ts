/** Tags of EC2 resources: given at birth, changed by CreateTags and DeleteTags. */

import type { JsonObject } from '../json.ts';
import type { ResourceChange, ResourceContext } from '../resource-type.ts';
import { syncTags, tagList } from './tags.ts';

export function tagSpecifications(resourceType: string, properties: JsonObject): object[] | undefined {
  const tags = tagList(properties.Tags);
  return tags.length === 0 ? undefined : [{ ResourceType: resourceType, Tags: tags }];
}

export const syncEc2Tags = (change: ResourceChange, id: string, context: ResourceContext): Promise<void> =>
  syncTags(change, {
    add: (Tags) => context.call('ec2', 'CreateTags', { Resources: [id], Tags }),
    remove: (keys) => context.call('ec2', 'DeleteTags', { Resources: [id], Tags: keys.map((Key) => ({ Key })) }),
  });
