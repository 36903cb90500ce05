/** Tags of load balancers, target groups, listeners and rules; and what IAM is asked about them. */

import type {
  AddTagsCommandInput,
  DescribeTagsCommandInput,
  DescribeTagsCommandOutput,
  RemoveTagsCommandInput,
  Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { tagContext } from '../ec2/asks.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { balancingTables, elbArn } from './rows.ts';

/** A question about an existing resource, with its tags. */
export function askOn(
  core: SandboxCore,
  call: Call,
  action: string,
  arn: string | undefined,
  context: Ask['context'] = {},
): Ask {
  const tags = balancingTables(core, call.region).tags.get(arn ?? '') ?? {};
  const keys = Object.entries(tags).flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`elasticloadbalancing:ResourceTag/${key}`, value],
  ]);
  return {
    action: `elasticloadbalancing:${action}`,
    resource: arn ?? '*',
    context: { ...Object.fromEntries(keys), ...context },
  };
}

/** The questions about a resource to be created at `path`, with tags or without. */
export function askNew(
  core: SandboxCore,
  call: Call,
  action: string,
  path: string,
  tags: readonly Tag[] | undefined,
): Ask[] {
  const resource = elbArn(core, call.region, path);
  const context = tagContext(tags);
  const asks: Ask[] = [{ action: `elasticloadbalancing:${action}`, resource, context }];
  if (tags !== undefined && tags.length > 0) {
    asks.push({
      action: 'elasticloadbalancing:AddTags',
      resource,
      context: { ...context, 'elasticloadbalancing:CreateAction': action },
    });
  }
  return asks;
}

export function putTags(core: SandboxCore, region: string, arn: string, tags: readonly Tag[] | undefined): void {
  if (tags === undefined || tags.length === 0) return;
  const table = balancingTables(core, region).tags;
  table.put(arn, { ...table.get(arn), ...Object.fromEntries(tags.map((tag) => [tag.Key ?? '', tag.Value ?? ''])) });
}

export function tagOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    AddTags: strictOperation<AddTagsCommandInput, object>({
      name: 'AddTags',
      members: ['ResourceArns', 'Tags'],
      authorize: (input, call) =>
        (input.ResourceArns ?? []).map((arn) => askOn(core, call, 'AddTags', arn, tagContext(input.Tags))),
      handle(input, call) {
        for (const arn of input.ResourceArns ?? []) {
          checkExists(core, call.region, arn);
          putTags(core, call.region, arn, input.Tags);
        }
        return {};
      },
    }),
    RemoveTags: strictOperation<RemoveTagsCommandInput, object>({
      name: 'RemoveTags',
      members: ['ResourceArns', 'TagKeys'],
      authorize: (input, call) =>
        (input.ResourceArns ?? []).map((arn) =>
          askOn(core, call, 'RemoveTags', arn, { 'aws:TagKeys': input.TagKeys ?? [] }),
        ),
      handle(input, call) {
        for (const arn of input.ResourceArns ?? []) {
          checkExists(core, call.region, arn);
          balancingTables(core, call.region).tags.update(arn, (tags) =>
            Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
          );
        }
        return {};
      },
    }),
    DescribeTags: strictOperation<DescribeTagsCommandInput, Answer<DescribeTagsCommandOutput>>({
      name: 'DescribeTags',
      members: ['ResourceArns'],
      handle: (input, call) => ({
        TagDescriptions: (input.ResourceArns ?? []).map((arn) => {
          checkExists(core, call.region, arn);
          const tags = balancingTables(core, call.region).tags.get(arn) ?? {};
          return { ResourceArn: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
        }),
      }),
    }),
  };
}

function checkExists(core: SandboxCore, region: string, arn: string): void {
  const { balancers, targetGroups, listeners, rules } = balancingTables(core, region);
  if (balancers.has(arn) || targetGroups.has(arn) || listeners.has(arn) || rules.has(arn)) return;
  const [, kind = 'resource'] = /:([a-z-]+)\/[^:]*$/.exec(arn) ?? [];
  const [code, noun] = notFoundBy[kind] ?? ['LoadBalancerNotFound', 'resource'];
  throw new AwsError(code, `The specified ${noun} does not exist: ${arn}`);
}

const notFoundBy: Readonly<Record<string, readonly [string, string]>> = {
  loadbalancer: ['LoadBalancerNotFound', 'load balancer'],
  targetgroup: ['TargetGroupNotFound', 'target group'],
  listener: ['ListenerNotFound', 'listener'],
  'listener-rule': ['RuleNotFound', 'rule'],
};
