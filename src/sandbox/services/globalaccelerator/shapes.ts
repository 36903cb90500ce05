/** The rows as the API answers them. */

import type { Accelerator, EndpointDescription, EndpointGroup, Listener } from '@aws-sdk/client-global-accelerator';
import type { AcceleratorRow, AcceleratorTables, EndpointRow, GroupRow, ListenerRow } from './rows.ts';

export const acceleratorShape = (row: AcceleratorRow): Accelerator => ({
  AcceleratorArn: row.arn,
  Name: row.name,
  IpAddressType: 'IPV4',
  Enabled: row.enabled,
  IpSets: [{ IpFamily: 'IPv4', IpAddresses: [...row.addresses], IpAddressFamily: 'IPv4' }],
  DnsName: row.dnsName,
  Status: row.deployed ? 'DEPLOYED' : 'IN_PROGRESS',
  CreatedTime: new Date(row.createdAt),
  LastModifiedTime: new Date(row.changedAt),
});

export const listenerShape = (row: ListenerRow): Listener => ({
  ListenerArn: row.arn,
  PortRanges: row.ports.map(({ from, to }) => ({ FromPort: from, ToPort: to })),
  Protocol: 'TCP',
  ClientAffinity: row.affinity,
});

export const groupShape = (row: GroupRow, tables: AcceleratorTables): EndpointGroup => ({
  EndpointGroupArn: row.arn,
  EndpointGroupRegion: row.region,
  EndpointDescriptions: row.endpoints.map((endpoint) => endpointShape(endpoint, tables)),
  TrafficDialPercentage: row.dial,
  HealthCheckPort: row.check.port,
  HealthCheckProtocol: row.check.protocol,
  HealthCheckPath: row.check.path,
  HealthCheckIntervalSeconds: row.check.intervalSeconds,
  ThresholdCount: row.check.threshold,
  PortOverrides: row.overrides.map(({ listener, endpoint }) => ({ ListenerPort: listener, EndpointPort: endpoint })),
});

function endpointShape(
  { id, weight, keepsClientAddress }: EndpointRow,
  { health }: AcceleratorTables,
): EndpointDescription {
  const verdict = health.get(id);
  const state =
    verdict === undefined
      ? { HealthState: 'INITIAL' as const, HealthReason: 'Initial health checks in progress' }
      : verdict.healthy
        ? { HealthState: 'HEALTHY' as const }
        : { HealthState: 'UNHEALTHY' as const, HealthReason: 'Health checks failed' };
  return { EndpointId: id, Weight: weight, ClientIPPreservationEnabled: keepsClientAddress, ...state };
}
