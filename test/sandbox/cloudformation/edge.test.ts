/** HTTPS, certificates and accelerators by template: a network's edge, deployed, changed and deleted on a virtual clock. */

import { beforeEach, describe, expect, it } from 'vitest';
import { createAcmService } from '../../../src/sandbox/services/acm/service.ts';
import { createCloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createElasticLoadBalancingService } from '../../../src/sandbox/services/elasticloadbalancing/service.ts';
import { createGlobalAcceleratorService } from '../../../src/sandbox/services/globalaccelerator/service.ts';
import { createRoute53Service } from '../../../src/sandbox/services/route53/operations.ts';
import { type TestSandbox, testSandbox } from '../../support/test-sandbox.ts';

const zone = 'Z0SEEDED';
let sandbox: TestSandbox;

beforeEach(() => {
  const balancers = {
    configure: async () => ({ ports: {} }),
    health: async () => [],
    onLost: () => {},
    close: () => {},
  };
  sandbox = testSandbox([
    (core) => createEc2Service(core, { images: {} }),
    (core) => createAcmService(core),
    (core) => createElasticLoadBalancingService(core, { balancers }),
    (core) =>
      createRoute53Service(core, {
        probe: async () => ({ healthy: true, text: '' }),
        zones: { [zone]: { name: 'example.com' } },
      }),
    createGlobalAcceleratorService,
    createCloudFormationService,
  ]);
});

const stack = <Output = Record<string, unknown>>(operation: string, input: object) =>
  sandbox.call<Output>('cloudformation', operation, { StackName: 'edge', ...input });
const statusNow = async (): Promise<string> => {
  const { Stacks } = await stack<{ Stacks: { StackStatus: string }[] }>('DescribeStacks', {});
  return Stacks[0]?.StackStatus ?? '';
};
async function rest(): Promise<string> {
  for (let turn = 0; turn < 600; turn++) {
    const status = await statusNow().catch(() => 'DELETE_COMPLETE');
    if (!status.endsWith('IN_PROGRESS')) return status;
    await sandbox.clock.advance(10_000);
    // Keys are made by the machine, in its own time.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`It does not come to rest: ${JSON.stringify(await stack('DescribeStackEvents', {}))}`);
}
const outputs = async (): Promise<Record<string, string>> => {
  const { Stacks } = await stack<{ Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[] }>(
    'DescribeStacks',
    {},
  );
  return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
};

const subnet = (letter: string, cidr: string) => ({
  Type: 'AWS::EC2::Subnet',
  Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: cidr, AvailabilityZone: `us-east-1${letter}` },
});
const network = {
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Gateway: { Type: 'AWS::EC2::InternetGateway' },
  Attachment: {
    Type: 'AWS::EC2::VPCGatewayAttachment',
    Properties: { VpcId: { Ref: 'Vpc' }, InternetGatewayId: { Ref: 'Gateway' } },
  },
  First: subnet('a', '10.0.0.0/24'),
  Second: subnet('b', '10.0.1.0/24'),
  Balancer: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    DependsOn: 'Attachment',
    Properties: { Subnets: [{ Ref: 'First' }, { Ref: 'Second' }] },
  },
};
const fixed = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }];
const certificateFor = (name: string) => ({
  Type: 'AWS::CertificateManager::Certificate',
  Properties: {
    DomainName: name,
    KeyAlgorithm: 'EC_prime256v1',
    ValidationMethod: 'DNS',
    DomainValidationOptions: [{ DomainName: name, HostedZoneId: zone }],
    Tags: [{ Key: 'team', Value: 'photos' }],
  },
});

describe('a stack with HTTPS', () => {
  const template = (policy: string) => ({
    Resources: {
      ...network,
      Site: certificateFor('photos.example.com'),
      Other: certificateFor('api.example.com'),
      Https: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'Balancer' },
          Port: 443,
          Protocol: 'HTTPS',
          SslPolicy: policy,
          Certificates: [{ CertificateArn: { Ref: 'Site' } }],
          DefaultActions: fixed,
        },
      },
      More: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
        Properties: { ListenerArn: { Ref: 'Https' }, Certificates: [{ CertificateArn: { Ref: 'Other' } }] },
      },
      Http: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'Balancer' },
          Port: 80,
          Protocol: 'HTTP',
          DefaultActions: [
            { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
          ],
        },
      },
    },
    Outputs: { Certificate: { Value: { Ref: 'Site' } }, Listener: { Value: { Ref: 'Https' } } },
  });

  it('proves its names in the zone it is told, listens, changes its policy, and leaves nothing', async () => {
    await stack('CreateStack', { TemplateBody: JSON.stringify(template('ELBSecurityPolicy-2016-08')) });
    expect(await rest()).toBe('CREATE_COMPLETE');
    const { Certificate, Listener } = await outputs();
    const described = await sandbox.call<{ Certificate: object }>('acm', 'DescribeCertificate', {
      CertificateArn: Certificate,
    });
    expect(described.Certificate).toMatchObject({
      Status: 'ISSUED',
      DomainName: 'photos.example.com',
      InUseBy: [expect.stringContaining('loadbalancer/app/')],
    });
    expect(
      await sandbox.call('elasticloadbalancing', 'DescribeListenerCertificates', { ListenerArn: Listener }),
    ).toMatchObject({
      Certificates: [{ CertificateArn: Certificate, IsDefault: true }, { IsDefault: false }],
    });
    await stack('UpdateStack', { TemplateBody: JSON.stringify(template('ELBSecurityPolicy-TLS13-1-2-2021-06')) });
    expect(await rest()).toBe('UPDATE_COMPLETE');
    expect(await sandbox.call('elasticloadbalancing', 'DescribeListeners', { ListenerArns: [Listener] })).toMatchObject(
      {
        Listeners: [
          { SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06', Certificates: [{ CertificateArn: Certificate }] },
        ],
      },
    );
    await stack('DeleteStack', {});
    expect(await rest()).toBe('DELETE_COMPLETE');
    await expect(sandbox.call('acm', 'DescribeCertificate', { CertificateArn: Certificate })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  }, 60_000);

  it('fails where a certificate is not there', async () => {
    const { Resources } = template('ELBSecurityPolicy-2016-08');
    const Certificates = [{ CertificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/none' }];
    const Https = { ...Resources.Https, Properties: { ...Resources.Https.Properties, Certificates } };
    await stack('CreateStack', { TemplateBody: JSON.stringify({ Resources: { ...network, Https } }) });
    expect(await rest()).toBe('ROLLBACK_COMPLETE');
    const { StackEvents } = await stack<{ StackEvents: { ResourceStatusReason?: string }[] }>(
      'DescribeStackEvents',
      {},
    );
    expect(StackEvents.map((event) => event.ResourceStatusReason ?? '').join()).toContain(
      "certificate/none' not found",
    );
  }, 60_000);
});

describe('a stack of another Region with an accelerator', () => {
  const template = (group: object, enabled = true) => ({
    Resources: {
      ...network,
      Http: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: { LoadBalancerArn: { Ref: 'Balancer' }, Port: 80, Protocol: 'HTTP', DefaultActions: fixed },
      },
      Accelerator: {
        Type: 'AWS::GlobalAccelerator::Accelerator',
        Properties: { Name: 'photos', Enabled: enabled, Tags: [{ Key: 'team', Value: 'photos' }] },
      },
      Listener: {
        Type: 'AWS::GlobalAccelerator::Listener',
        Properties: {
          AcceleratorArn: { Ref: 'Accelerator' },
          Protocol: 'TCP',
          PortRanges: [{ FromPort: 80, ToPort: 80 }],
        },
      },
      Group: {
        Type: 'AWS::GlobalAccelerator::EndpointGroup',
        Properties: {
          ListenerArn: { Ref: 'Listener' },
          EndpointGroupRegion: { Ref: 'AWS::Region' },
          EndpointConfigurations: [{ EndpointId: { Ref: 'Balancer' }, Weight: 100 }],
          ...group,
        },
      },
    },
    Outputs: {
      Accelerator: { Value: { Ref: 'Accelerator' } },
      Group: { Value: { 'Fn::GetAtt': ['Group', 'EndpointGroupArn'] } },
      Name: { Value: { 'Fn::GetAtt': ['Accelerator', 'DnsName'] } },
      Addresses: { Value: { 'Fn::Join': [' ', { 'Fn::GetAtt': ['Accelerator', 'Ipv4Addresses'] }] } },
    },
  });
  const groupNow = async (EndpointGroupArn: string | undefined) => {
    const answer = await sandbox.call<{ EndpointGroup: object }>(
      'globalaccelerator',
      'DescribeEndpointGroup',
      { EndpointGroupArn },
      'us-west-2',
    );
    return answer.EndpointGroup;
  };

  it('is deployed, undoes a dial turned by hand with any update, and is deleted', async () => {
    await stack('CreateStack', { TemplateBody: JSON.stringify(template({})) });
    expect(await rest()).toBe('CREATE_COMPLETE');
    const { Accelerator, Group, Name, Addresses } = await outputs();
    expect(Name).toMatch(/^a[0-9a-f]{16}\.awsglobalaccelerator\.com$/);
    expect(sandbox.core.network.resolve(Name ?? '', 'A', 'outside')?.values.join(' ')).toBe(Addresses);
    const described = await sandbox.call<{ Accelerator: object }>(
      'globalaccelerator',
      'DescribeAccelerator',
      { AcceleratorArn: Accelerator },
      'us-west-2',
    );
    expect(described.Accelerator).toMatchObject({ Status: 'DEPLOYED', Enabled: true, Name: 'photos' });
    expect(await groupNow(Group)).toMatchObject({
      EndpointGroupRegion: 'us-east-1',
      TrafficDialPercentage: 100,
      EndpointDescriptions: [{ Weight: 100, ClientIPPreservationEnabled: true }],
    });
    await sandbox.call(
      'globalaccelerator',
      'UpdateEndpointGroup',
      { EndpointGroupArn: Group, TrafficDialPercentage: 0 },
      'us-west-2',
    );
    await stack('UpdateStack', { TemplateBody: JSON.stringify(template({ HealthCheckIntervalSeconds: 10 })) });
    expect(await rest()).toBe('UPDATE_COMPLETE');
    expect(await groupNow(Group)).toMatchObject({ TrafficDialPercentage: 100, HealthCheckIntervalSeconds: 10 });
    await stack('DeleteStack', {});
    expect(await rest()).toBe('DELETE_COMPLETE');
    expect(await sandbox.call('globalaccelerator', 'ListAccelerators', {}, 'us-west-2')).toEqual({ Accelerators: [] });
    expect(sandbox.core.network.resolve(Name ?? '', 'A', 'outside')).toBeUndefined();
  }, 60_000);

  it('fails where the control plane can not be heard, and what touches it no longer is left alone', async () => {
    sandbox.setDark('us-west-2', true);
    await stack('CreateStack', { TemplateBody: JSON.stringify(template({})) });
    expect(await rest()).toBe('ROLLBACK_COMPLETE');
    const { StackEvents } = await stack<{ StackEvents: { ResourceStatusReason?: string }[] }>(
      'DescribeStackEvents',
      {},
    );
    expect(StackEvents.map((event) => event.ResourceStatusReason ?? '').join()).toContain(
      'did not answer in us-west-2',
    );
  }, 60_000);
});
