// The commands about runs as processes of their own, against a state table on the wire.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { order } from '../../src/cli/run/order.ts';
import type { OrderName } from '../../src/cli/run-commands.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import type { RunReference } from '../../src/plan/run.ts';
import { outside } from '../../src/sandbox/contract.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { commit, releaseLock, takeLock } from '../../src/state/authority.ts';
import { giveOrder, noteProgress, readCourse } from '../../src/state/course.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import { writeRun } from '../../src/state/runs.ts';
import { fakeSts } from '../sandbox/functions/fake-sts.ts';
import { stateTable } from '../support/state-table.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';
import { CommandLine } from './command-line.ts';

const recovery = 'us-west-2';
const run: RunReference = { id: 'dev-dr-failover.r1', plan: 'failover', version: 1, epoch: 2 };
let wired: WiredSandbox;
let store: ItemStore;
let commands: CommandLine;
let began: number;

beforeAll(async () => {
  wired = await wiredSandbox([fakeSts, createDynamoDbService], { speed: 1 });
  const { sandbox, credentials } = wired;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sandbox.core.endpoint(outside),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  delete process.env.AWS_PROFILE;
  await stateTable(wired.clients(recovery), 'dev-dr-state');
  store = itemStore(wired.clients(recovery), 'dev-dr-state', 'dev-photos', wallClock);
  commands = new CommandLine();
});
afterAll(async () => {
  await wired[Symbol.asyncDispose]();
});

const stored = (status: 'running' | 'succeeded' | 'failed') =>
  writeRun(store, {
    ...run,
    execution: 'arn:aws:states:us-west-2:111122223333:execution:dev-dr-failover:r1',
    status,
    trigger: { by: 'watcher', why: 'the primary Region is dark' },
    startedAt: began,
    facts: {},
    active: 'primary',
    ...(status === 'running' ? {} : { endedAt: began + 60_000 }),
    ...(status === 'failed' ? { failure: { error: 'PilotLight.Terminal: PromoteReplica: no database' } } : {}),
  });

test('without a run there is nothing to show, and nothing to order', async () => {
  expect(await commands.run('run', 'list')).toMatchObject({ code: 0, stdout: 'dev-photos has had no run.\n' });
  const { code, stderr } = await commands.run('run', 'pause', '--why', 'look');
  expect(stderr).toMatch(/has had no run/);
  expect(code).toBe(2);
});

describe('a run under way', () => {
  beforeEach(async () => {
    began = Date.now() - 100_000;
    await stored('running');
    await takeLock(store, run.id, 'primary');
  });

  test('is shown step by step, with what waits for a person and what to do about it', async () => {
    await noteProgress(store, run.id, { step: 'QuoteLoss', doneAt: began + 4000 });
    await noteProgress(store, run.id, {
      step: 'PromoteReplica',
      firstAt: began + 10_000,
      held: { since: began + 50_000, error: 'there is no database' },
    });
    const { code, stdout } = await commands.run('run', 'show');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Run dev-dr-failover\.r1: failover, epoch 2/);
    expect(stdout).toMatch(/\+ {2}QuoteLoss +done after 4 s/);
    expect(stdout).toMatch(/! {2}PromoteReplica +waits for a person/);
    expect(stdout).toMatch(/pilot-light run retry dev-dr-failover\.r1 PromoteReplica/);
    const { stdout: json } = await commands.run('run', 'show', 'dev-dr', '--json');
    expect(JSON.parse(json)).toMatchObject({ id: run.id, course: { steps: { QuoteLoss: { doneAt: began + 4000 } } } });
  });

  test('takes orders; one that would have no effect is refused, saying why', async () => {
    const refused = (says: RegExp, name: OrderName, id?: string, step?: string) =>
      expect(order(name, id, step, { why: 'look' })).rejects.toMatchObject({
        kind: 'usage',
        message: expect.stringMatching(says) as string,
      });
    await refused(/isn't paused/, 'resume');
    await refused(/hasn't come to an end with DrainReplica/, 'retry', run.id, 'DrainReplica');
    await refused(/can't leave out CommitRecovery/, 'skip', run.id, 'CommitRecovery');
    await refused(/no such step.*OpenRun/, 'skip', run.id, 'Promote');
    await refused(/There is no such run.*dev-dr-failover\.r1/, 'pause', 'another');
    await refused(/is a failover.*Only a switchover/, 'unplanned');
    // It lies in the future: a clock that is wrong must not make an order older than what it is about.
    const since = Date.now() + 600_000;
    await noteProgress(store, run.id, { step: 'PromoteReplica', held: { since, error: 'there is no database' } });
    expect(await order('retry', run.id, 'promotereplica', {})).toBe(0);
    expect(await order('pause', undefined, undefined, { why: 'look' })).toBe(0);
    await refused(/is paused already/, 'pause');
    const { orders, stepOrders } = await readCourse(store, run.id);
    expect(orders.pause).toMatchObject({ why: 'look' });
    expect(stepOrders.PromoteReplica?.retry?.at).toBeGreaterThan(since);
    await commit(store, run, 'recovery');
    await refused(/has committed.*pilot-light failback/, 'abort');
  });
});

test('a run that has ended takes no orders, and the Region that is active is not failed over to', async () => {
  await giveOrder(store, run.id, 'resume', { by: 'ann', why: 'seen', at: Date.now() + 700_000 });
  await stored('succeeded');
  await releaseLock(store, run.id, 0);
  const ended = await commands.run('run', 'pause', '--why', 'look');
  expect(ended.stderr).toMatch(/has ended: it succeeded/);
  expect(ended.code).toBe(2);
  const again = await commands.run('failover', '--yes');
  expect(again.stderr).toMatch(/recovery Region, us-west-2, is already the active one.*pilot-light failback/);
  expect(again.code).toBe(2);
});
