/** The database's passwords through an outage and home again: the real services on a virtual clock. */

import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { steps } from '../../src/steps/registry.ts';
import type { Step, StepContext } from '../../src/steps/step.ts';
import type { Side } from '../../src/workload/judged.ts';
import { onLaptops } from '../support/failover/play.ts';
import { failoverWorld } from '../support/failover/world.ts';

test('they can be changed where the database is written, go home with it, and are replicated again as the template says', async () => {
  await using world = await failoverWorld();
  const { base } = world;
  const name = base.names.masterSecret;
  const { secrets } = base.on('recovery');
  const until = async (step: Step) => {
    const context = base as unknown as StepContext;
    for (let asking = 0; asking < 30; asking++) {
      const done = (async () => {
        if ((await step.check?.(context)) === true) return true;
        await step.act?.(context);
        return (await step.verify?.(context)) ?? true;
      })();
      if (await world.during(done.catch(() => false))) return;
      await world.pass(10_000);
    }
    throw new Error('It never came true.');
  };
  const current = async (side: Side) => (await world.during(base.on(side).secrets.read(name))).value;
  await expect(world.during(secrets.write(name, '{}', randomUUID()))).rejects.toThrow(/replica/);

  await world.goDark('primary');
  expect((await world.during(onLaptops(world, 'failover'), 3_600_000)).outcome).toHaveProperty('run');
  expect(await world.during(secrets.describe(name))).toMatchObject({ primaryRegion: undefined });
  await world.during(secrets.write(name, '{"password":"second"}', randomUUID()));

  await world.comeBack('primary');
  await world.pass(60_000);
  expect(await current('primary')).toBe('{"password":"first"}');
  await until(steps.BringSecretsHome);
  expect(await current('primary')).toBe('{"password":"second"}');
  await until(steps.ReplicateSecrets);
  expect(await world.during(secrets.describe(name))).toMatchObject({ primaryRegion: 'us-east-1' });
  expect(await current('recovery')).toBe('{"password":"second"}');
  expect(await world.during(base.on('primary').secrets.describe(name))).toMatchObject({
    replicas: { 'us-west-2': 'InSync' },
  });
});
