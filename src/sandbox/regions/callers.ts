/** Which machine of a sandbox a connection that names no address comes from. */

import { socketOwner } from '../machines/socket-owner.ts';
import type { Callers } from '../network/network.ts';
import type { Region } from './region.ts';

export function callersOf(places: readonly Pick<Region, 'callers'>[]): Callers {
  const machines = () => new Map(places.flatMap(({ callers }) => [...callers]));
  return {
    get areForeign() {
      return places.some(({ callers }) => [...callers.values()].some(({ isForeign }) => isForeign));
    },
    machineOf(client, server) {
      const known = machines();
      const pid = socketOwner(client, server, new Set(known.keys()));
      return pid === undefined ? undefined : known.get(pid)?.address;
    },
  };
}
