/**
 * Route 53. Its control plane stands in us-east-1 and is reached, or not, through that Region's door; its data plane, which is DNS and
 * the health checks, stands in no Region.
 */

import type {
  ChangeTagsForResourceCommandInput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
} from '@aws-sdk/client-route-53';
import type { Ask, SandboxCore, Service } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { tagList, tagRecord, withoutTags } from '../events/tags.ts';
import { accountLimitOperations } from './account-limits.ts';
import { Answers } from './answers.ts';
import { healthCheckOperations } from './health-check-operations.ts';
import { HealthChecks } from './health-checks.ts';
import { type Probe, probeFromOutside } from './probe.ts';
import { propagation } from './propagation.ts';
import { checkNamed, plainId, route53Tables, zoneNamed } from './rows.ts';
import { type SeedZone, seedZones } from './seed-zones.ts';
import { TargetHealth } from './target-health.ts';
import { zoneOperations } from './zone-operations.ts';

type Out<T> = Omit<T, '$metadata'>;

interface Tagged {
  readonly ResourceType: string | undefined;
  readonly ResourceId: string | undefined;
}

export interface Route53Options {
  /** Looks at endpoints; over real sockets unless a test says otherwise. */
  readonly probe?: Probe;
  /** What the account has from the beginning, by id. */
  readonly zones?: Readonly<Record<string, SeedZone>>;
}

export function createRoute53Service(
  core: SandboxCore,
  { probe = probeFromOutside(core), zones = {} }: Route53Options = {},
): Service {
  const tables = route53Tables(core);
  const checks = new HealthChecks(core, probe);
  const targets = new TargetHealth(core);
  const answers = new Answers(core, {
    check: (id) => checks.isHealthy(id),
    target: (dnsName) => targets.isHealthy(dnsName),
  });
  const onTheirWay = propagation(core, () => targets.watch());
  for (const zone of seedZones(core, zones)) answers.serve(zone);
  const on =
    (action: string) =>
    ({ ResourceType, ResourceId }: Tagged): Ask[] => [
      { action: `route53:${action}`, resource: `arn:aws:route53:::${ResourceType}/${plainId(ResourceId)}` },
    ];
  /** The key of a resource's tags. Throws when there is no such resource. */
  const tagKey = ({ ResourceType, ResourceId }: Tagged): string => {
    if (ResourceType === 'healthcheck') checkNamed(core, ResourceId);
    else zoneNamed(core, ResourceId);
    return `${ResourceType}/${plainId(ResourceId)}`;
  };

  return {
    name: 'route53',
    resume() {
      for (const zone of tables.zones.values()) answers.serve(zone);
      for (const check of tables.checks.values()) checks.start(check);
      onTheirWay.resume();
      targets.watch();
    },
    close: () => checks.stopAll(),
    operations: {
      ...zoneOperations(core, answers, onTheirWay),
      ...healthCheckOperations(core, checks),
      ...accountLimitOperations(core),

      ChangeTagsForResource: operation<ChangeTagsForResourceCommandInput, object>((input) => {
        const key = tagKey(input);
        const kept = withoutTags(tables.tags.get(key) ?? {}, input.RemoveTagKeys ?? []);
        const added = (input.AddTags ?? []).map(({ Key, Value }) => ({ Key, Value }));
        tables.tags.put(key, { ...kept, ...tagRecord(added) });
        return {};
      }, on('ChangeTagsForResource')),

      ListTagsForResource: operation<ListTagsForResourceCommandInput, Out<ListTagsForResourceCommandOutput>>(
        (input) => {
          const tags = tables.tags.get(tagKey(input)) ?? {};
          const { ResourceType } = input;
          return { ResourceTagSet: { ResourceType, ResourceId: plainId(input.ResourceId), Tags: tagList(tags) } };
        },
        on('ListTagsForResource'),
      ),
    },
  };
}
