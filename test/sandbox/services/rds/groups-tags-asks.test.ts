import type { DBSubnetGroup } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import type { Ask, Principal, ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { here, photos, rdsTest, there } from './service-test.ts';

const arn = (kind: string, name: string, region = here) => `arn:aws:rds:${region}:111122223333:${kind}:${name}`;

/** Two subnets in two zones of one VPC, and one in another VPC. */
const ec2: ServiceFactory = () => ({
  name: 'ec2',
  operations: {
    DescribeSubnets: {
      handle: ({ SubnetIds }: { SubnetIds: string[] }) => ({
        Subnets: SubnetIds.map((id) => ({
          SubnetId: id,
          VpcId: id === 'subnet-x' ? 'vpc-2' : 'vpc-1',
          AvailabilityZone: `${here}${id.slice(-1)}`,
        })),
      }),
    },
    DescribeSecurityGroups: { handle: () => ({ SecurityGroups: [{ GroupId: 'sg-default' }] }) },
  },
});

describe('subnet groups', () => {
  it('cover two zones of one VPC, and place instances', async () => {
    const test = rdsTest([ec2]);
    const create = (...SubnetIds: string[]) =>
      test.rds<{ DBSubnetGroup: DBSubnetGroup }>('CreateDBSubnetGroup', {
        DBSubnetGroupName: 'Data',
        DBSubnetGroupDescription: 'd',
        SubnetIds,
      });
    await expect(create('subnet-a')).rejects.toMatchObject({ code: 'DBSubnetGroupDoesNotCoverEnoughAZs' });
    await expect(create('subnet-a', 'subnet-x')).rejects.toMatchObject({ code: 'InvalidSubnet' });
    const { DBSubnetGroup: group } = await create('subnet-a', 'subnet-b');
    expect(group).toMatchObject({ DBSubnetGroupName: 'data', VpcId: 'vpc-1', SubnetGroupStatus: 'Complete' });

    const made = await test.primary({ DBSubnetGroupName: 'data' });
    expect(made.VpcSecurityGroups).toEqual([{ VpcSecurityGroupId: 'sg-default', Status: 'active' }]);
    expect(made.DBSubnetGroup?.VpcId).toBe('vpc-1');
    await expect(test.rds('DeleteDBSubnetGroup', { DBSubnetGroupName: 'data' })).rejects.toThrow(/still using it/);
  });
});

describe('tags', () => {
  it('are added, listed and removed by ARN', async () => {
    const test = rdsTest();
    await test.primary({ Tags: [{ Key: 'team', Value: 'a' }] });
    const ResourceName = arn('db', 'photos');
    await test.rds('AddTagsToResource', { ResourceName, Tags: [{ Key: 'env', Value: 'dev' }] });
    await test.rds('RemoveTagsFromResource', { ResourceName, TagKeys: ['team'] });
    expect(await test.rds('ListTagsForResource', { ResourceName })).toEqual({
      TagList: [{ Key: 'env', Value: 'dev' }],
    });
    await expect(test.rds('ListTagsForResource', { ResourceName: arn('db', 'none') })).rejects.toMatchObject({
      code: 'DBInstanceNotFound',
    });
  });
});

describe('what IAM is asked', () => {
  const role: Principal = {
    kind: 'role',
    account: '111122223333',
    arn: 'arn:aws:sts::111122223333:assumed-role/r/s',
    roleName: 'r',
    sessionName: 's',
  };

  async function asked(operation: string, input: object, region = here): Promise<readonly Ask[]> {
    const test = rdsTest();
    await test.primary({ Tags: [{ Key: 'workload', Value: 'photos' }] });
    let seen: readonly Ask[] = [];
    test.dispatcher.authorizer = (_, asks) => {
      seen = asks;
      throw new Error('stop here');
    };
    await expect(test.call('rds', operation, input, region, role)).rejects.toThrow('stop here');
    return seen;
  }

  it('names the database and its tags', async () => {
    expect(await asked('PromoteReadReplica', { DBInstanceIdentifier: 'photos' })).toEqual([
      {
        action: 'rds:PromoteReadReplica',
        resource: arn('db', 'photos'),
        context: { 'aws:ResourceTag/workload': 'photos', 'rds:db-tag/workload': 'photos' },
      },
    ]);
    expect(await asked('DescribeDBInstances', {})).toMatchObject([{ resource: arn('db', '*') }]);
  });

  it('names every group a new instance joins, and the source of a replica in its own Region', async () => {
    const resources = (asks: readonly Ask[]) => asks.map(({ action, resource }) => `${action} ${resource}`);
    const tagged = { ...photos, DBInstanceIdentifier: 'other', Tags: [{ Key: 'a', Value: 'b' }] };
    expect(resources(await asked('CreateDBInstance', tagged))).toEqual([
      `rds:CreateDBInstance ${arn('db', 'other')}`,
      `rds:CreateDBInstance ${arn('og', 'default:mysql-8-0')}`,
      `rds:CreateDBInstance ${arn('pg', 'default.mysql8.0')}`,
      `rds:CreateDBInstance ${arn('subgrp', 'default')}`,
      `rds:AddTagsToResource ${arn('db', 'other')}`,
    ]);
    const replica = {
      DBInstanceIdentifier: 'copy',
      SourceDBInstanceIdentifier: arn('db', 'photos'),
      DBSubnetGroupName: 'data',
    };
    const asks = await asked('CreateDBInstanceReadReplica', replica, there);
    expect(resources(asks)).toEqual([
      `rds:CreateDBInstanceReadReplica ${arn('db', 'copy', there)}`,
      `rds:CreateDBInstanceReadReplica ${arn('og', 'default:mysql-8-0', there)}`,
      `rds:CreateDBInstanceReadReplica ${arn('pg', 'default.mysql8.0', there)}`,
      `rds:CreateDBInstanceReadReplica ${arn('subgrp', 'data', there)}`,
      `rds:CreateDBInstanceReadReplica ${arn('db', 'photos')}`,
    ]);
    expect(asks.at(-1)?.context).toMatchObject({ 'aws:RequestedRegion': here });
  });
});
