import { expect, test } from 'vitest';
import { errorNames } from '../../src/kernel/errors.ts';
import { scaleOut } from '../../src/steps/compute.ts';
import type { StepContext } from '../../src/steps/step.ts';

const size = { min: 2, desired: 2, max: 4 };
const noRoom = 'InsufficientInstanceCapacity - We currently do not have sufficient t3.small capacity.';

const isUp = (instances: number, trouble?: string) =>
  scaleOut('recovery').verify?.({
    workload: { compute: { web: { capacity: size, instanceTypes: ['t3.small', 't3a.small'] } } },
    names: { group: (name: string) => `dev-photos-${name}` },
    store: { get: async () => undefined },
    on: () => ({ group: () => ({ serving: async () => ({ instances, healthy: instances, trouble }) }) }),
  } as unknown as StepContext);

test('instances that come up are waited for, without a word', async () => {
  expect(await isUp(1)).toBe(false);
  expect(await isUp(2)).toBe(true);
});

test.each([0, 1])('with %i of two up, that there is no room for more is said, and what to do', async (instances) => {
  await expect(isUp(instances, noRoom)).rejects.toMatchObject({
    name: errorNames['not-yet'],
    message: expect.stringMatching(new RegExp(`^${instances} of 2 instances of web.*${noRoom}`)) as string,
    next: expect.stringMatching(/t3\.small, t3a\.small.*dev-photos-web.*compute\.web\.instanceTypes/) as string,
  });
});

test('enough that serve are enough, whatever a launch beyond them met', async () => {
  expect(await isUp(2, noRoom)).toBe(true);
});
