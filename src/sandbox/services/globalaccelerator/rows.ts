/**
 * What Global Accelerator keeps. It is global: tables belong to no Region. What the control plane was told is in three tables; `served` is
 * what the edge goes by, and becomes that when an accelerator is DEPLOYED. Times in milliseconds of AWS time.
 */

import type { ClientAffinity, HealthCheckProtocol } from '@aws-sdk/client-global-accelerator';
import { acceleratorControlPlaneRegion } from '../../../facts/regions.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError, globalScope } from '../../contract.ts';

export interface AcceleratorRow {
  readonly arn: string;
  readonly name: string;
  readonly token: string;
  readonly enabled: boolean;
  /** The two static ones: 127/8, outside of all Regions. */
  readonly addresses: readonly string[];
  readonly dnsName: string;
  readonly deployed: boolean;
  /** Rises with each change: a deployment that was overtaken deploys nothing. */
  readonly version: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ListenerRow {
  readonly arn: string;
  readonly accelerator: string;
  readonly token: string;
  readonly ports: readonly PortRange[];
  readonly affinity: ClientAffinity;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface GroupRow {
  readonly arn: string;
  readonly listener: string;
  readonly token: string;
  readonly region: string;
  readonly endpoints: readonly EndpointRow[];
  /** Percent. */
  readonly dial: number;
  /** Recorded: load balancers are as healthy as Elastic Load Balancing finds them. */
  readonly check: CheckRow;
  readonly overrides: readonly { readonly listener: number; readonly endpoint: number }[];
}

export interface CheckRow {
  readonly port: number;
  readonly protocol: HealthCheckProtocol;
  readonly path?: string;
  readonly intervalSeconds: number;
  readonly threshold: number;
}

export interface EndpointRow {
  /** A load balancer's ARN. */
  readonly id: string;
  readonly weight: number;
  readonly keepsClientAddress: boolean;
}

export interface ServedRow {
  readonly enabled: boolean;
  readonly listeners: readonly (ListenerRow & { readonly groups: readonly GroupRow[] })[];
}

export interface HealthRow {
  readonly healthy: boolean;
  /** When the last looks began to say otherwise. */
  readonly doubtedAt?: number;
}

export interface AcceleratorTables {
  readonly accelerators: Table<AcceleratorRow>;
  readonly listeners: Table<ListenerRow>;
  readonly groups: Table<GroupRow>;
  readonly served: Table<ServedRow>;
  /** By endpoint id. */
  readonly health: Table<HealthRow>;
}

export function acceleratorTables(core: SandboxCore): AcceleratorTables {
  const open = <T>(name: string): Table<T> => core.table<T>('globalaccelerator', globalScope, name);
  return {
    accelerators: open('accelerators'),
    listeners: open('listeners'),
    groups: open('endpoint-groups'),
    served: open('served'),
    health: open('health'),
  };
}

/** The control plane's clock: while its Region is dark nothing is deployed. */
export const controlClock = (core: SandboxCore): Clock =>
  core.regions.includes(acceleratorControlPlaneRegion) ? core.region(acceleratorControlPlaneRegion).clock : core.clock;

export function acceleratorOf(core: SandboxCore, arn: string | undefined): AcceleratorRow {
  return (
    acceleratorTables(core).accelerators.get(arn ?? '') ?? missing('AcceleratorNotFoundException', 'accelerator', arn)
  );
}

export function listenerOf(core: SandboxCore, arn: string | undefined): ListenerRow {
  return acceleratorTables(core).listeners.get(arn ?? '') ?? missing('ListenerNotFoundException', 'listener', arn);
}

export function groupOf(core: SandboxCore, arn: string | undefined): GroupRow {
  return (
    acceleratorTables(core).groups.get(arn ?? '') ?? missing('EndpointGroupNotFoundException', 'endpoint group', arn)
  );
}

function missing(code: string, what: string, arn: string | undefined): never {
  throw new AwsError(code, `The ${what} ${arn} does not exist.`);
}

export const invalid = (message: string): AwsError => new AwsError('InvalidArgumentException', message);
