import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/plan/decide.ts';
import type { Look, Observer, Policy, Sighting, World } from '../../src/plan/world.ts';
import { observers } from '../../src/plan/world.ts';

const policy: Policy = { trigger: 'automatic', agreeing: 3 };
const all = (verdict: Sighting['verdict']): Record<Observer, Sighting['verdict']> => ({
  'public-name': verdict,
  'primary-balancer': verdict,
  'primary-apis': verdict,
  'replica-stream': verdict,
  'route53-verdict': verdict,
});
const well = all('well');
const dark = all('failed');

const look = (at: number, verdicts: Record<Observer, Sighting['verdict']>): Look => ({
  at,
  sightings: observers.map((observer) => ({ observer, verdict: verdicts[observer], at, seen: '' })),
});
const world = (looks: Record<Observer, Sighting['verdict']>[], change: Partial<World> = {}): World => ({
  active: 'primary',
  epoch: 1,
  holder: undefined,
  brake: { on: false, why: '' },
  lockedOutUntil: 0,
  looks: looks.map((verdicts, index) => look(index * 5000, verdicts)),
  ...change,
});

describe('a dark primary Region', () => {
  test('is failed over from, once the last looks agree, with when it was last well', () => {
    const decision = decide(world([well, dark, dark, dark]), policy, 20_000);
    expect(decision.code).toBe('fail-over');
    expect(decision.finding.code).toBe('primary-region-dark');
    expect(decision.lastGood).toBe(0);
  });

  test.each([
    ['too few looks agree', world([well, well, dark, dark]), policy],
    ['it was never seen well', world([dark, dark, dark]), policy],
    ['the brake is on', world([well, dark, dark, dark], { brake: { on: true, why: 'migration' } }), policy],
    ['automation is locked out', world([well, dark, dark, dark], { lockedOutUntil: 99_000 }), policy],
    ['a run is under way', world([well, dark, dark, dark], { holder: 'r1' }), policy],
    ['the recovery Region is active', world([well, dark, dark, dark], { active: 'recovery' }), policy],
    ['the policy is manual', world([well, dark, dark, dark]), { ...policy, trigger: 'manual' as const }],
    ['the policy asks first', world([well, dark, dark, dark]), { ...policy, trigger: 'approve' as const }],
  ])('is not failed over from when %s', (_, given, by) => {
    expect(decide(given, by, 20_000).code).not.toBe('fail-over');
  });
});

describe('a recovery Region that is cut off', () => {
  const blind = { ...dark, 'route53-verdict': 'well' as const };
  const stillReceiving = { ...dark, 'replica-stream': 'well' as const };

  test.each([
    ['Route 53 still reaches the primary', blind],
    ['the database still sends', stillReceiving],
  ])('never fails over: %s', (_, verdicts) => {
    const decision = decide(world([well, verdicts, verdicts, verdicts]), policy, 20_000);
    expect(decision.code).toBe('warn');
    expect(decision.finding.code).toBe('recovery-blind');
  });
});

describe('over any world', () => {
  const verdict = fc.constantFrom<Sighting['verdict']>('well', 'failed', 'unknown');
  const verdicts = fc.record(
    Object.fromEntries(observers.map((observer) => [observer, verdict])) as Record<Observer, typeof verdict>,
  );

  test('failing over needs every witness of the primary against it in each of the last looks', () => {
    fc.assert(
      fc.property(fc.array(verdicts, { maxLength: 8 }), fc.boolean(), fc.boolean(), (looks, braked, held) => {
        const given = world(looks, { brake: { on: braked, why: 'x' }, holder: held ? 'r' : undefined });
        if (decide(given, policy, 1e9).code !== 'fail-over') return;
        expect(braked || held).toBe(false);
        for (const seen of looks.slice(-policy.agreeing)) {
          expect(seen['primary-balancer']).toBe('failed');
          expect(seen['primary-apis']).toBe('failed');
          expect(seen['replica-stream']).toBe('failed');
          expect(seen['route53-verdict']).not.toBe('well');
          expect(seen['public-name']).not.toBe('well');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('an observer that could not look never counts against the primary', () => {
    fc.assert(
      fc.property(fc.constantFrom<Observer>('primary-balancer', 'primary-apis', 'replica-stream'), (observer) => {
        const unsure = { ...dark, [observer]: 'unknown' as const };
        expect(decide(world([well, unsure, unsure, unsure]), policy, 1e9).code).not.toBe('fail-over');
      }),
    );
  });
});
