import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wallClock } from '../../src/kernel/clock.ts';
import type { RunReference } from '../../src/plan/run.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { commit, readAuthority, releaseLock, requireEpoch, takeLock } from '../../src/state/authority.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import { stateTable } from '../support/state-table.ts';
import type { WiredSandbox } from '../support/wired-sandbox.ts';
import { wiredSandbox } from '../support/wired-sandbox.ts';

let wired: WiredSandbox;
let store: ItemStore;
let workloads = 0;

beforeAll(async () => {
  wired = await wiredSandbox([createDynamoDbService]);
  await stateTable(wired.clients('us-west-2'), 'state');
});
afterAll(() => wired[Symbol.asyncDispose]());
beforeEach(() => {
  store = itemStore(wired.clients('us-west-2'), 'state', `workload-${workloads++}`, wallClock);
});

const run = (id: string, epoch: number): RunReference => ({ id, plan: 'failover', version: 1, epoch });

describe('the authority', () => {
  test('a workload that never moved is active in the primary Region, in epoch 1', async () => {
    expect(await readAuthority(store)).toMatchObject({ active: 'primary', epoch: 1, holder: undefined });
  });

  test('of many runs that reach for the lock at once, one gets it', async () => {
    const reached = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => takeLock(store, `run-${index}`, 'primary')),
    );
    expect(reached.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = reached.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const error of refused)
      expect(error).toMatchObject({ kind: 'usage', message: expect.stringContaining('holds the lock') });
  });

  test('taking the lock twice is taking it once: an opening step that was killed can be repeated', async () => {
    await takeLock(store, 'a', 'primary');
    await expect(takeLock(store, 'a', 'primary')).resolves.toMatchObject({ holder: 'a' });
  });

  test('the active side changes once, and the epoch with it', async () => {
    await takeLock(store, 'a', 'primary');
    await commit(store, run('a', 2), 'recovery');
    await commit(store, run('a', 2), 'recovery');
    expect(await readAuthority(store)).toMatchObject({ active: 'recovery', epoch: 2, holder: 'a' });
  });

  test('failing over from a side that is not active is refused, and says which is', async () => {
    await takeLock(store, 'a', 'primary');
    await commit(store, run('a', 2), 'recovery');
    await releaseLock(store, 'a', 0);
    await expect(takeLock(store, 'b', 'primary')).rejects.toThrow('The recovery Region is already the active one.');
  });

  test('a run without the lock can neither commit nor act', async () => {
    await takeLock(store, 'a', 'primary');
    await expect(commit(store, run('b', 2), 'recovery')).rejects.toMatchObject({ kind: 'needs-human' });
    await expect(requireEpoch(store, run('b', 2))).rejects.toMatchObject({ kind: 'needs-human' });
    expect(await readAuthority(store)).toMatchObject({ active: 'primary', epoch: 1 });
  });

  test('a run of an earlier epoch must not act any more, even with its name in the lock', async () => {
    await takeLock(store, 'a', 'primary');
    await commit(store, run('a', 2), 'recovery');
    await releaseLock(store, 'a', 0);
    await takeLock(store, 'b', 'recovery');
    await commit(store, { ...run('b', 3), plan: 'failback' }, 'primary');
    await releaseLock(store, 'b', 0);
    await takeLock(store, 'a', 'primary');
    await expect(requireEpoch(store, run('a', 2))).rejects.toMatchObject({ kind: 'terminal' });
  });

  test("giving back a lock that is another run's changes nothing", async () => {
    await takeLock(store, 'a', 'primary');
    await releaseLock(store, 'b', 0);
    expect(await readAuthority(store)).toMatchObject({ holder: 'a' });
  });
});
