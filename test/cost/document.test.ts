/** `docs/cost.md` says what the code says. `WRITE_COST=1` writes the generated parts; a test fails when they are old. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freeTypes, pricers } from '../../src/cost/pricers/table.ts';
import { assumptions, usageNames } from '../../src/cost/usage.ts';
import { builtInPriceFile, builtInPrices } from '../../src/facts/prices.ts';
import { regions } from '../../src/facts/regions.ts';

const file = join(import.meta.dirname, '../../docs/cost.md');

test('the document is up to date', () => {
  const written = readFileSync(file, 'utf8');
  const wanted = Object.entries({ types: types(), assumptions: assumed(), prices: prices() }).reduce(
    (text, [name, part]) =>
      text.replace(new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`), `$1\n${part}\n\n$2`),
    written,
  );
  if (process.env.WRITE_COST === '1') writeFileSync(file, wanted);
  else expect(written).toBe(wanted);
});

function types(): string {
  const short = (type: string) => `\`${type.replace(/^AWS::/, '')}\``;
  const priced = Object.keys(pricers).filter((type) => type.startsWith('AWS::'));
  const free = Object.keys(freeTypes).filter((type) => type.startsWith('AWS::') && pricers[type] === undefined);
  return [
    `Priced (${priced.length} types): ${priced.map(short).toSorted().join(', ')}.`,
    '',
    `Free (${free.length} types, and custom resources): ${free.map(short).toSorted().join(', ')}.`,
  ].join('\n');
}

function assumed(): string {
  return [
    '| name | default | unit | what |',
    '| --- | ---: | --- | --- |',
    ...usageNames.map(
      (name) => `| \`${name}\` | ${assumptions[name].value} | ${assumptions[name].unit} | ${assumptions[name].what} |`,
    ),
  ].join('\n');
}

interface PriceFile {
  readonly sources: Readonly<Record<string, { what: string; asOf: string; url?: string }>>;
  readonly like: readonly { region: string; as: string }[];
  readonly groups: readonly { source: string; regions: readonly string[]; unsure?: boolean; prices: object }[];
}

function prices(): string {
  const { sources, like, groups } = builtInPriceFile as PriceFile;
  const unsure = groups.filter((group) => group.unsure === true);
  const where = (regions: readonly string[]) => (regions.includes('*') ? 'every Region' : regions.join(', '));
  return [
    '| source | as of | what |',
    '| --- | --- | --- |',
    ...Object.entries(sources).map(
      ([name, { what, asOf, url }]) => `| ${url === undefined ? name : `[${name}](${url})`} | ${asOf} | ${what} |`,
    ),
    '',
    `Regions with prices for everything the example deploys: ${regions.filter((region) => ofExample.every((key) => book.find(region, key))).join(', ')}. Prices for data transfer alone: ${regions.filter((region) => !book.find(region, 'alb.hour') && book.find(region, 'transfer.region-gb')).join(', ')}.`,
    '',
    'Unsure:',
    '',
    ...like.map(({ region, as }) => `- all that ${region} has no price of its own for: taken from ${as}`),
    ...unsure.map(
      ({ regions, source, prices: tree }) =>
        `- ${where(regions)} (${source}): ${keysOf(tree)
          .map((key) => `\`${key}\``)
          .join(', ')}`,
    ),
  ].join('\n');
}

/** What of the example has a price by Region. */
const ofExample = [
  'rds.mysql.t4g.medium',
  'rds-storage.gp3-multi',
  'ec2.t3.small',
  'ebs.gp3',
  'ebs.snapshot',
  'alb.hour',
  'alb.lcu-hour',
  'endpoint.hour',
  'endpoint.gb',
  'transfer.region-gb',
  's3.standard',
  's3.put-1k',
  'sqs.requests-1m',
  'dynamodb.writes-1m',
  'logs.ingested-gb',
];
const book = builtInPrices();

function keysOf(tree: object, path = ''): string[] {
  return Object.entries(tree).flatMap(([part, inner]: [string, unknown]) => {
    const key = path === '' ? part : `${path}.${part}`;
    return typeof inner === 'object' && inner !== null ? keysOf(inner, key) : [key];
  });
}
