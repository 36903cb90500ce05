import { describe, expect, it } from 'vitest';
import { reachesApi } from '../../../../src/sandbox/services/ec2/api-paths.ts';
import { registerInterface } from '../../../../src/sandbox/services/ec2/network-interfaces.ts';
import { admits, admitsFromInternet, reachesInternet } from '../../../../src/sandbox/services/ec2/reachability.ts';
import { ec2Sandbox, group, network } from './ec2-sandbox.ts';

const region = 'us-east-1';

async function appAndDatabase() {
  const sandbox = ec2Sandbox();
  const net = await network(sandbox);
  const app = net.groupId;
  const database = await group(sandbox, net.vpcId, 'database');
  await sandbox.ec2('AuthorizeSecurityGroupIngress', {
    GroupId: database,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, UserIdGroupPairs: [{ GroupId: app }] }],
  });
  const [subnetId = ''] = net.privateSubnets;
  const from = (address: string, securityGroupIds: readonly string[], kind: 'instance' | 'function' = 'instance') =>
    registerInterface(sandbox.core, { region, kind, subnetId, securityGroupIds, address });
  return { sandbox, net, app, database, subnetId, from };
}

describe('who may connect to whom', () => {
  it('admits the group the rule names, at the port it names', async () => {
    const { sandbox, app, database, from } = await appAndDatabase();
    from('127.9.1.1', [app]);
    from('127.9.1.2', [database]);
    const ask = (fromAddress: string, port = 3306) =>
      admits(sandbox.core, region, { fromAddress, toSecurityGroups: [database], port });
    expect(ask('127.9.1.1')).toBe(true);
    expect(ask('127.9.1.1', 22)).toBe(false);
    expect(ask('127.9.1.2')).toBe(false);
    expect(ask('127.0.0.1')).toBe(false);
  });

  it('stops admitting when the rule is revoked, and when the source may not leave', async () => {
    const { sandbox, app, database, from } = await appAndDatabase();
    from('127.9.1.1', [app]);
    const ask = () =>
      admits(sandbox.core, region, { fromAddress: '127.9.1.1', toSecurityGroups: [database], port: 3306 });
    const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await sandbox.ec2('RevokeSecurityGroupEgress', { GroupId: app, IpPermissions: [all] });
    expect(ask()).toBe(false);
    const toDatabase = { IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, UserIdGroupPairs: [{ GroupId: database }] };
    await sandbox.ec2('AuthorizeSecurityGroupEgress', { GroupId: app, IpPermissions: [toDatabase] });
    expect(ask()).toBe(true);
    const rule = { IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, UserIdGroupPairs: [{ GroupId: app }] };
    await sandbox.ec2('RevokeSecurityGroupIngress', { GroupId: database, IpPermissions: [rule] });
    expect(ask()).toBe(false);
  });

  it('never admits an interface of another VPC or Region to something private', async () => {
    const { sandbox, database } = await appAndDatabase();
    const open = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await sandbox.ec2('AuthorizeSecurityGroupIngress', { GroupId: database, IpPermissions: [open] });
    const other = await network(sandbox);
    const away = await network(sandbox, 'us-west-2');
    const [subnetId = ''] = other.privateSubnets;
    const [awaySubnet = ''] = away.privateSubnets;
    registerInterface(sandbox.core, { region, kind: 'instance', subnetId, securityGroupIds: [], address: '127.9.2.1' });
    registerInterface(sandbox.core, {
      region: 'us-west-2',
      kind: 'instance',
      subnetId: awaySubnet,
      securityGroupIds: [],
      address: '127.9.3.1',
    });
    for (const fromAddress of ['127.9.2.1', '127.9.3.1']) {
      expect(admits(sandbox.core, region, { fromAddress, toSecurityGroups: [database], port: 3306 })).toBe(false);
    }
  });

  it('lets the internet in only where a rule and a route do', async () => {
    const { sandbox, net } = await appAndDatabase();
    const web = await group(sandbox, net.vpcId, 'web');
    const ask = (toSubnets: readonly string[]) =>
      admitsFromInternet(sandbox.core, region, {
        fromAddress: '127.0.0.1',
        toSecurityGroups: [web],
        toSubnets,
        port: 80,
      });
    expect(ask([net.publicSubnet])).toBe(false);
    const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await sandbox.ec2('AuthorizeSecurityGroupIngress', { GroupId: web, IpPermissions: [rule] });
    expect(ask([net.publicSubnet])).toBe(true);
    expect(ask(net.privateSubnets)).toBe(false);
  });

  it('lets a private interface reach an API by endpoint or NAT gateway, and not otherwise', async () => {
    const { sandbox, net, app, subnetId, from } = await appAndDatabase();
    from('127.9.1.1', [app]);
    const reaches = (service: string) => reachesApi(sandbox.core, region, '127.9.1.1', service);
    expect(reaches('ssm')).toBe(false);
    expect(reachesApi(sandbox.core, region, '127.0.0.9', 'ssm')).toBe(true);

    const endpoints = await group(sandbox, net.vpcId, 'endpoints');
    await sandbox.ec2('CreateVpcEndpoint', {
      VpcId: net.vpcId,
      VpcEndpointType: 'Interface',
      ServiceName: 'com.amazonaws.us-east-1.ssm',
      SubnetIds: [subnetId],
      SecurityGroupIds: [endpoints],
    });
    await sandbox.clock.advance(120_000);
    expect(reaches('ssm')).toBe(false);
    const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/16' }] };
    await sandbox.ec2('AuthorizeSecurityGroupIngress', { GroupId: endpoints, IpPermissions: [https] });
    expect(reaches('ssm')).toBe(true);
    expect(reaches('s3')).toBe(false);

    const { RouteTables } = await sandbox.ec2<{ RouteTables: { RouteTableId: string }[] }>('DescribeRouteTables', {
      Filters: [{ Name: 'association.main', Values: ['true'] }],
    });
    const main = RouteTables[0]?.RouteTableId;
    await sandbox.ec2('CreateVpcEndpoint', {
      VpcId: net.vpcId,
      ServiceName: 'com.amazonaws.us-east-1.s3',
      RouteTableIds: [main],
    });
    expect(reaches('s3')).toBe(true);
    expect(reachesInternet(sandbox.core, region, '127.9.1.1')).toBe(false);

    const { AllocationId } = await sandbox.ec2<{ AllocationId: string }>('AllocateAddress', { Domain: 'vpc' });
    const { NatGateway } = await sandbox.ec2<{ NatGateway: { NatGatewayId: string } }>('CreateNatGateway', {
      SubnetId: net.publicSubnet,
      AllocationId,
    });
    await sandbox.ec2('CreateRoute', {
      RouteTableId: main,
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: NatGateway.NatGatewayId,
    });
    expect(reachesInternet(sandbox.core, region, '127.9.1.1')).toBe(false);
    await sandbox.clock.advance(120_000);
    expect(reachesInternet(sandbox.core, region, '127.9.1.1')).toBe(true);
    expect(reaches('sqs')).toBe(true);
  });
});
