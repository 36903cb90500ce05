/** A failover that waits for a person: asked, told, decided, expired, withdrawn; on a virtual clock. */

import { expect, test, vi } from 'vitest';
import type { ApprovalRequest } from '../../src/plan/approval.ts';
import { answerRequest, applyRequest, latestRequest, readRequest } from '../../src/state/approvals.ts';
import { takeLock } from '../../src/state/authority.ts';
import { acknowledge, readAcknowledgement } from '../../src/state/decisions.ts';
import { writeRun } from '../../src/state/runs.ts';
import { requireApproved, requireUsable, useUp } from '../../src/steps/approved.ts';
import type { UrlEvent } from '../../src/upkeep/approving/answer.ts';
import { answerLink } from '../../src/upkeep/approving/answer.ts';
import { nothingKept } from '../../src/upkeep/watch.ts';
import { primary, watchWorld } from './watch-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const key = 'k'.repeat(64);
const url = 'http://127.1.1.1:8080/';

async function asking(approvalMinutes = 15) {
  const world = await watchWorld({ policy: { trigger: 'approve', approvalMinutes } });
  const { base, during } = world;
  const { parameters } = base.on('recovery');
  await during(parameters.put({ name: base.names.approvalKey, value: key, type: 'String' }));
  const watcher = { ...world.watcher(), approveUrl: url };
  await world.watched(60, watcher);
  world.sandbox.setDark(primary, true);
  await world.watched(120, watcher);
  const latest = async (): Promise<ApprovalRequest> => {
    const found = await during(latestRequest(base.store));
    if (found === undefined) throw new Error('nobody was asked');
    return found;
  };
  const approving = { store: base.store, clock: world.clock, workload: base.names.prefix, key };
  const open = (link: string, method = 'GET', form: Record<string, string> = {}) => {
    const event: UrlEvent = {
      rawPath: '/',
      rawQueryString: new URL(link).search.slice(1),
      isBase64Encoded: true,
      body: Buffer.from(new URLSearchParams(form).toString()).toString('base64'),
      requestContext: { http: { method } },
    };
    return during(answerLink(event, approving));
  };
  const waiting = () => world.published.filter(({ subject }) => subject.endsWith('a failover waits for a person'));
  const linkIn = (text = '') => text.split(/\s+/).find((word) => word.startsWith(url)) ?? '';
  return { ...world, watcher, latest, open, waiting, linkIn, link: () => linkIn(waiting().at(-1)?.text) };
}

test('a person is asked once, with the loss, until when, the command and the link; by two watchers too', async () => {
  const world = await asking();
  await Promise.all([world.watched(30, world.watcher), world.watched(30, { ...world.watcher, kept: nothingKept() })]);
  const request = await world.latest();
  expect(request).toMatchObject({ state: 'pending', ordinal: 1, epoch: 1, finding: 'primary-region-dark' });
  expect(request.expiresAt - request.askedAt).toBe(15 * 60_000);
  const [notice, ...more] = world.waiting();
  expect(more).toEqual([]);
  for (const part of [
    request.quote.says,
    `pilot-light approve ${request.id}`,
    new Date(request.expiresAt).toISOString(),
  ])
    expect(notice?.text).toContain(part);
  expect(notice?.text).not.toContain(key);
  expect(await world.executions()).toEqual([]);
  expect(world.problems()).toEqual([]);
});

test('opening the link changes nothing; its form decides once, and the failover is a person’s', async () => {
  const world = await asking();
  const before = await world.latest();
  const shown = await world.open(world.link());
  expect(shown.statusCode).toBe(200);
  expect(shown.body).toContain(before.quote.says);
  expect(shown.body).not.toMatch(/<script|https?:\/\//);
  expect(await world.latest()).toEqual(before);

  expect((await world.open(world.link(), 'POST', { decision: 'approve', by: '<b>ann' })).statusCode).toBe(400);
  expect((await world.open(world.link(), 'POST', { by: 'ann' })).statusCode).toBe(400);
  expect(await world.latest()).toEqual(before);

  const both = await Promise.all(
    ['ann', 'bob'].map((by) => world.open(world.link(), 'POST', { decision: 'approve', by })),
  );
  expect(both.map(({ statusCode }) => statusCode).sort((one, other) => one - other)).toEqual([200, 409]);
  const approved = await world.latest();
  expect((await world.open(world.link())).statusCode).toBe(409);

  await world.watched(30, world.watcher);
  const [execution, ...others] = await world.executions();
  expect(others).toEqual([]);
  expect(execution?.name).toContain(approved.id);
  expect(world.subjects().at(-1)).toBe('dev-photos: failing over');
  expect(world.published.at(-1)?.text).toContain(`approved by ${approved.answered?.by} (link)`);
});

test('a link that was changed, of another key, or of nothing, is refused before anything is read', async () => {
  const world = await asking();
  const link = new URL(world.link());
  const changed = (name: string, value: string) => {
    const other = new URL(link);
    other.searchParams.set(name, value);
    return other.href;
  };
  const calls = vi.spyOn(world.base.store, 'get');
  for (const bad of [
    url,
    changed('id', '0000000000'),
    changed('until', String(Date.UTC(2030, 0, 1))),
    changed('quote', 'x'),
    changed('signature', `${link.searchParams.get('signature')}`.slice(0, -1)),
  ]) {
    for (const method of ['GET', 'POST'])
      expect((await world.open(bad, method, { decision: 'approve', by: 'eve' })).statusCode).toBe(403);
  }
  expect(calls).not.toHaveBeenCalled();
  expect((await world.open(link.href, 'PUT')).statusCode).toBe(405);
  expect((await world.latest()).state).toBe('pending');
});

test('what expires is asked anew with a fresh quote, and its link and its id decide nothing any more', async () => {
  const world = await asking(2);
  const first = await world.latest();
  const old = world.link();
  await world.watched(150, world.watcher);
  const second = await world.latest();
  expect(second).toMatchObject({ ordinal: 2, before: 'expired', state: 'pending' });
  expect(second.quote.at).toBeGreaterThan(first.expiresAt - 1);
  expect(world.waiting()).toHaveLength(2);
  expect(world.waiting()[1]?.text).toMatch(/has expired: this is request 2 .* with a fresh quote/);
  expect((await world.open(old, 'POST', { decision: 'approve', by: 'ann' })).statusCode).toBe(410);
  const answered = { at: world.clock.now(), by: 'ann', how: 'command line', why: '' } as const;
  expect(await world.during(answerRequest(world.base.store, first.id, 'approved', answered))).toMatchObject({
    changed: false,
  });
  expect(await world.executions()).toEqual([]);
});

test('declining is an acknowledgement: nothing is failed over, nobody asked again, and the channel told', async () => {
  const world = await asking(2);
  const declined = await world.open(world.link(), 'POST', { decision: 'decline', by: 'ann', why: 'a drill' });
  expect(declined.statusCode).toBe(200);
  expect(await world.during(readAcknowledgement(world.base.store))).toMatchObject({
    finding: 'primary-region-dark',
    by: 'ann (link)',
    why: 'a drill',
  });
  await world.watched(180, world.watcher);
  expect(world.waiting()).toHaveLength(1);
  expect(world.subjects().filter((one) => one.endsWith('was declined'))).toHaveLength(1);
  expect(await world.executions()).toEqual([]);
});

test('a finding that passes withdraws the request, and so does whoever knows of it', async () => {
  const world = await asking();
  const link = world.link();
  world.sandbox.setDark(primary, false);
  await world.watched(180, world.watcher);
  expect(await world.latest()).toMatchObject({ state: 'withdrawn', why: 'it has passed' });
  expect((await world.open(link, 'POST', { decision: 'approve', by: 'ann' })).statusCode).toBe(410);

  const other = await asking();
  const { finding } = await other.latest();
  await other.during(acknowledge(other.base.store, { finding, at: other.clock.now(), by: 'bob', why: 'maintenance' }));
  await other.watched(30, other.watcher);
  expect(await other.latest()).toMatchObject({ state: 'withdrawn', why: 'bob knows of it' });
});

test('an approval is used by one run, which stops where more would be lost than was shown', async () => {
  const world = await asking();
  const { base, clock, during } = world;
  const { store } = base;
  const { id, quote } = await world.latest();
  const approval = { id, by: 'ann', quote: quote.says };
  const trigger = { by: 'person', why: '', approval } as const;
  await expect(during(requireUsable(base, trigger, 'early'))).rejects.toMatchObject({ kind: 'usage' });
  await during(answerRequest(store, id, 'approved', { at: clock.now(), by: 'ann', how: 'command line', why: '' }));
  await during(requireUsable(base, trigger, 'one'));
  await during(takeLock(store, 'one', 'primary'));
  await during(useUp(base, trigger, 'one', 0));
  await during(useUp(base, trigger, 'one', 0));
  await expect(during(requireUsable(base, trigger, 'two'))).rejects.toThrow(/can't be used: .* used by run one/);
  expect(await during(applyRequest(store, id, 'two', clock.now()))).toMatchObject({ changed: false });
  expect(await during(readRequest(store, id))).toMatchObject({ state: 'used', run: 'one' });

  const run = { id: 'one', plan: 'failover', version: 1, epoch: 2 } as const;
  const record = { ...run, execution: 'one', status: 'running', trigger, startedAt: 0, facts: {}, active: 'primary' };
  await during(writeRun(store, record as never));
  const losing = (seconds: number, within = true) => ({
    ...quote,
    within,
    beyond: within ? [] : ['too much'],
    parts: [{ part: 'database', seconds }],
  });
  const shown = quote.parts[0]?.seconds ?? 0;
  await during(requireApproved({ run, store }, losing(shown + 5)));
  await expect(during(requireApproved({ run, store }, losing(shown + 1000)))).rejects.toThrow(
    /has changed nothing: of database .* would be lost now/,
  );
  if (quote.within)
    await expect(during(requireApproved({ run, store }, losing(shown, false)))).rejects.toThrow(/beyond the objective/);
});

test('an approval nobody uses within minutes lapses, and the person is asked anew', async () => {
  const world = await asking();
  const { id } = await world.latest();
  const answered = { at: world.clock.now(), by: 'ann', how: 'command line', why: '' } as const;
  await world.during(answerRequest(world.base.store, id, 'approved', answered));
  const fault = await world.board.raise({ kind: 'api-error', service: 'states', share: 1, code: 'InternalFailure' });
  await world.watched(6 * 60, world.watcher);
  expect(await world.latest()).toMatchObject({ ordinal: 2, before: 'expired', state: 'pending' });
  await world.board.lift(fault.id);
  expect(await world.executions()).toEqual([]);
});
