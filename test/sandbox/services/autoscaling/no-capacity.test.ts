import { expect, it } from 'vitest';
import { refusal } from '../ec2/ec2-sandbox.ts';
import { activities, group, members, scalingSandbox } from './scaling-sandbox.ts';

const noCapacity = { kind: 'no-capacity', region: 'us-east-1' } as const;
const size = { AutoScalingGroupName: 'app', DesiredCapacity: 2 };

it('fails launches as EC2 and Auto Scaling do, and the group grows by itself when there is capacity again', async () => {
  const sandbox = scalingSandbox();
  await group(sandbox);
  const { id } = await sandbox.board.raise(noCapacity);
  await sandbox.asg('SetDesiredCapacity', size);
  await sandbox.clock.advance(30_000);
  // One zone after the other, the latest first.
  expect(await activities(sandbox)).toMatchObject(
    ['us-east-1b', 'us-east-1a'].map((zone) => ({
      StatusCode: 'Failed',
      StatusMessage:
        `We currently do not have sufficient t3.medium capacity in the Availability Zone you requested (${zone}). ` +
        'Our system will be working on provisioning additional capacity. Launching EC2 instance failed.',
    })),
  );

  await sandbox.clock.advance(600_000);
  const tried = (await activities(sandbox)).length;
  expect(tried).toBeGreaterThan(2);
  expect(await members(sandbox)).toEqual([]);

  sandbox.setDark('us-east-1', true);
  await sandbox.clock.advance(600_000);
  sandbox.setDark('us-east-1', false);
  await sandbox.clock.advance(600_000);
  expect(await members(sandbox)).toEqual([]);

  await sandbox.board.lift(id);
  await sandbox.clock.advance(700_000);
  expect((await members(sandbox)).map((one) => one.LifecycleState)).toEqual(['InService', 'InService']);
});

it('is about one type or all, for launches and for starts, in one Region', async () => {
  const sandbox = scalingSandbox();
  const { net } = await group(sandbox);
  const run = (InstanceType: string) =>
    sandbox.ec2<{ Instances: { InstanceId: string }[] }>('RunInstances', {
      LaunchTemplate: { LaunchTemplateName: 'app' },
      InstanceType,
      MinCount: 1,
      MaxCount: 1,
      SubnetId: net.privateSubnets[1],
    });
  const { Instances } = await run('t3.medium');
  await sandbox.clock.advance(60_000);
  const one = { InstanceIds: [Instances[0]?.InstanceId] };
  await sandbox.ec2('StopInstances', one);
  await sandbox.clock.advance(60_000);

  const { id } = await sandbox.board.raise({ ...noCapacity, instanceType: 't3.medium' });
  await expect(run('t3.medium')).rejects.toMatchObject({
    code: 'InsufficientInstanceCapacity',
    status: 500,
    message: expect.stringContaining('(us-east-1b)'),
  });
  expect(await refusal(sandbox.ec2('StartInstances', one))).toBe('InsufficientInstanceCapacity');
  expect(await refusal(run('t3.large'))).toBeUndefined();
  await sandbox.board.lift(id);
  expect(await refusal(sandbox.ec2('StartInstances', one))).toBeUndefined();

  await sandbox.board.raise({ ...noCapacity, region: 'us-west-2' });
  expect(await refusal(run('t3.medium'))).toBeUndefined();
  await sandbox.board.raise(noCapacity);
  expect(await refusal(run('t3.large'))).toBe('InsufficientInstanceCapacity');
});

it('lets a group go to another zone when one has run out, and tells who asks where there is room', async () => {
  const sandbox = scalingSandbox();
  await group(sandbox);
  await sandbox.board.raise({ ...noCapacity, zone: 'us-east-1a' });
  await sandbox.asg('SetDesiredCapacity', size);
  await sandbox.clock.advance(120_000);
  expect((await members(sandbox)).map((one) => one.AvailabilityZone)).toEqual(['us-east-1b', 'us-east-1b']);
  const failed = (await activities(sandbox)).filter((one) => one.StatusCode === 'Failed');
  expect(failed).toHaveLength(1);
  expect(failed[0]?.StatusMessage).toBe(
    'We currently do not have sufficient t3.medium capacity in the Availability Zone you requested (us-east-1a). ' +
      'Our system will be working on provisioning additional capacity. You can currently get t3.medium capacity by not ' +
      'specifying an Availability Zone in your request or choosing us-east-1b, us-east-1c. Launching EC2 instance failed.',
  );
});
