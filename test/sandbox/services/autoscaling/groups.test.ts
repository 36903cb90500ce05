import { describe, expect, it, vi } from 'vitest';
import { appImage, refusal } from '../ec2/ec2-sandbox.ts';
import { activities, group, members, scalingSandbox } from './scaling-sandbox.ts';

const size = (DesiredCapacity: number) => ({ AutoScalingGroupName: 'app', DesiredCapacity });

describe('a group', () => {
  it('grows to its size across zones when the model says, with its tags on the instances', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox);
    await sandbox.asg('SetDesiredCapacity', size(2));
    await sandbox.clock.advance(7_000);
    expect(await members(sandbox)).toEqual([]);
    await sandbox.clock.advance(2_000);
    expect((await members(sandbox)).map((one) => one.LifecycleState)).toEqual(['Pending', 'Pending']);
    await sandbox.clock.advance(61_000);
    const grown = await members(sandbox);
    expect(grown.map((one) => one.LifecycleState)).toEqual(['InService', 'InService']);
    expect(grown.map((one) => one.AvailabilityZone).sort()).toEqual(['us-east-1a', 'us-east-1b']);
    const { Reservations } = await sandbox.ec2<{ Reservations: object[] }>('DescribeInstances', {
      Filters: [
        { Name: 'tag:aws:autoscaling:groupName', Values: ['app'] },
        { Name: 'tag:team', Values: ['photos'] },
      ],
    });
    expect(Reservations).toHaveLength(2);
    expect((await activities(sandbox)).map((one) => one.StatusCode)).toEqual(['Successful', 'Successful']);
  });

  it('shrinks, and can be deleted once it is empty', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, { input: { DesiredCapacity: 3, MinSize: 1 } });
    await sandbox.clock.advance(80_000);
    expect(await members(sandbox)).toHaveLength(3);
    expect(await refusal(sandbox.asg('SetDesiredCapacity', size(0)))).toBe('ValidationError');
    expect(await refusal(sandbox.asg('DeleteAutoScalingGroup', { AutoScalingGroupName: 'app' }))).toBe('ResourceInUse');
    await sandbox.asg('UpdateAutoScalingGroup', { AutoScalingGroupName: 'app', MinSize: 0, MaxSize: 0 });
    await sandbox.clock.advance(60_000);
    expect(await members(sandbox)).toEqual([]);
    await sandbox.asg('DeleteAutoScalingGroup', { AutoScalingGroupName: 'app' });
    expect(await refusal(sandbox.asg('SetDesiredCapacity', size(0)))).toBe('ValidationError');
  });

  it('replaces an instance whose program died, and one that was terminated behind its back', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, { input: { DesiredCapacity: 2 } });
    await sandbox.clock.advance(180_000);
    await vi.waitFor(() => expect(sandbox.boots).toHaveLength(2));
    const [first, second] = await members(sandbox);
    sandbox.crash(first?.InstanceId ?? '');
    await sandbox.ec2('TerminateInstances', { InstanceIds: [second?.InstanceId] });
    await sandbox.clock.advance(180_000);
    const now = await members(sandbox);
    expect(now.map((one) => one.LifecycleState)).toEqual(['InService', 'InService']);
    expect(now.map((one) => one.InstanceId)).not.toContain(first?.InstanceId);
    expect(now.map((one) => one.InstanceId)).not.toContain(second?.InstanceId);
    const causes = (await activities(sandbox)).map((one) => one.Cause).join('\n');
    expect(causes).toContain('instance status checks failure');
    expect(causes).toContain('terminated or stopped');
  });

  it('does nothing that is suspended', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox);
    await sandbox.asg('SuspendProcesses', { AutoScalingGroupName: 'app', ScalingProcesses: ['Launch'] });
    await sandbox.asg('SetDesiredCapacity', size(1));
    await sandbox.clock.advance(60_000);
    expect(await members(sandbox)).toEqual([]);
    await sandbox.asg('ResumeProcesses', { AutoScalingGroupName: 'app' });
    await sandbox.clock.advance(20_000);
    expect(await members(sandbox)).toHaveLength(1);
  });

  it('terminates one instance on request, with or without shrinking', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, { input: { DesiredCapacity: 2, MinSize: 1 } });
    await sandbox.clock.advance(80_000);
    const [first, second] = await members(sandbox);
    const end = (InstanceId: string | undefined, ShouldDecrementDesiredCapacity: boolean) =>
      sandbox.asg('TerminateInstanceInAutoScalingGroup', { InstanceId, ShouldDecrementDesiredCapacity });
    await end(first?.InstanceId, true);
    expect(await refusal(end(second?.InstanceId, true))).toBe('ValidationError');
    await end(second?.InstanceId, false);
    await sandbox.clock.advance(180_000);
    const now = await members(sandbox);
    expect(now).toHaveLength(1);
    expect([first?.InstanceId, second?.InstanceId]).not.toContain(now[0]?.InstanceId);
  });

  it('serves its target groups: registers, drains before it terminates, replaces the unfit after the grace period', async () => {
    const sandbox = scalingSandbox();
    const { net } = await group(sandbox, { input: { HealthCheckType: 'ELB', HealthCheckGracePeriod: 200 } });
    const { TargetGroups } = await sandbox.elb<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
      Name: 'app',
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: net.vpcId,
    });
    const targetGroupArn = TargetGroups[0]?.TargetGroupArn;
    const { SubnetId } = (
      await sandbox.ec2<{ Subnet: { SubnetId: string } }>('CreateSubnet', {
        VpcId: net.vpcId,
        CidrBlock: '10.0.9.0/24',
        AvailabilityZone: 'us-east-1c',
      })
    ).Subnet;
    const { LoadBalancers } = await sandbox.elb<{ LoadBalancers: { LoadBalancerArn: string }[] }>(
      'CreateLoadBalancer',
      {
        Name: 'app',
        Subnets: [net.publicSubnet, SubnetId],
        SecurityGroups: [net.groupId],
      },
    );
    await sandbox.elb('CreateListener', {
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
    await sandbox.ec2('AuthorizeSecurityGroupIngress', {
      GroupId: net.groupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: net.groupId }] },
      ],
    });
    await sandbox.asg('AttachLoadBalancerTargetGroups', {
      AutoScalingGroupName: 'app',
      TargetGroupARNs: [targetGroupArn],
    });
    await sandbox.asg('SetDesiredCapacity', size(2));
    await sandbox.clock.advance(200_000);
    const health = async (): Promise<string[]> => {
      const { TargetHealthDescriptions: targets } = await sandbox.elb<{
        TargetHealthDescriptions: { TargetHealth: { State: string } }[];
      }>('DescribeTargetHealth', { TargetGroupArn: targetGroupArn });
      return targets.map((target) => target.TargetHealth.State);
    };
    expect(await health()).toEqual(['healthy', 'healthy']);

    const [sick] = await members(sandbox);
    sandbox.sick.add(sick?.InstanceId ?? '');
    await sandbox.clock.advance(20_000);
    expect(await members(sandbox)).toContainEqual(
      expect.objectContaining({ InstanceId: sick?.InstanceId, HealthStatus: 'Healthy' }),
    );
    await sandbox.clock.advance(200_000);
    const replaced = await members(sandbox);
    expect(replaced.map((one) => one.InstanceId)).not.toContain(sick?.InstanceId);
    expect((await activities(sandbox)).some((one) => one.Cause.includes('ELB system health check failure'))).toBe(true);
    await sandbox.clock.advance(200_000);

    await sandbox.asg('UpdateAutoScalingGroup', { AutoScalingGroupName: 'app', MaxSize: 1 });
    await sandbox.clock.advance(250_000);
    expect((await members(sandbox)).map((one) => one.LifecycleState).sort()).toEqual(['InService', 'Terminating']);
    expect((await health()).sort()).toEqual(['draining', 'healthy']);
    expect((await activities(sandbox))[0]?.StatusCode).toBe('WaitingForELBConnectionDraining');
    await sandbox.clock.advance(120_000);
    expect(await members(sandbox)).toHaveLength(1);
    expect(await health()).toEqual(['healthy']);
  });

  it('keeps its instances through the dark', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, { input: { DesiredCapacity: 1, HealthCheckGracePeriod: 100 } });
    await sandbox.clock.advance(180_000);
    const [before] = await members(sandbox);
    sandbox.setDark('us-east-1', true);
    await sandbox.clock.advance(600_000);
    sandbox.setDark('us-east-1', false);
    for (const service of sandbox.dispatcher.services) await service.regionBack?.('us-east-1');
    await sandbox.clock.advance(300_000);
    expect((await members(sandbox)).map((one) => one.InstanceId)).toEqual([before?.InstanceId]);
  });
});

describe('what a group launches', () => {
  it('tells of launches that fail, and tries again later', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox);
    const capacity = sandbox.core.table<number>('ec2', 'us-east-1', 'capacity');
    capacity.put('t3.medium', 0);
    await sandbox.asg('SetDesiredCapacity', size(1));
    await sandbox.clock.advance(30_000);
    const [failed] = await activities(sandbox);
    expect(failed).toMatchObject({ StatusCode: 'Failed' });
    expect(failed?.StatusMessage).toContain('do not have sufficient t3.medium capacity');
    capacity.delete('t3.medium');
    await sandbox.clock.advance(60_000);
    expect(await members(sandbox)).toHaveLength(1);
  });

  it('takes the next type of a mixed group where the first has no capacity', async () => {
    const sandbox = scalingSandbox();
    const { templateId } = await group(sandbox);
    sandbox.core.table<number>('ec2', 'us-east-1', 'capacity').put('t3.medium', 0);
    await sandbox.asg('UpdateAutoScalingGroup', {
      AutoScalingGroupName: 'app',
      DesiredCapacity: 1,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: templateId, Version: '$Latest' },
          Overrides: [{ InstanceType: 't3.medium' }, { InstanceType: 'm6i.large' }],
        },
      },
    });
    await sandbox.clock.advance(30_000);
    expect((await members(sandbox)).map((one) => one.InstanceType)).toEqual(['m6i.large']);
  });

  it('reads the image pointer on every create, update and launch', async () => {
    const sandbox = scalingSandbox();
    const data = { ImageId: 'resolve:ssm:/dr/ami' };
    expect(await refusal(group(sandbox, { data }))).toBe('ValidationError');

    const other = scalingSandbox();
    other.parameters.set('/dr/ami', appImage);
    await group(other, { data });
    other.parameters.set('/dr/ami', 'ami-00000000000000bad');
    const update = (DesiredCapacity: number) =>
      other.asg('UpdateAutoScalingGroup', { AutoScalingGroupName: 'app', DesiredCapacity });
    await expect(update(1)).rejects.toThrow(/valid fully-formed launch template.*ami-00000000000000bad/);
    await other.asg('SetDesiredCapacity', size(1));
    await other.clock.advance(20_000);
    expect((await activities(other))[0]?.StatusMessage).toContain('ami-00000000000000bad');
    other.parameters.set('/dr/ami', appImage);
    await update(1);
    await other.clock.advance(20_000);
    expect(await members(other)).toHaveLength(1);
  });

  it('launches the version it is told: the latest, the default or a number', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox, { input: { DesiredCapacity: 1 } });
    await sandbox.clock.advance(20_000);
    await sandbox.ec2('CreateLaunchTemplateVersion', {
      LaunchTemplateName: 'app',
      SourceVersion: '$Latest',
      LaunchTemplateData: { InstanceType: 't3.large' },
    });
    await sandbox.asg('SetDesiredCapacity', size(2));
    await sandbox.clock.advance(20_000);
    expect((await members(sandbox)).map((one) => one.InstanceType)).toEqual(['t3.medium', 't3.large']);
    const pinned = { LaunchTemplateName: 'app', Version: '1' };
    await sandbox.asg('UpdateAutoScalingGroup', {
      AutoScalingGroupName: 'app',
      DesiredCapacity: 3,
      LaunchTemplate: pinned,
    });
    await sandbox.clock.advance(20_000);
    expect((await members(sandbox)).map((one) => one.InstanceType)).toEqual(['t3.medium', 't3.large', 't3.medium']);
  });

  it('records target tracking, and refuses other policies and unsupported members by name', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox);
    const configuration = {
      TargetValue: 50,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
    };
    const policy = { AutoScalingGroupName: 'app', PolicyName: 'cpu' };
    await sandbox.asg('PutScalingPolicy', {
      ...policy,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: configuration,
    });
    const { ScalingPolicies } = await sandbox.asg<{ ScalingPolicies: object[] }>('DescribePolicies', {
      AutoScalingGroupName: 'app',
    });
    expect(ScalingPolicies).toMatchObject([{ PolicyName: 'cpu', TargetTrackingConfiguration: configuration }]);
    await expect(sandbox.asg('PutScalingPolicy', { ...policy, PolicyType: 'StepScaling' })).rejects.toThrow(
      'StepScaling',
    );
    await expect(
      sandbox.asg('UpdateAutoScalingGroup', { AutoScalingGroupName: 'app', MaxInstanceLifetime: 86_400 }),
    ).rejects.toThrow('MaxInstanceLifetime');
  });
});
