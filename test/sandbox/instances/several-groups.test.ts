/** Groups of different programs in one Region as real processes: two that serve by path, and one that works without listening. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { regionStatus } from '../../../src/sandbox/control/status.ts';
import { containmentProblem } from '../../../src/sandbox/instances/containment.ts';
import { createAutoScalingService } from '../../../src/sandbox/services/autoscaling/service.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createElasticLoadBalancingService } from '../../../src/sandbox/services/elasticloadbalancing/service.ts';
import type { RealSandbox } from '../../support/real-sandbox.ts';
import { realSandbox } from '../../support/real-sandbox.ts';
import { network } from '../services/ec2/ec2-sandbox.ts';

const server = `
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
const seeded = '/etc/photos-answer';
const answer = existsSync(seeded) ? readFileSync(seeded) : process.argv[2];
createServer((request, response) => response.end(answer)).listen(8080);
`;
/** Says each second that it works, and listens on nothing. */
const worker = `setInterval(() => console.log('worked'), 200);`;

const images = { web: 'ami-0000000000000000a', api: 'ami-0000000000000000b', worker: 'ami-0000000000000000c' };
/** Some machines forbid what user data needs. */
const canContain = containmentProblem() === undefined;
const region = 'us-east-1';
const patience = { timeout: 60_000, interval: 100 };

let folder: string;
let sandbox: RealSandbox;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilot-light-app-'));
  writeFileSync(join(folder, 'server.mjs'), server);
  writeFileSync(join(folder, 'worker.mjs'), worker);
  sandbox = await realSandbox(
    [
      (core) =>
        createEc2Service(core, {
          images: {
            [images.web]: { folder, command: ['node', 'server.mjs', 'web'] },
            [images.api]: { folder, command: ['node', 'server.mjs', 'api'] },
            [images.worker]: { folder, command: ['node', 'worker.mjs'] },
          },
        }),
      (core) => createElasticLoadBalancingService(core),
      createAutoScalingService,
    ],
    { speed: 30 },
  );
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

function call<Output>(service: 'ec2' | 'elasticloadbalancing' | 'autoscaling', operation: string, input: object) {
  return sandbox.core.invoke<Output>({ service, operation, region, input, principal: sandbox.core.as('test') });
}
const ec2 = <Output>(operation: string, input: object) => call<Output>('ec2', operation, input);
const elb = <Output>(operation: string, input: object) => call<Output>('elasticloadbalancing', operation, input);

interface Instance {
  readonly InstanceId: string;
  readonly LifecycleState: string;
}

async function instancesOf(name: string): Promise<readonly Instance[]> {
  const { AutoScalingGroups } = await call<{ AutoScalingGroups: { Instances: Instance[] }[] }>(
    'autoscaling',
    'DescribeAutoScalingGroups',
    { AutoScalingGroupNames: [name] },
  );
  return AutoScalingGroups[0]?.Instances ?? [];
}

it('serves each path from its group, and keeps a worker nobody asks', { timeout: 90_000 }, async () => {
  const { vpcId, privateSubnets, publicSubnet } = await network({ ec2 });
  const { Subnet } = await ec2<{ Subnet: { SubnetId: string } }>('CreateSubnet', {
    VpcId: vpcId,
    CidrBlock: '10.0.10.0/24',
    AvailabilityZone: `${region}b`,
  });
  const { RouteTables } = await ec2<{ RouteTables: { RouteTableId: string }[] }>('DescribeRouteTables', {
    Filters: [{ Name: 'association.subnet-id', Values: [publicSubnet] }],
  });
  await ec2('AssociateRouteTable', { RouteTableId: RouteTables[0]?.RouteTableId, SubnetId: Subnet.SubnetId });
  const { GroupId } = await ec2<{ GroupId: string }>('CreateSecurityGroup', {
    VpcId: vpcId,
    GroupName: 'all',
    Description: 'all',
  });
  for (const port of [80, 8080]) {
    await ec2('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
        { IpProtocol: 'tcp', FromPort: port, ToPort: port, UserIdGroupPairs: [{ GroupId }] },
      ],
    });
  }
  const { LoadBalancers } = await elb<{ LoadBalancers: { LoadBalancerArn: string; DNSName: string }[] }>(
    'CreateLoadBalancer',
    { Name: 'app', Subnets: [publicSubnet, Subnet.SubnetId], SecurityGroups: [GroupId] },
  );
  const targetGroup = async (Name: string): Promise<string> => {
    const { TargetGroups } = await elb<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
      Name,
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: vpcId,
      HealthCheckIntervalSeconds: 10,
      HealthyThresholdCount: 2,
    });
    return TargetGroups[0]?.TargetGroupArn ?? '';
  };
  const targets = { web: await targetGroup('web'), api: await targetGroup('api') };
  const { Listeners } = await elb<{ Listeners: { ListenerArn: string }[] }>('CreateListener', {
    LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targets.web }],
  });
  await elb('CreateRule', {
    ListenerArn: Listeners[0]?.ListenerArn,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: targets.api }],
  });
  for (const name of ['web', 'api', 'worker'] as const) {
    await ec2('CreateLaunchTemplate', {
      LaunchTemplateName: name,
      LaunchTemplateData: {
        ImageId: images[name],
        InstanceType: 't3.small',
        SecurityGroupIds: [GroupId],
        ...(name === 'api' && canContain
          ? { UserData: Buffer.from('#!/bin/sh\nprintf seeded > /etc/photos-answer\n').toString('base64') }
          : {}),
      },
    });
    await call('autoscaling', 'CreateAutoScalingGroup', {
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateName: name },
      MinSize: 1,
      MaxSize: 1,
      VPCZoneIdentifier: privateSubnets.join(','),
      ...(name === 'worker'
        ? { HealthCheckType: 'EC2' }
        : { TargetGroupARNs: [targets[name]], HealthCheckType: 'ELB', HealthCheckGracePeriod: 300 }),
    });
  }

  const get = async (path: string): Promise<string> => {
    const [address = ''] = sandbox.network.resolve(LoadBalancers[0]?.DNSName ?? '', 'A', 'outside')?.values ?? [];
    const answer = await fetch(`http://${address}:${sandbox.network.boundPort(80)}${path}`);
    return answer.ok ? answer.text() : String(answer.status);
  };
  await vi.waitFor(
    async () => expect([await get('/'), await get('/api/photos')]).toEqual(['web', canContain ? 'seeded' : 'api']),
    patience,
  );

  // Each status check passed, also of what listens on nothing: by its process, not by its port.
  await vi.waitFor(async () => {
    const { InstanceStatuses } = await ec2<{ InstanceStatuses: { InstanceStatus: { Status: string } }[] }>(
      'DescribeInstanceStatus',
      {},
    );
    expect(InstanceStatuses.map((one) => one.InstanceStatus.Status)).toEqual(['ok', 'ok', 'ok']);
  }, patience);
  const { instances } = regionStatus(sandbox.core, region);
  expect(
    instances
      .map(({ group, image, type, state }) => [group, image, type, state].join(' '))
      .sort((one, other) => (one < other ? -1 : 1)),
  ).toEqual((['api', 'web', 'worker'] as const).map((name) => `${name} ${images[name]} t3.small running`));

  const [before] = await instancesOf('worker');
  expect(before?.LifecycleState).toBe('InService');
  sandbox.core
    .region(region)
    .machines.list()
    .find((machine) => machine.name === before?.InstanceId)
    ?.kill('SIGKILL');
  await vi.waitFor(async () => {
    const now = await instancesOf('worker');
    expect(now.map((one) => one.LifecycleState)).toEqual(['InService']);
    expect(now[0]?.InstanceId).not.toBe(before?.InstanceId);
  }, patience);
});
