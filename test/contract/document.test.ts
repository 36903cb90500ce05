/** docs/contract.md lists every case, and those that don't run on AWS with the reason (`WRITE_CONTRACT=1` writes it). */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contract } from './cases.ts';
import { skipReason } from './skips.ts';

const file = join(import.meta.dirname, '../../docs/contract.md');

test('docs/contract.md says what the contract has', () => {
  const document = contractDocument();
  if (process.env.WRITE_CONTRACT !== undefined) writeFileSync(file, document);
  expect(readFileSync(file, 'utf8')).toBe(document);
});

function contractDocument(): string {
  const lines = [
    '# What is proved against the sandbox, and against AWS',
    '',
    'Generated with `WRITE_CONTRACT=1 npx vitest run test/contract/document.test.ts`. Each case runs against the sandbox in the ordinary suite. With',
    '`PILOT_LIGHT_CONTRACT=aws` and credentials in the environment the same cases run against that account instead: in `us-east-1` and `us-west-2`, unless',
    '`PILOT_LIGHT_CONTRACT_REGION` and `PILOT_LIGHT_CONTRACT_OTHER_REGION` say otherwise; under names of their own; cleaned up however they end.',
    '`PILOT_LIGHT_CONTRACT_COST=dollars` also runs what costs more than cents, `PILOT_LIGHT_CONTRACT_DANGER=yes` what touches more than its own names.',
    '',
  ];
  for (const [service, cases] of Object.entries(contract)) {
    lines.push(`## ${service}`, '');
    for (const given of cases) {
      const reason = skipReason(given, { cost: 'cents', danger: false });
      const time = given.minutes === undefined ? '' : `, ${given.minutes} minutes on AWS`;
      const cost = given.cost === 'nothing' ? 'free' : `costs ${given.cost}`;
      lines.push(`- ${given.name} (${cost}${time})${reason === undefined ? '' : `. **Not on AWS:** ${reason}`}`);
    }
    lines.push('');
  }
  return lines.join('\n');
}
