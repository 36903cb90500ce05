import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outside } from '../../../src/sandbox/contract.ts';
import type { SandboxNetwork } from '../../../src/sandbox/network/network.ts';
import { SandboxNetwork as Network } from '../../../src/sandbox/network/network.ts';
import { east, settle, west } from './fixtures.ts';

let network: SandboxNetwork;
beforeEach(async () => {
  network = await Network.start([east, west], (span) => span);
});
afterEach(() => network.close());

describe('addresses', () => {
  it('belong to a place, more than a thousand of them each', () => {
    const addresses = new Set<string>();
    for (const place of [outside, east, west]) {
      for (let count = 0; count < 1200; count++) {
        const address = network.allocate(place);
        expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/);
        expect(network.placeOf(address)).toBe(place);
        addresses.add(address);
      }
    }
    expect(addresses.size).toBe(3600);
    expect(network.placeOf('127.0.0.1')).toBe(outside);
    expect(network.placeOf('::1')).toBe(outside);
  });

  it('are given again once released, and never while in use', () => {
    const first = network.allocate(east);
    const second = network.allocate(east);
    network.release(first);
    const later: string[] = [];
    // Three places share 256 blocks of 254 addresses: 85 are this one's. One address is in use.
    while (later.length < 85 * 254 - 1) later.push(network.allocate(east));
    expect(later.filter((address) => address === first)).toHaveLength(1);
    expect(later).not.toContain(second);
    expect(() => network.allocate(east)).toThrow('are in use');
  });

  it('are never shared by two sandboxes', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => Network.start([east], (span) => span)));
    const prefixes = [network, ...others].map((each) => each.prefix);
    expect(new Set(prefixes).size).toBe(6);
    await Promise.all(others.map((other) => other.close()));
  });
});

describe('links', () => {
  it('have a delay each way, which can be changed', () => {
    expect(network.delay(east, west)).toBe(40);
    expect(network.delay(outside, west)).toBe(20);
    expect(network.delay(west, west)).toBeLessThan(1);
    network.links.setDelay(east, west, 90);
    expect(network.delay(east, west)).toBe(90);
    expect(network.delay(west, east)).toBe(40);
    expect(() => network.links.setDelay(east, 'mars', 1)).toThrow(
      'No such place: mars. Places of this sandbox: outside',
    );
    expect(() => network.links.setDelay(east, west, -1)).toThrow('0 ms or more');
  });

  it('carry nothing into the dark, nothing out of it, and nothing where they are cut', () => {
    network.links.cut(east, west);
    expect(network.reachable(east, west)).toBe(false);
    expect(network.reachable(west, east)).toBe(true);
    network.links.setDark(west, true);
    expect(network.reachable(west, east)).toBe(false);
    expect(network.reachable(west, west)).toBe(false);
    expect(network.reachable(outside, east)).toBe(true);
    network.links.setDark(west, false);
    expect(network.reachable(west, east)).toBe(true);
    expect(network.reachable(east, west)).toBe(false);
  });

  it('make a crossing wait for its delay, and for its destination to be reachable', async () => {
    network.links.setDelay(outside, east, 50);
    const begun = performance.now();
    await network.crossing(outside, east);
    expect(performance.now() - begun).toBeGreaterThan(48);

    network.links.setDark(east, true);
    let arrived = false;
    const crossing = network.crossing(outside, east).then(() => {
      arrived = true;
    });
    await settle();
    expect(arrived).toBe(false);
    network.links.setDark(east, false);
    await crossing;
  });

  it('let a crossing be given up', async () => {
    const reason = new Error('given up');
    for (const delay of [0, 5000]) {
      network.links.setDark(east, delay === 0);
      network.links.setDelay(outside, east, delay);
      const controller = new AbortController();
      const crossing = network.crossing(outside, east, controller.signal);
      const seen = expect(crossing).rejects.toBe(reason);
      await settle();
      controller.abort(reason);
      await seen;
    }
  });
});
