/** What a Region offers, what a launch of anything else is answered with, and groups that choose among several types. */

import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DeleteLaunchTemplateCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateDBInstanceCommand, DescribeOrderableDBInstanceOptionsCommand, RDSClient } from '@aws-sdk/client-rds';
import { expect } from 'vitest';
import { contractCase, refused } from '../contract.ts';
import { networkOf, stockImage } from './machines.ts';

export const instanceTypes = [
  contractCase(
    'a Region and its zones say which instance types they offer, and nothing else is launched',
    async (target) => {
      const { ec2, SubnetId } = await networkOf(target);
      const offered = async (LocationType: 'region' | 'availability-zone', type: string) => {
        const { InstanceTypeOfferings } = await ec2.send(
          new DescribeInstanceTypeOfferingsCommand({
            LocationType,
            Filters: [{ Name: 'instance-type', Values: [type] }],
          }),
        );
        return InstanceTypeOfferings?.map(({ Location }) => Location) ?? [];
      };
      expect(await offered('region', 't3.micro')).toEqual([target.region]);
      expect(await offered('availability-zone', 't3.micro')).toContain(`${target.region}a`);
      expect(await offered('region', 't3.pico')).toEqual([]);
      const { InstanceTypes } = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro'] }));
      expect(InstanceTypes).toMatchObject([
        {
          InstanceType: 't3.micro',
          VCpuInfo: { DefaultVCpus: 2 },
          MemoryInfo: { SizeInMiB: 1024 },
          BurstablePerformanceSupported: true,
        },
      ]);
      const none = 't3.pico' as 't3.micro';
      await refused(ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: [none] })), 'InvalidInstanceType', 400);
      const launch = { ImageId: await stockImage(target), SubnetId, MinCount: 1, MaxCount: 1 };
      await refused(ec2.send(new RunInstancesCommand({ ...launch, InstanceType: none })), 'InvalidParameterValue', 400);
    },
  ),
  contractCase('the console of an instance that is not there is not found', async (target) => {
    const ec2 = target.client(EC2Client);
    const InstanceId = 'i-00000000000000000';
    await refused(ec2.send(new GetConsoleOutputCommand({ InstanceId })), 'InvalidInstanceID.NotFound', 400);
  }),
];

export const mixedGroups = [
  contractCase(
    'a group of several types says how it chooses, keeps what an update leaves out, and becomes one of a single type',
    async (target) => {
      const { ec2, SubnetId } = await networkOf(target);
      const AutoScalingGroupName = target.name();
      await ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: AutoScalingGroupName,
          LaunchTemplateData: { InstanceType: 't3.micro', ImageId: await stockImage(target) },
        }),
      );
      target.after(() => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: AutoScalingGroupName })));
      const client = target.client(AutoScalingClient);
      const template = { LaunchTemplateName: AutoScalingGroupName, Version: '1' };
      const overrides = [{ InstanceType: 't3.small' }, { InstanceType: 't3.medium' }];
      await client.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName,
          MinSize: 0,
          MaxSize: 1,
          VPCZoneIdentifier: SubnetId,
          MixedInstancesPolicy: {
            LaunchTemplate: { LaunchTemplateSpecification: template, Overrides: overrides },
            InstancesDistribution: { OnDemandBaseCapacity: 1 },
          },
        }),
      );
      target.after(() => client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true })));
      const described = async () => {
        const { AutoScalingGroups } = await client.send(
          new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
        );
        return AutoScalingGroups?.[0];
      };
      expect(await described()).toMatchObject({
        MixedInstancesPolicy: {
          LaunchTemplate: { LaunchTemplateSpecification: template, Overrides: overrides },
          InstancesDistribution: {
            OnDemandAllocationStrategy: 'prioritized',
            OnDemandBaseCapacity: 1,
            OnDemandPercentageAboveBaseCapacity: 100,
            SpotAllocationStrategy: 'lowest-price',
          },
        },
      });
      const update = (change: object) =>
        client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...change }));
      await update({ MixedInstancesPolicy: { InstancesDistribution: { OnDemandAllocationStrategy: 'lowest-price' } } });
      expect(await described()).toMatchObject({
        MixedInstancesPolicy: {
          LaunchTemplate: { Overrides: overrides },
          InstancesDistribution: { OnDemandAllocationStrategy: 'lowest-price', OnDemandBaseCapacity: 1 },
        },
      });
      await update({ LaunchTemplate: template });
      expect((await described())?.MixedInstancesPolicy).toBeUndefined();
      expect((await described())?.LaunchTemplate).toMatchObject(template);
      const both = {
        LaunchTemplate: template,
        MixedInstancesPolicy: { InstancesDistribution: { OnDemandBaseCapacity: 0 } },
      };
      await refused(update(both), 'ValidationError', 400);
    },
  ),
];

export const databaseClasses = [
  contractCase(
    'a Region says which database classes it offers for an engine, and makes no instance of another',
    async (target) => {
      const rds = target.client(RDSClient);
      const orderable = async (DBInstanceClass: string) => {
        const { OrderableDBInstanceOptions } = await rds.send(
          new DescribeOrderableDBInstanceOptionsCommand({ Engine: 'mysql', DBInstanceClass, MaxRecords: 20 }),
        );
        return OrderableDBInstanceOptions ?? [];
      };
      expect((await orderable('db.t4g.medium'))[0]).toMatchObject({
        Engine: 'mysql',
        DBInstanceClass: 'db.t4g.medium',
      });
      const instance = {
        DBInstanceIdentifier: target.name(),
        Engine: 'mysql',
        DBInstanceClass: 'db.t4g.pico',
        AllocatedStorage: 20,
        MasterUsername: 'admin',
        MasterUserPassword: 'correct-horse-battery',
      };
      await refused(rds.send(new CreateDBInstanceCommand(instance)), 'InvalidParameterValue', 400);
    },
  ),
];
