import { expect, test } from 'vitest';
import type { Course } from '../../src/rehearsal/course/course.ts';
import { nothingSeen } from '../../src/rehearsal/course/course.ts';
import { momentsOf } from '../../src/rehearsal/course/moments.ts';
import { roundIn } from '../../src/rehearsal/course/rounds.ts';
import { judge } from '../../src/rehearsal/expectations/expected.ts';
import { expectation } from '../../src/rehearsal/expectations/kinds.ts';

const began = 1_800_000_000_000;
const at = (seconds: number): number => began + 1000 * seconds;

/** A course as it was recorded: the outage at 0, and what is given. */
const course = (news: Partial<Course> = {}): Course => ({
  ...nothingSeen,
  now: at(100),
  roundsReadAt: news.now ?? at(100),
  ...news,
  moments: { outage: began, ...news.moments },
});

const judged = (spec: Record<string, unknown>, seen: Course) => judge(expectation.parse(spec).expected, seen);

const round = (seconds: number, finding: string, decision: string) => ({
  at: at(seconds),
  finding,
  decision,
  sentence: `${finding} it is`,
});
const write = (seconds: number, side: 'primary' | 'recovery', acknowledged = true) => ({
  startedAt: at(seconds),
  endedAt: at(seconds) + 200,
  acknowledged,
  side,
});

const dark = course({ rounds: [round(-5, 'all-well', 'hold'), round(30, 'primary-region-dark', 'fail-over')] });

test('a finding within its deadline is met, and says after how long', () => {
  expect(judged({ finding: 'primary-region-dark', within: 60 }, dark)).toEqual({
    says: 'within 60 AWS s of the outage the watcher finds primary-region-dark',
    state: 'met',
    seen: 'after 30 AWS s: primary-region-dark it is',
  });
});

test('one that comes too late is not met, and says how late it was', () => {
  expect(judged({ finding: 'primary-region-dark', within: 20 }, dark)).toMatchObject({
    state: 'unmet',
    seen: expect.stringMatching(/^after 30 AWS s/),
  });
});

test('one that has not come is open until its deadline, and then says what came instead', () => {
  const spec = { finding: 'flapping', within: 60 };
  expect(judged(spec, { ...dark, now: at(50) }).state).toBe('open');
  // What is logged in time may be read a little later.
  expect(judged(spec, { ...dark, now: at(80) }).state).toBe('open');
  expect(judged(spec, { ...dark, now: at(100) })).toMatchObject({
    state: 'unmet',
    seen: 'it found primary-region-dark (fail-over) after 30 AWS s',
  });
});

test('what was found before its moment does not count', () => {
  expect(judged({ finding: 'all-well', within: 60 }, dark).state).toBe('unmet');
});

test('a deadline of a moment that never came is not met in the end, and open before', () => {
  const spec = { fenced: 'primary', within: 60 };
  expect(judged(spec, dark).state).toBe('open');
  expect(judged(spec, { ...dark, over: true })).toMatchObject({
    state: 'unmet',
    seen: "the primary Region's return never came",
  });
});

test('a decision may be about one finding only', () => {
  expect(judged({ decision: 'fail-over', about: 'primary-region-dark', within: 60 }, dark).state).toBe('met');
  expect(judged({ decision: 'fail-over', about: 'primary-database-down', within: 60 }, dark).state).toBe('unmet');
});

test('never is broken at once by what it forbids, and met when its time is over', () => {
  const spec = { never: { decision: 'fail-over' }, for: 60 };
  expect(judged(spec, dark)).toMatchObject({ state: 'unmet', seen: expect.stringMatching(/^after 30 AWS s/) });
  expect(judged(spec, course({ now: at(50) })).state).toBe('open');
  expect(judged(spec, course()).state).toBe('met');
  expect(judged({ ...spec, for: 20 }, dark).state).toBe('met');
});

test('never to the end is open until there is nothing more to see', () => {
  const spec = { never: { run: 'failover' } };
  expect(judged(spec, course({ now: at(100_000) })).state).toBe('open');
  expect(judged(spec, course({ over: true })).state).toBe('met');
});

const run = {
  id: 'dev-dr-failover.one',
  plan: 'failover',
  by: 'watcher',
  execution: 'arn:aws:states:x',
  startedAt: at(40),
} as const;

test("a run is met by its status and its failure's words", () => {
  const failed = course({
    runs: [{ ...run, status: 'failed', endedAt: at(70), failure: 'CommitRecovery: the primary is back' }],
  });
  expect(judged({ run: 'failover', status: 'failed', saying: 'is back', within: 90 }, failed).state).toBe('met');
  expect(judged({ run: 'failover', status: 'running', within: 60 }, failed)).toMatchObject({
    state: 'met',
    seen: expect.stringMatching(/^after 40 AWS s/),
  });
  expect(judged({ run: 'failover', within: 60 }, failed)).toMatchObject({
    state: 'unmet',
    seen: expect.stringMatching(/failed 70 AWS s after the outage: CommitRecovery/),
  });
});

test('two runs where one was expected are told in the end', () => {
  const runs = [
    { ...run, status: 'succeeded', endedAt: at(90), failure: undefined },
    { ...run, id: 'dev-dr-failover.two', status: 'running', endedAt: undefined, failure: undefined },
  ];
  expect(judged({ runs: 'failover', exactly: 1 }, course({ runs })).state).toBe('open');
  expect(judged({ runs: 'failover', exactly: 1 }, course({ runs, over: true }))).toMatchObject({
    state: 'unmet',
    seen: expect.stringMatching(/one succeeded.*two running/),
  });
});

test('customers are served by a side once it acknowledges a write that began after the moment', () => {
  const writes = [write(-1, 'primary'), write(50, 'recovery', false), write(60, 'recovery')];
  expect(judged({ 'served-by': 'recovery', within: 70 }, course({ writes }))).toMatchObject({
    state: 'met',
    seen: 'after 60 AWS s',
  });
  expect(judged({ 'served-by': 'primary', within: 60 }, course({ writes }))).toMatchObject({
    state: 'unmet',
    seen: '2 attempts since, 1 acknowledged, none by the primary Region',
  });
});

test('a gap between acknowledged writes breaks its limit, the one that goes on included', () => {
  const writes = [1, 2, 3, 40, 41].map((seconds) => write(seconds, 'primary'));
  expect(judged({ 'longest-gap': 20, for: 60 }, course({ writes, now: at(42) }))).toMatchObject({
    state: 'unmet',
    seen: expect.stringMatching(/for 37 AWS s$/),
  });
  expect(judged({ 'longest-gap': 60, for: 60 }, course({ writes })).state).toBe('met');
  expect(judged({ 'longest-gap': 50, for: 95 }, course({ writes })).state).toBe('unmet');
});

test('losses are counted in the end, and each must have its reason', () => {
  const end = { lost: 3, named: 3, changed: undefined };
  expect(judged({ lost: { 'at-least': 1, 'at-most': 5 } }, course({ over: true, end })).state).toBe('met');
  expect(judged({ lost: { 'at-most': 2 } }, course({ over: true, end })).state).toBe('unmet');
  expect(judged({ lost: { 'at-most': 5 } }, course({ over: true, end: { ...end, named: 2 } }))).toMatchObject({
    state: 'unmet',
    seen: '3 were, 2 of them named',
  });
});

test('a notice is found by its words in whatever case, on the topic it is expected on', () => {
  const notices = [{ at: at(20), side: 'recovery', text: 'dev-photos: FAILING over' }] as const;
  expect(judged({ told: 'failing over', within: 60 }, course({ notices })).state).toBe('met');
  expect(judged({ told: 'failing over', by: 'primary', within: 60 }, course({ notices }))).toMatchObject({
    state: 'unmet',
    seen: 'they were told "dev-photos: FAILING over"',
  });
});

test('what was begun is undone once it is at nothing again, and not before it was begun', () => {
  const groups = [
    { at: at(-60), side: 'recovery', desired: 0, instances: 0 },
    { at: at(10), side: 'recovery', desired: 2, instances: 2 },
    { at: at(50), side: 'recovery', desired: 0, instances: 0 },
  ] as const;
  const spec = { undone: 'recovery', begun: true, within: 60 };
  expect(judged(spec, course({ groups }))).toMatchObject({
    state: 'met',
    seen: 'after 50 AWS s: 2 had been asked for',
  });
  expect(judged({ ...spec, within: 40 }, course({ groups })).state).toBe('unmet');
  expect(judged(spec, course({ groups: groups.slice(0, 2) }))).toMatchObject({
    state: 'unmet',
    seen: '2 are wanted, 2 are there',
  });
  expect(judged(spec, course({ groups: groups.slice(0, 1) }))).toMatchObject({
    state: 'unmet',
    seen: 'nothing had been begun',
  });
});

test('that nothing is left is for the end to say', () => {
  const groups = [{ at: at(10), side: 'recovery', desired: 1, instances: 0 }] as const;
  expect(judged({ undone: 'recovery' }, course({ groups })).state).toBe('open');
  expect(judged({ undone: 'recovery' }, course({ over: true, groups }))).toMatchObject({
    state: 'unmet',
    seen: '1 are wanted, 0 are there',
  });
  expect(judged({ undone: 'recovery' }, course({ over: true, groups: [{ ...groups[0], desired: 0 }] })).state).toBe(
    'met',
  );
});

test('the latch leads to a side from what it led to when the stretch began', () => {
  const leads = [
    { at: at(-60), side: 'primary' },
    { at: at(70), side: 'recovery' },
  ] as const;
  expect(judged({ 'latch-leads-to': 'primary', for: 60 }, course({ leads })).state).toBe('met');
  expect(judged({ 'latch-leads-to': 'primary', for: 90 }, course({ leads }))).toMatchObject({
    state: 'unmet',
    seen: 'after 70 AWS s: it led to the recovery Region',
  });
  expect(judged({ 'latch-leads-to': 'recovery', for: 60 }, course({ leads })).state).toBe('unmet');
});

test('queues are drained from what stood in them', () => {
  const waiting = [
    { at: at(10), side: 'recovery', messages: 40 },
    { at: at(50), side: 'recovery', messages: 0 },
  ] as const;
  expect(
    judged({ drained: 'recovery', within: 60, of: 'resolved' }, course({ waiting, moments: { resolved: at(20) } })),
  ).toMatchObject({
    state: 'met',
    seen: 'after 30 AWS s: 40 messages at most had been waiting',
  });
});

test('a backlog has to have been there to be drained', () => {
  const waiting = [
    { at: at(5), side: 'recovery', messages: 0 },
    { at: at(10), side: 'recovery', messages: 40 },
    { at: at(50), side: 'recovery', messages: 0 },
  ] as const;
  const judgedOf = (backlog: number, count = 3) =>
    judged({ drained: 'recovery', backlog, within: 60 }, course({ waiting: waiting.slice(0, count) }));
  expect(judgedOf(40)).toMatchObject({ state: 'met', seen: 'after 50 AWS s: 40 messages at most had been waiting' });
  expect(judgedOf(41)).toMatchObject({ state: 'unmet', seen: '40 messages at most had been waiting' });
  expect(judgedOf(40, 2)).toMatchObject({ state: 'unmet', seen: '40 messages are waiting' });
});

test('the watcher is missed when it has not looked for too long, the time since its last look included', () => {
  const rounds = [round(-5, 'all-well', 'hold'), round(5, 'all-well', 'hold'), round(60, 'all-well', 'hold')];
  const judgedAt = (now: number, each: number) =>
    judged({ 'watched-each': each, for: 60 }, course({ rounds, now: at(now) }));
  expect(judgedAt(140, 60).state).toBe('open');
  expect(judgedAt(151, 60).state).toBe('met');
  expect(judgedAt(62, 50)).toMatchObject({ state: 'unmet', seen: 'after 55 AWS s: there was none for 55 AWS s' });
  // A minute's log comes when it is over, and may not have been read yet.
  expect(judged({ 'watched-each': 20 }, course({ rounds: rounds.slice(0, 2), now: at(110) })).state).toBe('open');
  expect(judged({ 'watched-each': 20 }, course({ rounds: rounds.slice(0, 2), now: at(120) })).state).toBe('unmet');
  const unread = course({ rounds: rounds.slice(0, 2), now: at(200), roundsReadAt: at(110) });
  expect(judged({ 'watched-each': 20 }, unread).state).toBe('open');
});

test('an instance that a health check took out breaks the word that none is replaced', () => {
  const replaced = [{ at: at(30), side: 'recovery', why: 'i-1: an ELB system health check failure' }] as const;
  const spec = { never: { replaced: 'recovery' } };
  expect(judged(spec, course({ over: true, replaced }))).toMatchObject({
    state: 'unmet',
    seen: expect.stringMatching(/ELB/),
  });
  expect(judged({ never: { replaced: 'primary' } }, course({ over: true, replaced })).state).toBe('met');
});

test("the watcher's line is read out of Lambda's log, and no other is", () => {
  const line = '{"decision":"hold","finding":"all-well","sentence":"the service answers"}';
  expect(roundIn(`2026-11-28T00:00:00Z abc INFO ${line}\n`, 7)).toEqual({
    at: 7,
    decision: 'hold',
    finding: 'all-well',
    sentence: 'the service answers',
  });
  expect(roundIn('{"problem":"notices: no"}', 7)).toBeUndefined();
  expect(roundIn('{"decision":"ho', 7)).toBeUndefined();
});

test('an answer from the recovery Region before the commit is no service by it', () => {
  const seen = {
    writes: [write(5, 'recovery'), write(60, 'recovery')],
    fencedAt: undefined,
    moments: { outage: began },
  };
  expect(momentsOf(seen, undefined)).toEqual([]);
  const committed = {
    startedAt: at(10),
    why: 'dark',
    committedAt: at(20),
    writableAt: undefined,
    succeededAt: undefined,
  };
  expect(momentsOf({ ...seen, writes: seen.writes.slice(1) }, committed).map(({ moment }) => moment)).toEqual([
    'decided',
    'committed',
    'serving',
    'resolved',
  ]);
});
