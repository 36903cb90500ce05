/** The fence over a real state table and a Region that answers only in part, or dies between a call and its record. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wallClock } from '../../src/kernel/clock.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import type { FenceDebt } from '../../src/state/debts.ts';
import { isOwed, keptIngress, readDebt, writeDebt } from '../../src/state/debts.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import type { FenceContext } from '../../src/steps/raise-fence.ts';
import { fenceParts, keepFence, raiseFence } from '../../src/steps/raise-fence.ts';
import { namesOf } from '../../src/workload/names.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { stateTable } from '../support/state-table.ts';
import type { WiredSandbox } from '../support/wired-sandbox.ts';
import { wiredSandbox } from '../support/wired-sandbox.ts';

const workload = parseWorkload({
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  functions: { thumbnail: { entry: 'thumbnail.ts', queue: 'uploads', schedule: 'rate(1 day)' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
});
const { imageRule, parameterRule, reconcileRule, functionRules } = namesOf(workload);
const upkeepAndFunctionRules = [imageRule, parameterRule, reconcileRule, ...functionRules];
const debt: FenceDebt = { side: 'primary', epoch: 2, owedSince: 0, acknowledged: [] };
const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

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

/** A primary side with writers, whose calls fail as told: before they have an effect, or after. */
function region(trouble: Partial<Record<string, 'before' | 'after'>> = {}) {
  const side = {
    role: 'active',
    locked: false,
    source: 'Enabled',
    rules: new Set(upkeepAndFunctionRules),
    desired: 2,
    ingress: [https],
    readOnly: false,
  };
  const set = (change: Partial<typeof side>) => void Object.assign(side, change);
  const did: string[] = [];
  const act = (name: string, effect: () => void) => async () => {
    did.push(name);
    if (trouble[name] === 'before') throw new Error(`${name} doesn't answer`);
    effect();
    if (trouble[name] === 'after') throw new Error(`killed after ${name}`);
  };
  const engines = {
    parameters: { put: act('role', () => set({ role: 'fenced' })) },
    sql: { ask: act('lock', () => set({ locked: true })) },
    sources: {
      list: async () => [{ id: 's', state: side.source }],
      switch: act('switch', () => set({ source: 'Disabled' })),
    },
    rules: { disable: (rule: string) => act('disable', () => side.rules.delete(rule))() },
    group: () => ({
      size: async () => ({ min: side.desired, desired: side.desired, max: 4 }),
      resize: act('resize', () => set({ desired: 0 })),
    }),
    ingress: { read: async () => side.ingress, revoke: act('revoke', () => set({ ingress: [] })) },
    databaseGroup: {
      readOnly: async () => (side.readOnly ? '1' : undefined),
      setReadOnly: act('read-only', () => set({ readOnly: true })),
    },
  };
  const context = {
    workload,
    names: namesOf(workload),
    store,
    clock: wallClock,
    on: () => engines,
  } as unknown as FenceContext;
  return { side, did, trouble, context };
}

/** Asks until the fence stands, as upkeep does. */
async function insist(context: FenceContext): Promise<FenceDebt> {
  for (let asks = 0; asks < 10; asks++) {
    const standing = (await readDebt(store, 'primary')) ?? debt;
    try {
      return await raiseFence(context, standing);
    } catch {
      // Still owed: upkeep asks again.
    }
  }
  throw new Error('The fence was never raised.');
}

describe('the fence', () => {
  test('is paid when every part stands, and not before', async () => {
    const { side, context } = region();
    const paid = await insist(context);
    expect(isOwed(paid)).toBe(false);
    expect([...paid.acknowledged].sort()).toEqual([...fenceParts].sort());
    expect(side).toMatchObject({ role: 'fenced', locked: true, source: 'Disabled', desired: 0, readOnly: true });
    expect(side.rules.size + side.ingress.length).toBe(0);
    expect(await readDebt(store, 'primary')).toEqual(paid);
  });

  test('a Region that answers nobody is asked once: a run must not wait for it part by part', async () => {
    const { did, context } = region({ role: 'before' });
    await expect(raiseFence(context, debt)).rejects.toThrow("role doesn't answer");
    expect(did).toEqual(['role']);
  });

  test('a database that is still starting leaves no application running, and the fence owed', async () => {
    const { side, trouble, context } = region({ lock: 'before' });
    await expect(raiseFence(context, debt)).rejects.toThrow("lock doesn't answer");
    expect(side).toMatchObject({ desired: 0, ingress: [], readOnly: true, source: 'Disabled' });
    expect(isOwed(await readDebt(store, 'primary'))).toBe(true);
    delete trouble.lock;
    expect(isOwed(await insist(context))).toBe(false);
  });

  test('an event source in transition is not taken for one that is off', async () => {
    const { side, context } = region();
    side.source = 'Enabling';
    await expect(raiseFence(context, debt)).rejects.toThrow('being switched off');
    expect((await readDebt(store, 'primary'))?.acknowledged).not.toContain('event sources');
    side.source = 'Enabled';
    await insist(context);
    expect(side.source).toBe('Disabled');
  });

  test('killed after the ingress was revoked and before that was recorded, it still knows what to give back', async () => {
    const { side, trouble, context } = region({ revoke: 'after' });
    await expect(raiseFence(context, debt)).rejects.toThrow();
    delete trouble.revoke;
    await insist(context);
    expect(side.ingress).toEqual([]);
    expect(await keptIngress(store, debt)).toEqual([https]);
  });

  test('two that raise it at once lose nothing', async () => {
    const { context } = region();
    await Promise.allSettled([raiseFence(context, debt), raiseFence(context, debt)]);
    expect(isOwed(await insist(context))).toBe(false);
    expect(await keptIngress(store, debt)).toEqual([https]);
  });

  test('of an earlier epoch stays apart from a later one', async () => {
    await insist(region().context);
    const later = { ...debt, epoch: 4 };
    await writeDebt(store, later);
    expect(await keptIngress(store, later)).toBeUndefined();
  });

  test('that stands is kept up: what a rollback or a hand has opened is closed again, and nothing else is done', async () => {
    const { side, did, context } = region();
    const paid = await insist(context);
    did.length = 0;
    await keepFence(context, paid);
    expect(did.filter((name) => name !== 'disable')).toEqual([]);
    Object.assign(side, { desired: 2, source: 'Enabled', ingress: [https], readOnly: false });
    side.rules.add(imageRule);
    await keepFence(context, paid).catch(() => keepFence(context, paid));
    expect(side).toMatchObject({ source: 'Disabled', desired: 0, readOnly: true, ingress: [] });
    expect(side.rules.size).toBe(0);
  });
});
