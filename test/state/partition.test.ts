/** What the authority's lock is worth when its table spans Regions that lose sight of each other. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wallClock } from '../../src/kernel/clock.ts';
import type { RunReference } from '../../src/plan/run.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { readAuthority, releaseLock, requireEpoch, takeLock } from '../../src/state/authority.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import { isolate, spanningTable, strong, tableRegions } from '../support/state-table.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';

const { primary, witness, recovery } = tableRegions;

let wired: WiredSandbox;
let workloads = 0;

beforeAll(async () => {
  wired = await wiredSandbox([createDynamoDbService], { regions: [primary, witness, recovery] });
  wired.sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
  await spanningTable(wired, 'eventual', { ReplicaUpdates: [{ Create: { RegionName: primary } }] });
  await spanningTable(wired, 'strong', strong);
  wired.sandbox.clock.setCeiling(10);
}, 60_000);
afterAll(() => wired?.[Symbol.asyncDispose]());
beforeEach(() => {
  workloads++;
});

const storeIn = (region: string, table: string): ItemStore =>
  itemStore(wired.clients(region), table, `workload-${workloads}`, wallClock);

const run = (id: string): RunReference => ({ id, plan: 'failover', version: 1, epoch: 2 });

describe('on a default global table', () => {
  test('both sides of a partition get the lock, and once it is over one of the holders has lost it', async () => {
    const [here, there] = [storeIn(primary, 'eventual'), storeIn(recovery, 'eventual')];
    const mend = isolate(wired, primary);
    await expect(takeLock(here, 'in-primary', 'primary')).resolves.toMatchObject({ holder: 'in-primary' });
    await expect(takeLock(there, 'in-recovery', 'primary')).resolves.toMatchObject({ holder: 'in-recovery' });
    await expect(requireEpoch(here, run('in-primary'))).resolves.toBeUndefined();
    await expect(requireEpoch(there, run('in-recovery'))).resolves.toBeUndefined();

    mend();
    await expect.poll(async () => (await readAuthority(here)).holder, { timeout: 10_000 }).toBe('in-recovery');
    await expect(requireEpoch(here, run('in-primary'))).rejects.toMatchObject({ kind: 'needs-human' });
    await expect(requireEpoch(there, run('in-recovery'))).resolves.toBeUndefined();
  });
});

describe('on a strongly consistent global table with a witness', () => {
  test('only the side that reaches the witness gets the lock, and the other learns of it', async () => {
    const [here, there] = [storeIn(primary, 'strong'), storeIn(recovery, 'strong')];
    const mend = isolate(wired, primary);
    await expect(takeLock(here, 'in-primary', 'primary')).rejects.toMatchObject({ name: 'InternalServerError' });
    await expect(readAuthority(here)).rejects.toMatchObject({ name: 'InternalServerError' });
    await expect(takeLock(there, 'in-recovery', 'primary')).resolves.toMatchObject({ holder: 'in-recovery' });

    mend();
    await expect(takeLock(here, 'in-primary', 'primary')).rejects.toThrow('Run in-recovery holds the lock.');
    await expect(requireEpoch(here, run('in-recovery'))).resolves.toBeUndefined();
    await releaseLock(there, 'in-recovery', 0);
    await expect(takeLock(here, 'in-primary', 'primary')).resolves.toMatchObject({ holder: 'in-primary' });
  });

  test('any one Region may be lost', async () => {
    for (const lost of [primary, witness, recovery]) {
      workloads++;
      const left = storeIn(lost === recovery ? primary : recovery, 'strong');
      await takeLock(left, 'before', 'primary');
      await wired.sandbox.faults.goDark(lost);
      await expect(readAuthority(left)).resolves.toMatchObject({ holder: 'before' });
      await releaseLock(left, 'before', 0);
      await expect(takeLock(left, 'after', 'primary')).resolves.toMatchObject({ holder: 'after' });
      await wired.sandbox.faults.bringBack(lost);
    }
  });

  test('of runs that reach for it at once in both Regions, one gets it, and the others are told who has it', async () => {
    const stores = [storeIn(primary, 'strong'), storeIn(recovery, 'strong')];
    const reached = await Promise.allSettled(
      stores.flatMap((store, side) => [0, 1, 2].map((one) => takeLock(store, `run-${side}-${one}`, 'primary'))),
    );
    expect(reached.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of reached)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ message: expect.stringContaining('holds the lock') });
  });

  test('what both Regions write at once is written, however far apart they are', async () => {
    const [here, there] = [storeIn(primary, 'strong'), storeIn(recovery, 'strong')];
    // A write is in flight for longer than the SDK goes on trying.
    const { board } = wired.sandbox;
    const far = await Promise.all(
      [witness, recovery].map((to) => board.raise({ kind: 'latency', from: primary, to, milliseconds: 6000 })),
    );
    const slow = here.put('capacity', { by: 'primary' });
    const told: string[] = [];
    const also = [there.put('capacity', { by: 'recovery' }), there.create('taken', {})].map((write) =>
      write.then(() => told.push('written')),
    );
    await Promise.all([slow, ...also]);
    for (const { id } of far) await board.lift(id);
    expect(told).toHaveLength(2);
    await expect(here.get('capacity')).resolves.toEqual(await there.get('capacity'));
  });
});
