/** The example's own templates, priced with the prices that ship: properties that no price change should break. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { beforeAll, expect, test } from 'vitest';
import config from '../../examples/photos/pilot-light.config.ts';
import type { Subject } from '../../src/cost/month.ts';
import { monthOf, sumOf } from '../../src/cost/month.ts';
import type { CostReport } from '../../src/cost/report.ts';
import { costReport, undecided } from '../../src/cost/report.ts';
import type { Template } from '../../src/cost/template.ts';
import { defaultUsage } from '../../src/cost/usage.ts';
import { builtInPrices } from '../../src/facts/prices.ts';
import { PilotLight } from '../../src/infra/pilot-light.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const workload = parseWorkload(config);
let subject: Subject;
let report: CostReport;

beforeAll(() => {
  const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });
  new PilotLight(app, 'Photos', { config, baseDirectory: join(import.meta.dirname, '../../examples/photos') });
  const templates = app.synth().stacks.map(({ stackName, template, environment: { region } }) => ({
    stack: stackName,
    region,
    side: region === workload.primary.region ? ('primary' as const) : ('recovery' as const),
    template: template as Template,
  }));
  subject = { templates, workload, usage: defaultUsage, prices: builtInPrices() };
  report = costReport(subject);
}, 60_000);

test('every resource is priced, named or free', () => {
  const declared = subject.templates.flatMap(({ stack, template }) =>
    Object.keys(template.Resources ?? {}).map((id) => `${stack}/${id}`),
  );
  const { lines, unpriced, free } = report.month;
  const judged = new Set(
    [...lines, ...unpriced].map(({ resource }) => resource).filter((name) => !name.startsWith('(')),
  );
  expect(judged.size + free.reduce((sum, { count }) => sum + count, 0)).toBe(declared.length);
  expect([...judged].filter((name) => !declared.includes(name))).toEqual([]);
});

test('everything in it has a price', () => {
  expect([report.month.unpriced, undecided(subject)]).toEqual([[], []]);
});

test('lines sum to components, and components to totals', () => {
  const { components, lines, workload: alone, standby, total } = report.month;
  for (const { component, workload: own, standby: waits } of components) {
    const of = lines.filter((line) => line.component === component);
    expect(sumOf(of, 'workload')).toBeCloseTo(own, 6);
    expect(sumOf(of, 'standby')).toBeCloseTo(waits, 6);
  }
  expect(components.reduce((sum, one) => sum + one.workload, 0)).toBeCloseTo(alone, 6);
  expect(components.reduce((sum, one) => sum + one.standby, 0)).toBeCloseTo(standby, 6);
  expect(alone + standby).toBeCloseTo(total, 6);
});

test('a line is its quantity times its price, which carries its source and date', () => {
  for (const { quantity, price, usd, what } of report.month.lines) {
    if (price === undefined) expect([what, usd]).toEqual([what, 0]);
    else {
      const times = usd / (quantity * price.usd);
      expect([1, 2].some((whole) => Math.abs(times - whole) < 1e-9)).toBe(true);
      expect(report.prices.sources[price.source]).toBeDefined();
      expect(price.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  }
});

test('the standby costs what its standing parts and its watching cost, by arithmetic of its own', () => {
  const hours = 730;
  // A t4g.medium replica with 20 GB, a load balancer with two addresses, four endpoints in two zones, a key, two copies of secrets.
  const standing = 0.065 * hours + 20 * 0.115 + 0.0225 * hours + 2 * 0.005 * hours + 4 * 2 * 0.01 * hours + 1 + 2 * 0.4;
  // The watcher's 57 of 60 seconds with a quarter GB, and its looks every 5 s, 20 KB each, in the state table.
  const watching = 60 * hours * 57 * 0.25 * 0.000_013_333_4 + 60 * hours * 12 * 20 * 0.000_000_625;
  // A dashboard, and ten cents for each alarm.
  const alarms = subject.templates
    .filter(({ side }) => side === 'recovery')
    .flatMap(({ template }) => Object.values(template.Resources ?? {}))
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm').length;
  const seen = 3 + alarms * 0.1;
  // What is copied, kept and checked beside these is small.
  expect(report.month.standby).toBeGreaterThan(standing + watching + seen);
  expect(report.month.standby).toBeLessThan(standing + watching + seen + 10);
  // The primary has at least its database (Multi-AZ), two instances and the same endpoints and addresses.
  const primary =
    0.129 * hours + 20 * 0.23 + 2 * 0.0208 * hours + 0.0225 * hours + 2 * 0.005 * hours + 4 * 2 * 0.01 * hours;
  expect(report.month.workload).toBeGreaterThan(primary);
  expect(report.month.share).toBeLessThan((standing + watching + seen + 10) / primary);
});

test('each shape that runs more costs more', () => {
  const [light, warm, both] = report.alternatives.map(({ standby }) => standby ?? Number.NaN);
  expect(light).toBeCloseTo(report.month.standby, 6);
  expect(warm).toBeGreaterThan(light ?? 0);
  expect(both).toBeGreaterThan(warm ?? 0);
});

test('in a failover month the recovery Region runs the production capacity and its event sources', () => {
  const away = monthOf(subject, {
    primary: { role: 'standby', share: 0, replicates: false },
    recovery: { role: 'active', share: 1, replicates: false },
  });
  const of = (side: string, what: string) =>
    away.lines.find((line) => line.side === side && line.what.includes(what))?.quantity;
  expect([of('recovery', '× t3.small'), of('primary', '× t3.small')]).toEqual([2 * 730, 0]);
  expect([of('recovery', 'polls of Lambda'), of('primary', 'polls of Lambda')]).toEqual([0.657, undefined]);
  expect(report.failoverMonth.more).toBeGreaterThan(0);
});

test('the report is data: it survives JSON', () => {
  expect(JSON.parse(JSON.stringify(report))).toEqual(JSON.parse(JSON.stringify(costReport(subject))));
  expect(JSON.stringify(report)).not.toMatch(/null/);
});
