// The scenarios that every change is played against, beside `primary-region-dark`, which is the rehearsal of `npm start`. One after the other in one
// process, as `pilot-light rehearse all` does.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RehearsalResult } from '../../src/rehearsal/result.ts';
import { CommandLine, processesOf } from '../cli/command-line.ts';

type Printed = Pick<RehearsalResult, 'scenario' | 'failures' | 'expectations'> & { report: string };

/** Plays them, which all have to pass, and answers each with its report. */
async function play(...scenarios: string[]): Promise<(Printed & { told: string })[]> {
  using commands = new CommandLine();
  const reports = join(commands.temporary, 'reports');
  const { code, stdout, stderr } = await commands.run('rehearse', ...scenarios, '--json', '--report', reports);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Printed);
  expect({ code, failures: results.flatMap(({ failures }) => failures) }, stderr.slice(-3000)).toEqual({
    code: 0,
    failures: [],
  });
  expect(results.map(({ scenario }) => scenario)).toEqual(scenarios);
  expect(stderr).toContain(`${scenarios.length} of ${scenarios.length} scenarios passed.`);
  expect(processesOf(commands)).toEqual([]);
  const withReports = results.map((result) => ({ ...result, told: readFileSync(result.report, 'utf8') }));
  // Every sentence that was judged is told, on the screen as in the report.
  for (const { expectations, told } of withReports) {
    expect(expectations.length).toBeGreaterThan(2);
    for (const { seen } of expectations) expect(seen).not.toBe('');
    expect(told).toContain('What was expected');
  }
  return withReports;
}

test('a recovery Region that is cut off fails nothing over, and a primary that is back before the commit stops the run', {
  timeout: 900_000,
}, async () => {
  const [cut] = await play('partition-control-plane-only', 'primary-returns-mid-failover');
  expect(cut?.told).not.toContain('step by step');
});

test('a failover outlives Step Functions, and a planned move loses nothing: both are told step by step', {
  timeout: 1_200_000,
}, async () => {
  const [lost, moved] = await play('step-functions-lost', 'planned-switchover');
  expect(lost?.told).toContain('The failover, step by step');
  // Whoever took it over kept no history but the run's own.
  expect(lost?.told).toMatch(/run's own journal.*The critical path.*PromoteReplica/s);
  expect(moved?.told).toMatch(/The switchover, step by step.*state machine's own history.*QuiescePrimary/s);
});
