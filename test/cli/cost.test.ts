import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandLine } from './command-line.ts';

let commands: CommandLine;
let usage: string;
let prices: string;

beforeAll(() => {
  commands = new CommandLine();
  usage = join(commands.temporary, 'usage.yaml');
  prices = join(commands.temporary, 'prices.json');
  writeFileSync(usage, 'storedGb: many\n');
  writeFileSync(prices, '{ "asOf": "2026-10-01", "currency": "EUR" }');
});
afterAll(() => commands[Symbol.dispose]());

test.each<[() => string[], RegExp]>([
  [() => ['--usage', usage], /usage\.yaml isn't valid[\s\S]*storedGb: given "many"; a number of GB, zero or more/],
  [
    () => ['--prices', prices],
    /prices\.json isn't valid[\s\S]*currency: given "EUR"; only USD[\s\S]*sources: given nothing/,
  ],
  [() => ['--prices', '/no/such.json'], /The price file can't be read: .*Given: \/no\/such\.json/],
  [
    () => ['--set', 'storedGb'],
    /--set takes a name and a number. Given: storedGb. Allowed: name=value, the name one of databaseGb/,
  ],
  [() => ['--set', 'gb=3'], /gb: given 3; no such field: one of databaseGb/],
  [() => ['--assembly', '/no/such'], /\/no\/such\/manifest\.json can't be read\. Synthesize the CDK app first/],
  [() => ['--print', 'money'], /Given: money\. Allowed: prices, usage/],
  [() => ['--config', '/no/such.ts'], /no such config file/],
])('bad input %# is one error on stderr and exit code 2', async (args, says) => {
  const { code, stdout, stderr } = await commands.run('cost', ...args());
  expect(stderr).toMatch(says);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).not.toMatch(/\n {4}at /);
});

test('the example is synthesized, priced and printed as one object; nothing stays behind', async () => {
  const before = commands.leftovers();
  const { code, stdout, stderr } = await commands.run('cost', '--json', '--set', 'storedGb=1000');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const report = JSON.parse(stdout) as { month: { total: number }; assumptions: { name: string; given: boolean }[] };
  expect(report.month.total).toBeGreaterThan(100);
  expect(report.assumptions.filter(({ given }) => given).map(({ name }) => name)).toEqual(['storedGb']);
  expect(commands.leftovers()).toEqual(before);
}, 60_000);

test('prices and usage are printed in the form in which they are read', async () => {
  const printed = join(commands.temporary, 'printed.yaml');
  writeFileSync(printed, (await commands.run('cost', '--print', 'usage')).stdout);
  const own = join(commands.temporary, 'printed.json');
  const without = JSON.parse((await commands.run('cost', '--print', 'prices')).stdout) as {
    groups: { prices: object }[];
  };
  const groups = without.groups.map((group) => ({
    ...group,
    prices: { ...group.prices, rds: { 'mysql.x9.large': 0 } },
  }));
  // Each Region and key has one price: the odd ones go to the first group alone.
  writeFileSync(own, JSON.stringify({ ...without, groups: groups.slice(0, 1) }));
  const { code, stderr } = await commands.run('cost', '--usage', printed, '--prices', own);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /What decides the result has no price\.[\s\S]*rds-multi\.mysql\.t4g\.medium or rds\.mysql\.t4g\.medium, us-east-1/,
  );
  expect(stderr).toMatch(/"basedOn": "built-in"/);
}, 60_000);
