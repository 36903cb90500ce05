import { expect, test } from 'vitest';
import { costText } from '../../src/cli/cost-text.ts';
import { costReport } from '../../src/cost/report.ts';
import { subject } from '../cost/small.ts';

const nat = { Nat: { Type: 'AWS::EC2::NatGateway' } };

const textOf = (lines: boolean, ...given: Parameters<typeof subject>): string =>
  costText(costReport(subject(...given)), { lines }).join('\n');

test('figures stand by component, with shares and totals', () => {
  const text = textOf(false, { primary: nat, recovery: nat });
  expect(text).toMatch(/primary, us-east-1 +standby, us-west-2 +of primary/);
  expect(text).toMatch(/^network +36\.50 +36\.50 +100 %$/m);
  expect(text).toMatch(/^total +36\.50 +36\.50 +100 %$/m);
  expect(text).not.toMatch(/Totals are without|~/);
});

test('what has no price, or is no type the tool knows, is said beside the totals', () => {
  const text = textOf(false, {
    primary: { ...nat, Key: { Type: 'AWS::KMS::Key' }, Odd: { Type: 'AWS::EFS::FileSystem' } },
  }).replaceAll(/\s+/g, ' ');
  expect(text).toContain(
    'Totals are without east/Key (kms.key: no price in us-east-1), east/Odd (AWS::EFS::FileSystem: no pricer knows this type).',
  );
});

test('a sum that rests on a price nobody looked up bears a mark, and the price is listed', () => {
  const base = subject({ primary: nat });
  const unsure: typeof base = {
    ...base,
    prices: {
      ...base.prices,
      find: (region, key) => {
        const price = base.prices.find(region, key);
        return price && { ...price, unsure: key === 'nat.hour' };
      },
    },
  };
  const text = costText(costReport(unsure), { lines: false }).join('\n');
  expect(text).toMatch(/^network +36\.50 +0\.00 +0 % +~$/m);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(
    '~ rests on prices that were not looked up: nat.hour 0.05 (us-east-1)',
  );
});

test('every line and every free type is shown when asked for', () => {
  const asked = { primary: { ...nat, Vpc: { Type: 'AWS::EC2::VPC' } } };
  expect(textOf(true, asked)).toMatch(/workload +east\/Nat +NAT gateway +730 +hours +0\.05 +36\.50/);
  expect(textOf(true, asked)).toMatch(/AWS::EC2::VPC +1 × +networks are free/);
  expect(textOf(false, asked)).not.toContain('east/Nat');
});

test('assumptions are listed, and those that were given are marked', () => {
  const text = textOf(false, { primary: nat }, { natGb: 7 });
  expect(text).toMatch(/^\* natGb +7 +GB +traffic through each NAT gateway/m);
});
