/** What every zone has from the start: where it is answered. */

import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { ZoneRow } from './rows.ts';

export const nameServers: readonly string[] = ['com', 'net', 'org', 'co.uk'].map(
  (suffix, index) => `ns-${index * 512 + 1}.awsdns-0${index}.${suffix}`,
);

export function apexRecords({ name, nameServers: servers }: ZoneRow): ResourceRecordSet[] {
  const soa = `${servers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  return [
    { Name: name, Type: 'NS', TTL: 172_800, ResourceRecords: servers.map((server) => ({ Value: `${server}.` })) },
    { Name: name, Type: 'SOA', TTL: 900, ResourceRecords: [{ Value: soa }] },
  ];
}
