/** Hosted zones and their records, as the control plane takes them. */

import type {
  ChangeResourceRecordSetsCommandInput,
  ChangeResourceRecordSetsCommandOutput,
  CreateHostedZoneCommandInput,
  CreateHostedZoneCommandOutput,
  DeleteHostedZoneCommandInput,
  DeleteHostedZoneCommandOutput,
  GetChangeCommandInput,
  GetChangeCommandOutput,
  GetHostedZoneCommandInput,
  GetHostedZoneCommandOutput,
  ListHostedZonesByNameCommandInput,
  ListHostedZonesByNameCommandOutput,
  ListHostedZonesCommandInput,
  ListHostedZonesCommandOutput,
  ListResourceRecordSetsCommandInput,
  ListResourceRecordSetsCommandOutput,
  ResourceRecordSet,
  UpdateHostedZoneCommentCommandInput,
  UpdateHostedZoneCommentCommandOutput,
} from '@aws-sdk/client-route-53';
import type { AnyOperation, Ask, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import type { Answers } from './answers.ts';
import { plannedChanges, recordKey } from './changes.ts';
import type { Propagation } from './propagation.ts';
import { changeShape, fullName, type PendingRecords, plainId, route53Tables, type ZoneRow, zoneNamed } from './rows.ts';
import { apexRecords, nameServers } from './zone-records.ts';

type Out<T> = Omit<T, '$metadata'>;

/** Milliseconds a zone works on one request, and how far it may fall behind before it refuses the next. Estimates. */
const requestWork = 100;
const longestBacklog = 500;

export function zoneOperations(
  core: SandboxCore,
  answers: Answers,
  changesOnTheirWay: Propagation,
): Record<string, AnyOperation> {
  const tables = route53Tables(core);
  const busyUntil = new Map<string, number>();

  const on =
    (action: string) =>
    ({ Id, HostedZoneId }: { Id?: string | undefined; HostedZoneId?: string | undefined }): Ask[] => [
      { action: `route53:${action}`, resource: `arn:aws:route53:::hostedzone/${plainId(Id ?? HostedZoneId)}` },
    ];

  const shape = (zone: ZoneRow) => ({
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { PrivateZone: false, ...(zone.comment === undefined ? {} : { Comment: zone.comment }) },
    ResourceRecordSetCount: tables.records(zone.id).size,
  });
  const delegation = ({ nameServers }: ZoneRow) => ({ NameServers: [...nameServers] });

  /** Tells the name servers, once the change is INSYNC. */
  const propagate = (zone: ZoneRow, comment: string | undefined, changes: PendingRecords['changes']) =>
    changesOnTheirWay.submit(comment, {
      zone: zone.id,
      changes: changes.map(({ remove, record }) => ({ remove, record })),
    });

  return {
    CreateHostedZone: operation<CreateHostedZoneCommandInput, Out<CreateHostedZoneCommandOutput>>((input) => {
      refuseMembers('CreateHostedZone', input, ['DelegationSetId']);
      if (input.VPC !== undefined || input.HostedZoneConfig?.PrivateZone === true)
        throw unsupported('private hosted zones');
      const { CallerReference: callerReference = '' } = input;
      if (tables.zones.values().some((zone) => zone.callerReference === callerReference)) {
        throw new AwsError(
          'HostedZoneAlreadyExists',
          `A hosted zone has already been created with the specified caller reference.`,
          { status: 409 },
        );
      }
      const name = fullName(input.Name);
      const id = `Z${core.ids.hex(20).toUpperCase()}`;
      const zone = tables.zones.put(id, {
        id,
        name,
        callerReference,
        comment: input.HostedZoneConfig?.Comment,
        nameServers,
      });
      const records = apexRecords(zone);
      for (const record of records) tables.records(id).put(recordKey(record), record);
      answers.serve(zone);
      const change = propagate(
        zone,
        undefined,
        records.map((record) => ({ remove: false, record })),
      );
      return {
        HostedZone: shape(zone),
        ChangeInfo: changeShape(change),
        DelegationSet: delegation(zone),
        Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${id}`,
      };
    }),

    GetHostedZone: operation<GetHostedZoneCommandInput, Out<GetHostedZoneCommandOutput>>((input) => {
      const zone = zoneNamed(core, input.Id);
      return { HostedZone: shape(zone), DelegationSet: delegation(zone) };
    }, on('GetHostedZone')),

    ListHostedZones: operation<ListHostedZonesCommandInput, Out<ListHostedZonesCommandOutput>>((input) => {
      refuseMembers('ListHostedZones', input, ['DelegationSetId', 'HostedZoneType']);
      const limit = input.MaxItems ?? 100;
      const { items, next } = page(tables.zones.values(), input.Marker, limit);
      const more = next === undefined ? { IsTruncated: false } : { IsTruncated: true, NextMarker: next };
      return { HostedZones: items.map(shape), Marker: input.Marker, MaxItems: limit, ...more };
    }),

    ListHostedZonesByName: operation<ListHostedZonesByNameCommandInput, Out<ListHostedZonesByNameCommandOutput>>(
      (input) => {
        const limit = input.MaxItems ?? 100;
        const reversed = (name: string): string => name.split('.').reverse().join('.');
        const from = input.DNSName === undefined ? '' : reversed(fullName(input.DNSName));
        const zones = tables.zones
          .values()
          .filter(
            ({ name, id }) => reversed(name) > from || (reversed(name) === from && id >= plainId(input.HostedZoneId)),
          )
          .sort((left, right) => (reversed(left.name) < reversed(right.name) ? -1 : 1));
        const next = zones[limit];
        const more =
          next === undefined
            ? { IsTruncated: false }
            : { IsTruncated: true, NextDNSName: next.name, NextHostedZoneId: next.id };
        return {
          HostedZones: zones.slice(0, limit).map(shape),
          DNSName: input.DNSName,
          HostedZoneId: input.HostedZoneId,
          MaxItems: limit,
          ...more,
        };
      },
    ),

    UpdateHostedZoneComment: operation<UpdateHostedZoneCommentCommandInput, Out<UpdateHostedZoneCommentCommandOutput>>(
      ({ Id, Comment }) => {
        const zone = zoneNamed(core, Id);
        return { HostedZone: shape(tables.zones.put(zone.id, { ...zone, comment: Comment })) };
      },
      on('UpdateHostedZoneComment'),
    ),

    DeleteHostedZone: operation<DeleteHostedZoneCommandInput, Out<DeleteHostedZoneCommandOutput>>((input) => {
      const zone = zoneNamed(core, input.Id);
      const own = new Set(apexRecords(zone).map(recordKey));
      if (
        tables
          .records(zone.id)
          .entries()
          .some(([key]) => !own.has(key))
      ) {
        throw new AwsError(
          'HostedZoneNotEmpty',
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
        );
      }
      for (const table of [tables.records(zone.id), tables.served(zone.id)])
        for (const [key] of table.entries()) table.delete(key);
      tables.zones.delete(zone.id);
      tables.tags.delete(`hostedzone/${zone.id}`);
      return { ChangeInfo: changeShape(changesOnTheirWay.submit(undefined)) };
    }, on('DeleteHostedZone')),

    ChangeResourceRecordSets: operation<
      ChangeResourceRecordSetsCommandInput,
      Out<ChangeResourceRecordSetsCommandOutput>
    >(
      (input) => {
        const zone = zoneNamed(core, input.HostedZoneId);
        const now = core.clock.now();
        const busy = Math.max(now, busyUntil.get(zone.id) ?? 0);
        if (busy - now >= longestBacklog) {
          throw new AwsError(
            'PriorRequestNotComplete',
            'The request was rejected because Route 53 was still processing a prior request.',
          );
        }
        const changes = plannedChanges(
          zone,
          new Map(tables.records(zone.id).entries()),
          tables.checks,
          input.ChangeBatch,
        );
        busyUntil.set(zone.id, busy + requestWork);
        for (const { remove, key, record } of changes) {
          if (remove) tables.records(zone.id).delete(key);
          else tables.records(zone.id).put(key, record);
        }
        return { ChangeInfo: changeShape(propagate(zone, input.ChangeBatch?.Comment, changes)) };
      },
      (input) => {
        const changes = input.ChangeBatch?.Changes ?? [];
        const distinct = (values: (string | undefined)[]): string[] => [...new Set(values.map((value) => value ?? ''))];
        const prefix = 'route53:ChangeResourceRecordSets';
        const context = {
          [`${prefix}NormalizedRecordNames`]: distinct(
            changes.map(({ ResourceRecordSet: set }) => fullName(set?.Name).slice(0, -1)),
          ),
          [`${prefix}RecordTypes`]: distinct(changes.map(({ ResourceRecordSet: set }) => set?.Type)),
          [`${prefix}Actions`]: distinct(changes.map(({ Action }) => Action)),
        };
        return on('ChangeResourceRecordSets')(input).map((ask) => ({ ...ask, context }));
      },
    ),

    ListResourceRecordSets: operation<ListResourceRecordSetsCommandInput, Out<ListResourceRecordSetsCommandOutput>>(
      (input) => {
        const zone = zoneNamed(core, input.HostedZoneId);
        const limit = input.MaxItems ?? 300;
        const order = ({ Name = '', Type, SetIdentifier = '' }: ResourceRecordSet): string =>
          [Name.split('.').reverse().join('.'), Type ?? '', SetIdentifier].join('\u0000');
        const from =
          input.StartRecordName === undefined
            ? ''
            : order({
                Name: fullName(input.StartRecordName),
                Type: input.StartRecordType,
                SetIdentifier: input.StartRecordIdentifier,
              });
        const sets = tables
          .records(zone.id)
          .values()
          .filter((record) => order(record) >= from)
          .sort((left, right) => (order(left) < order(right) ? -1 : 1));
        const next = sets[limit];
        const more =
          next === undefined
            ? { IsTruncated: false }
            : {
                IsTruncated: true,
                NextRecordName: next.Name,
                NextRecordType: next.Type,
                NextRecordIdentifier: next.SetIdentifier,
              };
        return { ResourceRecordSets: sets.slice(0, limit), MaxItems: limit, ...more };
      },
      on('ListResourceRecordSets'),
    ),

    GetChange: operation<GetChangeCommandInput, Out<GetChangeCommandOutput>>(
      ({ Id }) => {
        const change = tables.changes.get(plainId(Id));
        if (change === undefined)
          throw new AwsError('NoSuchChange', `Could not find resource with ID: ${plainId(Id)}`, { status: 404 });
        return { ChangeInfo: changeShape(change) };
      },
      ({ Id }) => [{ action: 'route53:GetChange', resource: `arn:aws:route53:::change/${plainId(Id)}` }],
    ),
  };
}
