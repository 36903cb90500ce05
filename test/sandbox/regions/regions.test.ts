import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/kernel/virtual-clock.ts';
import type { SandboxCore, ServiceFactory } from '../../../src/sandbox/contract.ts';
import { operation } from '../../../src/sandbox/contract.ts';
import { groupMembers, processFacts } from '../../../src/sandbox/machines/processes.ts';
import { RegionClock } from '../../../src/sandbox/regions/region-clock.ts';
import { type RealSandbox, realSandbox } from '../../support/real-sandbox.ts';
import { call, echoServer, settle, until } from '../network/fixtures.ts';

const east = 'us-east-1';
const west = 'us-west-2';

let sandbox: RealSandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

describe("a Region's clock", () => {
  it('holds back what falls due in the dark and fires it in order on return', async () => {
    const clock = new VirtualClock(0);
    const region = new RegionClock(clock);
    const fired: string[] = [];
    region.after(10, () => fired.push('before'));
    region.after(30, () => fired.push('second'));
    region.after(20, () => fired.push('first'));
    const cancelled = region.after(25, () => fired.push('cancelled'));
    region.after(200, () => fired.push('later'));
    await clock.advance(15);
    region.freeze();
    await clock.advance(50);
    expect(fired).toEqual(['before']);
    expect(region.now()).toBe(65);
    cancelled.cancel();
    region.thaw();
    await clock.advance(0);
    expect(fired).toEqual(['before', 'first', 'second']);
    await clock.advance(200);
    expect(fired).toEqual(['before', 'first', 'second', 'later']);
  });

  it('holds overdue timers again when it goes dark before they fired', async () => {
    const clock = new VirtualClock(0);
    const region = new RegionClock(clock);
    let fired = 0;
    region.freeze();
    region.after(10, () => fired++);
    await clock.advance(20);
    region.thaw();
    region.freeze();
    await clock.advance(20);
    expect(fired).toBe(0);
    region.thaw();
    await clock.advance(0);
    expect(fired).toBe(1);
  });
});

/** Two services that write down what happens to them, the second being slow to come back. */
function witnesses(seen: string[]): ServiceFactory[] {
  const witness =
    (name: 'rds' | 'ec2', backAfter: number): ServiceFactory =>
    (core: SandboxCore) => ({
      name,
      operations: { DescribeNothing: operation(() => ({ name })) },
      regionDark: (region) => void seen.push(`${name} dark ${region} ${core.region(region).machines.list().length}`),
      regionBack: async (region) => {
        await sleep(backAfter);
        seen.push(`${name} back ${region}`);
      },
      close: () => void seen.push(`${name} closed`),
    });
  return [witness('rds', 30), witness('ec2', 0)];
}

describe('a Region that goes dark', () => {
  it('loses every process, tells its services, and stays silent rather than refusing', async () => {
    const seen: string[] = [];
    sandbox = await realSandbox(witnesses(seen));
    const { core, faults } = sandbox;
    const machine = await core.region(east).machines.spawn({
      name: 'family',
      command: '/bin/sh',
      args: ['-c', 'sleep 100 & sleep 100'],
      env: {},
    });
    const other = await core.region(west).machines.spawn({ name: 'other', command: 'sleep', args: ['100'], env: {} });
    const echo = await echoServer();
    const exposure = await core.network.expose({
      place: east,
      address: core.network.allocate(east),
      port: 80,
      to: echo,
    });
    const open = await call(exposure);
    open.socket.write('a');
    await until(() => open.text() === 'a');
    const group = processFacts(machine.pid)?.group ?? 0;

    await faults.goDark(east);
    expect(groupMembers(group)).toEqual([]);
    expect(core.region(east).dark).toBe(true);
    expect(seen).toEqual([`rds dark ${east} 0`, `ec2 dark ${east} 0`]);
    await expect(machine.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect(other.alive).toBe(true);
    await expect(core.region(east).machines.spawn({ name: 'x', command: 'true', args: [], env: {} })).rejects.toThrow(
      'its Region is dark',
    );
    const late = await call(exposure);
    late.socket.write('b');
    open.socket.write('b');
    await settle();
    expect([open.text(), open.closed(), late.text(), late.closed()]).toEqual(['a', false, '', false]);
    open.socket.destroy();
    late.socket.destroy();
    await echo.close();
  });

  it('comes back: machines can start, services in their order, and only then its time', async () => {
    const seen: string[] = [];
    sandbox = await realSandbox(witnesses(seen));
    const { core, faults } = sandbox;
    core.region(east).clock.after(50, () => seen.push('timer'));
    await faults.goDark(east);
    await sleep(30);
    seen.length = 0;
    await faults.bringBack(east);
    await until(() => seen.includes('timer'));
    expect(seen).toEqual([`rds back ${east}`, `ec2 back ${east}`, 'timer']);
    const machine = await core.region(east).machines.spawn({ name: 'x', command: 'true', args: [], env: {} });
    await expect(machine.exited).resolves.toEqual({ code: 0, signal: null });
  });

  it('stays dark when it goes dark again while it is coming back', async () => {
    const seen: string[] = [];
    sandbox = await realSandbox(witnesses(seen));
    const { core, faults } = sandbox;
    await faults.goDark(east);
    core.region(east).clock.after(0, () => seen.push('timer'));
    const back = faults.bringBack(east);
    await faults.goDark(east);
    await back;
    await settle();
    expect(core.region(east).dark).toBe(true);
    expect(seen).not.toContain(`ec2 back ${east}`);
    expect(seen).not.toContain('timer');
  });

  it('answers no call, from inside or from another Region, until it is back', async () => {
    sandbox = await realSandbox(witnesses([]));
    const { core, faults } = sandbox;
    const ask = (from: string) =>
      core.invoke({
        service: 'rds',
        operation: 'DescribeNothing',
        region: east,
        input: {},
        principal: core.as('test'),
        from,
      });
    await expect(ask(west)).resolves.toEqual({ name: 'rds' });
    await faults.goDark(east);
    let answered = 0;
    const asked = [ask(west), ask(east)].map((answer) => answer.then(() => answered++));
    await settle();
    expect(answered).toBe(0);
    await faults.bringBack(east);
    await Promise.all(asked);
  });
});
