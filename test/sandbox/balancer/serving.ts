/** Auto Scaling, load balancing and instances as real processes: an app of one file, behind a load balancer, in one Region. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeedCertificate } from '../../../src/sandbox/services/acm/seed-certificates.ts';
import { createAcmService } from '../../../src/sandbox/services/acm/service.ts';
import { createAutoScalingService } from '../../../src/sandbox/services/autoscaling/service.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createElasticLoadBalancingService } from '../../../src/sandbox/services/elasticloadbalancing/service.ts';
import { createGlobalAcceleratorService } from '../../../src/sandbox/services/globalaccelerator/service.ts';
import { createRoute53Service } from '../../../src/sandbox/services/route53/operations.ts';
import type { SeedZone } from '../../../src/sandbox/services/route53/seed-zones.ts';
import type { RealSandbox } from '../../support/real-sandbox.ts';
import { realSandbox } from '../../support/real-sandbox.ts';
import { appImage, network } from '../services/ec2/ec2-sandbox.ts';

/** Says who it is on every path but one, where it keeps its client waiting. Listens as it would on AWS: on all addresses. */
const app = `
import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/slow') return;
  if (request.url === '/headers') return void response.end(JSON.stringify(request.headers));
  response.end(process.env.NAME + ' ' + process.pid);
}).listen(8080);
`;

export interface Seeds {
  readonly certificates?: Readonly<Record<string, SeedCertificate>>;
  readonly zones?: Readonly<Record<string, SeedZone>>;
}

export interface Serving extends AsyncDisposable {
  readonly sandbox: RealSandbox;
  readonly targetGroupArn: string;
  readonly balancerArn: string;
  readonly dnsName: string;
  call<Output = Record<string, unknown>>(service: string, operation: string, input: object): Promise<Output>;
  /** Gets a path through the balancer's public name, as a client outside. */
  get(
    path: string,
    timeout?: number,
  ): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>;
  health(): Promise<string[]>;
  setSize(size: number): Promise<void>;
  instances(): Promise<{ InstanceId: string; LifecycleState: string }[]>;
}

/** `certificates` and `zones`: what the account has from the beginning. */
export async function serving(speed: number, seeds: Seeds = {}): Promise<Serving> {
  const { sandbox, folder } = await sandboxWithApp(speed, seeds);
  return served(sandbox, 'us-east-1', folder);
}

/** The same in both Regions of one sandbox. The first is disposed of, and with it the sandbox. */
export async function servingTwice(speed: number, seeds: Seeds = {}): Promise<readonly [Serving, Serving]> {
  const { sandbox, folder } = await sandboxWithApp(speed, seeds);
  return [await served(sandbox, 'us-east-1', folder), await served(sandbox, 'us-west-2', folder)];
}

async function sandboxWithApp(speed: number, { certificates = {}, zones = {} }: Seeds) {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-app-'));
  writeFileSync(join(folder, 'server.mjs'), app);
  const sandbox = await realSandbox(
    [
      (core) => createEc2Service(core, { images: { [appImage]: { folder, command: ['node', 'server.mjs'] } } }),
      (core) => createAcmService(core, { certificates }),
      (core) => createElasticLoadBalancingService(core),
      (core) => createRoute53Service(core, { zones }),
      (core) => createAutoScalingService(core),
      createGlobalAcceleratorService,
    ],
    {
      speed,
      onLog: ({ service, text, error }) => {
        if (error !== undefined) console.error(`[${service}] ${text}`, error);
      },
    },
  );
  return { sandbox, folder };
}

async function served(sandbox: RealSandbox, region: string, folder: string): Promise<Serving> {
  const call: Serving['call'] = (service, operation, input) =>
    sandbox.core.invoke({ service: service as 'ec2', operation, region, input, principal: sandbox.core.as('test') });
  const ec2 = <Output>(operation: string, input: object) => call<Output>('ec2', operation, input);

  const { vpcId, privateSubnets, publicSubnet } = await network({ ec2 }, region);
  const second = await ec2<{ Subnet: { SubnetId: string } }>('CreateSubnet', {
    VpcId: vpcId,
    CidrBlock: '10.0.10.0/24',
    AvailabilityZone: `${region}b`,
  });
  const { RouteTables } = await ec2<{ RouteTables: { RouteTableId: string }[] }>('DescribeRouteTables', {
    Filters: [{ Name: 'association.subnet-id', Values: [publicSubnet] }],
  });
  await ec2('AssociateRouteTable', { RouteTableId: RouteTables[0]?.RouteTableId, SubnetId: second.Subnet.SubnetId });
  const group = async (GroupName: string): Promise<string> =>
    (await ec2<{ GroupId: string }>('CreateSecurityGroup', { VpcId: vpcId, GroupName, Description: GroupName }))
      .GroupId;
  const [web, instances] = [await group('web'), await group('instances')];
  const allow = (GroupId: string, port: number, peer: object) =>
    ec2('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...peer }],
    });
  for (const port of [80, 443]) await allow(web, port, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] });
  await allow(instances, 8080, { UserIdGroupPairs: [{ GroupId: web }] });

  const elb = <Output>(operation: string, input: object) => call<Output>('elasticloadbalancing', operation, input);
  const { LoadBalancers } = await elb<{ LoadBalancers: { LoadBalancerArn: string; DNSName: string }[] }>(
    'CreateLoadBalancer',
    { Name: 'photos', Subnets: [publicSubnet, second.Subnet.SubnetId], SecurityGroups: [web] },
  );
  const { TargetGroups } = await elb<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
    Name: 'photos',
    Protocol: 'HTTP',
    Port: 8080,
    VpcId: vpcId,
    HealthCheckPath: '/alive',
    HealthCheckIntervalSeconds: 10,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
  });
  const balancerArn = LoadBalancers[0]?.LoadBalancerArn ?? '';
  const targetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
  await elb('ModifyTargetGroupAttributes', {
    TargetGroupArn: targetGroupArn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }],
  });
  await elb('CreateListener', {
    LoadBalancerArn: balancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
  });
  await ec2('CreateLaunchTemplate', {
    LaunchTemplateName: 'photos',
    LaunchTemplateData: {
      ImageId: appImage,
      InstanceType: 't3.medium',
      SecurityGroupIds: [instances],
      UserData: Buffer.from(`#!/bin/sh\nexport NAME=${region}\n`).toString('base64'),
    },
  });
  await call('autoscaling', 'CreateAutoScalingGroup', {
    AutoScalingGroupName: 'photos',
    LaunchTemplate: { LaunchTemplateName: 'photos', Version: '$Latest' },
    MinSize: 0,
    MaxSize: 4,
    DesiredCapacity: 0,
    VPCZoneIdentifier: privateSubnets.join(','),
    TargetGroupARNs: [targetGroupArn],
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 120,
  });

  const dnsName = LoadBalancers[0]?.DNSName ?? '';
  return {
    sandbox,
    targetGroupArn,
    balancerArn,
    dnsName,
    call,
    get: (path, timeout = 5000) => {
      const [address = ''] = sandbox.network.resolve(dnsName, 'A', 'outside')?.values ?? [];
      return get({ host: address, port: sandbox.network.boundPort(80), path, timeout });
    },
    async health() {
      const { TargetHealthDescriptions: targets } = await elb<{
        TargetHealthDescriptions: { TargetHealth: { State: string } }[];
      }>('DescribeTargetHealth', { TargetGroupArn: targetGroupArn });
      return targets.map((target) => target.TargetHealth.State);
    },
    async setSize(size) {
      await call('autoscaling', 'UpdateAutoScalingGroup', {
        AutoScalingGroupName: 'photos',
        MinSize: size,
        DesiredCapacity: size,
      });
    },
    async instances() {
      const { AutoScalingGroups } = await call<{
        AutoScalingGroups: { Instances: { InstanceId: string; LifecycleState: string }[] }[];
      }>('autoscaling', 'DescribeAutoScalingGroups', {});
      return AutoScalingGroups[0]?.Instances ?? [];
    },
    async [Symbol.asyncDispose]() {
      await sandbox.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function get(options: { host: string; port: number; path: string; timeout: number }) {
  const { timeout, ...target } = options;
  return new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const asked = request({ ...target, agent: false, signal: AbortSignal.timeout(timeout) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    asked.on('error', reject);
    asked.end();
  });
}
