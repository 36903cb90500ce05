/** approve, acknowledge and brake, against a state table on the wire. In this process: what a command answers, prints and refuses. */

import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { acknowledgeFinding } from '../../src/cli/acknowledge.ts';
import { approve } from '../../src/cli/approve.ts';
import { brake } from '../../src/cli/brake.ts';
import { loadWorkload } from '../../src/cli/load-workload.ts';
import { rehearsedAnswer, rehearsedOrder } from '../../src/cli/rehearsed-people.ts';
import { outside } from '../../src/sandbox/contract.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { makeRequest, readRequest } from '../../src/state/approvals.ts';
import { readAuthority, takeLock } from '../../src/state/authority.ts';
import { readAcknowledgement, writeDecision } from '../../src/state/decisions.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import { requestOf } from '../plan/worlds.ts';
import { stateTable } from '../support/state-table.ts';
import type { WiredSandbox } from '../support/wired-sandbox.ts';
import { wiredSandbox } from '../support/wired-sandbox.ts';

let wired: WiredSandbox;
let store: ItemStore;
let shown = '';

beforeAll(async () => {
  wired = await wiredSandbox([createDynamoDbService], { speed: 1 });
  vi.stubEnv('AWS_ENDPOINT_URL', wired.sandbox.core.endpoint(outside));
  vi.stubEnv('AWS_ACCESS_KEY_ID', wired.credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', wired.credentials.secretAccessKey);
  vi.stubEnv('AWS_PROFILE', undefined);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  await expect(approve(undefined, {})).rejects.toThrow(/There is no state of dev-photos: no table dev-dr-state/);
  const clients = wired.clients('us-west-2');
  await stateTable(clients, 'dev-dr-state');
  store = itemStore(clients, 'dev-dr-state', 'dev-photos', wired.sandbox.clock);
}, 60_000);
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await wired[Symbol.asyncDispose]();
});
beforeEach(() => {
  shown = '';
});

const pending = (id: string, minutes = 15) => {
  const now = wired.sandbox.clock.now();
  const quote = { ...requestOf().quote, says: 'Failing over now would lose at most 4 s.' };
  return makeRequest(
    store,
    requestOf({ id, state: 'pending', quote, askedAt: now, expiresAt: now + minutes * 60_000 }),
  );
};

test('what waits is shown with its quote, approved once, and refused afterwards with what to do', async () => {
  expect(await approve(undefined, {})).toBe(0);
  expect(shown).toContain('Nothing of dev-photos waits');
  await pending('a1');
  expect(await approve(undefined, {})).toBe(0);
  expect(shown).toContain('Failing over now would lose at most 4 s.');
  expect(shown).toContain('pilot-light approve a1');
  await expect(approve('a1', {})).rejects.toMatchObject({ kind: 'usage', next: 'Add --yes.' });
  expect(await approve('a1', { yes: true, why: 'as agreed' })).toBe(0);
  expect(await readRequest(store, 'a1')).toMatchObject({
    state: 'approved',
    answered: { how: 'command line', why: 'as agreed' },
  });
  await expect(approve('a1', { yes: true })).rejects.toMatchObject({ kind: 'usage' });
  await expect(approve('a1', { decline: true, why: 'no', yes: true })).rejects.toThrow(/approved by .* is used within/);
});

test('one that expired, one that nobody knows, and a decision without its parts are used wrongly', async () => {
  await pending('b1', 0);
  await expect(approve('b1', { yes: true })).rejects.toThrow(/can't be decided any more: it expired at/);
  await expect(approve('b2', { yes: true })).rejects.toThrow(/There is no request b2 of dev-photos/);
  await expect(approve(undefined, { yes: true })).rejects.toMatchObject({ kind: 'usage' });
  await expect(approve('b1', { decline: true })).rejects.toMatchObject({ kind: 'usage', next: 'Add --why.' });
});

test('declining acknowledges the finding; acknowledging takes one', async () => {
  await pending('c1');
  expect(await approve('c1', { decline: true, why: 'a drill', yes: true, json: true })).toBe(0);
  expect(JSON.parse(shown)).toMatchObject({ request: { id: 'c1', state: 'declined' } });
  expect(await readAcknowledgement(store)).toMatchObject({ finding: 'primary-region-dark', why: 'a drill' });

  await expect(acknowledgeFinding({ why: 'x' })).rejects.toThrow(/Nothing is found of dev-photos now/);
  const at = wired.sandbox.clock.now() + 3_600_000;
  const decision = {
    at,
    epoch: 1,
    code: 'warn',
    sentence: 's',
    since: at,
    lastGood: at,
    beside: [],
    evidence: [],
  } as const;
  await writeDecision(store, { ...decision, finding: 'replica-behind' });
  expect(await acknowledgeFinding({ why: 'being mended' })).toBe(0);
  expect(await readAcknowledgement(store)).toMatchObject({ finding: 'replica-behind', at, why: 'being mended' });
});

test('the brake is put on with a reason, keeps runs from starting, and is taken off', async () => {
  await expect(brake('on', {})).rejects.toMatchObject({ kind: 'usage' });
  await expect(brake('off', { why: 'x' })).rejects.toMatchObject({ kind: 'usage' });
  expect(await brake('on', { why: 'maintenance' })).toBe(0);
  expect(shown).toMatch(/The brake of dev-photos is on: maintenance \(/);
  await expect(takeLock(store, 'r', 'primary')).rejects.toThrow(/The brake is on: maintenance/);
  expect(await brake(undefined, { json: true })).toBe(0);
  expect(await brake('off', {})).toBe(0);
  expect(shown).toContain('The brake of dev-photos is off.');
  expect((await readAuthority(store)).brake).toBeUndefined();
  await takeLock(store, 'r', 'primary');
});

test("a rehearsal's people decide the latest they were sent, or the first one, and order like everybody", async () => {
  const { workload } = await loadWorkload(undefined);
  const target = { clients: (region: string) => wired.clients(region), clock: wired.sandbox.clock };
  const answer = (approve: boolean, request: 'first' | 'latest') =>
    rehearsedAnswer(target, workload, { approve, request, why: 'a rehearsal' });
  // Older than any other here.
  await makeRequest(store, requestOf({ id: 'd0', state: 'pending', askedAt: 1, expiresAt: 2 }));
  await pending('d1');
  await expect(answer(true, 'first')).rejects.toThrow(/d0 can't be decided any more: it expired at/);
  expect(await answer(true, 'latest')).toBe('d1');
  expect(await readRequest(store, 'd1')).toMatchObject({ state: 'approved', answered: { by: 'rehearsal' } });
  await expect(answer(false, 'latest')).rejects.toThrow(/d1 can't be decided any more/);
  const ordered = { order: 'pause', step: undefined, why: 'a rehearsal' } as const;
  await expect(rehearsedOrder(target, workload, { ...ordered, plan: 'switchover' })).rejects.toThrow(
    /There was no switchover/,
  );
});
