import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/plan/decide.ts';
import { decide } from '../../src/plan/decide.ts';
import type { FindingCode } from '../../src/plan/findings.ts';
import type { Given, Verdicts } from './worlds.ts';
import { automatic, begin, dark, days, every, lastOf, times, well, worldAfter } from './worlds.ts';

const decided = (looks: readonly Verdicts[], { policy = automatic, ...given }: Given = {}): Decision =>
  decide(worldAfter(looks, { policy, ...given }), policy, lastOf(looks));
const steady = times(4, well);
/** Long enough for every patience: six minutes. */
const long = 72;

describe('a dark primary Region', () => {
  const outage = [...steady, ...times(3, dark)];

  test('is failed over from, once the last looks agree, with when it was last well', () => {
    const decision = decided(outage);
    expect(decision.code).toBe('fail-over');
    expect(decision.finding.code).toBe('primary-region-dark');
    expect(decision.lastGood).toBe(lastOf(steady));
  });

  test('that looks like a link in its first seconds is not told of as one', () => {
    const codes = [1, 2, 3, 6].map((count) => decided([...steady, ...times(count, days.justDark)]).code);
    expect(codes).toEqual(['prepare', 'prepare', 'prepare', 'prepare']);
    expect(decided([...steady, ...times(6, days.justDark), ...times(3, dark)]).code).toBe('fail-over');
  });

  const until = { lockedOutUntil: lastOf(outage) + 1 };
  test.each<[string, readonly Verdicts[], Given, Decision['code'], RegExp]>([
    ['too few looks agree', [...steady, dark, dark], { preparedSince: begin }, 'hold', /agree/],
    ['it was never seen well', times(5, dark), {}, 'warn', /never seen well/],
    ['the brake is on', outage, { brake: { on: true, why: 'migration' } }, 'warn', /migration/],
    ['automation is locked out', outage, until, 'ask', /locked out/],
    ['a run is under way', outage, { holder: { run: 'r1', by: 'person' } }, 'hold', /r1/],
    ['the recovery Region is active', outage, { active: 'recovery' }, 'hold', /active/],
    ['the policy is manual', outage, { policy: withTriggers('manual') }, 'warn', /answers nobody/],
    ['the policy asks first', outage, { policy: withTriggers('approve') }, 'ask', /answers nobody/],
    [
      'a person knows',
      outage,
      { acknowledged: { finding: 'primary-region-dark', at: lastOf(outage), by: 'ann', why: 'power works' } },
      'hold',
      /ann knows: power works/,
    ],
  ])('is not failed over from when %s', (_, looks, given, code, says) => {
    const decision = decided(looks, given);
    expect(decision.code).toBe(code);
    expect(decision.sentence).toMatch(says);
  });

  test('after a long outage the time of the last good look is still known', () => {
    expect(decided([...steady, ...times(2000, dark)]).lastGood).toBe(lastOf(steady));
  });

  test('looks of long ago agree with nothing', () => {
    const world = worldAfter(outage);
    expect(decide(world, automatic, lastOf(outage) + 600_000).code).toBe('hold');
  });
});

describe('what is found, and done about it', () => {
  test.each<[string, Verdicts, FindingCode, Decision['code']]>([
    ['Route 53 still reaches the primary', days.blind, 'recovery-blind', 'warn'],
    ['the database still sends', days.stillSending, 'recovery-blind', 'warn'],
    ['without public name and zone a link looks the same', days.nobodyOutside, 'primary-unreachable', 'ask'],
    ['the application is down, its database lives', days.applicationDown, 'primary-application-down', 'ask'],
    ['the application takes no writes', days.noWrites, 'primary-application-down', 'ask'],
    ['the database is down, the Region lives', days.databaseDown, 'primary-database-down', 'fail-over'],
    ['application and database are down', days.serviceDown, 'primary-service-down', 'fail-over'],
    ['the public name is down', days.nameDown, 'public-name-down', 'warn'],
    ["the Region's APIs are down", days.apisDown, 'primary-apis-down', 'warn'],
    ["the workload's alarm rings", days.alarm, 'workload-alarm', 'ask'],
    ['the recovery APIs are down', { ...well, 'recovery-apis': 'failed' }, 'recovery-impaired', 'warn'],
    ['there is no capacity', { ...well, 'recovery-capacity': 'failed' }, 'recovery-no-capacity', 'warn'],
    ['the replica is broken', { ...well, 'replica-sound': 'failed' }, 'replica-broken', 'warn'],
    ['the replica is unfit', { ...well, 'replica-status': 'failed' }, 'replica-broken', 'warn'],
    ['the replica is behind', { ...well, 'replica-fresh': 'failed' }, 'replica-behind', 'warn'],
    ['the replica hears nothing', { ...well, 'replica-stream': 'failed' }, 'replica-silent', 'warn'],
    ['all is well', well, 'all-well', 'hold'],
  ])('%s', (_, verdicts, finding, code) => {
    const decision = decided([...steady, ...times(long, verdicts)]);
    expect([decision.finding.code, decision.code]).toEqual([finding, code]);
  });

  test.each<[string, Verdicts, number]>([
    ['a database is given three minutes to mend itself', days.databaseDown, 180],
    ['an application five', days.applicationDown, 300],
    ['a link half a minute', days.nobodyOutside, 30],
  ])('%s', (_, verdicts, seconds) => {
    const looks = (1000 * seconds) / every;
    const policy = withTriggers('automatic', { applicationDown: 'automatic' });
    expect(decided([...steady, ...times(looks - 1, verdicts)], { policy, preparedSince: begin }).code).toBe('hold');
    expect(['ask', 'fail-over']).toContain(decided([...steady, ...times(looks + 1, verdicts)], { policy }).code);
  });

  test('customers served in between begin its patience anew', () => {
    const looks = [...steady, ...times(30, days.databaseDown), well, ...times(10, days.databaseDown)];
    expect(decided(looks, { preparedSince: begin }).code).toBe('hold');
  });

  test('an alarm outside both Regions can speak where there is no zone', () => {
    const canary = { ...days.nobodyOutside, 'outside-alarms': 'failed' as const };
    expect(decided([...steady, ...times(3, canary)]).code).toBe('fail-over');
    const inside = { ...days.nobodyOutside, 'primary-alarms': 'failed' as const };
    expect(decided([...steady, ...times(long, inside)]).code).toBe('ask');
  });
});

describe('a recovery Region that could not take over', () => {
  const after = (change: Partial<Verdicts>) => [...steady, ...times(3, { ...dark, ...change })];
  test.each<[string, Partial<Verdicts>, Given, Decision['code'], RegExp]>([
    ['its APIs are down', { 'recovery-apis': 'failed' }, {}, 'warn', /nothing could be failed over/],
    ['it has no capacity', { 'recovery-capacity': 'failed' }, {}, 'warn', /can't launch/],
    ['its replica is broken', { 'replica-sound': 'failed' }, {}, 'ask', /accept the loss/],
    ['its replica is behind', { 'replica-fresh': 'failed' }, {}, 'ask', /accept the loss/],
    [
      'its replica is behind, and the policy proceeds',
      { 'replica-fresh': 'failed' },
      { policy: { ...automatic, replicaBehind: 'proceed' } },
      'fail-over',
      /answers nobody/,
    ],
  ])('%s', (_, change, given, code, says) => {
    const decision = decided(after(change), given);
    expect(decision.code).toBe(code);
    expect(decision.sentence).toMatch(says);
  });
});

describe('a suspicion', () => {
  test('lets what can be undone begin at the first failed look, and is undone when it passes', () => {
    expect(decided([...steady, dark]).code).toBe('prepare');
    const back = [...steady, dark, dark, well, well, well];
    expect(decided(back, { preparedSince: lastOf(steady) }).code).toBe('stand-down');
    expect(decided(back).code).toBe('hold');
  });

  test('is undone when it turns out that this side is cut off, and when the brake comes on', () => {
    const cutOff = [...steady, ...times(20, days.blind)];
    expect(decided(cutOff, { preparedSince: begin }).code).toBe('stand-down');
    const braked = { preparedSince: begin, brake: { on: true, why: 'stop' } };
    expect(decided([...steady, dark], braked).code).toBe('stand-down');
  });

  test.each<[string, Given]>([
    ['the policy never begins', { policy: { ...automatic, suspicionAfter: 0 } }],
    ['more failed looks are wanted', { policy: { ...automatic, suspicionAfter: 2 } }],
    ['nothing is ever failed over', { policy: withTriggers('manual') }],
    ['the brake is on', { brake: { on: true, why: 'stop' } }],
    ['it has begun', { preparedSince: begin }],
    ['a run is under way', { holder: { run: 'r', by: 'person' } }],
  ])('begins nothing when %s', (_, given) => {
    expect(['hold', 'stand-down']).toContain(decided([...steady, dark], given).code);
  });
});

describe('a primary that comes back', () => {
  const back = [...steady, ...times(3, dark), ...times(3, well)];
  test('stops the run the watcher started, before it has committed', () => {
    expect(decided(back, { holder: { run: 'r1', by: 'watcher' } })).toMatchObject({ code: 'stand-down' });
  });
  test("stops no person's run, and none that has committed", () => {
    expect(decided(back, { holder: { run: 'r1', by: 'person' } }).code).toBe('hold');
    expect(decided(back, { holder: { run: 'r1', by: 'watcher' }, active: 'recovery' }).code).toBe('hold');
  });
});

describe('a primary that comes and goes', () => {
  const flaps = [...steady, ...times(4, [...times(3, dark), ...times(3, well)]).flat()];
  test('is held, whatever it is at the moment', () => {
    expect(decided([...flaps, ...times(3, dark)])).toMatchObject({ code: 'warn', finding: { code: 'flapping' } });
    expect(decided([...flaps, ...times(3, well)])).toMatchObject({ code: 'warn', finding: { code: 'flapping' } });
  });
  test('is not one that missed a look now and then', () => {
    const blips = times(5, [...times(10, well), dark]).flat();
    expect(decided([...steady, ...blips, ...times(10, well)]).finding.code).toBe('all-well');
    expect(decided([...steady, ...blips, ...times(10, well), ...times(3, dark)]).code).toBe('fail-over');
  });
  test('counts again once it stays one or the other', () => {
    expect(decided([...flaps, ...times(30, dark)]).code).toBe('fail-over');
    expect(decided([...flaps, ...times(30, well)])).toMatchObject({ code: 'hold', finding: { code: 'all-well' } });
  });
});

describe('an acknowledgement', () => {
  const down = [...steady, ...times(long, days.applicationDown)];
  const acknowledged = {
    finding: 'primary-application-down' as const,
    at: lastOf(down),
    by: 'ann',
    why: 'rolling back',
  };

  test('holds until the finding changes, also through looks that do not agree', () => {
    expect(decided(down, { acknowledged }).code).toBe('hold');
    expect(decided([...down, well, ...times(3, days.applicationDown)], { acknowledged }).code).toBe('hold');
    expect(decided([...down, ...times(3, dark)], { acknowledged }).code).toBe('fail-over');
  });

  test('of an earlier time says nothing of the same finding that comes again', () => {
    const again = [...down, ...times(5, well), ...times(long, days.applicationDown)];
    expect(decided(again, { acknowledged }).code).toBe('ask');
  });

  test('of the recovery side is not told of as passed, nor warned of', () => {
    const looks = [...steady, ...times(long, { ...well, 'replica-fresh': 'failed' as const })];
    const known = { finding: 'replica-behind' as const, at: lastOf(looks), by: 'ann', why: 'catching up' };
    expect(decided(looks).code).toBe('warn');
    expect(decided(looks, { acknowledged: known })).toMatchObject({
      code: 'hold',
      beside: [{ code: 'replica-behind' }],
    });
  });
});

function withTriggers(
  trigger: 'automatic' | 'approve' | 'manual',
  more: Partial<typeof automatic.triggers> = {},
): typeof automatic {
  return { ...automatic, triggers: { regionDark: trigger, databaseDown: trigger, applicationDown: trigger, ...more } };
}
