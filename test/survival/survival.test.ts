// Stacks survive a failover and a failback: whatever is deployed, rolled back or reverted before, during and after them, nothing is
// demoted, replaced, resized or un-fenced.

import { expect, test } from 'vitest';
import type { Side } from '../../src/workload/judged.ts';
import { World } from './world.ts';

const active = {
  group: { min: 1, desired: 1, max: 2 },
  sources: ['Enabled'],
  rules: {
    'test-dr-images': 'ENABLED',
    'test-dr-parameters': 'ENABLED',
    'test-dr-parameters-reconcile': 'ENABLED',
    'test-guests-tally-schedule': 'ENABLED',
  },
  ingress: 1,
  role: 'active',
};
const idle = {
  group: { min: 0, desired: 0, max: 2 },
  sources: ['Disabled'],
  rules: Object.fromEntries(Object.keys(active.rules).map((name) => [name, 'DISABLED'])),
};
const source = 'arn:aws:rds:eu-west-1:111122223333:db:test-guests-db';
const lit = {
  primary: { ...active, database: { source: undefined, groupReadOnly: undefined, writable: true } },
  recovery: { ...idle, ingress: 1, role: 'standby', database: { source, writable: false } },
};
const fenced = { ...idle, ingress: 0, role: 'fenced', database: { groupReadOnly: '1', writable: false } };

test('nothing deployed, rolled back or reverted before, during and after a failover and a failback undoes it', {
  timeout: 900_000,
}, async () => {
  await using world = await World.up();
  await world.lit();
  const before = await world.everything();
  expect(before).toMatchObject({ ...lit, authority: { active: 'primary', epoch: 1 } });
  await survives(world, 'before');

  await world.target.goDark('eu-west-1');
  world.target.setSpeed(20);
  const failover = await world.start('failover');
  await world.committed();
  // Stacks that end in the middle of the run, one way and the other.
  expect(await world.deployBroken({ tag: 'broken during the failover' }, 'recovery')).toEqual(rolledBack('recovery'));
  await world.deploy({ tag: 'during the failover' }, 'recovery');
  expect(await world.ended(failover)).toBe('SUCCEEDED');
  const moved = await world.standing('recovery');
  const serving = { ...active, database: { source: undefined, writable: true } };
  expect(moved).toMatchObject({ ...serving, database: { resource: before.recovery.database.resource } });
  await survives(world, 'after the failover', 'recovery');

  await world.target.bringBack('eu-west-1');
  await world.fenced();
  expect(await world.everything()).toMatchObject({
    primary: { ...fenced, database: { ...fenced.database, resource: before.primary.database.resource } },
    recovery: moved,
    authority: { active: 'recovery', epoch: 2 },
  });
  await survives(world, 'fenced');

  world.target.setSpeed(150);
  const failback = await world.start('failback');
  await world.reseeding();
  await world.deploy({ tag: 'during the failback' });
  expect(await world.ended(failback)).toBe('SUCCEEDED');
  const home = await world.everything();
  expect(home).toMatchObject({ ...lit, authority: { active: 'primary', epoch: 3 } });
  await survives(world, 'at home');
});

const rolledBack = (...sides: readonly Side[]) =>
  sides
    .flatMap((side) => ['foundation', 'database', 'service', 'control'].map((room) => `test-guests-${room}-${side}`))
    .map((name) => `${name}: UPDATE_ROLLBACK_COMPLETE`)
    .sort();

/** Deployed unchanged, changed, failing, and with its drift reverted: each time everything is as it was. */
async function survives(world: World, when: string, only?: Side): Promise<void> {
  world.target.setSpeed('max');
  const look = async () => (only === undefined ? world.everything() : world.standing(only));
  const before = await look();
  const asBefore = async (what: string) => expect(await look(), `${when}: ${what}`).toEqual(before);
  await world.deploy({ tag: when }, only);
  await asBefore('a harmless change');
  expect((await world.deploy({ tag: when }, only)).changed).toBe(0);
  await asBefore('no change');
  const sides: Side[] = only === undefined ? ['primary', 'recovery'] : [only];
  expect(await world.deployBroken({ tag: `${when} broken` }, only)).toEqual(rolledBack(...sides));
  await asBefore('a failed change');
  await world.revertDrift({ tag: when }, only);
  await world.fenceSettles(before);
  await asBefore('a drift revert');
  world.target.setSpeed(20);
}
