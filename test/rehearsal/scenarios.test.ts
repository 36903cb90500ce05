// The scenarios that every change is played against, beside `primary-region-dark`, which is the rehearsal of `npm start`: short ones, in which the
// workload must stay where it is. One after the other in one process, as `pilot-light rehearse all` does.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RehearsalResult } from '../../src/rehearsal/result.ts';
import { CommandLine, processesOf } from '../cli/command-line.ts';

const played = ['partition-control-plane-only', 'primary-returns-mid-failover'];

test('a recovery Region that is cut off fails nothing over, and a primary that is back before the commit stops the run', {
  timeout: 900_000,
}, async () => {
  using commands = new CommandLine();
  const reports = join(commands.temporary, 'reports');
  const { code, stdout, stderr } = await commands.run('rehearse', ...played, '--json', '--report', reports);
  const results = stdout
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as Pick<RehearsalResult, 'scenario' | 'failures' | 'expectations'> & { report: string },
    );
  expect({ code, failures: results.flatMap(({ failures }) => failures) }, stderr.slice(-3000)).toEqual({
    code: 0,
    failures: [],
  });
  expect(results.map(({ scenario }) => scenario)).toEqual(played);
  // Every sentence that was judged is told, on the screen as in the report.
  for (const { expectations, report } of results) {
    const told = readFileSync(report, 'utf8');
    expect(expectations.length).toBeGreaterThan(5);
    for (const { seen } of expectations) expect(seen).not.toBe('');
    expect(told).toContain('What was expected');
  }
  expect(stderr).toContain(`${played.length} of ${played.length} scenarios passed.`);
  expect(processesOf(commands)).toEqual([]);
});
