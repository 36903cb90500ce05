/**
 * Faults that are carried out on Regions and on the links between places. Several may stand on the same one: what the last one raised says
 * holds, and only when none is left is everything as it was.
 */

import type { Links } from '../network/links.ts';
import type { Faults } from '../regions/faults.ts';
import type { FaultActors, StandingFaults } from './board.ts';

interface Link {
  readonly from: string;
  readonly to: string;
}

export function networkActors(faults: Faults, links: Links, board: StandingFaults): FaultActors {
  const isOn =
    ({ from, to }: Link) =>
    (one: Link): boolean =>
      one.from === from && one.to === to;
  /** What a link's delay was before the first fault on it. */
  const before = new Map<string, number>();
  return {
    dark: {
      raise: ({ region }) => faults.goDark(region),
      lift({ region }) {
        if (board.standing('dark').some((one) => one.region === region)) return;
        return faults.bringBack(region);
      },
    },
    partition: {
      raise: ({ from, to }) => faults.partition(from, to),
      lift(spec) {
        if (!board.standing('partition').some(isOn(spec))) faults.heal(spec.from, spec.to);
      },
    },
    latency: {
      raise({ from, to, milliseconds }) {
        const key = `${from} ${to}`;
        if (!before.has(key)) before.set(key, links.delay(from, to));
        faults.setDelay(from, to, milliseconds);
      },
      lift(spec) {
        const { from, to } = spec;
        const key = `${from} ${to}`;
        const left = board.standing('latency').findLast(isOn(spec));
        const own = before.get(key);
        if (left !== undefined) faults.setDelay(from, to, left.milliseconds);
        else if (own !== undefined) {
          before.delete(key);
          faults.setDelay(from, to, own);
        }
      },
    },
  };
}
