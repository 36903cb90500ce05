/** DB parameter groups, with what waits for a reboot, and DB subnet groups. */

import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  AddTagsToResourceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  DBParameterGroupAlreadyExistsFault,
  DBParameterGroupNotFoundFault,
  DBSubnetGroupAlreadyExistsFault,
  DBSubnetGroupDoesNotCoverEnoughAZs,
  DBSubnetGroupNotFoundFault,
  DeleteDBParameterGroupCommand,
  DeleteDBSubnetGroupCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  DescribeDBSubnetGroupsCommand,
  InvalidDBParameterGroupStateFault,
  InvalidDBSubnetGroupStateFault,
  InvalidSubnet,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  type Parameter,
  paginateDescribeDBParameters,
  RebootDBInstanceCommand,
  ResetDBParameterGroupCommand,
} from '@aws-sdk/client-rds';
import { expect } from 'vitest';
import { byText, contractCase, pagesOf, refused } from '../../contract.ts';
import { available, described, instanceOf, onceFree, type Rds, rdsIn } from './support.ts';

const family = 'mysql8.0';

export const rdsGroups = [
  contractCase('a parameter group says what was set, page by page, and forgets it when it is reset', async (target) => {
    const rds = rdsIn(target);
    const { client } = rds;
    const DBParameterGroupName = await parameterGroup(rds);
    const named = { DBParameterGroupName };
    await refused(
      client.send(
        new CreateDBParameterGroupCommand({ ...named, DBParameterGroupFamily: family, Description: 'again' }),
      ),
      DBParameterGroupAlreadyExistsFault,
      400,
    );
    const modify = (Parameters: Parameter[]) =>
      client.send(new ModifyDBParameterGroupCommand({ ...named, Parameters }));
    await modify([
      { ParameterName: 'max_connections', ParameterValue: '61', ApplyMethod: 'immediate' },
      { ParameterName: 'gtid-mode', ParameterValue: 'ON', ApplyMethod: 'pending-reboot' },
    ]);
    const set = async () => {
      const { Parameters = [] } = await client.send(new DescribeDBParametersCommand({ ...named, Source: 'user' }));
      return Parameters.map((one) => [one.ParameterName, one.ParameterValue, one.ApplyMethod]);
    };
    expect((await set()).sort(([one], [other]) => byText(one, other))).toEqual([
      ['gtid-mode', 'ON', 'pending-reboot'],
      ['max_connections', '61', 'immediate'],
    ]);
    const pages = await pagesOf(paginateDescribeDBParameters({ client, pageSize: 20 }, { ...named }));
    expect(pages.length).toBeGreaterThan(1);
    const names = pages.flatMap(({ Parameters = [] }) => Parameters.map((one) => one.ParameterName));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['max_connections', 'gtid-mode', 'read_only']));

    await refused(
      modify([{ ParameterName: 'gtid-mode', ParameterValue: 'OFF', ApplyMethod: 'immediate' }]),
      'InvalidParameterCombination',
      400,
      { message: expect.stringContaining('cannot use immediate apply method for static parameter') },
    );
    await refused(
      modify([{ ParameterName: 'no_such_parameter', ParameterValue: '1', ApplyMethod: 'immediate' }]),
      'InvalidParameterValue',
      400,
      { message: 'Could not find parameter with name: no_such_parameter' },
    );
    await refused(
      modify([{ ParameterName: 'max_connections', ParameterValue: 'many', ApplyMethod: 'immediate' }]),
      'InvalidParameterValue',
      400,
    );
    await client.send(
      new ResetDBParameterGroupCommand({
        ...named,
        ResetAllParameters: false,
        Parameters: [{ ParameterName: 'max_connections', ApplyMethod: 'immediate' }],
      }),
    );
    expect((await set()).map(([name]) => name)).toEqual(['gtid-mode']);
    await client.send(new ResetDBParameterGroupCommand({ ...named, ResetAllParameters: true }));
    expect(await set()).toEqual([]);

    const { DBParameterGroups: [group] = [] } = await client.send(new DescribeDBParameterGroupsCommand(named));
    expect(group).toMatchObject({ DBParameterGroupFamily: family, Description: 'contract' });
    const ResourceName = group?.DBParameterGroupArn;
    await client.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'a', Value: 'b' }] }));
    const { TagList } = await client.send(new ListTagsForResourceCommand({ ResourceName }));
    expect(TagList).toEqual([{ Key: 'a', Value: 'b' }]);
  }),

  contractCase('bad input: groups that are not there, or of no family', async (target) => {
    const { client } = rdsIn(target);
    const DBParameterGroupName = target.name();
    const missing = { DBParameterGroupName };
    for (const call of [
      () => client.send(new DescribeDBParameterGroupsCommand(missing)),
      () => client.send(new DescribeDBParametersCommand(missing)),
      () => client.send(new DeleteDBParameterGroupCommand(missing)),
      () => client.send(new ResetDBParameterGroupCommand({ ...missing, ResetAllParameters: true })),
    ]) {
      await refused(call(), DBParameterGroupNotFoundFault, 404);
    }
    await refused(
      client.send(
        new CreateDBParameterGroupCommand({
          ...missing,
          DBParameterGroupFamily: 'mysql4.1',
          Description: 'contract',
        }),
      ),
      'InvalidParameterValue',
      400,
    );
    const DBSubnetGroupName = target.name();
    for (const call of [
      () => client.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName })),
      () => client.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName })),
    ]) {
      await refused(call(), DBSubnetGroupNotFoundFault, 404);
    }
    await refused(
      client.send(
        new CreateDBSubnetGroupCommand({
          DBSubnetGroupName,
          DBSubnetGroupDescription: 'contract',
          SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
        }),
      ),
      InvalidSubnet,
      400,
    );
  }),

  contractCase(
    'a subnet group covers two zones of one VPC, and stays while an instance stands in it',
    async (target) => {
      const rds = rdsIn(target);
      const { client } = rds;
      const ec2 = target.client(EC2Client);
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.76.0.0/16' }));
      const VpcId = Vpc?.VpcId ?? '';
      target.after(() => ec2.send(new DeleteVpcCommand({ VpcId })));
      const SubnetIds: string[] = [];
      for (const [index, zone] of ['a', 'a', 'b'].entries()) {
        const { Subnet } = await ec2.send(
          new CreateSubnetCommand({
            VpcId,
            CidrBlock: `10.76.${index}.0/24`,
            AvailabilityZone: `${target.region}${zone}`,
          }),
        );
        const SubnetId = Subnet?.SubnetId ?? '';
        target.after(() => ec2.send(new DeleteSubnetCommand({ SubnetId })));
        SubnetIds.push(SubnetId);
      }
      const DBSubnetGroupName = target.name();
      const create = (ids: string[]) =>
        client.send(
          new CreateDBSubnetGroupCommand({
            DBSubnetGroupName,
            DBSubnetGroupDescription: 'contract',
            SubnetIds: ids,
          }),
        );
      await refused(create(SubnetIds.slice(0, 2)), DBSubnetGroupDoesNotCoverEnoughAZs, 400);
      const { DBSubnetGroup } = await create(SubnetIds);
      target.after(() => client.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName })));
      expect(DBSubnetGroup).toMatchObject({ DBSubnetGroupName, VpcId, SubnetGroupStatus: 'Complete' });
      expect(DBSubnetGroup?.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier).sort(byText)).toEqual(
        [...SubnetIds].sort(byText),
      );
      await refused(create(SubnetIds), DBSubnetGroupAlreadyExistsFault, 400);
      const id = await instanceOf(rds, { DBSubnetGroupName });
      await refused(
        client.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName })),
        InvalidDBSubnetGroupStateFault,
        400,
      );
      expect((await described(rds, id)).DBSubnetGroup?.VpcId).toBe(VpcId);
      await available(rds, id);
    },
    { cost: 'cents', minutes: 20 },
  ),

  contractCase(
    'dynamic parameters are applied at once, static ones wait for a reboot',
    async (target) => {
      const rds = rdsIn(target);
      const { client } = rds;
      const other = await parameterGroup(rds);
      const DBParameterGroupName = await parameterGroup(rds);
      const id = await instanceOf(rds, { DBParameterGroupName });
      await available(rds, id);
      const status = async () => (await described(rds, id)).DBParameterGroups?.[0]?.ParameterApplyStatus;
      const until = (wanted: string) => target.eventually(async () => expect(await status()).toBe(wanted));
      await until('in-sync');
      await refused(
        client.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName })),
        InvalidDBParameterGroupStateFault,
        400,
      );
      const modify = (one: Parameter) =>
        client.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters: [one] }));
      await modify({ ParameterName: 'max_connections', ParameterValue: '62', ApplyMethod: 'immediate' });
      await until('in-sync');
      await modify({
        ParameterName: 'performance_schema',
        ParameterValue: '1',
        ApplyMethod: 'pending-reboot',
      });
      await until('pending-reboot');
      await onceFree(rds, () => client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: id })));
      await available(rds, id);
      await until('in-sync');

      // An instance that is given another group has all of it to come.
      const adopt = { DBInstanceIdentifier: id, DBParameterGroupName: other, ApplyImmediately: true };
      await onceFree(rds, () => client.send(new ModifyDBInstanceCommand(adopt)));
      await until('pending-reboot');
      await onceFree(rds, () => client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: id })));
      await available(rds, id);
      await until('in-sync');
      expect((await described(rds, id)).DBParameterGroups?.[0]?.DBParameterGroupName).toBe(other);
      // The first one is nobody's now.
      await client.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName }));
    },
    { cost: 'cents', minutes: 30 },
  ),
];

async function parameterGroup({ client, target }: Rds): Promise<string> {
  const DBParameterGroupName = target.name();
  await client.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName,
      DBParameterGroupFamily: family,
      Description: 'contract',
    }),
  );
  target.after(() =>
    client.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName })).catch((error: unknown) => {
      if (!(error instanceof DBParameterGroupNotFoundFault)) throw error;
    }),
  );
  return DBParameterGroupName;
}
