/** Availability Zones: three in each Region, `a` to `c`. */

import type {
  DescribeAvailabilityZonesCommandInput,
  DescribeAvailabilityZonesCommandOutput,
} from '@aws-sdk/client-ec2';
import type { AnyOperation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { matching } from './filters.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';

export const zonesOf = (region: string): string[] => ['a', 'b', 'c'].map((letter) => `${region}${letter}`);

/** The zone's id, the same for every account: `use1-az1`. */
export function zoneId(zone: string): string {
  const region = zone.slice(0, -1);
  const [area = '', direction = '', number = ''] = region.split('-');
  const short = direction.replace(/(north|south|east|west|central)/g, (word) =>
    word === 'central' ? 'c' : (word[0] ?? ''),
  );
  return `${area}${short}${number}-az${zone.charCodeAt(zone.length - 1) - 96}`;
}

export function zoneOperations(): Record<string, AnyOperation> {
  return {
    DescribeAvailabilityZones: strictOperation<
      DescribeAvailabilityZonesCommandInput,
      Answer<DescribeAvailabilityZonesCommandOutput>
    >({
      name: 'DescribeAvailabilityZones',
      members: ['Filters', 'ZoneNames', 'ZoneIds', 'AllAvailabilityZones'],
      handle(input, call) {
        const zones = zonesOf(call.region);
        for (const name of input.ZoneNames ?? []) {
          if (!zones.includes(name))
            throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${name}]`);
        }
        const asked = zones.filter(
          (zone) =>
            (input.ZoneNames ?? zones).includes(zone) && (input.ZoneIds ?? [zoneId(zone)]).includes(zoneId(zone)),
        );
        const rows = matching(asked, input.Filters, {
          'zone-name': (zone) => zone,
          'zone-id': zoneId,
          'region-name': () => call.region,
          state: () => 'available',
          'zone-type': () => 'availability-zone',
          'opt-in-status': () => 'opt-in-not-required',
          'group-name': () => `${call.region}-zg-1`,
        });
        return {
          AvailabilityZones: rows.map((zone) => ({
            ZoneName: zone,
            ZoneId: zoneId(zone),
            RegionName: call.region,
            GroupName: `${call.region}-zg-1`,
            NetworkBorderGroup: call.region,
            ZoneType: 'availability-zone',
            State: 'available',
            OptInStatus: 'opt-in-not-required',
            Messages: [],
          })),
        };
      },
    }),
  };
}
