import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Serving } from './serving.ts';
import { serving } from './serving.ts';

/** Real time a step may take on a busy machine; each waits on AWS time at thirty times real time. */
const patience = { timeout: 60_000, interval: 100 };

describe('a group of instances behind a load balancer', () => {
  let up: Serving;
  beforeAll(async () => {
    up = await serving(30);
  });
  afterAll(async () => {
    await up[Symbol.asyncDispose]();
  });

  it('serves once the group has grown from nothing, from every instance in turn', { timeout: 90_000 }, async () => {
    await vi.waitFor(async () => expect((await up.get('/')).status).toBe(503), patience);
    const start = up.sandbox.clock.now();
    await up.setSize(2);
    await vi.waitFor(async () => expect(await up.health()).toEqual(['healthy', 'healthy']), patience);
    const seconds = (up.sandbox.clock.now() - start) / 1000;
    // 8 to pending, 55 to running, 60 to boot, at most a check's interval each side.
    expect(seconds).toBeGreaterThan(115);
    const answers = await Promise.all(Array.from({ length: 6 }, () => up.get('/')));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 6 }, () => 200));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(2);
    expect(answers[0]?.body).toMatch(/^us-east-1 \d+$/);
    const { body } = await up.get('/headers');
    expect(JSON.parse(body)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
    });
    expect((await up.instances()).map((one) => one.LifecycleState)).toEqual(['InService', 'InService']);
  });

  it('replaces an instance whose process is killed, and serves on meanwhile', { timeout: 90_000 }, async () => {
    const before = (await up.instances()).map((one) => one.InstanceId);
    const victim = up.sandbox.core
      .region('us-east-1')
      .machines.list()
      .find((machine) => machine.name === before[0]);
    expect(victim?.alive).toBe(true);
    victim?.kill('SIGKILL');
    await vi.waitFor(async () => {
      const now = await up.instances();
      expect(now.map((one) => one.InstanceId)).not.toContain(before[0]);
      expect(now.map((one) => one.LifecycleState)).toEqual(['InService', 'InService']);
      expect(await up.health()).toEqual(['healthy', 'healthy']);
    }, patience);
    expect((await up.get('/')).status).toBe(200);
    const { Activities } = await up.call<{ Activities: { Cause: string; StatusCode: string }[] }>(
      'autoscaling',
      'DescribeScalingActivities',
      { AutoScalingGroupName: 'photos' },
    );
    expect(
      Activities.some((one) => one.Cause.includes('taken out of service') && one.StatusCode === 'Successful'),
    ).toBe(true);
  });

  it('is silent while its Region is dark, and serves again from the same instances when it is back', {
    timeout: 90_000,
  }, async () => {
    const before = (await up.instances()).map((one) => one.InstanceId).sort();
    await up.sandbox.faults.goDark('us-east-1');
    await expect(up.get('/', 500)).rejects.toThrow(/abort|timeout/i);
    expect(up.sandbox.core.region('us-east-1').machines.list()).toEqual([]);
    await up.sandbox.faults.bringBack('us-east-1');
    await vi.waitFor(async () => expect((await up.get('/', 1000)).status).toBe(200), patience);
    await vi.waitFor(async () => expect(await up.health()).toEqual(['healthy', 'healthy']), patience);
    expect((await up.instances()).map((one) => one.InstanceId).sort()).toEqual(before);
  });

  it('stops admitting what the security groups no longer do', { timeout: 90_000 }, async () => {
    const { SecurityGroups } = await up.call<{ SecurityGroups: { GroupId: string; IpPermissions: object[] }[] }>(
      'ec2',
      'DescribeSecurityGroups',
      { Filters: [{ Name: 'group-name', Values: ['instances', 'web'] }] },
    );
    const [web, instances] = SecurityGroups;
    await up.call('ec2', 'RevokeSecurityGroupIngress', {
      GroupId: instances?.GroupId,
      IpPermissions: instances?.IpPermissions,
    });
    await up.call('autoscaling', 'SuspendProcesses', {
      AutoScalingGroupName: 'photos',
      ScalingProcesses: ['ReplaceUnhealthy'],
    });
    await vi.waitFor(async () => expect(await up.health()).toEqual(['unhealthy', 'unhealthy']), patience);
    expect((await up.get('/')).status).toBe(504);
    await up.call('ec2', 'RevokeSecurityGroupIngress', { GroupId: web?.GroupId, IpPermissions: web?.IpPermissions });
    await expect(up.get('/', 500)).rejects.toThrow(/abort|timeout/i);
  });

  it('drains before it shrinks, and leaves no process behind', { timeout: 90_000 }, async () => {
    await up.setSize(0);
    await vi.waitFor(async () => expect(await up.instances()).toEqual([]), patience);
    expect(
      up.sandbox.core
        .region('us-east-1')
        .machines.list()
        .map((machine) => machine.name),
    ).toEqual(['load-balancers']);
  });
});
