/** The infrastructure by part: what the config asks for, and parts in the stacks of somebody else's app. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_ec2 as ec2, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import type { Workload, WorkloadConfig } from '../../src/index.ts';
import {
  ApplicationTier,
  DatabasePair,
  DataKeys,
  Functions,
  Latch,
  Network,
  Notices,
  Parameters,
  PilotLight,
  parseWorkload,
  RecoveryControl,
  ReplicatedBucket,
  Roles,
} from '../../src/index.ts';
import { admission } from '../../src/plan/lease.ts';
import type { Statement } from '../../src/plan/role.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}
type Resources = Record<string, Resource>;

const smallest = {
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0123456789abcdef0' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
} satisfies WorkloadConfig;

const newApp = () => new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });

function synthesized(app: App): Map<string, Resources> {
  return new Map(
    app
      .synth()
      .stacks.map(({ stackName, template }) => [
        stackName,
        ((template as { Resources?: Resources }).Resources ?? {}) satisfies Resources,
      ]),
  );
}

/** The resources of a kind in a stack of the whole workload. */
function whole(change: Partial<WorkloadConfig>) {
  const app = newApp();
  new PilotLight(app, 'Photos', { config: { ...smallest, ...change } });
  const stacks = synthesized(app);
  return {
    stacks,
    of: (stack: string, type: string): Resource['Properties'][] =>
      Object.values(stacks.get(`dev-photos-${stack}`) ?? {})
        .filter(({ Type }) => Type === type)
        .map(({ Properties }) => Properties),
  };
}

const sides = ['primary', 'recovery'] as const;

const portsOf = (group: Resource['Properties'] = {}): number[] =>
  (group.SecurityGroupIngress as { FromPort: number }[]).map(({ FromPort }) => FromPort);
const userDataOf = (template: Resource['Properties'] = {}): string =>
  (template.LaunchTemplateData as { UserData: { 'Fn::Base64': string } }).UserData['Fn::Base64'];

describe('the application tier', () => {
  const image = 'ami-0123456789abcdef0';
  const { of } = whole({
    compute: {
      web: { image, instanceTypes: ['m7g.large', 'm6g.large', 't4g.large'], userData: '#!/bin/bash\necho "$0"' },
      api: { image, serves: ['/api/*', '/v2/*'], port: 9000, capacity: { min: 1, desired: 3, max: 4 } },
      jobs: { image, serves: 'nothing', capacity: { min: 1, desired: 1, max: 1 } },
    },
  });

  test('has a group per entry, each with an image pointer of its own, empty on standby', () => {
    const groups = of('service-recovery', 'AWS::AutoScaling::AutoScalingGroup');
    expect(groups.map(({ AutoScalingGroupName }) => AutoScalingGroupName)).toEqual([
      'dev-photos-web',
      'dev-photos-api',
      'dev-photos-jobs',
    ]);
    for (const { MinSize } of groups) expect(MinSize).toMatchObject({ 'Fn::If': ['IsActive', expect.anything(), '0'] });
    const images = of('service-recovery', 'AWS::EC2::LaunchTemplate').map(
      ({ LaunchTemplateData }) => (LaunchTemplateData as { ImageId: string }).ImageId,
    );
    expect(images).toEqual(['web', 'api', 'jobs'].map((name) => `resolve:ssm:/pilot-light/dev/photos/image/${name}`));
  });

  test('says how many instances only where there are none, and once where there are to be more than the fewest', () => {
    const groups = of('service-primary', 'AWS::AutoScaling::AutoScalingGroup');
    for (const { DesiredCapacity } of groups)
      expect(DesiredCapacity).toEqual({ 'Fn::If': ['IsActive', { Ref: 'AWS::NoValue' }, '0'] });
    const once = of('service-primary', 'Custom::PilotLightInstall').map(({ Group, Desired }) => [Group, Desired]);
    expect(once).toEqual([['dev-photos-api', '3']]);
    expect(of('service-recovery', 'Custom::PilotLightInstall')).toEqual([]);
  });

  test('takes the next instance type where the first has no capacity, on demand', () => {
    const [web] = of('service-primary', 'AWS::AutoScaling::AutoScalingGroup');
    expect(web?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: {
        Overrides: [{ InstanceType: 'm7g.large' }, { InstanceType: 'm6g.large' }, { InstanceType: 't4g.large' }],
      },
      InstancesDistribution: { OnDemandAllocationStrategy: 'prioritized', OnDemandPercentageAboveBaseCapacity: 100 },
    });
    expect(web).not.toHaveProperty('LaunchTemplate');
  });

  test('shows every group on the dashboard', () => {
    const [board] = of('control-recovery', 'AWS::CloudWatch::Dashboard');
    for (const group of ['dev-photos-web', 'dev-photos-api', 'dev-photos-jobs'])
      expect(board?.DashboardBody).toContain(`"AutoScalingGroupName","${group}"`);
  });

  test('leads path patterns to their group, and nothing to a worker', () => {
    const [rule, ...others] = of('service-primary', 'AWS::ElasticLoadBalancingV2::ListenerRule');
    expect(others).toEqual([]);
    expect(rule?.Conditions).toEqual([{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*', '/v2/*'] } }]);
    expect(of('service-primary', 'AWS::ElasticLoadBalancingV2::TargetGroup')).toHaveLength(2);
    const jobs = of('service-primary', 'AWS::AutoScaling::AutoScalingGroup')[2];
    expect(jobs).not.toHaveProperty('TargetGroupARNs');
    expect(jobs?.HealthCheckType).toBe('EC2');
  });

  test('admits the load balancer to the ports that serve, and to no other', () => {
    const [application] = of('foundation-primary', 'AWS::EC2::SecurityGroup').filter(
      ({ GroupName }) => GroupName === 'dev-photos-application',
    );
    expect(portsOf(application)).toEqual([8080, 9000]);
  });

  test("runs a group's own script by its own shell, after the environment was written", () => {
    const [template] = of('service-primary', 'AWS::EC2::LaunchTemplate');
    const script = userDataOf(template);
    expect(script.startsWith('#!/bin/bash\n')).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'pilot-light-test-'));
    const here = script.replaceAll('/etc/pilot-light.env', join(folder, 'environment'));
    expect(execFileSync('/bin/bash', ['-c', here, 'named']).toString()).toBe('named\n');
  });
});

describe('with certificates', () => {
  const certificates = {
    primary: 'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012',
    recovery: 'arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012',
  };
  const { of } = whole({ traffic: { ...smallest.traffic, certificates } });

  test.each(sides)('the %s side serves by HTTPS alone: plain HTTP is redirected', (side) => {
    const listeners = of(`service-${side}`, 'AWS::ElasticLoadBalancingV2::Listener');
    expect(listeners).toMatchObject([
      { Port: 80, DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443' } }] },
      { Port: 443, Protocol: 'HTTPS', Certificates: [{ CertificateArn: certificates[side] }] },
    ]);
    expect(listeners[1]?.SslPolicy).toMatch(/TLS13-1-2/);
  });

  test('both ports are open to the world, and Route 53 looks by HTTPS', () => {
    const [balancer] = of('foundation-primary', 'AWS::EC2::SecurityGroup').filter(
      ({ GroupName }) => GroupName === 'dev-photos-balancer',
    );
    expect(portsOf(balancer)).toEqual([80, 443]);
    const checks = of('traffic-primary', 'AWS::Route53::HealthCheck').map(({ HealthCheckConfig }) => HealthCheckConfig);
    expect(checks).toContainEqual(expect.objectContaining({ Type: 'HTTPS', Port: 443, EnableSNI: true }));
  });
});

test('an existing network is stood in: nothing of it is made but security groups, and endpoints only when asked', () => {
  const network = {
    vpc: 'vpc-0123456789abcdef0',
    publicSubnets: ['subnet-0000000000000000a', 'subnet-0000000000000000b'],
    privateSubnets: ['subnet-0000000000000000c', 'subnet-0000000000000000d'],
  };
  const { of, stacks } = whole({
    primary: { region: 'us-east-1', network },
    recovery: { region: 'us-west-2', network: { ...network, endpoints: true } },
  });
  for (const type of ['VPC', 'Subnet', 'InternetGateway', 'RouteTable']) {
    for (const resources of stacks.values())
      expect(Object.values(resources).filter(({ Type }) => Type === `AWS::EC2::${type}`)).toEqual([]);
  }
  expect(of('foundation-primary', 'AWS::EC2::VPCEndpoint')).toEqual([]);
  expect(of('foundation-recovery', 'AWS::EC2::VPCEndpoint')).toHaveLength(4);
  for (const { VpcId } of of('foundation-primary', 'AWS::EC2::SecurityGroup')) expect(VpcId).toBe(network.vpc);
  expect(of('service-primary', 'AWS::ElasticLoadBalancingV2::LoadBalancer')[0]?.Subnets).toEqual(network.publicSubnets);
  expect(of('database-primary', 'AWS::RDS::DBSubnetGroup')[0]?.SubnetIds).toEqual(network.privateSubnets);
});

test('an existing zone is used, by its id', () => {
  const { of } = whole({ traffic: { ...smallest.traffic, zoneId: 'Z0123456789ABCDEFGHIJ' } });
  expect(of('traffic-recovery', 'AWS::Route53::HostedZone')).toEqual([]);
  for (const side of sides) {
    const records = of(`traffic-${side}`, 'AWS::Route53::RecordSet');
    expect(records).toHaveLength(2);
    for (const record of records) {
      expect(record.HostedZoneId).toBe('Z0123456789ABCDEFGHIJ');
      expect(record).not.toHaveProperty('HostedZoneName');
    }
  }
});

test('with the latch none, no name is made', () => {
  const { stacks } = whole({ traffic: { latch: 'none' } });
  expect([...stacks.keys()].filter((name) => name.includes('traffic'))).toEqual([]);
});

test('with a witness the state is one strongly consistent table of three Regions', () => {
  const { of } = whole({ witness: { region: 'us-east-2' } });
  expect(of('control-recovery', 'AWS::DynamoDB::Table')).toEqual([]);
  expect(of('control-recovery', 'AWS::DynamoDB::GlobalTable')).toMatchObject([
    {
      MultiRegionConsistency: 'STRONG',
      Replicas: [
        { Region: 'us-west-2', DeletionProtectionEnabled: true },
        { Region: 'us-east-1', DeletionProtectionEnabled: true },
      ],
      GlobalTableWitnesses: [{ Region: 'us-east-2' }],
    },
  ]);
});

test('with a witness either side is guarded: a door that asks for a lease, and a guard that may renew it and touch nothing else', () => {
  const { of } = whole({ witness: { region: 'us-east-2' } });
  for (const side of sides) {
    const [group] = of(`database-${side}`, 'AWS::RDS::DBParameterGroup');
    expect(group?.Parameters).toMatchObject({ init_connect: admission('application'), event_scheduler: 'ON' });
    const rules = of(`control-${side}`, 'AWS::Events::Rule');
    expect(rules).toContainEqual(expect.objectContaining({ Name: 'dev-dr-guard', State: 'ENABLED' }));
  }
  const policies = of('identity-recovery', 'AWS::IAM::Policy').map((one) => JSON.stringify(one));
  const updates = policies
    .flatMap((text) => (JSON.parse(text) as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement)
    .filter(({ Action }) => Action.includes('dynamodb:UpdateItem'));
  const narrowed = updates.filter(({ Condition }) => Condition !== undefined);
  expect(updates).toHaveLength(narrowed.length + 1);
  for (const { Condition } of narrowed)
    expect(Condition).toEqual({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['dev-photos#leases'] } });
});

describe("in somebody else's app", () => {
  /** Every part, in stacks and with a network of the app's own. */
  function theirs(workload: Workload) {
    const app = newApp();
    const pair = (name: string) => ({
      primary: new Stack(app, `Shop-${name}-Home`, { env: { region: 'us-east-1', account: '111122223333' } }),
      recovery: new Stack(app, `Shop-${name}-Away`, { env: { region: 'us-west-2', account: '111122223333' } }),
    });
    const base = pair('Base');
    const roles = new Roles(app, 'Roles', {
      workload,
      stack: new Stack(app, 'Shop-Roles', { env: { region: 'us-west-2' } }),
    });
    const vpcs = {
      primary: new ec2.Vpc(base.primary, 'Vpc', { maxAzs: 2 }),
      recovery: new ec2.Vpc(base.recovery, 'Vpc', { maxAzs: 2 }),
    };
    const existing = (side: 'primary' | 'recovery') => ({
      vpcId: vpcs[side].vpcId,
      publicSubnets: vpcs[side].publicSubnets.map(({ subnetId }) => subnetId),
      privateSubnets: vpcs[side].privateSubnets.map(({ subnetId }) => subnetId),
    });
    const inBase = { workload, stacks: base };
    const { sides: network } = new Network(app, 'Net', {
      ...inBase,
      existing: { primary: existing('primary'), recovery: existing('recovery') },
    });
    const { keyArns } = new DataKeys(app, 'Key', inBase);
    new Notices(app, 'Notices', { ...inBase, keyArns, roles });
    const parameters = new Parameters(app, 'Parameters', { ...inBase, roles });
    const database = new DatabasePair(app, 'Db', { workload, stacks: pair('Data'), network, keyArns }).after(
      parameters,
    );
    const bucket = new ReplicatedBucket(app, 'Photos', { workload, stacks: pair('Files'), bucket: 'photos' }).after(
      parameters,
    );
    const shop = { workload, stacks: pair('Shop') };
    const functions = new Functions(app, 'Functions', shop).after(database, bucket);
    const tier = new ApplicationTier(app, 'Tier', { ...shop, network }).after(database, bucket);
    const control = new RecoveryControl(app, 'Control', shop).after(functions, tier);
    new Latch(app, 'Latch', { ...shop, doors: tier.doors }).after(control);
    return app;
  }
  const workload = parseWorkload({ ...smallest, buckets: ['photos'] });

  test('all parts stand beside what is there, and make the same resources as in stacks of our own', () => {
    const kinds = (stacks: ReadonlyMap<string, Resources>): Record<string, number> => {
      const counted: Record<string, number> = {};
      for (const resources of stacks.values()) {
        for (const { Type } of Object.values(resources)) counted[Type] = (counted[Type] ?? 0) + 1;
      }
      return counted;
    };
    const own = kinds(whole({ buckets: ['photos'] }).stacks);
    const made = kinds(synthesized(theirs(workload)));
    for (const [type, count] of Object.entries(own)) {
      // The network is theirs.
      if (type.startsWith('AWS::EC2::') && type !== 'AWS::EC2::LaunchTemplate') continue;
      expect(made[type], type).toBe(count);
    }
  });

  test('a part in a stack of another Region is refused', () => {
    const app = newApp();
    const stack = new Stack(app, 'Elsewhere', { env: { region: 'eu-west-1' } });
    expect(() => new Network(app, 'Net', { workload, stacks: { primary: stack, recovery: stack } })).toThrow(
      /recovery side of Net.*Elsewhere.*eu-west-1.*us-west-2/s,
    );
  });

  test('a latch for a workload without one is refused', () => {
    const app = newApp();
    const stacks = {
      primary: new Stack(app, 'Home', { env: { region: 'us-east-1' } }),
      recovery: new Stack(app, 'Away', { env: { region: 'us-west-2' } }),
    };
    const none = parseWorkload({ ...smallest, traffic: { latch: 'none' } });
    const door = { dnsName: 'a.elb', zoneId: 'Z1' };
    expect(() => new Latch(app, 'Latch', { workload: none, stacks, doors: { primary: door, recovery: door } })).toThrow(
      /traffic.latch: none/,
    );
  });
});

test('with an accelerator the public name is one record, and no template owns the endpoint groups', () => {
  const { of, stacks } = whole({ traffic: { ...smallest.traffic, latch: 'accelerator' } });
  expect(of('traffic-recovery', 'AWS::GlobalAccelerator::Accelerator')).toMatchObject([{ Name: 'dev-photos' }]);
  expect(of('traffic-recovery', 'AWS::GlobalAccelerator::Listener')).toMatchObject([
    { Protocol: 'TCP', PortRanges: [{ FromPort: 80, ToPort: 80 }] },
  ]);
  for (const resources of stacks.values()) {
    const types = Object.values(resources).map(({ Type }) => Type);
    expect(types).not.toContain('AWS::GlobalAccelerator::EndpointGroup');
  }
  const names = sides.flatMap((side) =>
    of(`traffic-${side}`, 'AWS::Route53::RecordSet').filter(({ Name }) => Name === 'www.photos.example.'),
  );
  expect(names).toMatchObject([{ AliasTarget: { HostedZoneId: 'Z2BJ6XQ5FK7U4H', EvaluateTargetHealth: false } }]);
  expect(names[0]).not.toHaveProperty('Failover');
  expect(of('traffic-primary', 'Custom::PilotLightInstall')).toMatchObject([{ Kind: 'accelerator' }]);
});
