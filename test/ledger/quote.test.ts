import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteOf } from '../../src/ledger/quote.ts';
import { databaseLook, lookAt, now, observed, replicaLook, samples } from './observed.ts';

const minute = 60_000;
const beatAgo = (seconds: number) => ({ at: now - 1000 * seconds, epoch: 1, beats: 1 });

describe('a well workload', () => {
  test('would lose what came after the last beat, at the rate of the fastest minute', () => {
    const quote = quoteOf(observed(), now);
    expect(quote).toMatchObject({ within: true, beyond: [], epoch: 1 });
    expect(quote.database).toMatchObject({
      received: '0-1001-5000',
      applied: '0-1001-5000',
      waiting: { value: 0 },
      seconds: { value: 0.7, is: 'upper bound' },
      expected: { value: 0.7, is: 'estimate' },
      // 0.7 s at 4 a second.
      transactions: { value: 3, is: 'estimate' },
    });
    expect(quote.database.transactions.how).toMatch(/4\.00 a second: the fastest minute since 13:56:00 UTC/);
  });
});

describe('a primary that has gone silent', () => {
  test('may still be committing, as far as one can tell: the bound goes on', () => {
    const { database, within, beyond } = quoteOf(observed(), now + 5 * minute);
    expect(database.seconds.value).toBe(300.7);
    expect(database.expected.value).toBe(300.7);
    expect({ within, beyond }).toEqual({ within: false, beyond: ['the database would lose about 300.7 s of writes'] });
  });

  test('can have committed nothing for customers once nobody reached it any more', () => {
    const looks = [lookAt(310, 'ww'), lookAt(305, 'fw'), lookAt(290, 'ff'), lookAt(150, 'ff'), lookAt(3, 'ff')];
    const database = { at: now, value: databaseLook({ heartbeat: beatAgo(306) }) };
    const quote = quoteOf(observed({ looks, database }), now);
    expect(quote.database.seconds.value).toBe(306);
    expect(quote.database.expected).toMatchObject({ value: 16, is: 'estimate' });
    expect(quote.database.expected.how).toMatch(/nothing was committed after 13:55:10 UTC/);
    expect(quote.within).toBe(true);
    expect(quote.says).toMatch(/at most the last 306 s .*; 16 s if nothing was committed after/);
  });

  test('nor once its application said that it takes no writes, and its database sent nothing', () => {
    const looks = [lookAt(205, 'wwwww'), lookAt(200, 'wwwfw'), lookAt(190, 'wwwff'), lookAt(3, 'wwwff')];
    const database = { at: now, value: databaseLook({ heartbeat: beatAgo(201) }) };
    const quote = quoteOf(observed({ looks, database }), now);
    expect(quote.database).toMatchObject({ seconds: { value: 201 }, expected: { value: 11, is: 'estimate' } });
    expect(quote.within).toBe(true);
  });

  test.each([
    ['only this side sees nothing', 'fw'],
    ['one instance takes no writes, and the database sends', 'wwwfw'],
    ['the database sends nothing, and the application takes writes', 'wwwwf'],
    ["Route 53's word isn't known", 'fu'],
    ['the name still answers', 'wf'],
  ])('is not taken for stopped where %s', (_, says) => {
    const looks = [lookAt(20, says), lookAt(10, says), lookAt(3, says)];
    const database = { at: now, value: databaseLook({ heartbeat: beatAgo(90) }) };
    expect(quoteOf(observed({ looks, database }), now).database.expected.value).toBe(90);
  });

  test('is not taken for stopped by looks that are old, nor where its database has beaten since', () => {
    const stale = [lookAt(600, 'ff'), lookAt(500, 'ff')];
    const beating = [lookAt(80, 'ff'), lookAt(3, 'ff')];
    const database = { at: now, value: databaseLook({ heartbeat: beatAgo(70) }) };
    for (const looks of [stale, beating])
      expect(quoteOf(observed({ looks, database }), now).database.expected.value).toBe(70);
  });
});

describe('a replica that is behind', () => {
  const lagging = { received: '0-1001-5900', applied: '0-1001-5000', drained: false, secondsBehind: 600 };

  test('loses what it received only if it can not be applied', () => {
    const heartbeat = beatAgo(600);
    const behind = { at: now, value: databaseLook({ heartbeat, replica: replicaLook(lagging) }) };
    const well = quoteOf(observed({ database: behind }), now).database;
    expect(well.waiting.value).toBe(900);
    expect(well.seconds.value).toBe(600);
    // 900 transactions, heartbeats among them, at 5 a second at most.
    expect(well.expected).toMatchObject({
      value: 420,
      how: expect.stringContaining('the 900 transactions waiting here'),
    });

    const error = 'Duplicate entry';
    const broken = {
      at: now,
      value: databaseLook({ heartbeat, replica: replicaLook({ ...lagging, applying: false, error }) }),
    };
    const quote = quoteOf(observed({ database: broken }), now);
    expect(quote.database).toMatchObject({
      expected: { value: 600 },
      replica: 'replication is broken: Duplicate entry',
    });
    expect(quote.within).toBe(false);
    expect(quote.unknown.join()).toMatch(/counts as lost/);
  });

  test('is known to the commit where the server says when the last one received was made', () => {
    const replica = replicaLook({ ...lagging, receivedAt: now - 2000 });
    const database = { at: now, value: databaseLook({ heartbeat: beatAgo(600), replica }) };
    expect(quoteOf(observed({ database }), now).database.seconds).toMatchObject({ value: 2, is: 'upper bound' });
    const broken = { at: now, value: databaseLook({ heartbeat: beatAgo(600), replica: { ...replica, error: 'x' } }) };
    expect(quoteOf(observed({ database: broken }), now).database.seconds.value).toBe(600);
  });
});

test.each([
  [{}, 0.7, 'receiving and applying'],
  [{}, 12, 'connected, but nothing has arrived for 12 s'],
  [{ receiving: false, linkError: 'lost connection' }, 12, 'nothing can be received: lost connection'],
  [{ applying: false }, 12, 'what is received is not being applied'],
])('replication told in a sentence: %j, last beat %d s ago', (replica, seconds, says) => {
  const look = databaseLook({ heartbeat: beatAgo(seconds), replica: replicaLook(replica) });
  expect(quoteOf(observed({ database: { at: now, value: look } }), now).database.replica).toBe(says);
});

describe('what can not be seen is unknown, never nothing', () => {
  test('a database that does not answer is told by what upkeep last saw of it', () => {
    const problem = 'timed out';
    const quote = quoteOf(observed({ database: { at: now, problem } }), now);
    expect(quote.database).toMatchObject({
      received: undefined,
      seconds: { value: 60, is: 'upper bound', how: expect.stringMatching(/last heartbeat upkeep saw/) },
      replica: 'the database does not answer: timed out',
    });
    const blind = quoteOf(observed({ database: { at: now, problem }, rates: [] }), now);
    expect(blind).toMatchObject({
      within: false,
      beyond: ["how much the database would lose can't be told"],
      says: "What failing over now would lose can't be told.",
    });
    expect(blind.database.seconds.value).toBeUndefined();
    expect(blind.database.transactions.value).toBeUndefined();
  });

  test('without samples there are seconds and no transactions', () => {
    const { database } = quoteOf(observed({ rates: [] }), now);
    expect(database.seconds.value).toBe(0.7);
    expect(database.transactions).toMatchObject({ value: undefined, how: 'upkeep has not sampled a rate yet' });
    expect(database.unknown.join()).toMatch(/no rate was sampled/);
  });

  test('a database without a heartbeat, and one that replicates from nobody', () => {
    const database = { at: now, value: databaseLook({ heartbeat: undefined, replica: undefined }) };
    const quote = quoteOf(observed({ database }), now);
    expect(quote.within).toBe(false);
    expect(quote.database.replica).toBe('the recovery database replicates from nobody');
  });
});

describe('objects and parameters', () => {
  const backlog = { at: now - 90_000, operations: 7, bytes: 4096, latencySeconds: 12 };

  test('objects are told as S3 last told of them, and how old that is', () => {
    const buckets = { photos: { at: now, value: backlog }, notes: { at: now, value: undefined } };
    const quote = quoteOf(observed({ buckets }), now);
    const [photos, notes] = quote.buckets;
    expect(photos).toMatchObject({
      operations: { value: 7, is: 'measured', at: backlog.at },
      bytes: { value: 4096 },
      behind: { value: 12 },
      seconds: { value: 102, is: 'upper bound' },
    });
    expect(notes?.operations).toMatchObject({ value: undefined, how: 'S3 has published nothing of it' });
    expect(quote.unknown.join('\n')).toMatch(/written after S3's last word \(13:58:30 UTC\)/);
    expect(quote.unknown.join('\n')).toMatch(/What of notes is still on its way/);
    // The age of a metric isn't a loss; what it says is.
    expect(quote.within).toBe(true);
    const late = { photos: { at: now, value: { ...backlog, latencySeconds: 61 } } };
    expect(quoteOf(observed({ buckets: late }), now).beyond).toEqual(['bucket photos was 61 s behind']);
  });

  test('parameters are told by the last full comparison, and by the events that came since', () => {
    const reconciled = { startedAt: now - 4 * minute, endedAt: now - 4 * minute, written: 1, removed: 0 };
    const copied = [
      { name: '/dev/photos/old', at: now - 10 * minute },
      { name: '/dev/photos/size', at: now - minute },
    ];
    const quote = quoteOf(observed({ parameters: { at: now, value: { reconciled, copied } } }), now);
    expect(quote.parameters).toMatchObject({
      seconds: { value: 240, is: 'upper bound' },
      copiedSince: 1,
      lastCopied: { name: '/dev/photos/size' },
    });
    const never = quoteOf(observed({ parameters: { at: now, value: { reconciled: undefined, copied: [] } } }), now);
    expect(never.parameters.seconds.value).toBeUndefined();
    expect(never.unknown.join()).toMatch(/Whether any parameter here is what it is in the primary Region/);
  });

  test('queues are named, for they are not replicated', () => {
    expect(quoteOf(observed({ queues: ['uploads'] }), now).unknown.join()).toMatch(/queues \(uploads\)/);
  });
});

test('the estimate is never above the bound, no figure is negative, and waiting never makes a bound smaller', () => {
  const verdict = fc.constantFrom('ww', 'fw', 'ff', 'fu', 'wf', 'uu', 'wwwff', 'wwwfw');
  const looks = fc.array(fc.tuple(fc.nat(400), verdict), { maxLength: 8 });
  fc.assert(
    fc.property(
      fc.record({
        beat: fc.integer({ min: -2, max: 900 }),
        received: fc.integer({ min: 4990, max: 6000 }),
        broken: fc.boolean(),
        receivedAgo: fc.option(fc.nat(900), { nil: undefined }),
        customers: fc.array(fc.nat(500), { maxLength: 5 }),
        looks,
        later: fc.nat(1000),
      }),
      ({ beat, received, broken, receivedAgo, customers, looks: drawn, later }) => {
        const replica = replicaLook({
          received: `0-1001-${received}`,
          error: broken ? 'broken' : undefined,
          receivedAt: receivedAgo === undefined ? undefined : now - 1000 * receivedAgo,
        });
        const world = observed({
          database: { at: now, value: databaseLook({ heartbeat: beatAgo(beat), replica }) },
          rates: samples(customers),
          looks: drawn.sort(([one], [other]) => other - one).map(([ago, says]) => lookAt(ago, says)),
        });
        const { seconds, expected, transactions, expectedTransactions } = quoteOf(world, now).database;
        expect(seconds.value).toBeGreaterThanOrEqual(0);
        expect(expected.value).toBeGreaterThanOrEqual(0);
        expect(expected.value).toBeLessThanOrEqual(seconds.value ?? -1);
        expect(expectedTransactions.value ?? 0).toBeLessThanOrEqual(transactions.value ?? 0);
        const waited = quoteOf(world, now + 1000 * later).database.seconds.value ?? -1;
        expect(waited).toBeGreaterThanOrEqual(seconds.value ?? 0);
      },
    ),
  );
});
