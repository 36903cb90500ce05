import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadWorkload } from '../../src/cli/load-workload.ts';
import { checkFaults } from '../../src/cli/sandbox-target.ts';
import { loadScenario, scenarioNames } from '../../src/rehearsal/scenario.ts';

const shipped = fileURLToPath(new URL('../../scenarios', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilot-light-scenarios-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function scenario(faults: string) {
  writeFileSync(join(folder, 'one.yaml'), `title: t\ntells: t\nfaults:\n${faults}\n`);
  return loadScenario(folder, 'one');
}

test('every shipped scenario can be read, and its faults can be raised in the sandbox', async () => {
  const { workload } = await loadWorkload(undefined);
  for (const name of scenarioNames(shipped)) {
    const { faults } = loadScenario(shipped, name);
    await checkFaults(
      name,
      faults.flatMap((step) => ('raise' in step ? [step.raise] : [])),
      workload,
    );
  }
});

test('what a reboot makes of a stopped replication is given, or is what customers report', () => {
  const given = (what: string) => {
    writeFileSync(join(folder, 'one.yaml'), `title: t\ntells: t\n${what}`);
    return loadScenario(folder, 'one').given.stoppedReplication;
  };
  expect(given('')).toBe('resumes');
  expect(given('given: { stoppedReplication: stays }\n')).toBe('stays');
  expect(() => given('given: { stoppedReplication: maybe }\n')).toThrow(/resumes[\s\S]*stoppedReplication/);
});

test('a fault counts from the outage unless it says otherwise, and keeps its parameters', () => {
  expect(scenario('  - { at: 5, raise: { kind: latency, from: outside, milliseconds: 20 } }').faults).toEqual([
    { after: 'outage', at: 5, raise: { kind: 'latency', from: 'outside', milliseconds: 20 } },
  ]);
});

test.each([
  ['a lift of what nothing raises', '  - { at: 5, lift: ghost }', /No step raises a fault named ghost/],
  ['a time before its moment', '  - { at: -5, raise: { kind: dark } }', />=0[\s\S]*faults\[0\]\.at/],
  ['a step that does nothing', '  - { at: 5 }', /raises .*or lifts/],
  ['an unknown moment', '  - { at: 5, after: lunch, raise: { kind: dark } }', /raises .*or lifts/],
])('%s is refused', (_name, faults, says) => {
  expect(() => scenario(faults)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringMatching(says) }),
  );
});

test('a fault the sandbox does not know is found out before anything starts', async () => {
  const { workload } = await loadWorkload(undefined);
  await expect(checkFaults('mine', [{ kind: 'dark', region: 'mars' }], workload)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(/Scenario mine: .*Region that isn't there.*mars/),
  });
});
