// A workload that isn't the example, rehearsed as its owner would: a config file, a CDK app and an application of its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
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
