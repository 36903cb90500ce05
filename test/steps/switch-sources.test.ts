import { expect, test } from 'vitest';
import { rampBegin, rampNext } from '../../src/plan/ramp.ts';
import { switchSources } from '../../src/steps/switch-sources.ts';
import { namesOf } from '../../src/workload/names.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const workload = parseWorkload({
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  buckets: ['photos'],
  functions: {
    thumbnail: { entry: 'a.ts', queue: 'uploads', objects: { bucket: 'photos' } },
    digest: { entry: 'b.ts', schedule: 'rate(1 day)', events: { source: ['my.shop'] } },
  },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
});

/** One side's mappings and rules; a mapping takes a while to change, as on AWS. */
function side() {
  const mappings = new Map([['m-1', 'Disabled']]);
  const most = new Map<string, number | undefined>();
  const rules = new Map(namesOf(workload).functionRules.map((rule) => [rule, false]));
  const engines = {
    sources: {
      list: async (name: string) =>
        name.endsWith('thumbnail') ? [...mappings].map(([id, state]) => ({ id, state, most: most.get(id) })) : [],
      switch: async (id: string, on: boolean, many: number | undefined) => {
        mappings.set(id, on ? 'Enabling' : 'Disabling');
        most.set(id, many);
      },
    },
    rules: {
      enable: async (name: string) => void rules.set(name, true),
      disable: async (name: string) => void rules.set(name, false),
    },
  };
  const settle = () => {
    for (const [id, state] of mappings) mappings.set(id, state.replace('ing', 'ed'));
  };
  const context = { workload, names: namesOf(workload), on: () => engines } as never;
  return { mappings, most, rules, settle, context };
}

test('every source of a function is switched: its queue, its schedule, its events, its objects', async () => {
  const { mappings, rules, settle, context } = side();
  expect([...rules.keys()].sort()).toEqual([
    'dev-photos-digest-events',
    'dev-photos-digest-schedule',
    'dev-photos-thumbnail-objects',
  ]);
  expect(await switchSources(context, 'recovery', true)).toBe(false);
  expect([...rules.values()]).toEqual([true, true, true]);
  settle();
  expect(await switchSources(context, 'recovery', true)).toBe(true);
  expect([...mappings.values()]).toEqual(['Enabled']);

  await switchSources(context, 'recovery', false);
  settle();
  expect(await switchSources(context, 'recovery', false)).toBe(true);
  expect([...mappings.values(), ...rules.values()]).toEqual(['Disabled', false, false, false]);
});

test('a queue is switched on with a few invocations at a time, and left as declared when it is switched off', async () => {
  const { mappings, most, settle, context } = side();
  await switchSources(context, 'recovery', true, ({ maxConcurrency }) => rampBegin(maxConcurrency));
  expect([...most]).toEqual([['m-1', 2]]);
  settle();
  // How far it is open meanwhile is the ramp's to say.
  most.set('m-1', 16);
  expect(await switchSources(context, 'recovery', true, () => 2)).toBe(true);
  expect([...most]).toEqual([['m-1', 16]]);

  await switchSources(context, 'recovery', false);
  settle();
  expect(await switchSources(context, 'recovery', false)).toBe(true);
  expect([...mappings, ...most]).toEqual([
    ['m-1', 'Disabled'],
    ['m-1', undefined],
  ]);
});

test.each([
  ['what is left is taken at once: as declared', { most: 4, declared: undefined, waiting: 20, batch: 5 }, undefined],
  ['what is left is taken at once, under a bound', { most: 4, declared: 50, waiting: 0, batch: 5 }, 50],
  ['more is left: twice as many', { most: 4, declared: undefined, waiting: 21, batch: 5 }, 8],
  ['no more than declared', { most: 4, declared: 6, waiting: 9000, batch: 5 }, 6],
  ['no more than a half of what functions share', { most: 256, declared: undefined, waiting: 90_000, batch: 5 }, 450],
])('a backlog is taken little by little: %s', (_, look, most) => {
  expect(rampNext(look, 900, 1)).toBe(most);
});

test('in an account of ten invocations two queues together leave half of them, and never ask for less than Lambda takes', () => {
  const look = { most: 2, declared: undefined, waiting: 9000, batch: 5 };
  expect(rampNext(look, 10, 1)).toBe(4);
  expect(rampNext({ ...look, most: 4 }, 10, 1)).toBe(5);
  expect(rampNext(look, 10, 2)).toBe(2);
});
