/** The architecture that was asked for, line by line: what stands in each Region, and why it is there. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../examples/photos/pilot-light.config.ts';
import { PilotLight } from '../../src/infra/pilot-light.ts';

type Properties = Record<string, unknown>;
interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DeletionPolicy?: string;
}

let assembly: CloudAssembly;

beforeAll(() => {
  const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });
  new PilotLight(app, 'Photos', { config, baseDirectory: join(import.meta.dirname, '../../examples/photos') });
  assembly = app.synth();
}, 60_000);

const sides = ['primary', 'recovery'] as const;
const resources = (stack: string): [string, Resource][] => {
  const found = assembly.stacks.find(({ stackName }) => stackName === `dev-photos-${stack}`);
  return Object.entries((found?.template as { Resources?: Record<string, Resource> } | undefined)?.Resources ?? {});
};
const of = (stack: string, type: string): Properties[] =>
  resources(stack).flatMap(([, { Type, Properties: given = {} }]) => (Type === type ? [given] : []));
const idsOf = (stack: string, type: string): string[] =>
  resources(stack).flatMap(([id, { Type }]) => (Type === type ? [id] : []));
const ref = (id: string) => ({ Ref: id });
const inGroup = (id: string) => ({ 'Fn::GetAtt': [id, 'GroupId'] });

describe.each(sides)('the network of the %s Region', (side) => {
  const stack = `foundation-${side}`;

  test('has public and private subnets in two Availability Zones', () => {
    const subnets = of(stack, 'AWS::EC2::Subnet');
    expect(idsOf(stack, 'AWS::EC2::Subnet').map((id) => id.replace('Network', ''))).toEqual([
      'PublicSubnet1',
      'PrivateSubnet1',
      'PublicSubnet2',
      'PrivateSubnet2',
    ]);
    const zones = subnets.map(({ AvailabilityZone }) => JSON.stringify(AvailabilityZone));
    expect(new Set(zones).size).toBe(2);
    for (const { MapPublicIpOnLaunch } of subnets) expect(MapPublicIpOnLaunch).toBe(false);
  });

  test('leads the public subnets, and no private one, to the internet gateway', () => {
    const routes = of(stack, 'AWS::EC2::Route');
    expect(routes).toHaveLength(2);
    for (const { RouteTableId, GatewayId, DestinationCidrBlock } of routes) {
      expect(JSON.stringify(RouteTableId)).toContain('Public');
      expect(GatewayId).toEqual(ref('NetworkInternetGateway'));
      expect(DestinationCidrBlock).toBe('0.0.0.0/0');
    }
    expect(of(stack, 'AWS::EC2::NatGateway')).toEqual([]);
  });

  test('reaches S3 and what the private side calls by endpoints', () => {
    const endpoints = of(stack, 'AWS::EC2::VPCEndpoint');
    const gateway = endpoints.find(({ VpcEndpointType }) => VpcEndpointType === 'Gateway');
    expect(gateway?.ServiceName).toMatch(/\.s3$/);
    expect(gateway?.RouteTableIds).toEqual([ref('NetworkPrivateSubnet1Routes'), ref('NetworkPrivateSubnet2Routes')]);
    const services = endpoints
      .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
      .map(({ ServiceName }) => String(ServiceName).split('.').at(-1));
    expect(new Set(services)).toEqual(new Set(['kms', 'secretsmanager', 'sqs', 'ssm']));
  });

  test('lets the load balancer reach the application, and the application and the SQL function the database', () => {
    const admits = (name: string) =>
      of(stack, 'AWS::EC2::SecurityGroup')
        .filter(({ GroupName }) => GroupName === `dev-photos-${name}`)
        .flatMap(({ SecurityGroupIngress = [] }) => SecurityGroupIngress as Properties[])
        .map(({ SourceSecurityGroupId, FromPort, ToPort }) => [SourceSecurityGroupId, FromPort, ToPort]);
    expect(admits('application')).toEqual([[inGroup('NetworkBalancerGroup'), 8080, 8080]]);
    expect(admits('database')).toEqual([
      [inGroup('NetworkApplicationGroup'), 3306, 3306],
      [inGroup('NetworkFunctionsGroup'), 3306, 3306],
    ]);
    expect(admits('functions')).toEqual([]);
  });
});

describe.each(sides)('the %s Region', (side) => {
  test('has a load balancer in the public subnets before a group in the private ones, with encrypted, unreachable metadata', () => {
    const stack = `service-${side}`;
    expect(of(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer')).toMatchObject([
      { Scheme: 'internet-facing', Type: 'application' },
    ]);
    expect(JSON.stringify(of(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer')[0]?.Subnets)).not.toContain('Private');
    const [group] = of(stack, 'AWS::AutoScaling::AutoScalingGroup');
    expect(JSON.stringify(group?.VPCZoneIdentifier)).not.toContain('Public');
    expect(group?.HealthCheckType).toBe('ELB');
    const [template] = of(stack, 'AWS::EC2::LaunchTemplate');
    expect(template?.LaunchTemplateData).toMatchObject({ MetadataOptions: { HttpTokens: 'required' } });
  });

  test('has a key of its own that rotates, and nothing data lies in is without it', () => {
    expect(of(`foundation-${side}`, 'AWS::KMS::Key')).toMatchObject([{ EnableKeyRotation: true }]);
    expect(of(`database-${side}`, 'AWS::RDS::DBInstance')[0]?.KmsKeyId).toBeDefined();
    for (const { BucketEncryption } of of(`storage-${side}`, 'AWS::S3::Bucket'))
      expect(JSON.stringify(BucketEncryption)).toContain('alias/dev-photos-data');
  });

  test('has the functions and what feeds them, and says in its template where they are off', () => {
    expect(of(`service-${side}`, 'AWS::Lambda::Function')).toMatchObject([{ FunctionName: 'dev-photos-thumbnail' }]);
    expect(of(`service-${side}`, 'AWS::Lambda::EventSourceMapping')).toMatchObject([
      { Enabled: { 'Fn::If': ['IsActive', true, false] } },
    ]);
  });

  test('has the rule that makes images, and the two that copy parameters', () => {
    const rules = of(`control-${side}`, 'AWS::Events::Rule').map(({ Name }) => Name);
    expect(rules).toEqual(
      expect.arrayContaining(['dev-dr-images', 'dev-dr-parameters', 'dev-dr-parameters-reconcile']),
    );
  });

  test('keeps old versions of objects for a while, and no half uploads', () => {
    for (const { LifecycleConfiguration } of of(`storage-${side}`, 'AWS::S3::Bucket')) {
      expect(LifecycleConfiguration).toMatchObject({
        Rules: [
          {
            Status: 'Enabled',
            NoncurrentVersionExpiration: { NoncurrentDays: 90 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
        ],
      });
    }
  });
});

test('buckets replicate both ways from the beginning: natively towards the recovery Region, by the install function home', () => {
  const [home] = of('storage-primary', 'AWS::S3::Bucket');
  expect(home?.ReplicationConfiguration).toMatchObject({
    Rules: [
      {
        Status: 'Enabled',
        DeleteMarkerReplication: { Status: 'Enabled' },
        Destination: { Bucket: 'arn:aws:s3:::dev-photos-photos-111122223333-us-west-2' },
      },
    ],
  });
  expect(of('storage-primary', 'Custom::PilotLightInstall')).toMatchObject([
    {
      Kind: 'replication',
      Bucket: 'dev-photos-photos-111122223333-us-west-2',
      Destination: 'arn:aws:s3:::dev-photos-photos-111122223333-us-east-1',
    },
  ]);
});

test('the database is MySQL, Multi-AZ where it is active, and a replica in the other Region', () => {
  expect(of('database-primary', 'AWS::RDS::DBInstance')).toMatchObject([{ Engine: 'mysql', MultiAZ: true }]);
  const [replica] = of('database-recovery', 'AWS::RDS::DBInstance');
  expect(replica).not.toHaveProperty('Engine');
  expect(replica?.BackupRetentionPeriod).toBe(7);
});

test('approvals have a public address that leads to their function alone, which may do next to nothing; the watcher knows it', () => {
  const stack = 'control-recovery';
  expect(of(stack, 'AWS::Lambda::Url')).toMatchObject([{ AuthType: 'NONE' }]);
  const open = of(stack, 'AWS::Lambda::Permission').filter(({ Principal }) => Principal === '*');
  expect(open).toHaveLength(2);
  for (const permission of open)
    expect(permission.FunctionUrlAuthType === 'NONE' || permission.InvokedViaFunctionUrl === true).toBe(true);
  const named = (name: string) => of(stack, 'AWS::Lambda::Function').find(({ FunctionName }) => FunctionName === name);
  expect(named('dev-dr-approve')?.ReservedConcurrentExecutions).toBe(2);
  const [address] = idsOf(stack, 'AWS::Lambda::Url');
  expect(named('dev-dr-watch')?.Environment).toEqual({
    Variables: { APPROVE_URL: { 'Fn::GetAtt': [address, 'FunctionUrl'] } },
  });
  expect(of('control-primary', 'AWS::Lambda::Url')).toEqual([]);
  const { stacks } = assembly;
  expect(JSON.stringify(stacks.map(({ template }) => template as object))).toContain('"Kind":"key"');
});

test('what AWS Health says of the primary Region on the recovery Region’s bus reaches the watcher', () => {
  const stack = 'control-recovery';
  const rule = of(stack, 'AWS::Events::Rule').find(({ Name }) => Name === 'dev-dr-health');
  expect(rule?.EventPattern).toEqual({ source: ['aws.health'], detail: { eventRegion: ['us-east-1'] } });
  const [watch] = resources(stack).flatMap(([id, { Properties: given }]) =>
    given?.FunctionName === 'dev-dr-watch' ? [id] : [],
  );
  expect(rule?.Targets).toMatchObject([{ Arn: { 'Fn::GetAtt': [watch, 'Arn'] } }]);
});

test('an event starts each machine, which needs no input', () => {
  const started = of('control-recovery', 'AWS::Events::Rule').filter(({ Name }) => String(Name).endsWith('-requested'));
  expect(started.map(({ EventPattern }) => EventPattern)).toEqual([
    { source: ['pilot-light'], 'detail-type': ['Failover Requested'] },
    { source: ['pilot-light'], 'detail-type': ['Switchover Requested'] },
    { source: ['pilot-light'], 'detail-type': ['Failback Requested'] },
  ]);
});

test('the state survives a mistake: recoverable to a point in time, encrypted, protected against deletion', () => {
  expect(of('control-recovery', 'AWS::DynamoDB::Table')).toMatchObject([
    {
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
      SSESpecification: { SSEEnabled: true },
    },
  ]);
});

test('nothing is looked up in an account', () => {
  expect(assembly.manifest.missing ?? []).toEqual([]);
});

test('what holds data keeps its logical id: another one would replace it', () => {
  const holding = [
    'AWS::RDS::DBInstance',
    'AWS::S3::Bucket',
    'AWS::KMS::Key',
    'AWS::DynamoDB::Table',
    'AWS::SecretsManager::Secret',
  ];
  const ids = ['database', 'storage', 'foundation', 'control'].flatMap((room) =>
    sides.flatMap((side) =>
      holding.flatMap((type) => idsOf(`${room}-${side}`, type).map((id) => `${room}-${side}/${id}`)),
    ),
  );
  expect(ids).toEqual([
    'database-primary/Database',
    'database-primary/DatabaseMasterSecret',
    'database-primary/DatabaseApplicationSecret',
    'database-recovery/Database',
    'storage-primary/PhotosBucket',
    'storage-recovery/PhotosBucket',
    'foundation-primary/DataKey',
    'foundation-recovery/DataKey',
    'control-recovery/ControlState',
  ]);
  const kept = sides.flatMap((side) =>
    [...resources(`database-${side}`), ...resources(`storage-${side}`)].filter(([, { Type }]) =>
      holding.includes(Type),
    ),
  );
  for (const [id, { DeletionPolicy }] of kept) expect(DeletionPolicy, id).toBe('Retain');
});
