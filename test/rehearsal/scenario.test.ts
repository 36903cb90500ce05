import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadWorkload } from '../../src/cli/load-workload.ts';
import { checkFaults } from '../../src/cli/sandbox-target.ts';
import { loadScenario, scenarioNames } from '../../src/rehearsal/scenario.ts';
import { CommandLine } from '../cli/command-line.ts';

const shipped = fileURLToPath(new URL('../../scenarios', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilot-light-scenarios-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const expected = 'expect: [{ lost: { at-most: 0 } }]\n';

function given(what: string) {
  writeFileSync(join(folder, 'one.yaml'), `title: t\ntells: t\nminutes: 1\n${what}\n`);
  return loadScenario(folder, 'one');
}

const scenario = (faults: string) => given(`${expected}faults:\n${faults}`);

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
  const stopped = (what: string) => given(`${expected}${what}`).given.stoppedReplication;
  expect(stopped('')).toBe('resumes');
  expect(stopped('given: { stoppedReplication: stays }\n')).toBe('stays');
  expect(() => stopped('given: { stoppedReplication: maybe }\n')).toThrow(/resumes[\s\S]*stoppedReplication/);
});

test('what AWS takes long for is named by the durations of the model', () => {
  expect(given(`${expected}given: { slow: [rds_promote_read_replica] }\n`).given.slow).toEqual([
    'rds_promote_read_replica',
  ]);
  expect(() => given(`${expected}given: { slow: [coffee] }\n`)).toThrow(/no duration of facts/);
});

test('a fault counts from the outage unless it says otherwise, and keeps its parameters', () => {
  expect(scenario('  - { at: 5, raise: { kind: latency, from: outside, milliseconds: 20 } }').faults).toEqual([
    { after: 'outage', at: 5, raise: { kind: 'latency', from: 'outside', milliseconds: 20 } },
  ]);
});

test('people order and approve, at their moments, perhaps in vain', () => {
  const acts = [
    '{ after: committed, at: 5, order: skip, step: FlipLatchToRecovery, reason: by hand }',
    '{ order: unplanned, plan: switchover, reason: it is gone }',
    '{ order: retry, step: Custom-warm }',
    '{ approve: yes }',
    '{ at: 9, approve: no, request: first, reason: seen, refused: it expired }',
  ];
  expect(given(`${expected}acts: [${acts.join(', ')}]`).acts).toEqual([
    { after: 'committed', at: 5, order: 'skip', step: 'FlipLatchToRecovery', reason: 'by hand' },
    { after: 'outage', at: 0, order: 'unplanned', plan: 'switchover', reason: 'it is gone' },
    { after: 'outage', at: 0, order: 'retry', step: 'Custom-warm' },
    { after: 'outage', at: 0, approve: 'yes', request: 'latest' },
    { after: 'outage', at: 9, approve: 'no', request: 'first', reason: 'seen', refused: 'it expired' },
  ]);
});

test("a policy may be given in place of the config's, as the config writes it", () => {
  const policy = (what: string) => given(`${expected}${what}`).given.policy;
  expect(policy('')).toBeUndefined();
  expect(policy('given: { policy: approve }\n')).toBe('approve');
  expect(policy('given: { policy: { trigger: approve, approvalMinutes: 5 } }\n')).toEqual({
    trigger: 'approve',
    approvalMinutes: 5,
  });
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

test.each([
  ['nothing expected', 'expect: []', /expects nothing shows nothing/],
  ['a gap to the end', 'expect: [{ longest-gap: 20 }]', /longest-gap: .*number[\s\S]*for/],
  ['an unknown kind of expectation', 'expect: [{ luck: good }]', /no expectation is of this kind.*finding, decision/i],
  ['an unknown finding', 'expect: [{ finding: gremlins, within: 60 }]', /finding: .*primary-region-dark/],
  ['an expectation without its deadline', 'expect: [{ finding: flapping }]', /finding: .*number[\s\S]*within/],
  ['a time that is none', 'expect: [{ finding: flapping, within: 0 }]', /finding: .*>=1/],
  ['a word too many', 'expect: [{ finding: flapping, within: 60, soon: true }]', /finding: .*soon/],
  [
    'losses that contradict each other',
    'expect: [{ lost: { at-least: 3, at-most: 1 } }]',
    /at-least is more than at-most/,
  ],
  ['an order of no step where it is about one', `${expected}acts: [{ order: retry }]`, /order: retry takes a step/],
  [
    'an order of a step where it is about the run',
    `${expected}acts: [{ order: abort, step: DrainReplica, reason: stop }]`,
    /order: abort takes no step/,
  ],
  [
    'an order of a step that no plan has',
    `${expected}acts: [{ order: skip, step: Drain, reason: late }]`,
    /order: no plan has such a step; there are OpenRun/,
  ],
  ['an order without its reason', `${expected}acts: [{ order: pause }]`, /order: pause takes a reason/],
  ['an unknown order', `${expected}acts: [{ order: faster }]`, /order: .*"pause"/],
  ['a word that is neither yes nor no', `${expected}acts: [{ approve: maybe }]`, /approve: .*"yes"/],
  ['a refusal without its reason', `${expected}acts: [{ approve: no }]`, /approve: to decline takes a reason/],
  ['a policy that there is not', `${expected}given: { policy: hopeful }`, /policy/],
  ['an unknown act', `${expected}acts: [{ sing: loudly }]`, /No act is of this kind. There are: dark, back, start/],
  ['an unknown door', `${expected}acts: [{ start: failover, by: window }]`, /start: .*start-execution/],
  ['a Region that comes back without having gone', `${expected}acts: [{ back: primary }]`, /no act makes it dark/],
  [
    'one that comes back before it goes',
    `${expected}acts: [{ at: 9, dark: primary }, { at: 5, back: primary }]`,
    /comes back 5 s after the outage, and goes dark 9 s/,
  ],
  [
    'a lift before its raise',
    `${expected}faults: [{ at: 9, name: a, raise: { kind: x } }, { at: 5, lift: a }]`,
    /is lifted 5 s after/,
  ],
  [
    'a deadline of a moment nothing leads to',
    'expect: [{ served-by: primary, within: 60, of: home }]',
    /home can't come/,
  ],
  ['an act after a moment nothing leads to', `${expected}acts: [{ after: back, start: failover }]`, /back can't come/],
])('%s is refused', (_name, what, says) => {
  expect(() => given(what)).toThrow(expect.objectContaining({ kind: 'usage', message: expect.stringMatching(says) }));
});

test('the scenarios are listed with what each is about and how long it takes', async () => {
  using commands = new CommandLine();
  const { code, stdout } = await commands.run('rehearse', '--list', '--json');
  const listed = JSON.parse(stdout) as { name: string; title: string; minutes: number }[];
  expect(code).toBe(0);
  expect(listed.map(({ name }) => name)).toEqual(scenarioNames(shipped));
  expect(listed.every(({ title, minutes }) => title !== '' && minutes > 0)).toBe(true);
});

test('a fault the sandbox does not know is found out before anything starts', async () => {
  const { workload } = await loadWorkload(undefined);
  await expect(checkFaults('mine', [{ kind: 'dark', region: 'mars' }], workload)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(/Scenario mine: .*Region that isn't there.*mars/),
  });
});
