/** AWS::Route53::HostedZone, RecordSet and HealthCheck. */

import type {
  ChangeResourceRecordSetsCommandOutput,
  CreateHealthCheckCommandOutput,
  CreateHostedZoneCommandOutput,
  GetChangeCommandOutput,
  ListHostedZonesByNameCommandOutput,
} from '@aws-sdk/client-route-53';
import { codeOf } from '../../contract.ts';
import { validationError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { isGone, unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

export const hostedZone: ResourceType = {
  name: 'AWS::Route53::HostedZone',
  properties: { HostedZoneConfig: 'update', HostedZoneTags: 'update', Name: 'replace', VPCs: 'replace' },
  required: ['Name'],
  attributes: ['Id', 'NameServers'],
  async create(properties, context) {
    const { HostedZoneConfig, Name } = properties;
    const [first, ...others] = listOf(properties.VPCs);
    const answer = await context.call<CreateHostedZoneCommandOutput>('route53', 'CreateHostedZone', {
      Name,
      HostedZoneConfig,
      VPC: first,
      CallerReference: context.physicalName(128),
    });
    const id = (answer.HostedZone?.Id ?? '').replace('/hostedzone/', '');
    context.created(id);
    for (const VPC of others) await context.call('route53', 'AssociateVPCWithHostedZone', { HostedZoneId: id, VPC });
    const tags = tagList(properties.HostedZoneTags);
    if (tags.length > 0) await tagZone('hostedzone', id, { AddTags: tags }, context);
    return { id, attributes: { Id: id, NameServers: answer.DelegationSet?.NameServers ?? [] } };
  },
  async update(change, context) {
    const { changed, id, properties } = change;
    if (changed.has('HostedZoneConfig')) {
      const Comment = objectOf(properties.HostedZoneConfig).Comment ?? '';
      await context.call('route53', 'UpdateHostedZoneComment', { Id: id, Comment });
    }
    await syncZoneTags('hostedzone', change, 'HostedZoneTags', context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('route53', 'DeleteHostedZone', { Id: id }));
  },
};

/** Members of a record the API takes as declared. */
const recordMembers = [
  'AliasTarget',
  'Failover',
  'GeoLocation',
  'HealthCheckId',
  'MultiValueAnswer',
  'Name',
  'Region',
  'SetIdentifier',
  'TTL',
  'Type',
  'Weight',
];

export const recordSet: ResourceType = {
  name: 'AWS::Route53::RecordSet',
  properties: {
    ...(Object.fromEntries(recordMembers.map((name) => [name, 'update'])) as Record<string, OnChange>),
    Comment: 'update',
    HostedZoneId: 'replace',
    HostedZoneName: 'replace',
    Name: 'replace',
    ResourceRecords: 'update',
  },
  required: ['Name', 'Type'],
  attributes: [],
  async create(properties, context) {
    const id = textOf(properties.Name) ?? '';
    const created = () => context.created(id);
    await changeRecords([{ Action: 'CREATE', ResourceRecordSet: record(properties) }], properties, context, created);
    return { id };
  },
  async update({ previous, properties }, context) {
    const key = ({ SetIdentifier, Type }: JsonObject) => `${asText(Type)} ${asText(SetIdentifier)}`;
    const changes =
      key(previous) === key(properties)
        ? [{ Action: 'UPSERT', ResourceRecordSet: record(properties) }]
        : [
            { Action: 'DELETE', ResourceRecordSet: record(previous) },
            { Action: 'CREATE', ResourceRecordSet: record(properties) },
          ];
    await changeRecords(changes, properties, context);
    return undefined;
  },
  async delete({ properties }, context) {
    try {
      await changeRecords([{ Action: 'DELETE', ResourceRecordSet: record(properties) }], properties, context);
    } catch (error) {
      // The only thing Route 53 says about a record that isn't there is that the batch is invalid.
      const absent = error instanceof Error && /but it was not found/.test(error.message);
      if (!absent && !isGone(error)) throw error;
    }
  },
};

const record = (properties: JsonObject): object => ({
  ...pick(properties, recordMembers),
  ResourceRecords:
    properties.ResourceRecords === undefined
      ? undefined
      : listOf(properties.ResourceRecords).map((value) => ({ Value: value })),
});

export async function changeRecords(
  Changes: object[],
  properties: JsonObject,
  context: ResourceContext,
  accepted: () => void = () => {},
): Promise<void> {
  const HostedZoneId = await zoneId(properties, context);
  let Id: string | undefined;
  // A zone takes one change at a time; other stacks, and other records of this one, may be before us.
  await context.until('the zone to take the change', async () => {
    try {
      const answer = await context.call<ChangeResourceRecordSetsCommandOutput>('route53', 'ChangeResourceRecordSets', {
        HostedZoneId,
        ChangeBatch: { Changes, Comment: properties.Comment },
      });
      Id = answer.ChangeInfo?.Id;
      return true;
    } catch (error) {
      if (codeOf(error) === 'PriorRequestNotComplete') return false;
      throw error;
    }
  });
  accepted();
  await context.until('the record change to reach the name servers', async () => {
    const { ChangeInfo } = await context.call<GetChangeCommandOutput>('route53', 'GetChange', { Id });
    return ChangeInfo?.Status === 'INSYNC';
  });
}

async function zoneId({ HostedZoneId, HostedZoneName }: JsonObject, { call }: ResourceContext): Promise<string> {
  const id = textOf(HostedZoneId);
  if (id !== undefined) return id;
  const name = textOf(HostedZoneName);
  if (name === undefined) throw validationError('A record set needs HostedZoneId or HostedZoneName');
  const answer = await call<ListHostedZonesByNameCommandOutput>('route53', 'ListHostedZonesByName', { DNSName: name });
  const zone = answer.HostedZones?.find((candidate) => candidate.Name === name);
  if (zone?.Id === undefined) throw validationError(`No hosted zone is named ${name}`);
  return zone.Id.replace('/hostedzone/', '');
}

export const healthCheck: ResourceType = {
  name: 'AWS::Route53::HealthCheck',
  properties: { HealthCheckConfig: 'update', HealthCheckTags: 'update' },
  required: ['HealthCheckConfig'],
  attributes: ['HealthCheckId'],
  replaces({ changed, previous, properties }) {
    const fixed = ['Type', 'RequestInterval', 'MeasureLatency', 'RoutingControlArn'];
    const [before, now] = [objectOf(previous.HealthCheckConfig), objectOf(properties.HealthCheckConfig)];
    const differs = fixed.some((name) => asText(before[name]) !== asText(now[name]));
    return changed.has('HealthCheckConfig') && differs ? ['HealthCheckConfig'] : [];
  },
  async create(properties, context) {
    const answer = await context.call<CreateHealthCheckCommandOutput>('route53', 'CreateHealthCheck', {
      CallerReference: context.physicalName(64),
      HealthCheckConfig: properties.HealthCheckConfig,
    });
    const id = answer.HealthCheck?.Id ?? '';
    context.created(id);
    const tags = tagList(properties.HealthCheckTags);
    if (tags.length > 0) await tagZone('healthcheck', id, { AddTags: tags }, context);
    return { id, attributes: { HealthCheckId: id } };
  },
  async update(change, context) {
    const { changed, id, properties } = change;
    if (changed.has('HealthCheckConfig')) {
      const {
        Type: _type,
        RequestInterval: _interval,
        MeasureLatency: _latency,
        ...members
      } = objectOf(properties.HealthCheckConfig);
      await context.call('route53', 'UpdateHealthCheck', { HealthCheckId: id, ...members });
    }
    await syncZoneTags('healthcheck', change, 'HealthCheckTags', context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('route53', 'DeleteHealthCheck', { HealthCheckId: id }));
  },
};

const tagZone = (ResourceType: string, ResourceId: string, members: object, { call }: ResourceContext) =>
  call('route53', 'ChangeTagsForResource', { ResourceType, ResourceId, ...members });

function syncZoneTags(resourceType: string, change: ResourceChange, property: string, context: ResourceContext) {
  const { changed, id, previous, properties } = change;
  const asTags = {
    changed: new Set(changed.has(property) ? ['Tags'] : []),
    previous: { Tags: previous[property] ?? [] },
    properties: { Tags: properties[property] ?? [] },
  };
  return syncTags(asTags, {
    add: (AddTags) => tagZone(resourceType, id, { AddTags }, context),
    remove: (RemoveTagKeys) => tagZone(resourceType, id, { RemoveTagKeys }, context),
  });
}
