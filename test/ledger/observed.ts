/** What a quote rests on, made up: a well replica and a primary that customers write to, unless a test says otherwise. */

import type { DatabaseLook, ReplicaLook } from '../../src/engines/database/requests.ts';
import type { LossObservations } from '../../src/ledger/quote.ts';
import type { Look } from '../../src/plan/world.ts';
import type { RateSample } from '../../src/state/rates.ts';

export const now = Date.parse('2026-11-28T14:00:00Z');
const minute = 60_000;

export const replicaLook = (more: Partial<ReplicaLook> = {}): ReplicaLook => ({
  receiving: true,
  applying: true,
  stopped: false,
  received: '0-1001-5000',
  applied: '0-1001-5000',
  drained: true,
  receivedAt: undefined,
  secondsBehind: 0,
  error: undefined,
  linkError: undefined,
  ...more,
});

export const databaseLook = (more: Partial<DatabaseLook> = {}): DatabaseLook => ({
  dialect: 'mariadb',
  version: '10.11.6-MariaDB',
  readOnly: true,
  executed: '0-1001-5000',
  now,
  replica: replicaLook(),
  heartbeat: { at: now - 700, epoch: 1, beats: 3000 },
  serviceBeat: now - 4 * minute,
  ...more,
});

/** A minute apart, the last one a minute before `now`: customers commit that many a minute, beside sixty beats. */
export const samples = (customers: readonly number[]): RateSample[] => {
  let transactions = 1000;
  return [0, ...customers].map((count, index) => {
    transactions += index === 0 ? 0 : count + 60;
    return {
      beat: now - (customers.length + 1 - index) * minute,
      epoch: 1,
      transactions,
      beats: 500 + 60 * index,
      serviceBeat: now - 60 * minute,
    };
  });
};

export const observed = (more: Partial<LossObservations> = {}): LossObservations => ({
  active: 'primary',
  epoch: 1,
  database: { at: now, value: databaseLook() },
  buckets: {},
  parameters: {
    at: now,
    value: {
      reconciled: { startedAt: now - 5 * minute, endedAt: now - 5 * minute, written: 0, removed: 0 },
      copied: [],
    },
  },
  looks: [],
  rates: samples([120, 240, 60]),
  queues: [],
  objectiveSeconds: 60,
  ...more,
});

/** A look at which the observers said so: `w` well, `f` failed, else unknown; of the public name, of Route 53, and of the primary's own parts. */
export const lookAt = (secondsAgo: number, says: string): Look => {
  const verdicts = { w: 'well', f: 'failed', u: 'unknown' } as const;
  const at = now - 1000 * secondsAgo;
  return {
    at,
    sightings: seers.map((observer, index) => ({
      observer,
      verdict: verdicts[(says[index] ?? 'u') as keyof typeof verdicts],
      at,
      seen: '',
    })),
  };
};

const seers = ['public-name', 'route53-verdict', 'primary-balancer', 'primary-ready', 'replica-stream'] as const;
