import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { RehearsalEvent, SideSample } from '../../src/rehearsal/events.ts';
import { screen } from '../../src/rehearsal/screen.ts';

const side = (region: string, change: Partial<SideSample> = {}): SideSample => ({
  region,
  state: 'up',
  active: false,
  role: 'standby',
  instances: 0,
  database: 'replica, available',
  ...change,
});
const at = (seconds: number) => ({ aws: 1000 * seconds, real: 100 * seconds });
const events: RehearsalEvent[] = [
  {
    kind: 'begin',
    at: at(0),
    scenario: 'primary-region-dark',
    title: 'The primary Region goes dark',
    workload: 'dev-photos',
    regions: { primary: 'us-east-1', recovery: 'us-west-2' },
  },
  { kind: 'moment', at: at(10), moment: 'dark', says: `every process is killed ${'and everything hangs '.repeat(10)}` },
  { kind: 'step', at: at(40), plan: 'failover', step: 'PromoteReplica', state: 'running' },
  {
    kind: 'sample',
    at: at(60),
    sample: {
      speed: 10,
      sides: { primary: side('us-east-1', { state: 'dark' }), recovery: side('us-west-2', { active: true }) },
      lagSeconds: undefined,
      customers: { acknowledged: 120, failed: 30, success: 0 },
      outage: 50_000,
    },
  },
];

/** What a terminal of this size shows after the events: each picture is drawn over the one before. */
function shown(columns: number, rows: number): { last: string[]; drawn: string[] } {
  const drawn: string[] = [];
  const terminal = { columns, rows, write: (text: string) => drawn.push(text) };
  const show = screen(terminal);
  for (const event of events) show.hear(event);
  return {
    last: stripVTControlCharacters(drawn.at(-1) ?? '')
      .trimEnd()
      .split('\n'),
    drawn,
  };
}

test('shows both Regions, the running step, the customers and the clock', () => {
  const text = shown(100, 40).last.join('\n');
  expect(text).toMatch(/primary us-east-1 {2}DARK/);
  expect(text).toMatch(/recovery us-west-2 {2}active/);
  expect(text).toMatch(/▸ PromoteReplica +20\.0 AWS s/);
  expect(text).toContain('0 % served');
  expect(text).toContain('RTO clock  50.0 AWS s, 5.0 real s');
});

test.each([
  [60, 24],
  [100, 40],
  [200, 12],
])('fits a terminal of %i by %i, so that it can be drawn over', (columns, rows) => {
  const { last } = shown(columns, rows);
  expect(last.length).toBeLessThan(rows);
  for (const row of last) expect(row.length).toBeLessThan(columns);
});

test('moves up by exactly what it drew', () => {
  const { drawn } = shown(100, 40);
  const escaping = String.fromCharCode(27);
  for (let index = 1; index < drawn.length; index++) {
    const before = (drawn[index - 1] ?? '').split('\n').length - 1;
    expect(drawn[index]?.startsWith(`${escaping}[${before}A`)).toBe(true);
  }
});
