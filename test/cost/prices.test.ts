import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pricesFrom } from '../../src/cli/cost-inputs.ts';
import { parseUsage } from '../../src/cost/usage.ts';
import { builtInPriceFile, builtInPrices, parsePrices } from '../../src/facts/prices.ts';
import type { PilotLightError } from '../../src/kernel/errors.ts';
import { messageOf } from '../../src/kernel/errors.ts';

const valid = {
  asOf: '2026-10-01',
  currency: 'USD',
  sources: { mine: { what: 'a contract', asOf: '2026-09-01' } },
  groups: [{ source: 'mine', regions: ['eu-west-3'], prices: { ec2: { t3: { small: 0.02 } } } }],
};

describe('the book that ships with the tool', () => {
  const book = builtInPrices();

  test('says of each price where it is from, as of when, and whether it was looked up', () => {
    expect(book.find('us-east-1', 'rds.mysql.t4g.medium')).toEqual({
      key: 'rds.mysql.t4g.medium',
      region: 'us-east-1',
      usd: 0.065,
      source: 'price-list',
      asOf: '2026-09-24',
      unsure: false,
    });
    expect(book.sources['price-list']?.url).toMatch(/^https:/);
  });

  test('a Region that is charged like another is marked as unsure, unless it was read itself', () => {
    expect(book.find('us-west-2', 'rds.mysql.t4g.medium')).toMatchObject({
      usd: 0.065,
      region: 'us-west-2',
      unsure: true,
    });
    expect(book.find('us-west-2', 'alb.hour')).toMatchObject({ usd: 0.0225, unsure: false });
  });

  test('a Region nobody has looked at has no price of its own', () => {
    expect(book.find('eu-south-2', 'ec2.t3.small')).toBeUndefined();
    expect(book.find('eu-south-2', 'kms.key')).toMatchObject({ usd: 1 });
  });

  test('what is recalled is never sure', () => {
    const { groups } = builtInPriceFile as { groups: { source: string; unsure?: boolean }[] };
    expect(groups.filter(({ source, unsure }) => source === 'recalled' && unsure !== true)).toEqual([]);
  });

  test('its file is valid input for --prices', () => {
    expect(parsePrices(builtInPriceFile, 'itself').find('us-east-1', 'nat.hour')).toMatchObject({ usd: 0.045 });
  });
});

describe('a file of prices', () => {
  test('replaces all of them', () => {
    const book = parsePrices(valid, 'mine.json');
    expect(book.find('eu-west-3', 'ec2.t3.small')).toMatchObject({ usd: 0.02, source: 'mine', asOf: '2026-09-01' });
    expect(book.find('us-east-1', 'nat.hour')).toBeUndefined();
  });

  test('adds to those that ship with the tool, and goes before them, when it says so', () => {
    const book = parsePrices(
      {
        ...valid,
        basedOn: 'built-in',
        groups: [...valid.groups, { source: 'mine', regions: ['us-east-1'], prices: { nat: { hour: 0.01 } } }],
      },
      'mine.json',
    );
    expect(book.find('us-east-1', 'nat.hour')).toMatchObject({ usd: 0.01, source: 'mine' });
    expect(book.find('us-east-1', 'alb.hour')).toMatchObject({ usd: 0.0225 });
  });

  test.each([
    [{ ...valid, currency: 'EUR' }, /currency: given "EUR"; only USD/],
    [{ ...valid, asOf: 'yesterday' }, /asOf: given "yesterday"; a day like/],
    [{ ...valid, extra: 1 }, /extra: given 1; no such field/],
    [
      { ...valid, groups: [{ ...valid.groups[0], source: 'yours' }] },
      /groups\[0\]\.source: given "yours"; one of the sources: mine/,
    ],
    [
      { ...valid, groups: [{ ...valid.groups[0], regions: ['Ireland'] }] },
      /groups\[0\]\.regions\[0\]: given "Ireland"; a Region like us-east-1/,
    ],
    [
      { ...valid, groups: [{ ...valid.groups[0], prices: { ec2: { t3: { small: -1 } } } }] },
      /groups\[0\]\.prices\.ec2\.t3\.small: given -1; zero or more US dollars/,
    ],
    [
      { ...valid, groups: [{ ...valid.groups[0], prices: { nat: { hour: 'cheap' } } }] },
      /groups\[0\]\.prices\.nat: given .*cheap.*; a number of US dollars/,
    ],
    [
      { ...valid, groups: [valid.groups[0], valid.groups[0]] },
      /groups\[1\]\.prices: given .*; ec2\.t3\.small has one price in eu-west-3/,
    ],
    [{ ...valid, groups: undefined }, /groups: given nothing/],
    [
      { ...valid, groups: [{ ...valid.groups[0], prices: { ec22: { t3: { small: 1 } } } }] },
      /groups\[0\]\.prices\.ec22\.t3\.small: given 1; a key that begins with one of ec2, rds, /,
    ],
    [
      { ...valid, groups: [{ ...valid.groups[0], prices: { nat: { hours: 1 } } }] },
      /groups\[0\]\.prices\.nat\.hours: given 1; one of nat\.hour, nat\.gb/,
    ],
    [
      { ...valid, groups: [{ ...valid.groups[0], prices: { ec2: { small: 1 } } }] },
      /groups\[0\]\.prices\.ec2\.small: given 1; ec2\. and what matches/,
    ],
    [[], /\(the whole\): given \[\]/],
  ])('a wrong one is refused with the path, what was given and what is allowed (%#)', (file, says) => {
    const parse = () => parsePrices(file, 'mine.json');
    expect(parse).toThrow(says);
    expect(parse).toThrow(expect.objectContaining({ kind: 'usage' }) as PilotLightError);
  });
});

describe('the file of --prices', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-test-'));
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test.each([
    ['is not JSON', () => written('prices.json', '{ "asOf": '), /prices\.json[\s\S]*a file of JSON or YAML/],
    ['is missing', () => join(folder, 'missing.json'), /missing\.json[\s\S]*a file of JSON or YAML/],
    ['is a folder', () => folder, /pilot-light-test-[\s\S]*a file of JSON or YAML/],
    ['is empty', () => written('empty.yaml', ''), /empty\.yaml isn't valid[\s\S]*\(the whole\): given/],
  ])('%s: refused with its path and what is allowed', (_, file, says) => {
    const given = file();
    let error: unknown;
    try {
      pricesFrom(given);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ kind: 'usage' });
    expect(messageOf(error)).toMatch(says);
  });

  test('may be YAML', () => {
    const yaml =
      'asOf: "2026-10-01"\ncurrency: USD\nsources: { mine: { what: a contract, asOf: "2026-09-01" } }\ngroups:\n  - { source: mine, regions: ["*"], prices: { nat: { hour: 0.5 } } }\n';
    expect(pricesFrom(written('prices.yaml', yaml)).find('us-east-1', 'nat.hour')).toMatchObject({ usd: 0.5 });
  });
});

describe('usage', () => {
  test('says only what is otherwise', () => {
    expect(parseUsage({ storedGb: 3 }, 'usage.yaml')).toEqual({ storedGb: 3 });
  });

  test.each([
    [{ storedGb: -1 }, /storedGb: given -1; a number of GB, zero or more/],
    [{ storedGb: '3' }, /storedGb: given "3"; a number of GB/],
    [{ drillHours: 800 }, /drillHours: given 800; a number of hours, from 0 to 730/],
    [{ stored: 3 }, /stored: given 3; no such field: one of databaseGb, /],
    ['much', /\(the whole\): given "much"; an object of numbers/],
  ])('%j is refused', (given, says) => {
    expect(() => parseUsage(given, 'usage.yaml')).toThrow(says);
  });
});
