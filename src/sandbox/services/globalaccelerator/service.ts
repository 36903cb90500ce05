/**
 * AWS Global Accelerator. Its control plane stands in us-west-2 and is reached, or not, through that Region's door; its data plane, which
 * is the edge and its health checks, stands in no Region. Source: AWS Fault Isolation Boundaries, "Global services".
 */

import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-global-accelerator';
import type { SandboxCore, Service } from '../../contract.ts';
import { tagContext } from '../ec2/asks.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { tagList, withoutTags } from '../events/tags.ts';
import { acceleratorOperations } from './accelerator-operations.ts';
import { askOn } from './asks.ts';
import { deployment } from './deployment.ts';
import { edge } from './edge.ts';
import { EndpointHealth } from './endpoint-health.ts';
import { groupOperations } from './group-operations.ts';
import { listenerOperations } from './listener-operations.ts';
import { acceleratorOf, acceleratorTables } from './rows.ts';

export function createGlobalAcceleratorService(core: SandboxCore): Service {
  const { accelerators } = acceleratorTables(core);
  const health = new EndpointHealth(core);
  const ports = edge(core, health);
  const deploys = deployment(core, (arn) => {
    health.watch();
    ports.serve(arn);
  });
  const look = (): void => {
    for (const row of accelerators.values()) {
      ports.name(row);
      ports.serve(row.arn);
    }
    health.watch();
  };

  return {
    name: 'globalaccelerator',
    resume() {
      look();
      deploys.resume();
    },
    look,
    close: () => ports.close(),
    operations: {
      ...acceleratorOperations(core, deploys, ports),
      ...listenerOperations(core, deploys),
      ...groupOperations(core, deploys),

      TagResource: strictOperation<TagResourceCommandInput, object>({
        name: 'TagResource',
        members: ['ResourceArn', 'Tags'],
        authorize: (input) => [askOn(core, 'TagResource', input.ResourceArn, tagContext(input.Tags))],
        handle(input) {
          const row = acceleratorOf(core, input.ResourceArn);
          const added = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
          accelerators.put(row.arn, { ...row, tags: { ...row.tags, ...added } });
          return {};
        },
      }),
      UntagResource: strictOperation<UntagResourceCommandInput, object>({
        name: 'UntagResource',
        members: ['ResourceArn', 'TagKeys'],
        authorize: (input) => [askOn(core, 'UntagResource', input.ResourceArn)],
        handle(input) {
          const row = acceleratorOf(core, input.ResourceArn);
          accelerators.put(row.arn, { ...row, tags: withoutTags(row.tags, input.TagKeys ?? []) });
          return {};
        },
      }),
      ListTagsForResource: strictOperation<ListTagsForResourceCommandInput, Answer<ListTagsForResourceCommandOutput>>({
        name: 'ListTagsForResource',
        members: ['ResourceArn'],
        authorize: (input) => [askOn(core, 'ListTagsForResource', input.ResourceArn)],
        handle: (input) => ({ Tags: tagList(acceleratorOf(core, input.ResourceArn).tags) }),
      }),
    },
  };
}
