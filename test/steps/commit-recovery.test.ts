/** The failover's point of no return, over a real state table. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { wallClock } from '../../src/kernel/clock.ts';
import type { RunReference } from '../../src/plan/run.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { readAuthority, takeLock } from '../../src/state/authority.ts';
import { readDebt } from '../../src/state/debts.ts';
import { tellToStandDown } from '../../src/state/decisions.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import { commitRecovery } from '../../src/steps/gate.ts';
import type { StepContext } from '../../src/steps/step.ts';
import { stateTable } from '../support/state-table.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';

const run: RunReference = { id: 'run', plan: 'failover', version: 1, epoch: 2 };
const back = { at: 0, why: 'the primary is back' };

let wired: WiredSandbox;
let store: ItemStore;
let roles: string[];
let workloads = 0;

beforeAll(async () => {
  wired = await wiredSandbox([createDynamoDbService]);
  await stateTable(wired.clients('us-west-2'), 'state');
});
afterAll(() => wired[Symbol.asyncDispose]());
beforeEach(async () => {
  store = itemStore(wired.clients('us-west-2'), 'state', `workload-${workloads++}`, wallClock);
  roles = [];
  await takeLock(store, run.id, 'primary');
});

const commitIt = async () =>
  commitRecovery.act?.({
    store,
    run,
    clock: wallClock,
    names: { roleParameter: '/role' },
    on: () => ({ parameters: { put: async ({ value }: { value: string }) => void roles.push(value) } }),
  } as unknown as StepContext);

test('makes the recovery Region the active one, with a fence owed by the primary', async () => {
  await commitIt();
  expect(await readAuthority(store)).toMatchObject({ active: 'recovery', epoch: 2 });
  expect(await readDebt(store, 'primary')).toMatchObject({ epoch: 2, acknowledged: [] });
  expect(roles).toEqual(['active']);
});

test('is not passed once the watcher has said that the primary is back: nothing has changed then', async () => {
  await tellToStandDown(store, run.id, back);
  await expect(commitIt()).rejects.toThrow(/The run stops, and has changed nothing: the primary is back/);
  expect(await readAuthority(store)).toMatchObject({ active: 'primary', epoch: 1 });
  expect(await readDebt(store, 'primary')).toBeUndefined();
  expect(roles).toEqual([]);
});

test('once passed is gone through to its end, whatever is said afterwards', async () => {
  await commitIt();
  await tellToStandDown(store, run.id, back);
  await commitIt();
  expect(roles).toEqual(['active', 'active']);
});

test('is passed where another run was told to stop', async () => {
  await tellToStandDown(store, 'an earlier run', back);
  await commitIt();
  expect(await readAuthority(store)).toMatchObject({ active: 'recovery' });
});
