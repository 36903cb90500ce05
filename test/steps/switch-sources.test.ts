import { expect, test } from 'vitest';
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
  const rules = new Map(namesOf(workload).functionRules.map((rule) => [rule, false]));
  const engines = {
    sources: {
      list: async (name: string) =>
        name.endsWith('thumbnail') ? [...mappings].map(([id, state]) => ({ id, state })) : [],
      switch: async (id: string, on: boolean) => void mappings.set(id, on ? 'Enabling' : 'Disabling'),
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
  return { mappings, rules, settle, context };
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
