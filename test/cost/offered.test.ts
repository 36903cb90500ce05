/** What the config offers beyond the example, synthesized and priced: an accelerator, several groups, a witness, webhooks, an existing VPC, HTTPS. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { beforeAll, expect, test } from 'vitest';
import { costText } from '../../src/cli/cost-text.ts';
import type { Subject } from '../../src/cost/month.ts';
import type { CostReport } from '../../src/cost/report.ts';
import { costReport } from '../../src/cost/report.ts';
import type { Template } from '../../src/cost/template.ts';
import { defaultUsage } from '../../src/cost/usage.ts';
import { builtInPrices } from '../../src/facts/prices.ts';
import { PilotLight } from '../../src/infra/pilot-light.ts';
import type { WorkloadConfig } from '../../src/workload/config.ts';
import { namesOf } from '../../src/workload/names.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const certificate = (region: string) =>
  `arn:aws:acm:${region}:111122223333:certificate/12345678-1234-1234-1234-123456789012`;

const config: WorkloadConfig = {
  name: 'shop',
  primary: { region: 'us-east-1' },
  recovery: {
    region: 'us-west-2',
    network: {
      vpc: 'vpc-0123456789abcdef0',
      publicSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      privateSubnets: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
    },
  },
  witness: { region: 'us-east-2' },
  compute: {
    web: {
      image: 'ami-0123456789abcdef0',
      instanceTypes: ['m6i.large', 'm5.large'],
      capacity: { min: 2, desired: 5, max: 8 },
    },
    jobs: { image: 'ami-0123456789abcdef1', serves: 'nothing', capacity: { min: 1, desired: 1, max: 2 } },
  },
  traffic: {
    latch: 'accelerator',
    zone: 'shop.example',
    zoneId: 'Z0123456789ABCDEFGHIJ',
    name: 'www.shop.example',
    certificates: { primary: certificate('us-east-1'), recovery: certificate('us-west-2') },
  },
  notifications: { webhooks: ['chat'], email: ['ops@shop.example', 'lead@shop.example'] },
};

const workload = parseWorkload(config);
const names = namesOf(workload);
let subject: Subject;
let report: CostReport;

beforeAll(() => {
  const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });
  new PilotLight(app, 'Shop', { config });
  const templates = app.synth().stacks.map(({ stackName, template, environment: { region } }) => ({
    stack: stackName,
    region,
    side: region === workload.primary.region ? ('primary' as const) : ('recovery' as const),
    template: template as Template,
  }));
  subject = { templates, workload, usage: { ...defaultUsage, internetGb: 200 }, prices: builtInPrices() };
  report = costReport(subject);
}, 60_000);

const linesOf = (what: string) => report.month.lines.filter((line) => line.what.includes(what));

test('nothing of it is without a price', () => {
  expect(report.month.unpriced).toEqual([]);
});

test('a group whose size is left to Auto Scaling has what the config begins with, of the first type', () => {
  // 5 and 1 instances in the primary Region, none on standby.
  expect(linesOf('× m6i.large').map(({ side, quantity }) => [side, quantity])).toEqual([
    ['primary', 5 * 730],
    ['recovery', 0],
  ]);
  expect(linesOf('× t3.small').map(({ side, quantity }) => [side, quantity])).toEqual([
    ['primary', 730],
    ['recovery', 0],
  ]);
  expect(linesOf('m5.large')).toEqual([]);
  expect(report.notes).toContainEqual(expect.stringContaining('priced at the first: m6i.large of m6i.large, m5.large'));
  // As many are reserved, and started by a failover.
  const reserved = report.priceOfRto.find(({ name }) => name === 'capacity reservation');
  expect(reserved?.more).toBeCloseTo(730 * (5 * 0.096 + 0.0208));
});

test('an accelerator is paid by the hour, for its two addresses, and for what is answered through it', () => {
  expect(
    linesOf('accelerator').map(({ what, region, usd, column }) => [what, region, Number(usd.toFixed(4)), column]),
  ).toEqual([
    ['accelerator', 'us-west-2', 18.25, 'standby'],
    ['2 public IPv4 addresses of the accelerator', 'us-west-2', 7.3, 'standby'],
    ['premium of the accelerator, answers of us-east-1', 'us-east-1', 3, 'standby'],
    ['premium of the accelerator, answers of us-west-2', 'us-west-2', 0, 'standby'],
  ]);
});

test('the price of RTO offers what the latch is not', () => {
  const [deployed, ...rows] = report.priceOfRto;
  expect(deployed?.recovery.ways.name).toBe(30);
  const alarm = rows.find(({ name }) => name === 'alarm latch');
  expect(rows.some(({ name }) => name === 'accelerator latch')).toBe(false);
  // Without the accelerator's 28.55, with a check at 0.50 and an alarm at 0.10.
  expect(alarm?.more).toBeCloseTo(0.6 - 28.55);
  expect(alarm?.recovery.ways.name).toBeGreaterThan(30);
});

test('a table with a witness pays for each write in each of the three Regions, and for its way', () => {
  const writes = linesOf('global table: writes').filter(({ component }) => component === 'state');
  expect(writes.map(({ region, unsure }) => [region, unsure])).toEqual([
    ['us-west-2', true],
    ['us-east-1', false],
    ['us-east-2', true],
  ]);
  expect(new Set(writes.map(({ quantity }) => quantity)).size).toBe(1);
  expect(linesOf('global table: reads').map(({ region, quantity }) => [region, quantity > 0])).toEqual([
    ['us-west-2', true],
    // By the guard of the active side.
    ['us-east-1', true],
  ]);
  expect(linesOf('writes of the global table').map(({ what }) => what)).toEqual([
    'writes of the global table, us-west-2 to us-east-1',
    'writes of the global table, us-west-2 to us-east-2',
  ]);
  expect([...writes, ...linesOf('global table: storage')].every(({ column }) => column === 'standby')).toBe(true);
});

test('each notice is one invocation for the webhooks and one e-mail for each address, in either Region', () => {
  const invocations = linesOf(`${names.controlFunction('tell')}: invocations`);
  expect(invocations.map(({ side, quantity, column }) => [side, quantity, column])).toEqual([
    ['primary', 100 / 1e6, 'standby'],
    ['recovery', 100 / 1e6, 'standby'],
  ]);
  expect(linesOf('e-mails').map(({ quantity }) => quantity)).toEqual([0.002, 0.002]);
});

test('HTTPS costs one option more of the health check, and certificates cost nothing', () => {
  expect(linesOf("health check's options").map(({ quantity }) => quantity)).toEqual([2]);
});

test('what was there before is not priced, and that is said', () => {
  expect(report.month.lines.filter(({ side, what }) => side === 'recovery' && /endpoint|NAT/.test(what))).toEqual([]);
  expect(report.notes).toContainEqual(expect.stringMatching(/^us-west-2: vpc-0123456789abcdef0 was there before/));
  expect(report.notes).toContainEqual(expect.stringMatching(/hosted zone shop\.example was there before/));
  expect(report.egress.map(({ region }) => region)).toEqual(['us-east-1']);
  expect(costText(report, { lines: false }).join(' ')).toContain('vpc-0123456789abcdef0 was there before');
});

test('a type nobody knows is named in the text and counts for nothing silently', () => {
  const [first, ...others] = subject.templates;
  if (first === undefined) throw new Error('there are templates');
  const strange = {
    ...first,
    template: { ...first.template, Resources: { ...first.template.Resources, Odd: { Type: 'AWS::MSK::Cluster' } } },
  };
  const text = costText(costReport({ ...subject, templates: [strange, ...others] }), { lines: false }).join(' ');
  expect(text).toContain('AWS::MSK::Cluster');
  expect(text).toMatch(/no pricer knows this\s+type/);
});

test('in the month of a failover the premium and the instances are paid where they are', () => {
  const kept = (side: string) => report.failoverMonth.parts.find(({ what }) => what.startsWith(side))?.usd ?? 0;
  expect(kept('the recovery Region serves')).toBeGreaterThan(kept('the primary Region fenced'));
  expect(report.failoverMonth.without).toEqual([]);
});

test('the guard runs all the time where the workload is active, and looks in once a minute where it is not', () => {
  const running = linesOf(`${names.controlFunction('guard')}: running`);
  const [primary, recovery] = (['primary', 'recovery'] as const).map(
    (side) => running.find((line) => line.side === side)?.quantity ?? 0,
  );
  expect(primary).toBeCloseTo((57 * (recovery ?? 0)) / defaultUsage.tickSeconds);
  const asked = linesOf(`${names.controlFunction('sql')}: invocations`).find(({ side }) => side === 'primary');
  expect(asked?.quantity).toBeGreaterThan(0.5);
});
