import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { serving } from './serving.ts';

const patience = { timeout: 60_000, interval: 100 };

/** The state letter of a process, as the kernel gives it: T is stopped. */
const stateOf = (pid: number): string => / \(.*\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';

it('a broken image runs and never answers; the group replaces its instances, until one is whole', {
  timeout: 120_000,
}, async () => {
  await using up = await serving(30);
  const region = up.sandbox.core.region('us-east-1');
  const fault = await up.sandbox.board.raise({ kind: 'broken-image', region: 'us-east-1' });
  await up.setSize(1);
  const hung = await vi.waitFor(() => {
    const machine = region.machines.list().find(({ name }) => name.startsWith('i-'));
    if (machine === undefined) throw new Error('not booted yet');
    return machine;
  }, patience);
  await vi.waitFor(() => expect(stateOf(hung.pid)).toBe('T'), patience);
  await vi.waitFor(async () => expect(await up.health()).toContain('unhealthy'), patience);
  expect((await up.get('/')).status).toBeGreaterThanOrEqual(502);

  await vi.waitFor(async () => {
    expect((await up.instances()).map((one) => one.InstanceId)).not.toContain(hung.name);
  }, patience);
  expect(hung.alive).toBe(false);

  await up.sandbox.board.lift(fault.id);
  await vi.waitFor(async () => expect(await up.health()).toContain('healthy'), patience);
  expect((await up.get('/')).status).toBe(200);
});
