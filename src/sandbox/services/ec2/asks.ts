/** What IAM is asked for EC2's calls: the resource's ARN, its tags and the tags of the request. */

import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import type { Ask, Call, SandboxCore } from '../../contract.ts';

/** Images and snapshots belong to no account in their ARNs. */
const unowned = new Set(['image', 'snapshot']);

export const arnOf = (call: Pick<Call, 'account' | 'region'>, kind: string, id: string): string =>
  `arn:aws:ec2:${call.region}:${unowned.has(kind) ? '' : call.account}:${kind}/${id}`;

/** A question about an existing resource, with its tags as condition keys. */
export function askOn(
  core: SandboxCore,
  call: Call,
  action: string,
  kind: string,
  id: string | undefined,
  context: Ask['context'] = {},
): Ask {
  const tags = core.table<Record<string, string>>('ec2', call.region, 'tags').get(id ?? '') ?? {};
  const keys = Object.entries(tags).flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`ec2:ResourceTag/${key}`, value],
  ]);
  return {
    action: `ec2:${action}`,
    resource: arnOf(call, kind, id ?? '*'),
    context: { ...Object.fromEntries(keys), 'ec2:Region': call.region, ...context },
  };
}

/** The questions about a resource to be created: the action itself, and `ec2:CreateTags` where it is born with tags. */
export function askNew(
  call: Call,
  action: string,
  kind: string,
  specifications: readonly TagSpecification[] | undefined,
): Ask[] {
  const tags = (specifications ?? []).filter((one) => one.ResourceType === kind).flatMap((one) => one.Tags ?? []);
  const resource = arnOf(call, kind, '*');
  const context = tagContext(tags);
  const asks: Ask[] = [{ action: `ec2:${action}`, resource, context: { ...context, 'ec2:Region': call.region } }];
  if (tags.length > 0) {
    asks.push({ action: 'ec2:CreateTags', resource, context: { ...context, 'ec2:CreateAction': action } });
  }
  return asks;
}

/** IAM's condition keys for the tags of a request. */
export function tagContext(tags: readonly Tag[] | undefined): Record<string, string | readonly string[]> {
  if (tags === undefined || tags.length === 0) return {};
  const entries = tags.map((tag): [string, string] => [`aws:RequestTag/${tag.Key}`, tag.Value ?? '']);
  return { ...Object.fromEntries(entries), 'aws:TagKeys': tags.map((tag) => tag.Key ?? '') };
}
