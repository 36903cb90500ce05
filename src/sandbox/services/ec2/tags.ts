/** Tags of EC2 resources: kept apart from the resources, by id. */

import type {
  CreateTagsCommandInput,
  DeleteTagsCommandInput,
  DescribeTagsCommandInput,
  DescribeTagsCommandOutput,
  Tag,
  TagDescription,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { askOn, tagContext } from './asks.ts';
import { invalidParameter } from './errors.ts';
import { matching } from './filters.ts';
import { page } from './pages.ts';
import { ec2Tables } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';

export type TagMap = Readonly<Record<string, string>>;

export const tagsOf = (core: SandboxCore, region: string, id: string): TagMap =>
  ec2Tables(core, region).tags.get(id) ?? {};

/** Tags in the shape of EC2's answers, in order of their keys. */
export const tagList = (tags: TagMap): Tag[] =>
  Object.keys(tags)
    .sort()
    .map((Key) => ({ Key, Value: tags[Key] ?? '' }));

/** The tags a request gives to a resource of `type` at creation. */
export function specified(specifications: readonly TagSpecification[] | undefined, type: string): TagMap {
  const tags = (specifications ?? []).filter((one) => one.ResourceType === type).flatMap((one) => one.Tags ?? []);
  return Object.fromEntries(tags.map((tag) => [keyOf(tag), tag.Value ?? '']));
}

/** Refuses tag specifications for resources the operation doesn't create. */
export function checkSpecifications(
  specifications: readonly TagSpecification[] | undefined,
  types: readonly string[],
): void {
  for (const { ResourceType: type } of specifications ?? []) {
    if (type === undefined || !types.includes(type)) {
      throw invalidParameter(
        `'${type}' is not a valid taggable resource type for this operation. Allowed: ${types.join(', ')}.`,
      );
    }
  }
}

export function tagNew(core: SandboxCore, region: string, id: string, tags: TagMap): void {
  if (Object.keys(tags).length > 0) ec2Tables(core, region).tags.put(id, tags);
}

export function tagOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateTags: strictOperation<CreateTagsCommandInput, object>({
      name: 'CreateTags',
      members: ['Resources', 'Tags'],
      authorize: (input, call) =>
        (input.Resources ?? []).map((id) => askOn(core, call, 'CreateTags', kindOf(id), id, tagContext(input.Tags))),
      handle(input, call) {
        const { tags } = ec2Tables(core, call.region);
        for (const id of input.Resources ?? []) {
          checkExists(core, call.region, id);
          const added = Object.fromEntries((input.Tags ?? []).map((tag) => [keyOf(tag), tag.Value ?? '']));
          tags.put(id, { ...tags.get(id), ...added });
        }
        return {};
      },
    }),
    DeleteTags: strictOperation<DeleteTagsCommandInput, object>({
      name: 'DeleteTags',
      members: ['Resources', 'Tags'],
      authorize: (input, call) =>
        (input.Resources ?? []).map((id) => askOn(core, call, 'DeleteTags', kindOf(id), id, tagContext(input.Tags))),
      handle(input, call) {
        const { tags } = ec2Tables(core, call.region);
        for (const id of input.Resources ?? []) {
          const left = Object.entries(tags.get(id) ?? {}).filter(([key, value]) => {
            if (input.Tags === undefined) return false;
            return !input.Tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
          });
          tags.put(id, Object.fromEntries(left));
        }
        return {};
      },
    }),
    DescribeTags: strictOperation<DescribeTagsCommandInput, Answer<DescribeTagsCommandOutput>>({
      name: 'DescribeTags',
      members: ['Filters', 'MaxResults', 'NextToken'],
      handle(input, call) {
        const all: TagDescription[] = ec2Tables(core, call.region)
          .tags.entries()
          .flatMap(([id, tags]) =>
            tagList(tags).map((tag) => ({ ...tag, ResourceId: id, ResourceType: kindOf(id) as 'instance' })),
          );
        const rows = matching(
          all,
          input.Filters,
          {
            key: (tag) => tag.Key,
            value: (tag) => tag.Value,
            'resource-id': (tag) => tag.ResourceId,
            'resource-type': (tag) => tag.ResourceType,
          },
          (tag) => ({ [tag.Key ?? '']: tag.Value ?? '' }),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { Tags: cut.rows, NextToken: cut.nextToken };
      },
    }),
  };
}

const kinds: Readonly<Record<string, string>> = {
  vpc: 'vpc',
  subnet: 'subnet',
  igw: 'internet-gateway',
  nat: 'natgateway',
  eipalloc: 'elastic-ip',
  rtb: 'route-table',
  sg: 'security-group',
  sgr: 'security-group-rule',
  vpce: 'vpc-endpoint',
  eni: 'network-interface',
  ami: 'image',
  snap: 'snapshot',
  lt: 'launch-template',
  i: 'instance',
  vol: 'volume',
};

/** The resource type an id belongs to. */
export function kindOf(id: string): string {
  const kind = kinds[id.slice(0, id.lastIndexOf('-'))];
  if (kind === undefined) throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  return kind;
}

const tableOfKind: Readonly<Record<string, string>> = {
  vpc: 'vpcs',
  subnet: 'subnets',
  'internet-gateway': 'internet-gateways',
  natgateway: 'nat-gateways',
  'elastic-ip': 'addresses',
  'route-table': 'route-tables',
  'security-group': 'security-groups',
  'vpc-endpoint': 'endpoints',
  'network-interface': 'interfaces',
  image: 'images',
  snapshot: 'snapshots',
  'launch-template': 'launch-templates',
  instance: 'instances',
};

function checkExists(core: SandboxCore, region: string, id: string): void {
  const table = tableOfKind[kindOf(id)];
  if (table !== undefined && !core.table('ec2', region, table).has(id)) {
    throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  }
}

function keyOf(tag: Tag): string {
  if (tag.Key === undefined || tag.Key === '') throw invalidParameter('Tag keys must not be empty.');
  if (tag.Key.startsWith('aws:ec2:')) throw invalidParameter("Tag keys starting with 'aws:ec2:' are reserved.");
  return tag.Key;
}
