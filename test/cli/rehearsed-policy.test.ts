import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { givePolicy } from '../../src/cli/rehearsed-policy.ts';

let assembly = '';
beforeEach(() => {
  assembly = mkdtempSync(join(tmpdir(), 'pilot-light-policy-'));
});
afterEach(() => rmSync(assembly, { recursive: true }));

const photos = { name: 'photos', environment: 'dev' };

function asset(name: string, workload: object): () => unknown {
  const folder = join(assembly, `asset.${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'workload.json'), JSON.stringify(workload));
  return () => JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8'));
}

test("a scenario's policy reaches every copy of its workload, and no other workload", () => {
  writeFileSync(join(assembly, 'manifest.json'), '{}');
  const [one, two, other] = [
    asset('one', { ...photos, policy: 'automatic', tags: {} }),
    asset('two', { ...photos, policy: 'automatic' }),
    asset('other', { ...photos, environment: 'prod', policy: 'automatic' }),
  ];
  givePolicy(assembly, photos, { trigger: 'approve', approvalMinutes: 5 });
  expect(one()).toEqual({ ...photos, policy: { trigger: 'approve', approvalMinutes: 5 }, tags: {} });
  expect(two()).toMatchObject({ policy: { trigger: 'approve' } });
  expect(other()).toMatchObject({ policy: 'automatic' });
});

test('without one everything stays as it was synthesized; one that would reach nobody is refused', () => {
  const other = asset('other', { ...photos, name: 'shop', policy: 'manual' });
  givePolicy(assembly, photos, undefined);
  expect(() => givePolicy(assembly, photos, 'approve')).toThrow(/no control function of this workload/);
  expect(other()).toMatchObject({ policy: 'manual' });
});
