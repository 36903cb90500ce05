import { describe, expect, it } from 'vitest';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { createAcmService } from '../../../../src/sandbox/services/acm/service.ts';
import type { ScalingSandbox } from '../autoscaling/scaling-sandbox.ts';
import { scalingSandbox } from '../autoscaling/scaling-sandbox.ts';
import { appImage, network, refusal } from '../ec2/ec2-sandbox.ts';

async function balanced(more: readonly ServiceFactory[] = []) {
  const sandbox = scalingSandbox(more);
  const net = await network(sandbox);
  const { Subnet } = await sandbox.ec2<{ Subnet: { SubnetId: string } }>('CreateSubnet', {
    VpcId: net.vpcId,
    CidrBlock: '10.0.9.0/24',
    AvailabilityZone: 'us-east-1c',
  });
  const { LoadBalancers } = await sandbox.elb<{
    LoadBalancers: { LoadBalancerArn: string; DNSName: string; State: { Code: string } }[];
  }>('CreateLoadBalancer', {
    Name: 'web',
    Subnets: [net.publicSubnet, Subnet.SubnetId],
    SecurityGroups: [net.groupId],
    Tags: [{ Key: 'team', Value: 'photos' }],
  });
  const balancer = LoadBalancers[0];
  const targetGroup = async (Name: string, more: object = {}): Promise<string> => {
    const { TargetGroups } = await sandbox.elb<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
      Name,
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: net.vpcId,
      ...more,
    });
    return TargetGroups[0]?.TargetGroupArn ?? '';
  };
  const listener = async (TargetGroupArn: string, more: object = {}): Promise<string> => {
    const { Listeners } = await sandbox.elb<{ Listeners: { ListenerArn: string }[] }>('CreateListener', {
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      ...more,
    });
    return Listeners[0]?.ListenerArn ?? '';
  };
  return { sandbox, net, balancer, targetGroup, listener };
}

async function runningInstance(
  sandbox: ScalingSandbox,
  subnetId: string | undefined,
  groupId: string,
): Promise<string> {
  const { Instances } = await sandbox.ec2<{ Instances: { InstanceId: string }[] }>('RunInstances', {
    ImageId: appImage,
    InstanceType: 't3.medium',
    MinCount: 1,
    MaxCount: 1,
    SubnetId: subnetId,
    SecurityGroupIds: [groupId],
  });
  await sandbox.clock.advance(60_000);
  return Instances[0]?.InstanceId ?? '';
}

describe('load balancers', () => {
  it('become active when the model says, under a name that DNS answers for a minute', async () => {
    const { sandbox, balancer, targetGroup, listener } = await balanced();
    expect(balancer?.State.Code).toBe('provisioning');
    expect(balancer?.DNSName).toMatch(/^web-\d+\.us-east-1\.elb\.amazonaws\.com$/);
    await listener(await targetGroup('app'));
    await sandbox.clock.advance(149_000);
    expect(sandbox.told.get('us-east-1')?.balancers ?? []).toEqual([]);
    await sandbox.clock.advance(2_000);
    const { LoadBalancers } = await sandbox.elb<{ LoadBalancers: { State: { Code: string } }[] }>(
      'DescribeLoadBalancers',
      { Names: ['web'] },
    );
    expect(LoadBalancers[0]?.State.Code).toBe('active');
    expect(sandbox.told.get('us-east-1')?.balancers).toHaveLength(1);
    const answer = sandbox.core.network.resolve(balancer?.DNSName ?? '', 'A', 'outside');
    expect(answer).toMatchObject({ ttl: 60, values: [expect.stringMatching(/^127\./)] });
    await sandbox.elb('DeleteLoadBalancer', { LoadBalancerArn: balancer?.LoadBalancerArn });
    expect(sandbox.core.network.resolve(balancer?.DNSName ?? '', 'A', 'outside')).toBeUndefined();
    expect(await refusal(sandbox.elb('DescribeLoadBalancers', { LoadBalancerArns: [balancer?.LoadBalancerArn] }))).toBe(
      'LoadBalancerNotFound',
    );
  });

  it('need two zones, and refuse what is not rehearsed by name', async () => {
    const { sandbox, net, balancer, targetGroup, listener } = await balanced();
    const create = (input: object) =>
      sandbox.elb('CreateLoadBalancer', { Name: 'two', Subnets: net.privateSubnets, ...input });
    expect(await refusal(create({ Subnets: [net.publicSubnet] }))).toBe('ValidationError');
    await expect(create({ Type: 'network' })).rejects.toThrow('network');
    await expect(targetGroup('tls', { Protocol: 'HTTPS' })).rejects.toThrow('HTTPS');
    const app = await targetGroup('app');
    await expect(listener(app, { MutualAuthentication: { Mode: 'verify' } })).rejects.toThrow('MutualAuthentication');
    const attribute = (Key: string, Value: string) =>
      sandbox.elb('ModifyLoadBalancerAttributes', {
        LoadBalancerArn: balancer?.LoadBalancerArn,
        Attributes: [{ Key, Value }],
      });
    await expect(attribute('access_logs.s3.enabled', 'true')).rejects.toThrow('access_logs.s3.enabled=true');
    expect(await refusal(attribute('no.such', 'true'))).toBe('ValidationError');
    await attribute('deletion_protection.enabled', 'true');
    expect(await refusal(sandbox.elb('DeleteLoadBalancer', { LoadBalancerArn: balancer?.LoadBalancerArn }))).toBe(
      'OperationNotPermitted',
    );
  });

  it('keep tags', async () => {
    const { sandbox, balancer } = await balanced();
    const arn = balancer?.LoadBalancerArn ?? '';
    await sandbox.elb('AddTags', { ResourceArns: [arn], Tags: [{ Key: 'tier', Value: 'web' }] });
    await sandbox.elb('RemoveTags', { ResourceArns: [arn], TagKeys: ['team'] });
    const { TagDescriptions } = await sandbox.elb<{ TagDescriptions: object[] }>('DescribeTags', {
      ResourceArns: [arn],
    });
    expect(TagDescriptions).toEqual([{ ResourceArn: arn, Tags: [{ Key: 'tier', Value: 'web' }] }]);
  });
});

describe('listeners and rules', () => {
  it('evaluate rules by priority, the default last', async () => {
    const { sandbox, targetGroup, listener } = await balanced();
    const app = await targetGroup('app');
    const ListenerArn = await listener(app);
    const rule = (Priority: number, path: string) =>
      sandbox.elb<{ Rules: { RuleArn: string }[] }>('CreateRule', {
        ListenerArn,
        Priority,
        Conditions: [{ Field: 'path-pattern', Values: [path] }],
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', MessageBody: path } }],
      });
    const second = await rule(20, '/b/*');
    await rule(10, '/a/*');
    expect(await refusal(rule(10, '/c/*'))).toBe('PriorityInUse');
    await sandbox.clock.advance(160_000);
    const told = () =>
      sandbox.told
        .get('us-east-1')
        ?.balancers[0]?.listeners[0]?.rules.map((one) =>
          one.action.type === 'fixed-response' ? one.action.body : one.action.type,
        );
    expect(told()).toEqual(['/a/*', '/b/*', 'forward']);
    await sandbox.elb('SetRulePriorities', { RulePriorities: [{ RuleArn: second.Rules[0]?.RuleArn, Priority: 5 }] });
    await sandbox.clock.advance(1);
    expect(told()).toEqual(['/b/*', '/a/*', 'forward']);
    const { Rules } = await sandbox.elb<{ Rules: { Priority: string }[] }>('DescribeRules', { ListenerArn });
    expect(Rules.map((one) => one.Priority)).toEqual(['5', '10', 'default']);
    expect(await refusal(sandbox.elb('DeleteTargetGroup', { TargetGroupArn: app }))).toBe('ResourceInUse');
  });
});

describe('targets', () => {
  it('must be running, in the VPC, and are admitted as the security groups say', async () => {
    const { sandbox, net, targetGroup, listener } = await balanced();
    const TargetGroupArn = await targetGroup('app');
    await listener(TargetGroupArn);
    await sandbox.clock.advance(160_000);
    const id = await runningInstance(sandbox, net.privateSubnets[0], net.groupId);
    expect(
      await refusal(sandbox.elb('RegisterTargets', { TargetGroupArn, Targets: [{ Id: 'i-00000000000000000' }] })),
    ).toBe('InvalidTarget');
    const other = await network(sandbox);
    const foreign = await runningInstance(sandbox, other.privateSubnets[0], other.groupId);
    expect(await refusal(sandbox.elb('RegisterTargets', { TargetGroupArn, Targets: [{ Id: foreign }] }))).toBe(
      'InvalidTarget',
    );
    await sandbox.elb('RegisterTargets', { TargetGroupArn, Targets: [{ Id: id }] });
    await sandbox.clock.advance(1);
    const told = () => sandbox.told.get('us-east-1')?.targetGroups[0]?.targets;
    expect(told()).toMatchObject([{ id, port: 8080, admitted: false }]);
    await sandbox.ec2('AuthorizeSecurityGroupIngress', {
      GroupId: net.groupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: net.groupId }] },
      ],
    });
    await sandbox.clock.advance(1);
    expect(told()).toMatchObject([{ id, admitted: true }]);
  });

  it('drain for as long as the group says, and are not used without a balancer', async () => {
    const { sandbox, net, targetGroup, listener } = await balanced();
    const [used, unused] = [await targetGroup('used'), await targetGroup('unused')];
    await listener(used);
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }];
    await sandbox.elb('ModifyTargetGroupAttributes', { TargetGroupArn: used, Attributes });
    await sandbox.clock.advance(160_000);
    const id = await runningInstance(sandbox, net.privateSubnets[0], net.groupId);
    const states = async (TargetGroupArn: string): Promise<string[]> => {
      const { TargetHealthDescriptions: targets } = await sandbox.elb<{
        TargetHealthDescriptions: { TargetHealth: { State: string; Reason?: string } }[];
      }>('DescribeTargetHealth', { TargetGroupArn });
      return targets.map((target) => `${target.TargetHealth.State} ${target.TargetHealth.Reason ?? ''}`.trim());
    };
    for (const TargetGroupArn of [used, unused])
      await sandbox.elb('RegisterTargets', { TargetGroupArn, Targets: [{ Id: id }] });
    expect(await states(unused)).toEqual(['unused Target.NotInUse']);
    for (const TargetGroupArn of [used, unused])
      await sandbox.elb('DeregisterTargets', { TargetGroupArn, Targets: [{ Id: id }] });
    expect(await states(unused)).toEqual([]);
    expect(await states(used)).toEqual(['draining Target.DeregistrationInProgress']);
    await sandbox.clock.advance(29_000);
    expect(await states(used)).toHaveLength(1);
    await sandbox.clock.advance(2_000);
    expect(await states(used)).toEqual([]);
  });
});

describe('HTTPS listeners', () => {
  const arn = (region: string): string => `arn:aws:acm:${region}:111122223333:certificate/site`;

  async function secured() {
    const certificates = {
      [arn('us-east-1')]: { domains: ['a.example.com'] },
      [arn('us-west-2')]: { domains: ['a.example.com'] },
    };
    const all = await balanced([(core) => createAcmService(core, { certificates })]);
    const app = await all.targetGroup('app');
    const https = (more: object) =>
      all.listener(app, {
        Protocol: 'HTTPS',
        Port: 443,
        Certificates: [{ CertificateArn: arn('us-east-1') }],
        ...more,
      });
    return { ...all, app, https };
  }

  it('need a certificate that is issued, and stands in their Region', async () => {
    const { sandbox, app, listener, https } = await secured();
    expect(await refusal(https({ Certificates: [] }))).toBe('ValidationError');
    expect(await refusal(https({ Certificates: [{ CertificateArn: arn('us-west-2') }] }))).toBe('CertificateNotFound');
    const { CertificateArn } = await sandbox.call<{ CertificateArn: string }>('acm', 'RequestCertificate', {
      DomainName: 'b.example.com',
      ValidationMethod: 'DNS',
    });
    expect(await refusal(https({ Certificates: [{ CertificateArn }] }))).toBe('UnsupportedCertificate');
    const two = [{ CertificateArn: arn('us-east-1') }, { CertificateArn }];
    expect(await refusal(https({ Certificates: two }))).toBe('TooManyCertificates');
    expect(await refusal(https({ SslPolicy: 'ELBSecurityPolicy-None' }))).toBe('SSLPolicyNotFound');
    expect(await refusal(https({ Protocol: 'TLS' }))).toBe('ValidationError');
    expect(await refusal(listener(app, { Certificates: [{ CertificateArn: arn('us-east-1') }] }))).toBe(
      'ValidationError',
    );
    expect(await refusal(listener(app, { SslPolicy: 'ELBSecurityPolicy-2016-08' }))).toBe('ValidationError');
  });

  it('have the policy AWS gives, say which certificates they serve, and become HTTP and back', async () => {
    const { sandbox, https } = await secured();
    const ListenerArn = await https({});
    const describeAll = () =>
      sandbox.elb<{ Listeners: object[] }>('DescribeListeners', { ListenerArns: [ListenerArn] });
    const secure = {
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: arn('us-east-1') }],
      SslPolicy: 'ELBSecurityPolicy-2016-08',
    };
    expect((await describeAll()).Listeners).toMatchObject([secure]);
    const imported = await sandbox.call<{ Certificate: { InUseBy: string[] } }>('acm', 'DescribeCertificate', {
      CertificateArn: arn('us-east-1'),
    });
    expect(imported.Certificate.InUseBy).toEqual([expect.stringContaining('loadbalancer/app/web/')]);
    await sandbox.elb('AddListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn: arn('us-east-1') }] });
    expect(await sandbox.elb('DescribeListenerCertificates', { ListenerArn })).toMatchObject({
      Certificates: [
        { CertificateArn: arn('us-east-1'), IsDefault: true },
        { CertificateArn: arn('us-east-1'), IsDefault: false },
      ],
    });
    await sandbox.elb('RemoveListenerCertificates', {
      ListenerArn,
      Certificates: [{ CertificateArn: arn('us-east-1') }],
    });
    expect(
      await refusal(
        sandbox.elb('RemoveListenerCertificates', {
          ListenerArn,
          Certificates: [{ CertificateArn: arn('us-east-1') }],
        }),
      ),
    ).toBe('OperationNotPermitted');
    await sandbox.elb('ModifyListener', { ListenerArn, Protocol: 'HTTP', Port: 8080 });
    const [plain] = (await describeAll()).Listeners;
    expect(plain).toMatchObject({ Protocol: 'HTTP', Port: 8080 });
    expect(plain).not.toHaveProperty('SslPolicy');
    expect(await refusal(sandbox.elb('ModifyListener', { ListenerArn, Protocol: 'HTTPS' }))).toBe('ValidationError');
  });

  it('redirect nowhere that leads back, and never from HTTPS to HTTP', async () => {
    const { https, listener, app } = await secured();
    const redirect = (RedirectConfig: object) => ({
      DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', ...RedirectConfig } }],
    });
    for (const wrong of [
      {},
      { Protocol: 'HTTPS', Port: '443' },
      { Protocol: 'HTTP', Host: 'b.example.com' },
      { Host: '#{path}.example.com' },
      { Path: 'no-slash' },
      { Port: '0' },
      { Host: 'b.example.com', Query: '?a=1' },
    ]) {
      expect(await refusal(https(redirect(wrong)))).toBe('InvalidLoadBalancerAction');
    }
    expect(await refusal(https({ DefaultActions: [{ Type: 'redirect' }] }))).toBe('InvalidLoadBalancerAction');
    await listener(app, redirect({ Protocol: 'HTTPS', Port: '443' }));
    await https(redirect({ Host: 'www.#{host}', Path: '/new/#{path}', StatusCode: 'HTTP_302' }));
  });
});
