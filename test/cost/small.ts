/** A subject small enough to be summed by hand: a few resources on each side, round prices, and usage of nothing. */

import type { Subject } from '../../src/cost/month.ts';
import type { DeployedTemplate, Template } from '../../src/cost/template.ts';
import type { Usage } from '../../src/cost/usage.ts';
import { usageNames } from '../../src/cost/usage.ts';
import { parsePrices } from '../../src/facts/prices.ts';
import { namesOf } from '../../src/workload/names.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const workload = parseWorkload({
  name: 'shop',
  environment: 'dev',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0123456789abcdef0' } },
  traffic: { zone: 'shop.example', name: 'www.shop.example' },
});

export const names = namesOf(workload);

/** Whatever a template doesn't say is nothing, so that a sum holds only what a test is about. */
const noUsage = Object.fromEntries(usageNames.map((name) => [name, 0])) as Usage;

type Resources = NonNullable<Template['Resources']>;

/** The role parameter and the condition that follows it, as every side's stacks declare them. */
function template(Resources: Resources): Template {
  return {
    Parameters: { Role: { Type: 'AWS::SSM::Parameter::Value<String>', Default: names.roleParameter } },
    Conditions: { IsActive: { 'Fn::Equals': [{ Ref: 'Role' }, 'active'] } },
    Resources,
  };
}

export function subject(
  { primary = {}, recovery = {} }: { primary?: Resources; recovery?: Resources },
  usage: Partial<Usage> = {},
  prices: Readonly<Record<string, unknown>> = roundPrices,
): Subject {
  const templates: DeployedTemplate[] = [
    { stack: 'east', region: 'us-east-1', side: 'primary', template: template(primary) },
    { stack: 'west', region: 'us-west-2', side: 'recovery', template: template(recovery) },
  ];
  return { templates, workload, usage: { ...noUsage, ...usage }, prices: book(prices) };
}

const book = (prices: Readonly<Record<string, unknown>>) =>
  parsePrices(
    {
      asOf: '2026-01-01',
      currency: 'USD',
      sources: { test: { what: 'made up for a test', asOf: '2026-01-01' } },
      groups: [{ source: 'test', regions: ['*'], prices }],
    },
    'test',
  );

/** A dollar or a tenth of one wherever a price is asked for. */
export const roundPrices = {
  ec2: { t3: { small: 0.1 } },
  ebs: { gp3: 1, snapshot: 1 },
  rds: { mysql: { t4g: { medium: 1, large: 2 } } },
  'rds-storage': { gp3: 0.1, 'gp3-multi': 0.2, backup: 0.1 },
  alb: { hour: 0.01, 'lcu-hour': 0.1 },
  'public-ipv4': { hour: 0.001 },
  endpoint: { hour: 0.01, gb: 0.1 },
  nat: { hour: 0.05, gb: 0.1 },
  transfer: { 'region-gb': 0.02, 'to-us-west-2-gb': 0.03, 'internet-gb': 0.1, 'zone-gb': 0.01 },
  s3: { standard: 0.01, 'put-1k': 0.01, 'get-1k': 0.001 },
  lambda: { 'requests-1m': 1, 'gb-s-x86': 0.002, 'gb-s-arm': 0.001 },
  dynamodb: { 'writes-1m': 1, 'reads-1m': 0.1, storage: 1, pitr: 1 },
  states: { 'transitions-1k': 1 },
  route53: { 'check-aws': 0.5, 'option-aws': 1, 'queries-1m': 0.4 },
  arc: { 'routing-cluster-hour': 2.5 },
  accelerator: { hour: 0.025, 'premium-gb': 0.015 },
  cloudwatch: { metric: 0.3, 'api-1k': 0.01 },
  logs: { 'ingested-gb': 0.5, 'stored-gb': 0.03 },
  secrets: { secret: 0.4, 'requests-10k': 0.05 },
};
