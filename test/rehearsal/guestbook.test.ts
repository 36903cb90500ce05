// A workload that isn't the example, rehearsed as its owner would: a config file, a CDK app and an application of its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { RehearsalResult } from '../../src/rehearsal/result.ts';
import { CommandLine, processesOf } from '../cli/command-line.ts';

const config = fileURLToPath(new URL('./guestbook/pilot-light.config.ts', import.meta.url));

test("somebody else's workload goes through an outage for good, each write accounted for", {
  timeout: 600_000,
}, async () => {
  using commands = new CommandLine();
  const reports = join(commands.temporary, 'reports');
  const { code, stdout, stderr } = await commands.run(
    'rehearse',
    'primary-region-gone',
    '--config',
    config,
    '--json',
    '--report',
    reports,
  );
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
    outcome: string;
    failures: string[];
    rto: { resolved: { awsSeconds: number } };
    writes: { acknowledged: number; present: number; lost: number; named: number };
    report: string;
  };
  expect({ code, failures: result.failures, outcome: result.outcome }, stderr.slice(-2000)).toEqual({
    code: 0,
    failures: [],
    outcome: 'passed',
  });
  expect(result.writes.acknowledged).toBeGreaterThan(100);
  expect(result.writes.present + result.writes.named).toBe(result.writes.acknowledged);
  expect(result.rto.resolved.awsSeconds).toBeGreaterThan(60);
  expect(readFileSync(result.report, 'utf8')).toContain('eu-central-1');
  expect(processesOf(commands)).toEqual([]);
});

test('and through an outage that ends: there, fenced, back and protected again, by roles that may nothing more than that takes', {
  timeout: 1_800_000,
}, async () => {
  using commands = new CommandLine();
  const reports = join(commands.temporary, 'reports');
  const { stdout, stderr } = await commands.run(
    'rehearse',
    'primary-region-dark',
    '--config',
    config,
    '--json',
    '--report',
    reports,
  );
  const { failures, report } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
    failures: string[];
    report: string;
  };
  expect(failures, stderr.slice(-2000)).toEqual([]);
  const { roles } = JSON.parse(readFileSync(report.replace(/html$/, 'json'), 'utf8')) as Pick<RehearsalResult, 'roles'>;
  const grants = roles?.flatMap(({ role, idle, refused }) => [...idle, ...refused].map((one) => ({ role, ...one })));
  expect(grants).toEqual([]);
  // What no step used is still few, and each says when it would be.
  expect(roles?.flatMap(({ held }) => held).every(({ why }) => why.length > 20)).toBe(true);
  expect(readFileSync(report, 'utf8')).toContain('What the roles may, and didn’t need');
});
