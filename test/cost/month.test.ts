import { describe, expect, test } from 'vitest';
import type { Mode } from '../../src/cost/charge.ts';
import type { Modes, Month } from '../../src/cost/month.ts';
import { monthOf, normalModes, sumOf } from '../../src/cost/month.ts';
import { names, subject } from './small.ts';

const group = {
  Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 't3.small' } } },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      MinSize: { 'Fn::If': ['IsActive', '2', '0'] },
      DesiredCapacity: { 'Fn::If': ['IsActive', '3', '0'] },
      MaxSize: '4',
      LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' } },
    },
  },
};

const database = {
  Database: {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      DBInstanceIdentifier: 'shop-db',
      DBInstanceClass: 'db.t4g.medium',
      Engine: 'mariadb',
      AllocatedStorage: '20',
      StorageType: 'gp3',
      MultiAZ: true,
    },
  },
};

const replica = {
  Database: {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      DBInstanceIdentifier: 'shop-db',
      DBInstanceClass: 'db.t4g.medium',
      SourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:shop-db',
    },
  },
};

/** The roles changed round. */
const moved: Modes = {
  primary: { role: 'standby', share: 0, replicates: false },
  recovery: { role: 'active', share: 1, replicates: false },
};

const dollars = (month: Month, column?: 'workload' | 'standby') => Number(sumOf(month.lines, column).toFixed(6));

describe('the role decides', () => {
  test('a group costs its capacity where it serves and nothing where it waits, from the same templates', () => {
    const both = subject({ primary: group, recovery: group }, { rootVolumeGb: 8 });
    // 3 instances × 730 h × 0.10 = 219, and 3 × 8 GB × 1.00 = 24.
    const normal = monthOf(both, normalModes);
    expect([dollars(normal, 'workload'), dollars(normal, 'standby')]).toEqual([243, 0]);
    const away = monthOf(both, moved);
    expect([dollars(away, 'workload'), dollars(away, 'standby')]).toEqual([0, 243]);
  });

  test('a resource whose condition is false does not exist', () => {
    const recovery = { Gate: { Type: 'AWS::EC2::NatGateway', Condition: 'IsActive', Properties: {} } };
    expect(dollars(monthOf(subject({ recovery }), normalModes))).toBe(0);
    // 730 h × 0.05
    expect(dollars(monthOf(subject({ recovery }), moved))).toBe(36.5);
  });

  test('traffic follows the side that serves', () => {
    const balancer = {
      Balancer: {
        Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        Properties: { Type: 'application', Scheme: 'internet-facing', Subnets: ['a', 'b'] },
      },
    };
    const both = subject({ primary: balancer, recovery: balancer }, { albLcus: 2, internetGb: 100 });
    // Each side: 730 × 0.01 = 7.30, and two addresses 2 × 730 × 0.001 = 1.46. Serving: 2 × 730 × 0.10 = 146, and 100 × 0.10 = 10.
    const month = monthOf(both, normalModes);
    expect([dollars(month, 'workload'), dollars(month, 'standby')]).toEqual([164.76, 8.76]);
  });
});

describe('databases', () => {
  test('a replica has its engine and storage from its source, and pays for the stream from the other Region', () => {
    const month = monthOf(subject({ primary: database, recovery: replica }, { binlogGbPerDay: 2.4 }), normalModes);
    // Multi-AZ has no price of its own here: twice 1.00 × 730 = 1460, and 20 GB × 0.20 = 4.
    expect(dollars(month, 'workload')).toBe(1464);
    // 1.00 × 730, 20 GB × 0.10 = 2, and 2.4 GB × 730/24 days = 73 GB × 0.03 (the pair's own price) = 2.19.
    expect(dollars(month, 'standby')).toBe(734.19);
    const stream = month.lines.find(({ what }) => what.startsWith('changes of the database'));
    expect(stream).toMatchObject({ region: 'us-east-1', column: 'standby', quantity: 73 });
  });

  test('a promoted replica receives nothing', () => {
    const month = monthOf(subject({ primary: database, recovery: replica }, { binlogGbPerDay: 2.4 }), moved);
    expect(month.lines.some(({ what }) => what.startsWith('changes of the database'))).toBe(false);
  });

  test('an engine or a class without a price is named, and decides', () => {
    const other = {
      Database: {
        ...database.Database,
        Properties: { ...database.Database.Properties, Engine: 'oracle-se2', MultiAZ: false },
      },
    };
    const { unpriced, lines } = monthOf(subject({ primary: other }), normalModes);
    expect(unpriced).toMatchObject([
      { resource: 'east/Database', keys: ['rds.oracle-se2.t4g.medium'], region: 'us-east-1', decides: true },
    ]);
    // The storage has a price: 20 × 0.10.
    expect(sumOf(lines)).toBeCloseTo(2);
  });
});

test('endpoints are paid by zone and hour, gateway endpoints not at all', () => {
  const primary = {
    Free: {
      Type: 'AWS::EC2::VPCEndpoint',
      Properties: { VpcEndpointType: 'Gateway', ServiceName: 'com.amazonaws.us-east-1.s3' },
    },
    Paid: {
      Type: 'AWS::EC2::VPCEndpoint',
      Properties: {
        VpcEndpointType: 'Interface',
        ServiceName: 'com.amazonaws.us-east-1.ssm',
        SubnetIds: ['a', 'b', 'c'],
      },
    },
  };
  const month = monthOf(subject({ primary }, { endpointGb: 5 }), normalModes);
  // 3 × 730 × 0.01 = 21.90, and 5 × 0.10 = 0.50.
  expect(dollars(month)).toBe(22.4);
  expect(month.free).toEqual([{ type: 'AWS::EC2::VPCEndpoint', count: 1, why: 'a gateway endpoint is free' }]);
});

test('objects are stored on both sides, and written, copied and moved once', () => {
  const bucket = (name: string, more = {}) => ({
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: name, ...more } },
  });
  const primary = bucket('east', {
    ReplicationConfiguration: { Rules: [{ Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::west' } }] },
  });
  const usage = { storedGb: 100, writtenGbPerDay: 2.4, objectMb: 1 };
  const month = monthOf(subject({ primary, recovery: bucket('west') }, usage), normalModes);
  // Stored: 100 × 0.01 = 1 a side. Written: 73 GB = 74.752 thousand objects × 0.01 = 0.74752, once in each bucket. Moved: 73 × 0.03 = 2.19.
  expect(dollars(month, 'workload')).toBe(1.74752);
  expect(dollars(month, 'standby')).toBe(3.93752);
});

test('the copy of a secret is paid in the Region it stands in, for the standby', () => {
  const primary = {
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { ReplicaRegions: [{ Region: 'us-west-2' }] } },
  };
  const { lines } = monthOf(subject({ primary }, { secretRequests: 20_000 }), normalModes);
  expect(lines.filter(({ usd }) => usd > 0).map(({ column, region, usd }) => [column, region, usd])).toEqual([
    ['workload', 'us-east-1', 0.4],
    // 2 × 10,000 reads
    ['workload', 'us-east-1', 0.1],
    ['standby', 'us-west-2', 0.4],
  ]);
});

describe('control functions', () => {
  const named = (name: string, id: string) => ({
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: names.controlFunction(name), MemorySize: 512, Architectures: ['arm64'] },
    },
  });
  const scheduled = (id: string, expression: string, State: unknown = 'ENABLED') => ({
    [`${id}Rule`]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: expression,
        State,
        Targets: [{ Arn: { 'Fn::GetAtt': [id, 'Arn'] }, Id: 'function' }],
      },
    },
  });

  test('the watcher runs by its schedule, looks by its interval, and keeps what it saw', () => {
    const recovery = {
      ...named('watch', 'Watch'),
      ...scheduled('Watch', 'rate(1 minute)'),
      ...named('sql', 'Sql'),
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: names.table, BillingMode: 'PAY_PER_REQUEST' } },
    };
    const usage = { watchSeconds: 57, sqlMs: 100, looksKb: 3 };
    const { lines } = monthOf(subject({ recovery }, usage), normalModes);
    const of = (what: string) => lines.find((line) => line.what === what)?.quantity;
    // 730 × 60 runs; each lasts 57 s with half a GB, and looks at 0, 5, … 55 s: 12 times.
    expect(of('dev-dr-watch: invocations')).toBeCloseTo(0.0438);
    expect(of('dev-dr-watch: running')).toBeCloseTo(43_800 * 57 * 0.5);
    expect(of('dev-dr-sql: invocations')).toBeCloseTo((43_800 * 12) / 1e6);
    expect(of('dev-dr-sql: running')).toBeCloseTo(43_800 * 12 * 0.1 * 0.5);
    // Three units a minute for what the watcher remembers, and one for the capacity.
    expect(of('table: writes')).toBeCloseTo((43_800 * 3 + 43_800) / 1e6);
    // What it remembers once a run (3 KB in one unit of 4), the authority before each look.
    expect(of('table: reads')).toBeCloseTo((43_800 + 43_800 * 12) / 1e6);
  });

  test('upkeep runs on the active side only, as its rules say', () => {
    const side = {
      ...named('images', 'Images'),
      ...scheduled('Images', 'rate(2 minutes)', { 'Fn::If': ['IsActive', 'ENABLED', 'DISABLED'] }),
    };
    const invocations = (month: Month) =>
      month.lines
        .filter(({ what }) => what === 'dev-dr-images: invocations')
        .map(({ side: where, quantity }) => [where, quantity]);
    const both = subject({ primary: side, recovery: side });
    expect(invocations(monthOf(both, normalModes))).toEqual([
      ['primary', 0.0219],
      ['recovery', 0],
    ]);
    expect(invocations(monthOf(both, moved))).toEqual([
      ['primary', 0],
      ['recovery', 0.0219],
    ]);
  });

  test('a run of the failover costs its states and its asking again', () => {
    const definition = {
      States: { Begin: {}, Both: { Branches: [{ States: { A: {} } }, { States: { B: {}, C: {} } }] } },
    };
    const recovery = {
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: names.machine('failover'),
          DefinitionString: {
            'Fn::Join': ['', [JSON.stringify(definition).slice(0, 20), JSON.stringify(definition).slice(20)]],
          },
        },
      },
    };
    const priced = subject({ recovery }, { runPolls: 95 });
    expect(dollars(monthOf(priced, normalModes))).toBe(0);
    const recoveryMode: Mode = { ...moved.recovery, runs: { failover: 2, failback: 0 } };
    // 2 runs × (5 states + 95) = 200 transitions, 1.00 a thousand.
    expect(dollars(monthOf(priced, { ...moved, recovery: recoveryMode }))).toBe(0.2);
  });
});

describe('nothing is silently free', () => {
  test('a type nobody knows is named', () => {
    const { unpriced, lines } = monthOf(subject({ primary: { Odd: { Type: 'AWS::EFS::FileSystem' } } }), normalModes);
    expect(sumOf(lines)).toBe(0);
    expect(unpriced).toMatchObject([
      { resource: 'east/Odd', type: 'AWS::EFS::FileSystem', why: 'no pricer knows this type', decides: false },
    ]);
  });

  test('a custom resource and a plain network are listed as free', () => {
    const primary = { Vpc: { Type: 'AWS::EC2::VPC' }, Mine: { Type: 'Custom::Anything' } };
    expect(monthOf(subject({ primary }), normalModes).free.map(({ type }) => type)).toEqual([
      'AWS::EC2::VPC',
      'Custom::Anything',
    ]);
  });

  test('what only a deployment knows is no zero', () => {
    const primary = {
      Endpoint: {
        Type: 'AWS::EC2::VPCEndpoint',
        Properties: { VpcEndpointType: 'Interface', ServiceName: 'x.ssm', SubnetIds: { 'Fn::ImportValue': 'subnets' } },
      },
    };
    expect(monthOf(subject({ primary }), normalModes).unpriced).toMatchObject([
      { resource: 'east/Endpoint', why: "the template doesn't say how much", decides: true },
    ]);
  });

  test('a small price that is missing is named, and the rest is summed', () => {
    const primary = { Key: { Type: 'AWS::KMS::Key' }, Nat: { Type: 'AWS::EC2::NatGateway' } };
    const { unpriced, lines } = monthOf(subject({ primary }), normalModes);
    expect(unpriced).toMatchObject([
      { resource: 'east/Key', keys: ['kms.key'], why: 'no price in us-east-1', decides: false },
    ]);
    expect(sumOf(lines)).toBe(36.5);
  });
});

test('a schedule that only a deployment knows is no zero', () => {
  const recovery = {
    Fence: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: names.controlFunction('fence'), MemorySize: 256 },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: { 'Fn::ImportValue': 'often' },
        Targets: [{ Arn: { 'Fn::GetAtt': ['Fence', 'Arn'] } }],
      },
    },
  };
  const { unpriced } = monthOf(subject({ recovery }, { tickSeconds: 1 }), normalModes);
  expect(unpriced.filter(({ resource }) => resource === 'west/Fence')).toHaveLength(2);
});

test("a function of the workload's own that only a clock starts runs by its schedule, where it serves", () => {
  const side = {
    Report: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'report', MemorySize: 1024 } },
    Nightly: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 hour)',
        State: { 'Fn::If': ['IsActive', 'ENABLED', 'DISABLED'] },
        Targets: [{ Arn: { 'Fn::GetAtt': ['Report', 'Arn'] }, Id: 'function' }],
      },
    },
    Asked: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'asked', MemorySize: 1024 } },
  };
  const { lines } = monthOf(
    subject({ primary: side, recovery: side }, { functionInvocations: 2e6, functionMs: 500 }),
    normalModes,
  );
  const running = lines
    .filter(({ unit }) => unit === 'GB-seconds')
    .map(({ side: where, what, quantity }) => [where, what, quantity]);
  expect(running).toEqual([
    // 730 runs of half a second; two million of them where it is asked.
    ['primary', 'report: running', 365],
    ['primary', 'asked: running', 1e6],
    ['recovery', 'report: running', 0],
    ['recovery', 'asked: running', 0],
  ]);
});
