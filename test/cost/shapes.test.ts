import { describe, expect, test } from 'vitest';
import type { Subject } from '../../src/cost/month.ts';
import { monthOf, normalModes } from '../../src/cost/month.ts';
import { drills, failoverMonth } from '../../src/cost/moves.ts';
import { largerClass } from '../../src/cost/pricers/database.ts';
import { costReport } from '../../src/cost/report.ts';
import { alternatives, pricesOfRto } from '../../src/cost/shapes.ts';
import { roundPrices, subject } from './small.ts';

const whenActive = (value: number) => ({ 'Fn::If': ['IsActive', value, 0] });

const group = {
  Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 't3.small' } } },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      MinSize: whenActive(3),
      MaxSize: 6,
      LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' } },
      TargetGroupARNs: ['targets'],
    },
  },
};

const database = (more: Readonly<Record<string, unknown>>) => ({
  Database: {
    Type: 'AWS::RDS::DBInstance',
    Properties: { DBInstanceIdentifier: 'db', DBInstanceClass: 'db.t4g.medium', BackupRetentionPeriod: 7, ...more },
  },
});

/** Three instances (0.10 an hour each), a database at 1.00 an hour, and its replica. */
const small = (usage = {}): Subject =>
  subject(
    {
      primary: { ...group, ...database({ Engine: 'mysql', AllocatedStorage: 20, StorageType: 'gp3' }) },
      recovery: { ...group, ...database({ SourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:1:db:db' }) },
    },
    { warmShare: 0.5, drillHours: 73, ...usage },
  );

const named = <Row extends { readonly name: string }>(rows: readonly Row[], name: string): Row => {
  const found = rows.find((row) => row.name.includes(name));
  if (found === undefined) throw new Error(`${name} is not among ${rows.map((row) => row.name).join(', ')}`);
  return found;
};

const cents = (usd: number | undefined) => (usd === undefined ? undefined : Math.round(100 * usd) / 100);

describe('other shapes of the same workload', () => {
  const normal = monthOf(small(), normalModes);
  const shapes = alternatives(small(), normal);

  test('the pilot light costs its replica', () => {
    // 730 × 1.00 and 20 GB × 0.10, against 3 × 73 + 732 = 951 for the primary.
    const light = named(shapes, 'as deployed');
    expect([cents(light.standby), cents(light.total), light.more]).toEqual([732, 1683, 0]);
    expect(light.share).toBeCloseTo(732 / 951);
  });

  test('a warm standby runs half of three instances, rounded up', () => {
    expect(cents(named(shapes, 'warm standby').more)).toBe(146);
  });

  test('active-active runs all of them, and its database as the primary runs its own', () => {
    expect(cents(named(shapes, 'active-active').more)).toBe(219);
    const multi = small();
    const templates = multi.templates.map((one) =>
      one.side === 'recovery'
        ? one
        : {
            ...one,
            template: {
              ...one.template,
              Resources: {
                ...group,
                ...database({ Engine: 'mysql', AllocatedStorage: 20, StorageType: 'gp3', MultiAZ: true }),
              },
            },
          },
    );
    const both = { ...multi, templates };
    // Beside the instances: a second instance behind the replica, 730, and its storage, 20 × (0.20 − 0.10).
    expect(cents(named(alternatives(both, monthOf(both, normalModes)), 'active-active').more)).toBe(219 + 732);
  });
});

describe('the price of RTO', () => {
  const rows = pricesOfRto(small(), monthOf(small(), normalModes));

  test.each([
    ['1 warm instance', 73],
    // Three instances, empty.
    ['capacity reservation', 219],
    // Two checks at 0.50, and the fast option of each at 1.00.
    ['endpoint-check latch', 3],
    ['routing-control latch', 1825],
    // 730 × 0.025, two addresses at 0.001 an hour; nothing is answered here.
    ['accelerator latch', 19.71],
    // A medium at 1.00 an hour becomes a large at 2.00.
    ['larger replica', 730],
    // Twice the hours' price, and 20 GB at 0.20 rather than 0.10.
    ['Multi-AZ replica', 732],
  ])('%s costs %d more', (name, more) => {
    expect(cents(named(rows, name).more)).toBe(more);
  });

  test('what the promotion takes longer than is not sooner for being bought', () => {
    const [deployed, ...others] = rows;
    expect(deployed?.recovery.decidedBy).toBe('database');
    expect(others.map(({ recovery }) => recovery.p50)).toEqual(others.map(() => deployed?.recovery.p50));
    expect(named(rows, '1 warm instance').recovery.ways.instances).toBe(0);
    expect(named(rows, 'endpoint-check latch').recovery.ways.name).toBeLessThan(deployed?.recovery.ways.name ?? 0);
    expect(named(rows, 'accelerator latch').recovery.ways.name).toBe(30);
  });

  test('a replica that is opened early takes writes when the primary’s lease is over, and a warm instance buys time then', () => {
    const promoted = small();
    const workload = {
      ...promoted.workload,
      witness: { region: 'us-east-2' as const },
      fence: { leaseSeconds: 60 },
      database: { ...promoted.workload.database, cutover: 'open-early' as const },
    };
    const early = { ...promoted, workload };
    const earlier = pricesOfRto(early, monthOf(early, normalModes));
    // The lease, its margin of 5 s and a twentieth, and 15 s until RDS has applied the parameter.
    expect(earlier[0]?.recovery.ways.database).toBe(60 + 5 + 3 + 15);
    expect(earlier[0]?.recovery.decidedBy).toBe('instances');
    expect(named(earlier, '1 warm instance').recovery.p50).toBeLessThan(earlier[0]?.recovery.p50 ?? 0);
  });

  test('a replica without backups is promoted later', () => {
    const without = small();
    const templates = without.templates.map((one) => ({
      ...one,
      template: {
        ...one.template,
        Resources:
          one.side === 'primary'
            ? (one.template.Resources ?? {})
            : {
                ...group,
                ...database({ SourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:1:db:db', BackupRetentionPeriod: 0 }),
              },
      },
    }));
    const late = { ...without, templates };
    const [deployed] = pricesOfRto(late, monthOf(late, normalModes));
    expect((deployed?.recovery.p50 ?? 0) - (rows[0]?.recovery.p50 ?? 0)).toBe(180);
  });

  test('an option without a price is no number, and says what it lacks', () => {
    const { prices } = small();
    const priceless: Subject = {
      ...small(),
      prices: { ...prices, find: (region, key) => (key.includes('large') ? undefined : prices.find(region, key)) },
    };
    const larger = named(pricesOfRto(priceless, monthOf(priceless, normalModes)), 'larger replica');
    expect([larger.more, larger.total, larger.without]).toEqual([undefined, undefined, ['rds.mysql.t4g.large']]);
  });

  test('sizes go up by one, as far as there are any', () => {
    expect(['db.t4g.medium', 'db.r6g.4xlarge', 'db.x.24xlarge', 'odd'].map((name) => largerClass(name, 1))).toEqual([
      'db.t4g.large',
      'db.r6g.8xlarge',
      'db.x.24xlarge',
      'odd',
    ]);
  });
});

describe('using the recovery Region', () => {
  const normal = monthOf(small(), normalModes);

  test('a month away pays for the instances there, and for both databases', () => {
    // Away: recovery 732 + 219, the primary fenced but its database kept 732. Nothing else is charged in this subject.
    expect(cents(failoverMonth(small({ awayHours: 730 }), normal).usd)).toBe(1683);
    // At home again after a fifth of the month, the sum is the same: instances move, and nothing is added.
    expect(cents(failoverMonth(small({ awayHours: 146 }), normal).more)).toBe(0);
  });

  test('the way there and home copies the database twice and keeps the old ones for a while', () => {
    const month = failoverMonth(small({ awayHours: 73, databaseGb: 100, keptHours: 73 }), normal);
    // To us-west-2 100 × 0.03 and to us-east-1 100 × 0.02; two old databases for a tenth of a month, 2 × 73.20, and their snapshots, 2 × 100 × 0.10 / 10.
    expect(cents(month.more)).toBe(3 + 2 + 146.4 + 2);
  });

  test('an isolated drill pays for a copy of the database and the instances, by the hour', () => {
    const [isolated] = drills(small({ awayHours: 730 }), normal);
    // A tenth of a month: 73.20 for the database, 21.90 for three instances.
    expect(cents(isolated?.usd)).toBe(95.1);
  });
});

const endpoint = (service: string, zones: readonly string[] = ['a', 'b']) => ({
  Type: 'AWS::EC2::VPCEndpoint',
  Properties: {
    VpcEndpointType: 'Interface',
    ServiceName: `com.amazonaws.us-west-2.${service}`,
    SubnetIds: zones,
  },
});

test('a cheaper shape is said with what it saves', () => {
  const recovery = { Ssm: endpoint('ssm'), Kms: endpoint('kms'), Sqs: endpoint('sqs') };
  const { hints } = costReport(subject({ recovery }));
  // Six endpoint-hours at 0.01: 43.80 a month. A NAT gateway and its address: 730 × 0.051 = 37.23.
  expect(hints.map(({ saves, says }) => [cents(saves), says])).toEqual([
    [43.8, expect.stringContaining('IPv6 egress')],
    [21.9, expect.stringContaining('in one zone rather than 2')],
    [6.57, expect.stringContaining('one NAT gateway')],
  ]);
});

describe('how the private side reaches AWS', () => {
  test('endpoints against NAT against IPv6, by Region, with the traffic at which one becomes the cheaper', () => {
    const given = { Ssm: endpoint('ssm'), Kms: endpoint('kms'), Sqs: endpoint('sqs') };
    const prices = { ...roundPrices, nat: { hour: 0.05, gb: 0.15 } };
    const { egress } = costReport(subject({ primary: given, recovery: given }, { endpointGb: 10 }, prices));
    const [home, away] = egress;
    // Six endpoint-hours: 43.80. NAT and its address: 37.23, and 0.05 more for each GB: 6.57 / 0.05 = 131.4 GB.
    expect(home?.ways.map(({ name, deployed, fixed, usd }) => [name, deployed, cents(fixed), cents(usd)])).toEqual([
      ['3 interface endpoints in 2 zones', true, 43.8, 46.8],
      ['3 interface endpoints in one zone', false, 21.9, 24.9],
      ['one NAT gateway', false, 37.23, 41.73],
      ['2 NAT gateways', false, 74.46, 78.96],
      ['IPv6, egress-only internet gateway', false, 0, 0],
    ]);
    expect(home?.breakEvenGb).toBeCloseTo(131.4);
    expect(home?.says).toMatch(/^One NAT gateway is cheaper below 131 GB a month, the endpoints above\./);
    // One that waits sends nothing.
    expect([away?.region, away?.gb, away?.ways[0]?.usd]).toEqual(['us-west-2', 0, away?.ways[0]?.fixed]);
  });

  test('fewer endpoints than a NAT gateway costs are cheaper at any traffic', () => {
    const { egress } = costReport(subject({ recovery: { Ssm: endpoint('ssm') } }));
    expect(egress[0]?.breakEvenGb).toBeUndefined();
    expect(egress[0]?.says).toMatch(/^The endpoints are cheaper than a NAT gateway whatever the traffic\./);
  });

  test('where NAT is deployed, it is compared with the endpoints of what the private side calls', () => {
    const primary = { Gate: { Type: 'AWS::EC2::NatGateway', Properties: {} } };
    const { egress } = costReport(subject({ primary }, { natGb: 20 }));
    expect(egress[0]?.ways.find(({ deployed }) => deployed)).toMatchObject({
      name: 'one NAT gateway',
      usd: expect.closeTo(39.23) as number,
    });
    expect(egress[0]?.ways[0]?.name).toMatch(/^4 interface endpoints/);
  });

  test('without prices nothing is compared', () => {
    const { nat: _, ...others } = roundPrices;
    expect(costReport(subject({ recovery: { Ssm: endpoint('ssm') } }, {}, others)).egress).toEqual([]);
  });
});

test('a smaller replica and a single zone are offered with what they save', () => {
  const prices = { ...roundPrices, rds: { mysql: { t4g: { small: 0.5, medium: 1 } } } };
  const { hints } = costReport(
    subject(
      {
        primary: database({ Engine: 'mysql', AllocatedStorage: 20, StorageType: 'gp3', MultiAZ: true }),
        recovery: database({ SourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:1:db:db', MultiAZ: true }),
      },
      {},
      prices,
    ),
  );
  const saves = (says: string) => cents(hints.find((hint) => hint.says.includes(says))?.saves);
  // Both instances of the replica half as dear, 730; or one of them and 20 GB × 0.10 gone, 732; the same for the primary.
  expect([saves('db.t4g.small rather than'), saves('Single-AZ replica'), saves('Single-AZ primary')]).toEqual([
    730, 732, 732,
  ]);
});
