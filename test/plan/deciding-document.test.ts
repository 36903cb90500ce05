/** What is published of the decision. It is written anew with WRITE_DECIDING=1. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingCodes, flapping, primaryRules, recoveryRules } from '../../src/plan/findings.ts';
import { policyOf } from '../../src/plan/policy.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { decidingDocument } from './deciding-document.ts';

const workload = (policy?: object | string) =>
  parseWorkload({
    name: 'photos',
    primary: { region: 'us-east-1' },
    recovery: { region: 'us-west-2' },
    compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
    traffic: { latch: 'none' },
    ...(policy === undefined ? {} : { policy }),
  });

test('docs/deciding.md is what the tables say', () => {
  const file = join(import.meta.dirname, '../../docs/deciding.md');
  const wanted = decidingDocument(policyOf(workload()));
  if (process.env.WRITE_DECIDING === '1') writeFileSync(file, wanted);
  expect(readFileSync(file, 'utf8')).toBe(wanted);
});

test('every finding has one rule', () => {
  const ruled = [...primaryRules, flapping, ...recoveryRules].map(({ code }) => code);
  expect([...ruled, 'unclear'].sort()).toEqual([...findingCodes].sort());
});

test('the short policy says the same as the object with its trigger, and a broken application is asked about', () => {
  for (const trigger of ['automatic', 'approve', 'manual'] as const)
    expect(policyOf(workload(trigger))).toEqual(policyOf(workload({ trigger })));
  expect(policyOf(workload('automatic')).triggers).toEqual({
    regionDark: 'automatic',
    databaseDown: 'automatic',
    applicationDown: 'approve',
  });
  expect(policyOf(workload({ trigger: 'automatic', databaseDown: 'manual', lockoutMinutes: 5 }))).toMatchObject({
    triggers: { databaseDown: 'manual' },
    lockoutMinutes: 5,
  });
  // A deployed function reads the config with its defaults filled in.
  const resolved = workload({ databaseDown: 'automatic' });
  expect(policyOf(parseWorkload(JSON.parse(JSON.stringify(resolved))))).toEqual(policyOf(resolved));
});
