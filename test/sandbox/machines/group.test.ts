import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { groupMembers, processFacts, signal } from '../../../src/sandbox/machines/processes.ts';
import { type RealSandbox, realSandbox } from '../../support/real-sandbox.ts';

let sandbox: RealSandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

const shell = (name: string, script: string) => ({
  name,
  command: '/bin/sh',
  args: ['-c', script],
  env: { GREETING: 'hello' },
});

describe('machines', () => {
  it('run with the environment they are given, in the group of their Region, and leave a log', async () => {
    sandbox = await realSandbox([]);
    const { machines } = sandbox.core.region('us-east-1');
    const machine = await machines.spawn(shell('greeter', 'echo "$GREETING" from $$; echo trouble >&2; exit 3'));
    await expect(machine.exited).resolves.toEqual({ code: 3, signal: null });
    expect(machine.alive).toBe(false);
    expect(readFileSync(machine.log, 'utf8')).toBe(`hello from ${machine.pid}\ntrouble\n`);
    expect(machine.log).toBe(`${sandbox.core.directory}/us-east-1/logs/greeter.log`);
  });

  it('are listed while they live and can be killed one by one', async () => {
    sandbox = await realSandbox([]);
    const { machines } = sandbox.core.region('us-east-1');
    const first = await machines.spawn(shell('first', 'sleep 100'));
    const second = await machines.spawn(shell('second', 'sleep 100'));
    expect(machines.list().map((machine) => machine.name)).toEqual(['first', 'second']);
    await expect(machines.spawn(shell('first', 'true'))).rejects.toThrow('A machine named first is running already.');
    first.kill('SIGKILL');
    await expect(first.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect(second.alive).toBe(true);
    expect(machines.list().map((machine) => machine.name)).toEqual(['second']);
  });

  it('that cannot start say so', async () => {
    sandbox = await realSandbox([]);
    const { machines } = sandbox.core.region('us-east-1');
    await expect(machines.spawn({ name: 'nobody', command: '/no/such/program', args: [], env: {} })).rejects.toThrow(
      'nobody did not start: spawn /no/such/program ENOENT',
    );
  });

  it('die with their warden', async () => {
    sandbox = await realSandbox([]);
    const { machines } = sandbox.core.region('us-east-1');
    const machine = await machines.spawn(shell('orphan', 'sleep 100 & sleep 100'));
    const group = processFacts(machine.pid)?.group ?? 0;
    expect(group).not.toBe(processFacts(process.pid)?.group);
    signal(group, 'SIGKILL');
    await expect(machine.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    for (let look = 0; groupMembers(group).length > 0 && look < 200; look++) await sleep(5);
    expect(groupMembers(group)).toEqual([]);
    await expect(machines.spawn(shell('late', 'true'))).rejects.toThrow("late can't start");
  });
});
