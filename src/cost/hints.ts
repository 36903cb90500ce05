/** Where a cheaper shape would serve, and what it takes away. Each saving is worked out from the same prices as the bill. */

import type { PriceBook } from '../facts/prices.ts';
import type { Line, Mode } from './charge.ts';
import { isOn, listOf } from './charge.ts';
import { isInterface } from './egress.ts';
import type { Month, Subject } from './month.ts';
import { monthOf, normalModes, settingsOf, sumOf } from './month.ts';
import { largerClass } from './pricers/database.ts';
import { serviceOf } from './pricers/network.ts';
import { hoursPerMonth } from './schedule.ts';
import type { Resource } from './template.ts';

export interface Hint {
  /** US dollars a month; absent where it depends on what nobody told. */
  readonly saves?: number;
  readonly says: string;
}

/** The greatest saving first. */
export function hintsOf(subject: Subject, normal: Month): Hint[] {
  const { all } = settingsOf(subject, normalModes).recovery;
  const { prices, workload } = subject;
  const regional = (['recovery', 'primary'] as const).flatMap((side) => {
    const here = all.filter((resource) => resource.side === side);
    const lines = normal.lines.filter((line) => line.side === side && line.component === 'network');
    const place = { side, region: workload[side].region, here, lines, prices, subject };
    return [...endpointHints(place), ...gatewayEndpointHints(place), ...natHints(place)];
  });
  return [...regional, ...functionHints(normal, subject), ...databaseHints(subject, normal, all)]
    .filter(({ saves }) => saves === undefined || saves >= 0.5)
    .toSorted((one, other) => (other.saves ?? 0) - (one.saves ?? 0));
}

interface Place {
  readonly side: 'primary' | 'recovery';
  readonly region: string;
  readonly here: readonly Resource[];
  readonly lines: readonly Line[];
  readonly prices: PriceBook;
  readonly subject: Subject;
}

function endpointHints({ side, region, here, lines, prices, subject }: Place): Hint[] {
  const endpoints = here.filter(isInterface);
  const cost = sum(lines.filter(({ what }) => what.includes('endpoint for ')));
  if (endpoints.length === 0 || cost === 0) return [];
  const zones = Math.max(...endpoints.map(({ properties }) => listOf(properties.SubnetIds).length));
  const services = endpoints.map(({ properties }) => serviceOf(properties.ServiceName)).join(', ');
  const hints: Hint[] = [
    {
      saves: cost,
      says: `${region}: IPv6 egress through an egress-only internet gateway has no hourly price; ${endpoints.length} interface endpoints (${services}) cost ${dollars(cost)}. It takes dual-stack subnets and functions, clients set to dual-stack endpoints, and each of these services answering over IPv6 there (KMS and SQS document it)`,
    },
  ];
  if (zones > 1) {
    const hourly = sum(lines.filter(({ what, unit }) => what.startsWith('endpoint for ') && unit === 'hours'));
    hints.push({
      saves: hourly * (1 - 1 / zones),
      says: `${region}: the interface endpoints in one zone rather than ${zones}${side === 'recovery' ? ' while it waits' : ''}. Calls from other zones cross over at 0.01 a GB each way, and that zone's loss takes the endpoints along`,
    });
  }
  const gateway = prices.find(region, 'nat.hour');
  const perGb = prices.find(region, 'nat.gb');
  const address = prices.find(region, 'public-ipv4.hour');
  if (gateway === undefined || perGb === undefined || address === undefined) return hints;
  const moved = side === 'primary' ? subject.usage.endpointGb * endpoints.length : 0;
  const nat = (gateway.usd + address.usd) * hoursPerMonth + perGb.usd * moved;
  if (nat < cost) {
    hints.push({
      saves: cost - nat,
      says: `${region}: one NAT gateway with its address (${dollars(nat)}) serves every service; the interface endpoints cost ${dollars(cost)}. The private side then reaches the internet, in one zone`,
    });
  }
  return hints;
}

/** S3 and DynamoDB have gateway endpoints, which are free. */
function gatewayEndpointHints({ region, here, lines }: Place): Hint[] {
  const paid = here
    .filter(isInterface)
    .filter(({ properties }) => ['s3', 'dynamodb'].includes(serviceOf(properties.ServiceName)));
  const hints: Hint[] = paid.map(({ properties }) => {
    const service = serviceOf(properties.ServiceName);
    return {
      saves: sum(lines.filter(({ what }) => what.includes(`endpoint for ${service}`))),
      says: `${region}: a gateway endpoint for ${service} costs nothing; this one is an interface endpoint`,
    };
  });
  const free = here.some(
    ({ type, properties }) => type === 'AWS::EC2::VPCEndpoint' && serviceOf(properties.ServiceName) === 's3',
  );
  if (!free && here.some(({ type }) => type === 'AWS::EC2::NatGateway')) {
    hints.push({
      says: `${region}: traffic to S3 goes through NAT and is paid by the GB; a gateway endpoint for S3 costs nothing`,
    });
  }
  return hints;
}

function natHints({ side, region, here, lines }: Place): Hint[] {
  const gateways = here.filter(({ type }) => type === 'AWS::EC2::NatGateway');
  const hourly = sum(lines.filter(({ what }) => what === 'NAT gateway'));
  if (gateways.length === 0) return [];
  const traffic = sum(lines.filter(({ what }) => what === 'traffic through NAT'));
  const hints: Hint[] = [
    {
      saves: hourly + traffic,
      says: `${region}: IPv6 egress through an egress-only internet gateway has no price by the hour or the GB; NAT costs ${dollars(hourly + traffic)}. It takes dual-stack subnets, and everything that is called answering over IPv6`,
    },
  ];
  if (side === 'recovery' && gateways.length > 1) {
    hints.push({
      saves: hourly * (1 - 1 / gateways.length),
      says: `${region}: ${gateways.length} NAT gateways wait while nothing runs; one is enough until the group serves`,
    });
  }
  return hints;
}

function functionHints({ lines }: Month, { prices, workload }: Subject): Hint[] {
  const region = workload.primary.region;
  const [x86, arm] = ['lambda.gb-s-x86', 'lambda.gb-s-arm'].map((key) => prices.find(region, key)?.usd);
  if (x86 === undefined || arm === undefined) return [];
  const running = sum(lines.filter(({ price }) => price?.key === 'lambda.gb-s-x86'));
  return [{ saves: running * (1 - arm / x86), says: 'functions on arm64 rather than x86_64' }];
}

/** What runs all the time, whatever happens: a smaller replica, or one without a standby of its own, where it has them. */
function databaseHints(subject: Subject, normal: Month, all: readonly Resource[]): Hint[] {
  const replica = all.find(
    ({ type, side, properties }) =>
      type === 'AWS::RDS::DBInstance' && side === 'recovery' && properties.SourceDBInstanceIdentifier !== undefined,
  );
  const saved = (side: 'primary' | 'recovery', mode: Partial<Mode>): number | undefined => {
    const month = monthOf(subject, { ...normalModes, [side]: { ...normalModes[side], ...mode } });
    const lacks = month.unpriced.length > normal.unpriced.length;
    return lacks ? undefined : sumOf(normal.lines) - sumOf(month.lines);
  };
  const hints: Hint[] = [];
  const hint = (saves: number | undefined, says: string) => {
    if (saves !== undefined && saves > 0) hints.push({ saves, says });
  };
  if (replica !== undefined) {
    const declared = String(replica.properties.DBInstanceClass);
    const smaller = largerClass(declared, -1);
    if (smaller !== declared) {
      hint(
        saved('recovery', { databaseSteps: -1 }),
        `${smaller} rather than ${declared} for the replica. It must still keep up with every write, and after a failover it serves with that until it is made larger, which restarts it`,
      );
    }
    if (multiAz(replica))
      hint(saved('recovery', { multiAz: false }), 'a Single-AZ replica while it waits: Multi-AZ after the promotion');
    hints.push({
      says: 'the replica runs all the time: a reserved instance for it is cheaper than the on-demand price counted here',
    });
  }
  if (all.some((one) => one.type === 'AWS::RDS::DBInstance' && one.side === 'primary' && multiAz(one))) {
    hint(
      saved('primary', { multiAz: false }),
      'a Single-AZ primary database (`database.multiAz: false`). The loss of one zone is then a failover to the other Region, and what it had not received is lost',
    );
  }
  return hints;
}

const multiAz = ({ properties }: Resource): boolean => isOn(properties.MultiAZ);

const sum = (lines: readonly Line[]): number => lines.reduce((total, { usd }) => total + usd, 0);

const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
