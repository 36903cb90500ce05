/**
 * How the private side reaches AWS, by Region: interface endpoints in each zone or in one, a NAT gateway, IPv6 through an egress-only
 * internet gateway. What each costs a month before any traffic and by the GB, and where one becomes cheaper than the other.
 */

import { countOf, listOf } from './charge.ts';
import type { Subject } from './month.ts';
import { normalModes, settingsOf } from './month.ts';
import { serviceOf } from './pricers/network.ts';
import { hoursPerMonth } from './schedule.ts';
import type { Resource } from './template.ts';

export interface Egress {
  readonly side: 'primary' | 'recovery';
  readonly region: string;
  /** Of all services together: the traffic the ways are compared at. */
  readonly gb: number;
  readonly ways: readonly EgressWay[];
  /** GB a month above which the endpoints, as many as there are, cost less than one NAT gateway; absent where they always or never do. */
  readonly breakEvenGb?: number;
  readonly says: string;
}

interface EgressWay {
  readonly name: string;
  readonly deployed: boolean;
  /** US dollars a month without any traffic. */
  readonly fixed: number;
  readonly perGb: number;
  readonly usd: number;
  readonly unsure: boolean;
}

/** Regions whose prices aren't known, or whose private side stands in a VPC that was there before, are left out. */
export function egressOf(subject: Subject): Egress[] {
  const { all } = settingsOf(subject, normalModes).recovery;
  return (['primary', 'recovery'] as const).flatMap((side) => {
    const compared = comparison(
      subject,
      side,
      all.filter((one) => one.side === side),
    );
    return compared === undefined ? [] : [compared];
  });
}

function comparison(subject: Subject, side: Egress['side'], here: readonly Resource[]): Egress | undefined {
  const { region } = subject.workload[side];
  const endpoints = here.filter(isInterface);
  const gateways = here.filter(({ type }) => type === 'AWS::EC2::NatGateway').length;
  if (endpoints.length === 0 && gateways === 0) return undefined;
  const find = (key: string) => subject.prices.find(region, key);
  const [hour, gb, natHour, natGb, address] = [
    find('endpoint.hour'),
    find('endpoint.gb'),
    find('nat.hour'),
    find('nat.gb'),
    find('public-ipv4.hour'),
  ];
  if (!hour || !gb || !natHour || !natGb || !address) return undefined;
  const { share } = normalModes[side];
  const services = endpoints.length > 0 ? endpoints.map(({ properties }) => serviceOf(properties.ServiceName)) : called;
  const zones = Math.max(1, gateways, ...endpoints.map(({ properties }) => countOf(properties.SubnetIds) || 1));
  const traffic =
    endpoints.length > 0 ? subject.usage.endpointGb * endpoints.length * share : subject.usage.natGb * gateways * share;
  const nat = (natHour.usd + address.usd) * hoursPerMonth;
  const endpoint = hour.usd * hoursPerMonth;
  const way = (name: string, deployed: boolean, fixed: number, perGb: number, unsure: boolean): EgressWay => ({
    name,
    deployed,
    fixed,
    perGb,
    usd: fixed + perGb * traffic,
    unsure,
  });
  const priced = { endpoint: hour.unsure || gb.unsure, nat: natHour.unsure || natGb.unsure || address.unsure };
  const count = `${services.length} interface endpoints`;
  const ways: EgressWay[] = [
    way(
      `${count} in ${zones} zones`,
      endpoints.length > 0,
      services.length * zones * endpoint,
      gb.usd,
      priced.endpoint,
    ),
    ...(zones > 1 ? [way(`${count} in one zone`, false, services.length * endpoint, gb.usd, priced.endpoint)] : []),
    way('one NAT gateway', gateways === 1, nat, natGb.usd, priced.nat),
    ...(zones > 1 ? [way(`${zones} NAT gateways`, gateways === zones, zones * nat, natGb.usd, priced.nat)] : []),
    way('IPv6, egress-only internet gateway', false, 0, 0, false),
  ];
  const more = services.length * zones * endpoint - nat;
  const breakEvenGb = more > 0 && natGb.usd > gb.usd ? more / (natGb.usd - gb.usd) : undefined;
  return {
    side,
    region,
    gb: traffic,
    ways,
    ...(breakEvenGb === undefined ? {} : { breakEvenGb }),
    says: `${verdict(breakEvenGb, more)} IPv6 costs nothing by hour or GB, and takes dual-stack subnets, clients set to dual-stack endpoints, and each service (${services.join(', ')}) answering over IPv6 in ${region}.`,
  };
}

/** What the private side calls where nothing in the templates says it. */
const called = ['ssm', 'sqs', 'secretsmanager', 'kms'];

const verdict = (breakEvenGb: number | undefined, more: number): string =>
  breakEvenGb !== undefined
    ? `One NAT gateway is cheaper below ${Math.round(breakEvenGb)} GB a month, the endpoints above.`
    : more > 0
      ? 'One NAT gateway is cheaper whatever the traffic.'
      : 'The endpoints are cheaper than a NAT gateway whatever the traffic.';

export const isInterface = ({ type, properties }: Resource): boolean =>
  type === 'AWS::EC2::VPCEndpoint' &&
  properties.VpcEndpointType === 'Interface' &&
  listOf(properties.SubnetIds).length > 0;
