/**
 * Where a new connection goes. Pure: what chance decides is drawn by the caller.
 *
 *  1. Groups are asked by their distance from the client; each takes the share of what comes to it that its dial says, the rest goes on
 *     to the next. A dial of 0 takes nothing.
 *  2. In a group, healthy endpoints with a weight above 0 share by weight.
 *  3. Where a group has none of those, the three closest others are tried, whatever their dials: so a group with a dial of 0 serves when
 *     the others can't, and not any longer.
 *  4. With none anywhere, a random endpoint of the closest group gets the connection: it fails open.
 *
 * Source: Global Accelerator Developer Guide, "Adjusting traffic flow with traffic dials", "How failover works for unhealthy endpoints".
 */

import type { EndpointRow, GroupRow } from './rows.ts';

export interface Circumstances {
  /** How far a group's Region is from the client. Of two as far, the one named first is closer. */
  readonly distance: (region: string) => number;
  readonly isHealthy: (endpointId: string) => boolean;
  /** Draws from 0 up to 1. */
  readonly draw: () => number;
}

export interface Chosen {
  readonly group: GroupRow;
  readonly endpoint: EndpointRow;
}

const mostTries = 3;

export function route(groups: readonly GroupRow[], circumstances: Circumstances): Chosen | undefined {
  const { distance, draw } = circumstances;
  const near = groups
    .filter(({ endpoints }) => endpoints.length > 0)
    .toSorted((one, other) => distance(one.region) - distance(other.region));
  const open = near.filter(({ dial }) => dial > 0);
  const first = open.find(({ dial }) => draw() * 100 < dial) ?? open[0];
  const others = near.filter((group) => group !== first).slice(0, mostTries);
  for (const group of first === undefined ? others : [first, ...others]) {
    const endpoint = weighted(group.endpoints, circumstances);
    if (endpoint !== undefined) return { group, endpoint };
  }
  const [closest] = near;
  const anyone = closest?.endpoints[Math.floor(draw() * closest.endpoints.length)];
  return closest === undefined || anyone === undefined ? undefined : { group: closest, endpoint: anyone };
}

function weighted(endpoints: readonly EndpointRow[], { isHealthy, draw }: Circumstances): EndpointRow | undefined {
  const usable = endpoints.filter(({ id, weight }) => weight > 0 && isHealthy(id));
  let left = draw() * usable.reduce((sum, { weight }) => sum + weight, 0);
  return usable.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
}
