import { describe, expect, it } from 'vitest';
import { ec2Sandbox, group, network, refusal } from './ec2-sandbox.ts';

describe('VPCs and subnets', () => {
  it('refuses subnets that overlap, lie outside, or are malformed', async () => {
    const sandbox = ec2Sandbox();
    const { vpcId } = await network(sandbox);
    const subnet = (CidrBlock: string) => refusal(sandbox.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock }));
    expect(await subnet('10.0.1.128/25')).toBe('InvalidSubnet.Conflict');
    expect(await subnet('10.1.0.0/24')).toBe('InvalidSubnet.Range');
    expect(await subnet('10.0.3.0/29')).toBe('InvalidSubnet.Range');
    expect(await subnet('10.0.300.0/24')).toBe('InvalidParameterValue');
    expect(await subnet('10.0.3.0/24')).toBeUndefined();
  });

  it('describes with filters, wildcards and pages, and refuses filters it does not know by name', async () => {
    const sandbox = ec2Sandbox();
    const { vpcId } = await network(sandbox);
    const { Subnets: all } = await sandbox.ec2<{ Subnets: { SubnetId: string; CidrBlock: string }[] }>(
      'DescribeSubnets',
      {
        Filters: [
          { Name: 'vpc-id', Values: [vpcId] },
          { Name: 'cidr-block', Values: ['10.0.?.0/24'] },
          { Name: 'availability-zone', Values: ['*a'] },
        ],
      },
    );
    expect(all.map((one) => one.CidrBlock)).toEqual(['10.0.0.0/24', '10.0.1.0/24']);
    const first = await sandbox.ec2<{ Subnets: object[]; NextToken?: string }>('DescribeSubnets', { MaxResults: 2 });
    const second = await sandbox.ec2<{ Subnets: object[]; NextToken?: string }>('DescribeSubnets', {
      MaxResults: 2,
      NextToken: first.NextToken,
    });
    expect([first.Subnets.length, second.Subnets.length, second.NextToken]).toEqual([2, 1, undefined]);
    await expect(
      sandbox.ec2('DescribeSubnets', { Filters: [{ Name: 'ipv6-native', Values: ['true'] }] }),
    ).rejects.toThrow("The filter 'ipv6-native' is invalid");
  });

  it('keeps tags, and finds by them', async () => {
    const sandbox = ec2Sandbox();
    const { privateSubnets, vpcId } = await network(sandbox);
    await sandbox.ec2('CreateTags', { Resources: [...privateSubnets, vpcId], Tags: [{ Key: 'tier', Value: 'app' }] });
    const found = await sandbox.ec2<{ Subnets: { SubnetId: string; Tags: object[] }[] }>('DescribeSubnets', {
      Filters: [{ Name: 'tag:tier', Values: ['app'] }],
    });
    expect(found.Subnets.map((one) => one.SubnetId)).toEqual(privateSubnets);
    expect(found.Subnets[0]?.Tags).toEqual([{ Key: 'tier', Value: 'app' }]);
    await sandbox.ec2('DeleteTags', { Resources: [vpcId], Tags: [{ Key: 'tier' }] });
    const { Tags } = await sandbox.ec2<{ Tags: object[] }>('DescribeTags', {
      Filters: [{ Name: 'resource-type', Values: ['vpc'] }],
    });
    expect(Tags).toEqual([]);
  });

  it('deletes a VPC only when it is empty', async () => {
    const sandbox = ec2Sandbox();
    const { Vpc } = await sandbox.ec2<{ Vpc: { VpcId: string } }>('CreateVpc', { CidrBlock: '10.0.0.0/16' });
    const id = await group(sandbox, Vpc.VpcId, 'one');
    expect(await refusal(sandbox.ec2('DeleteVpc', { VpcId: Vpc.VpcId }))).toBe('DependencyViolation');
    await sandbox.ec2('DeleteSecurityGroup', { GroupId: id });
    await sandbox.ec2('DeleteVpc', { VpcId: Vpc.VpcId });
    expect(await refusal(sandbox.ec2('DescribeVpcs', { VpcIds: [Vpc.VpcId] }))).toBe('InvalidVpcID.NotFound');
  });

  it('refuses members it does not honour by name', async () => {
    const sandbox = ec2Sandbox();
    await expect(
      sandbox.ec2('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }),
    ).rejects.toThrow('AmazonProvidedIpv6CidrBlock');
  });
});

describe('security groups', () => {
  it('gives rules ids that stay, and revokes by rule or by id', async () => {
    const sandbox = ec2Sandbox();
    const { groupId } = await network(sandbox);
    const web = {
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 80,
      IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'web' }],
    };
    const peers = { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: groupId }] };
    const { SecurityGroupRules: rules } = await sandbox.ec2<{ SecurityGroupRules: { SecurityGroupRuleId: string }[] }>(
      'AuthorizeSecurityGroupIngress',
      { GroupId: groupId, IpPermissions: [web, peers] },
    );
    expect(rules).toHaveLength(2);
    expect(
      await refusal(sandbox.ec2('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [web] })),
    ).toBe('InvalidPermission.Duplicate');
    await sandbox.ec2('RevokeSecurityGroupIngress', {
      GroupId: groupId,
      SecurityGroupRuleIds: [rules[0]?.SecurityGroupRuleId],
    });
    const { SecurityGroupRules: left } = await sandbox.ec2<{
      SecurityGroupRules: { SecurityGroupRuleId: string; IsEgress: boolean }[];
    }>('DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: [groupId] }] });
    expect(left.filter((rule) => !rule.IsEgress).map((rule) => rule.SecurityGroupRuleId)).toEqual([
      rules[1]?.SecurityGroupRuleId,
    ]);
    await sandbox.ec2('RevokeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [peers] });
    expect(await refusal(sandbox.ec2('RevokeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [peers] }))).toBe(
      'InvalidPermission.NotFound',
    );
  });
});
