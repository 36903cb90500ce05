/** What the decision must hold to in any world, over generated ones. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { approvalStates, usableFor } from '../../src/plan/approval.ts';
import { decide } from '../../src/plan/decide.ts';
import type { Policy } from '../../src/plan/policy.ts';
import { outages } from '../../src/plan/policy.ts';
import type { Observer, Verdict, World } from '../../src/plan/world.ts';
import { observers, primaryObservers, recoveryObservers } from '../../src/plan/world.ts';
import type { Given, Verdicts } from './worlds.ts';
import { automatic, days, lastOf, requestOf, times, well, worldAfter } from './worlds.ts';

const verdict = fc.constantFrom<Verdict>('well', 'failed', 'unknown');
const anyVerdicts = fc.record(
  Object.fromEntries(observers.map((observer) => [observer, verdict])) as Record<Observer, typeof verdict>,
);
/** Any of them alone would hardly ever make an outage: mostly days that mean something, some with a word changed. */
const verdicts: fc.Arbitrary<Verdicts> = fc.oneof(
  { weight: 1, arbitrary: anyVerdicts },
  { weight: 4, arbitrary: fc.constantFrom<Verdicts>(...Object.values(days)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom<Verdicts>(...Object.values(days)), fc.constantFrom(...observers), verdict)
      .map(([day, observer, word]) => ({ ...day, [observer]: word })),
  },
);
/** Stretches of up to seven minutes, after a good beginning. */
const story = fc
  .array(fc.tuple(verdicts, fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 80 }))), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => [well, well, well, ...parts.flatMap(([one, count]) => times(count, one))]);

/** Lets everything act by itself. */
const eager: Policy = {
  ...automatic,
  triggers: { regionDark: 'automatic', databaseDown: 'automatic', applicationDown: 'automatic' },
  replicaBehind: 'proceed',
  replicaBroken: 'proceed',
};
const decided = (looks: readonly Verdicts[], { policy = eager, ...given }: Given = {}) =>
  decide(worldAfter(looks, { policy, ...given }), policy, lastOf(looks));
const failsOver = (looks: readonly Verdicts[], given: Given = {}) => decided(looks, given).code === 'fail-over';
const last = (looks: readonly Verdicts[]) => looks.slice(-eager.agreeing);
const inLast = (looks: readonly Verdicts[], change: (seen: Verdicts) => Verdicts) => [
  ...looks.slice(0, -eager.agreeing),
  ...last(looks).map(change),
];
const runs = { numRuns: 400 };

test('the generated worlds do lead to failovers, for each kind of outage', () => {
  const codes = fc.sample(story, { numRuns: 800, seed: 1 }).flatMap((looks) => {
    const { code, finding } = decided(looks);
    return code === 'fail-over' ? [finding.code] : [];
  });
  for (const code of [
    'primary-region-dark',
    'primary-service-down',
    'primary-database-down',
    'primary-application-down',
  ])
    expect(codes).toContain(code);
});

test('nothing is failed over on the recovery side’s own word: somebody else says it, or the primary itself', () => {
  fc.assert(
    fc.property(story, (looks) => {
      if (!failsOver(looks)) return;
      for (const seen of last(looks)) {
        const elsewhere = seen['route53-verdict'] === 'failed' || seen['outside-alarms'] === 'failed';
        const inside = seen['primary-apis'] === 'well' && seen['primary-alarms'] === 'failed';
        const itself = seen['primary-balancer'] === 'well' && seen['primary-ready'] === 'failed';
        expect(elsewhere || inside || itself).toBe(true);
      }
    }),
    runs,
  );
});

test('a primary that anybody else reaches is never failed over from as dark', () => {
  fc.assert(
    fc.property(story, fc.constantFrom<Observer>('public-name', 'route53-verdict'), (looks, observer) => {
      const seen = [
        ...looks.slice(0, -1),
        { ...(looks.at(-1) ?? well), 'primary-balancer': 'failed' as const, [observer]: 'well' as const },
      ];
      expect(failsOver(seen)).toBe(false);
    }),
    runs,
  );
});

test('never with the brake on, locked out, under a run, when already active, or once a person knows', () => {
  fc.assert(
    fc.property(story, fc.constantFrom('watcher', 'person', 'event', undefined), (looks, by) => {
      const now = lastOf(looks);
      const world = worldAfter(looks, { policy: eager });
      const codeWith = (change: Partial<World>) => decide({ ...world, ...change }, eager, now).code;
      expect(codeWith({ brake: { on: true, why: '' } })).not.toBe('fail-over');
      expect(codeWith({ lockedOutUntil: now + 1 })).not.toBe('fail-over');
      expect(['hold', 'stand-down']).toContain(codeWith({ holder: { run: 'r', by } }));
      expect(codeWith({ active: 'recovery' })).toBe('hold');
      const finding = decide(world, eager, now).finding.code;
      const acknowledged = { finding, at: now, by: 'ann', why: 'known' };
      expect(['ask', 'fail-over']).not.toContain(codeWith({ acknowledged }));
    }),
    runs,
  );
});

test('an approval lets through what is asked about, and nothing else; it never outlives what it was of', () => {
  const asking: Policy = {
    ...automatic,
    triggers: { regionDark: 'approve', databaseDown: 'approve', applicationDown: 'approve' },
  };
  const requested = fc.record({
    state: fc.constantFrom(...approvalStates),
    ofThis: fc.boolean(),
    age: fc.constantFrom(0, usableFor - 1, usableFor),
    accepted: fc.boolean(),
  });
  let approved = 0;
  fc.assert(
    fc.property(story, requested, (looks, { accepted, age, ofThis, state }) => {
      const now = lastOf(looks);
      const world = worldAfter(looks, { policy: asking });
      const alone = decide(world, asking, now);
      const { accepting = [], finding } = alone;
      const request = requestOf({
        state,
        epoch: world.epoch,
        finding: finding.code,
        since: ofThis ? finding.since : finding.since - 1,
        accepts: accepted ? accepting : [],
        answered: { at: now - age, by: 'ann', how: 'link', why: '' },
      });
      const decision = decide({ ...world, request }, asking, now);
      const counts = state === 'approved' && ofThis && age < usableFor && (accepted || accepting.length === 0);
      if (alone.code !== 'ask' || !counts) {
        expect(decision).toEqual(alone);
        return;
      }
      approved++;
      expect(decision).toMatchObject({ code: 'fail-over', approval: request });
      expect(decision.sentence).toMatch(/approved by ann \(link\)$/);
      expect(decide({ ...world, request, brake: { on: true, why: '' } }, asking, now).code).not.toBe('fail-over');
    }),
    { numRuns: 800, seed: 3 },
  );
  expect(approved).toBeGreaterThan(5);
});

test('an observer that could not look never makes a failover where one that saw a failure did not', () => {
  fc.assert(
    fc.property(story, fc.constantFrom(...primaryObservers), (looks, observer) => {
      if (failsOver(looks)) return;
      const unsure = inLast(looks, (seen) => (seen[observer] === 'failed' ? { ...seen, [observer]: 'unknown' } : seen));
      expect(failsOver(unsure)).toBe(false);
    }),
    runs,
  );
});

test('a dark Region is never found where one of its witnesses could not look', () => {
  const needed = fc.constantFrom<Observer>('primary-balancer', 'primary-apis', 'replica-stream');
  fc.assert(
    fc.property(story, needed, (looks, observer) => {
      const outage = [...looks, ...times(eager.agreeing, { ...days.dark, [observer]: 'unknown' as const })];
      expect(decided(outage).finding.code).not.toBe('primary-region-dark');
      expect(failsOver(outage)).toBe(false);
    }),
    runs,
  );
});

test('a word more for the primary’s health never turns a hold into a failover, but over what was found before it', () => {
  const onlyDark: Policy = {
    ...eager,
    triggers: { ...eager.triggers, databaseDown: 'manual', applicationDown: 'manual' },
  };
  fc.assert(
    fc.property(story, fc.constantFrom(...primaryObservers), fc.nat(eager.agreeing - 1), (looks, observer, which) => {
      const wellIn = (seen: Verdicts) => ({ ...seen, [observer]: 'well' as const });
      const index = looks.length - 1 - which;
      const once = looks.map((seen, at) => (at === index ? wellIn(seen) : seen));
      // It may be what makes a look agree with those before it: an outage that gets worse isn't clear at once, one that goes on is.
      const found = decided(looks.slice(0, index)).finding.code;
      if (!failsOver(looks) && decided(once).finding.code !== found) expect(failsOver(once)).toBe(false);
      if (!failsOver(looks, { policy: onlyDark }))
        expect(failsOver(inLast(looks, wellIn), { policy: onlyDark })).toBe(false);
    }),
    runs,
  );
});

test('a word more against the recovery Region never turns a hold into a failover', () => {
  fc.assert(
    fc.property(story, fc.constantFrom(...recoveryObservers), (looks, observer) => {
      if (failsOver(looks, { policy: automatic })) return;
      const worse = looks.map((seen) => ({ ...seen, [observer]: 'failed' as const }));
      expect(failsOver(worse, { policy: automatic })).toBe(false);
    }),
    runs,
  );
});

test('what AWS Health says changes no decision', () => {
  fc.assert(
    fc.property(story, (looks) => {
      const health = [{ at: lastOf(looks), says: 'AWS_EC2_OPERATIONAL_ISSUE' }];
      const world = worldAfter(looks, { policy: eager });
      const { code, sentence } = decide(world, eager, lastOf(looks));
      expect(decide({ ...world, health }, eager, lastOf(looks))).toMatchObject({ code, sentence, health });
    }),
    runs,
  );
});

test('a primary that comes and goes is not failed over from', () => {
  // For long enough to be believed, or so quickly that neither is.
  const long = fc.tuple(fc.integer({ min: eager.agreeing, max: 6 }), fc.integer({ min: eager.agreeing, max: 6 }));
  const quick = fc.tuple(fc.constant(1), fc.integer({ min: 1, max: 2 }));
  const comings = fc.oneof(
    fc.array(long, { minLength: 4, maxLength: 8 }),
    fc.array(quick, { minLength: 10, maxLength: 12 }),
  );
  fc.assert(
    fc.property(comings, fc.integer({ min: 1, max: 6 }), (phases, end) => {
      const looks = [
        ...times(3, well),
        ...phases.flatMap(([up, down]) => [...times(down, days.dark), ...times(up, well)]),
        ...times(end, days.dark),
      ];
      expect(['hold', 'warn']).toContain(decided(looks, { preparedSince: lastOf(looks) }).code);
    }),
    runs,
  );
});

test('an outage that lasts is acted on by every policy but a manual one', () => {
  const lasting = fc.constantFrom<Verdicts>(
    days.dark,
    days.serviceDown,
    days.databaseDown,
    days.applicationDown,
    days.noWrites,
  );
  fc.assert(
    fc.property(story, lasting, (looks, outage) => {
      expect(decided([...looks, ...times(100, outage)]).code).toBe('fail-over');
      const asking = {
        ...eager,
        triggers: { regionDark: 'approve', databaseDown: 'approve', applicationDown: 'approve' },
      } as const;
      expect(decided([...looks, ...times(100, outage)], { policy: asking }).code).toBe('ask');
    }),
    { numRuns: 150 },
  );
});

test('the same world is decided the same, and left as it was', () => {
  fc.assert(
    fc.property(
      story,
      fc.record(
        Object.fromEntries(outages.map((one) => [one, fc.constantFrom('automatic', 'approve', 'manual')])) as never,
      ),
      (looks, triggers) => {
        const policy = { ...eager, triggers: triggers as Policy['triggers'] };
        const world = worldAfter(looks, { policy });
        const before = structuredClone(world);
        expect(decide(world, policy, lastOf(looks))).toEqual(decide(structuredClone(world), policy, lastOf(looks)));
        expect(world).toEqual(before);
      },
    ),
    { numRuns: 150 },
  );
});
