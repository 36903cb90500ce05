/** Faults that are carried out on Regions and on the links between places. */

import type { Links } from '../network/links.ts';
import type { Faults } from '../regions/faults.ts';
import type { FaultActors } from './board.ts';

export function networkActors(faults: Faults, links: Links): FaultActors {
  // What the link was before, for each fault that stands on it: the last one lifted gives it back.
  const before = new Map<string, { readonly delay: number; standing: number }>();
  return {
    dark: { raise: ({ region }) => faults.goDark(region), lift: ({ region }) => faults.bringBack(region) },
    partition: { raise: ({ from, to }) => faults.partition(from, to), lift: ({ from, to }) => faults.heal(from, to) },
    latency: {
      raise({ from, to, milliseconds }) {
        const key = `${from} ${to}`;
        const known = before.get(key) ?? { delay: links.delay(from, to), standing: 0 };
        faults.setDelay(from, to, milliseconds);
        known.standing++;
        before.set(key, known);
      },
      lift({ from, to }) {
        const key = `${from} ${to}`;
        const known = before.get(key);
        if (known === undefined || --known.standing > 0) return;
        before.delete(key);
        faults.setDelay(from, to, known.delay);
      },
    },
  };
}
