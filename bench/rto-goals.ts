/** What the outage's length is held against, by cutover: goals as data, and the figures that meet or miss them. */

import type { Workload } from '../src/workload/config.ts';
import type { Goal } from './figures.ts';

export type Cutover = Workload['database']['cutover'];

interface Wanted {
  /** AWS seconds from the outage to a customer's first acknowledged write. */
  readonly resolved: number;
  /** Per cent by which that is over the modelled least. */
  readonly overhead: number;
  /** Shares of the baseline's time: with our detection granted to it, and by its own trigger. */
  readonly detectionGranted: number;
  readonly ownTrigger: number;
}

const wanted: Readonly<Record<Cutover, Wanted>> = {
  promote: { resolved: 390, overhead: 3, detectionGranted: 0.7, ownTrigger: 0.3 },
  'open-early': { resolved: 210, overhead: 3, detectionGranted: 0.4, ownTrigger: 0.2 },
};

export function goalsOf(cutover: Cutover, measured: Wanted): Goal[] {
  const { resolved, overhead, detectionGranted, ownTrigger } = wanted[cutover];
  const of = (what: string) => `${cutover}: ${what}`;
  return [
    { what: of('outage to served writes'), measured: measured.resolved, atMost: resolved, unit: 's' },
    { what: of('over the critical path'), measured: measured.overhead, atMost: overhead, unit: '%' },
    {
      what: of('of the baseline’s time, our detection granted to it'),
      measured: measured.detectionGranted,
      atMost: detectionGranted,
      unit: 'times',
    },
    {
      what: of('of the baseline’s time, by its own trigger'),
      measured: measured.ownTrigger,
      atMost: ownTrigger,
      unit: 'times',
    },
  ];
}
