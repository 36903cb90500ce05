// A workload that isn't the example, rehearsed as its owner would: a config file, a CDK app and an application of its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { signatureHeaders, signatureOf } from '../../src/engines/notify/webhook.ts';
import type { RehearsalResult } from '../../src/rehearsal/result.ts';
import { CommandLine, processesOf } from '../cli/command-line.ts';
import type { Environment } from './bystander.ts';
import { lobby, ownerIn, visit } from './bystander.ts';

const config = fileURLToPath(new URL('./guestbook/pilot-light.config.ts', import.meta.url));

/** What the guest book says of who wrote into it. */
interface Writer {
  readonly region: string;
  readonly image: string;
  readonly type: string;
  readonly drawer?: string;
}
const groups = ['pages', 'desk', 'bell'];
/** The functions, by what feeds each: the clock, an event, an object. */
const functions = ['clock', 'ear', 'porter'];

test("somebody else's workload goes through an outage: there, fenced, back and protected again, with all that a config can ask for", {
  timeout: 1_800_000,
}, async () => {
  using commands = new CommandLine();
  using webhook = await lobby();
  const reports = join(commands.temporary, 'reports');
  const rehearsal = commands.start([
    'rehearse',
    'primary-region-dark',
    '--config',
    config,
    '--json',
    '--keep',
    '--report',
    reports,
  ]);
  await rehearsal.told(/== deploy/);
  const { stdout: printed } = await commands.run('sandbox', 'env', '--json');
  const environment = JSON.parse(printed) as Environment;
  const ireland = ownerIn('eu-west-1', environment);
  const frankfurt = ownerIn('eu-central-1', environment);

  // What their owner puts beside a workload: secrets that no template holds. And a bad day for one instance type.
  await ireland.write('/pilot-light/test/guests/webhooks/lobby/url', webhook.url, 'SecureString');
  await ireland.write('/pilot-light/test/guests/webhooks/lobby/key', 'sesame', 'SecureString');
  await ireland.write('/shared/house/safe', 'left, right, left', 'SecureString');
  await commands.run('sandbox', 'fault', 'raise', 'no-capacity', 'region=eu-central-1', 'instanceType=c7g.medium');
  await rehearsal.told(/== steady/);
  await ireland.write('/shared/house/motto', 'be welcome');

  await rehearsal.told(/\*\* resolved/);
  expect(await frankfurt.authority('test-dr-state', 'test-guests')).toEqual({ active: 'recovery', epoch: 2 });
  const elsewhere = await visit('https://guests.example/', environment);
  expect(JSON.parse(elsewhere.body)).toMatchObject({ me: { region: 'eu-central-1' } });
  // Its sources are on once the run has ended.
  await rehearsal.told(/failover CloseRun done/);
  await frankfurt.write('/shared/house/motto', 'be welcome again');

  await rehearsal.told(/The sandbox keeps running/);
  // Home: HTTPS, and plain HTTP only says so.
  expect(await visit('http://guests.example/some/page', environment)).toMatchObject({
    status: 301,
    headers: { location: 'https://guests.example:443/some/page' },
  });
  const page = await visit('https://guests.example/', environment);
  const { me, desks, bells } = JSON.parse(page.body) as Record<'desks' | 'bells', Writer[]> & { me: Writer };
  expect(me.region).toBe('eu-west-1');

  // One path's group and the worker ran where the workload was active, each of an image of its own; user data did its part.
  const [home, away] = await Promise.all(
    [ireland, frankfurt].map(async (owner) =>
      Promise.all(groups.map((group) => owner.read(`/pilot-light/test/guests/image/${group}`))),
    ),
  );
  const [, deskThere, bellThere] = away ?? [];
  expect(new Set([...(home ?? []), ...(away ?? [])]).size).toBe(2 * groups.length);
  const inRegion = (writers: readonly Writer[], wanted: string) => writers.filter(({ region }) => region === wanted);
  expect(desks.every(({ drawer }) => drawer === 'pen and ink')).toBe(true);
  expect(inRegion(desks, 'eu-west-1').map(({ type }) => type)).toContain('c7g.medium');
  // The first type had no capacity there, and the second was taken.
  expect(inRegion(desks, 'eu-central-1')).toEqual([expect.objectContaining({ image: deskThere, type: 't4g.small' })]);
  expect(inRegion(bells, 'eu-west-1').length).toBeGreaterThan(0);
  expect(inRegion(bells, 'eu-central-1')).toEqual([expect.objectContaining({ image: bellThere })]);

  // Parameters of the other path went both ways; what was written while home was dark is home now.
  for (const owner of [ireland, frankfurt]) {
    expect(await owner.read('/shared/house/motto')).toBe('be welcome again');
    expect(await owner.read('/shared/house/safe')).toBe('left, right, left');
  }
  // The state is the same in both replicas, and came through without a Region at each end of the way.
  for (const owner of [ireland, frankfurt]) {
    expect(await owner.authority('test-dr-state', 'test-guests')).toEqual({ active: 'primary', epoch: 3 });
  }
  const notes = await ireland.keys('test-guests-letters-111122223333-eu-west-1', 'notes/');

  rehearsal.kill('SIGINT');
  const { stdout, stderr } = await rehearsal.ended;
  const { failures, report } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
    failures: string[];
    report: string;
  };
  expect(failures, stderr.slice(-2000)).toEqual([]);
  const { moments, roles, steps } = JSON.parse(
    readFileSync(report.replace(/html$/, 'json'), 'utf8'),
  ) as RehearsalResult;
  const at = (moment: keyof typeof moments): number => moments[moment]?.aws ?? Number.NaN;
  const committed = steps.find(({ step }) => step === 'CommitRecovery')?.endedAt ?? Number.NaN;
  expect(committed).toBeGreaterThan(at('dark'));
  expect(committed).toBeLessThan(at('back'));

  // Each function ran in both Regions in its turn, and none on standby: the grace is for events that were under way.
  const runs = notes.map((key) => {
    const [, name = '', region = '', time = ''] = key.split('/');
    return { name: name.replace('test-guests-', ''), region, at: Date.parse(time) };
  });
  const grace = 60_000;
  const there = (run: (typeof runs)[number]) => run.region === 'eu-central-1';
  expect(runs.filter((run) => there(run) && (run.at < committed || run.at > at('home') + grace))).toEqual([]);
  expect(runs.filter((run) => !there(run) && run.at > at('fenced') + grace && run.at < at('quiesced'))).toEqual([]);
  for (const name of functions) {
    const own = runs.filter((run) => run.name === name);
    expect(
      own.some((run) => !there(run) && run.at < at('dark')),
      `${name} before`,
    ).toBe(true);
    expect(own.some(there), `${name} away`).toBe(true);
  }
  expect(
    runs.some((run) => run.name === 'clock' && run.at > at('home')),
    'the clock goes on at home',
  ).toBe(true);

  // The webhook heard of both runs, beginning and end, each time under the key.
  const texts = webhook.told.map(({ body }) => (JSON.parse(body) as { text: string }).text);
  for (const machine of ['test-dr-failover', 'test-dr-failback'])
    for (const state of ['RUNNING', 'SUCCEEDED'])
      expect(
        texts.some((text) => text.includes(machine) && text.includes(state)),
        `${machine} ${state}`,
      ).toBe(true);
  for (const { body, headers } of webhook.told.filter(({ body: text }) => text.includes('test-dr-fail')))
    expect(headers[signatureHeaders.signature]).toBe(
      signatureOf('sesame', String(headers[signatureHeaders.time]), body),
    );

  const grants = roles?.flatMap(({ role, idle, refused }) => [...idle, ...refused].map((one) => ({ role, ...one })));
  expect(grants).toEqual([]);
  // What no step used is still few, and each says when it would be.
  expect(roles?.flatMap(({ held }) => held).every(({ why }) => why.length > 20)).toBe(true);
  const told = readFileSync(report, 'utf8');
  expect(told).toContain('What the roles may, and didn’t need');
  expect(told).not.toContain('it serves HTTP');
  expect(processesOf(commands)).toEqual([]);
});
