import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { route } from '../../../../src/sandbox/services/globalaccelerator/routing.ts';
import type { GroupRow } from '../../../../src/sandbox/services/globalaccelerator/rows.ts';

const group = (region: string, dial: number, ...weights: number[]): GroupRow => ({
  arn: region,
  listener: 'l',
  token: 't',
  region,
  dial,
  check: { port: 80, protocol: 'TCP', intervalSeconds: 30, threshold: 3 },
  overrides: [],
  endpoints: weights.map((weight, index) => ({ id: `${region} ${index}`, weight, keepsClientAddress: true })),
});

/** How many of a thousand evenly spread draws go to each endpoint. The nearest group is named first. */
function shares(groups: readonly GroupRow[], sick: readonly string[] = []): Record<string, number> {
  const counts: Record<string, number> = {};
  let seed = 1;
  const draw = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let count = 0; count < 1000; count++) {
    const chosen = route(groups, {
      distance: (region) => groups.findIndex((one) => one.region === region),
      isHealthy: (id) => !sick.includes(id),
      draw,
    });
    const id = chosen?.endpoint.id ?? 'nobody';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

describe('a new connection', () => {
  it('goes to the closest group; a dial lets the rest of it on to the next', () => {
    expect(shares([group('near', 100, 128), group('far', 100, 128)])).toEqual({ 'near 0': 1000 });
    const { 'near 0': near = 0, 'far 0': far = 0 } = shares([group('near', 30, 128), group('far', 100, 128)]);
    expect(near + far).toBe(1000);
    expect(Math.abs(near - 300)).toBeLessThan(50);
    expect(shares([group('near', 0, 128), group('far', 100, 128)])).toEqual({ 'far 0': 1000 });
  });

  it('is shared by weight among the healthy', () => {
    const { 'near 0': one = 0, 'near 1': two = 0 } = shares([group('near', 100, 30, 10, 0)]);
    expect(one + two).toBe(1000);
    expect(Math.abs(one - 750)).toBeLessThan(50);
    expect(shares([group('near', 100, 30, 10)], ['near 0'])).toEqual({ 'near 1': 1000 });
  });

  it('fails over whatever the dial, past weights of 0, and fails open to the closest', () => {
    expect(shares([group('near', 100, 128), group('far', 0, 128)], ['near 0'])).toEqual({ 'far 0': 1000 });
    expect(shares([group('near', 100, 0), group('far', 0, 128)])).toEqual({ 'far 0': 1000 });
    expect(shares([group('near', 100, 128), group('far', 0, 128)], ['near 0', 'far 0'])).toEqual({ 'near 0': 1000 });
    expect(shares([group('near', 100)])).toEqual({ nobody: 1000 });
  });

  it('never meets an unhealthy endpoint, nor a dial of 0, while another group that is open has a healthy one', () => {
    const site = fc.record({ dial: fc.constantFrom(0, 50, 100), healthy: fc.boolean() });
    fc.assert(
      fc.property(
        site,
        site,
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 8, maxLength: 8 }),
        (one, two, draws) => {
          const sites = { one, two };
          const next = draws.values();
          const chosen = route([group('one', one.dial, 128), group('two', two.dial, 128)], {
            distance: (region) => (region === 'one' ? 0 : 1),
            isHealthy: (id) => sites[id.split(' ')[0] as 'one'].healthy,
            draw: () => next.next().value ?? 0,
          });
          const went = sites[chosen?.group.region as 'one'];
          if (one.healthy || two.healthy) expect(went.healthy).toBe(true);
          if ((one.healthy && one.dial > 0) || (two.healthy && two.dial > 0)) expect(went.dial).toBeGreaterThan(0);
        },
      ),
    );
  });
});
