/** One asking after another of steps that a test stands in for, over a real state table: epochs, orders, holds, takeovers. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { errorNames, notYet, terminalError } from '../../src/kernel/errors.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import type { StepName } from '../../src/plan/catalogue.ts';
import { specOf } from '../../src/plan/catalogue.ts';
import type { PlanName } from '../../src/plan/graph.ts';
import type { RunReference, StepEntry, StepEvent } from '../../src/plan/run.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { readAuthority } from '../../src/state/authority.ts';
import { giveOrder, giveStepOrder, readCourse } from '../../src/state/course.ts';
import { readDebt } from '../../src/state/debts.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import { readRun } from '../../src/state/runs.ts';
import { isHeldNow } from '../../src/steps/obey.ts';
import { steps } from '../../src/steps/registry.ts';
import { runStep } from '../../src/steps/run-step.ts';
import type { Step, StepContext } from '../../src/steps/step.ts';
import { stateTable } from '../support/state-table.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';

let wired: WiredSandbox;
let store: ItemStore;
let now: number;
let roles: string[];
let entries: StepEntry[];
let acted: string[];
let workloads = 0;
/** What a step does, in place of the product's. */
let stands: Partial<Record<StepName, Step>>;

const clock = { now: () => now, after: () => ({ cancel: () => {} }) };

beforeAll(async () => {
  wired = await wiredSandbox([createDynamoDbService]);
  await stateTable(wired.clients('us-west-2'), 'state');
});
afterAll(() => wired[Symbol.asyncDispose]());
beforeEach(() => {
  now = 1_000_000;
  store = itemStore(wired.clients('us-west-2'), 'state', `workload-${workloads++}`, clock);
  roles = [];
  entries = [];
  acted = [];
  stands = {};
});

const own = ['CommitRecovery', 'CommitPrimary', 'CloseRun'];

async function ask(event: Omit<StepEvent, 'execution' | 'plan'> & { execution?: string; plan?: PlanName }) {
  const context = {
    store,
    clock,
    ids: systemIds,
    event: { execution: 'break-glass:a', plan: 'failover', ...event },
    workload: { steps: {}, policy: 'approve', watch: { agreeing: 3 } },
    names: { roleParameter: '/role' },
    on: () => ({
      parameters: { put: async ({ value }: { value: string }) => void roles.push(value), get: async () => ({}) },
      sql: { ask: async () => ({ replica: { error: undefined } }) },
    }),
    remember: async () => {},
    recall: async () => undefined,
  } as unknown as Omit<StepContext, 'run'>;
  const journal = { write: async (entry: StepEntry) => void entries.push(entry) };
  return runStep(context, journal, (step) => {
    const standing = stands[step] ?? (own.includes(step) ? steps[step as keyof typeof steps] : {});
    return {
      ...standing,
      act: async (of) => {
        await standing.act?.(of);
        acted.push(step);
      },
    };
  });
}

async function open(plan: PlanName = 'failover', execution = 'break-glass:a', input?: unknown): Promise<RunReference> {
  const step = plan === 'failover' ? 'OpenRun' : plan === 'switchover' ? 'OpenMove' : 'OpenReturn';
  const opened = await ask({ step, plan, execution, input });
  if (opened === undefined) throw new Error('no run was opened');
  return opened.run;
}

const said = (by = 'ann', why = 'a reason') => ({ by, why, at: ++now });
const never: Step = {
  act: async () => {
    throw notYet('still promoting');
  },
};

test('the commit makes the recovery Region the active one, with a fence owed by the primary', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  expect(await readAuthority(store)).toMatchObject({ active: 'recovery', epoch: 2, movedBy: run.id });
  expect(await readDebt(store, 'primary')).toMatchObject({ epoch: 2, acknowledged: [] });
  expect(roles).toEqual(['active']);
});

test('an abort before the commit stops the run, and nothing has changed', async () => {
  const run = await open();
  await giveOrder(store, run.id, 'abort', said('watcher', 'the primary is back'));
  await expect(ask({ step: 'CommitRecovery', run })).rejects.toMatchObject({
    name: errorNames.aborted,
    message: expect.stringContaining('the primary is back') as string,
  });
  expect(await readAuthority(store)).toMatchObject({ active: 'primary', epoch: 1 });
  const undone: string[] = [];
  stands.ScaleOutRecovery = { undo: async () => void undone.push('scaled in') };
  await ask({ step: 'ScaleOutRecovery', run, undo: true });
  expect(undone).toEqual(['scaled in']);
  await ask({ step: 'CloseRun', run, failure: { error: errorNames.aborted, cause: 'the primary is back' } });
  expect(await readRun(store, run.id)).toMatchObject({ status: 'aborted', active: 'primary' });
  expect(await readAuthority(store)).toMatchObject({ holder: undefined, active: 'primary' });
});

test('an abort after the commit is too late, and nothing is taken back any more', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  await giveOrder(store, run.id, 'abort', said());
  await ask({ step: 'PromoteReplica', run });
  const undone: string[] = [];
  stands.ScaleOutRecovery = { undo: async () => void undone.push('scaled in') };
  await ask({ step: 'ScaleOutRecovery', run, undo: true });
  expect(undone).toEqual([]);
  expect(acted).toContain('PromoteReplica');
});

test('what a run has done is not done again, until it is ordered', async () => {
  const run = await open();
  await ask({ step: 'QuoteLoss', run });
  await ask({ step: 'QuoteLoss', run });
  expect(acted).toEqual(['QuoteLoss']);
  await giveStepOrder(store, run.id, 'QuoteLoss', 'retry', said());
  now++;
  await ask({ step: 'QuoteLoss', run });
  expect(acted).toEqual(['QuoteLoss', 'QuoteLoss']);
  await ask({ step: 'QuoteLoss', run });
  expect(acted).toHaveLength(2);
});

test('a paused run waits in place, and has its time anew when it goes on', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  stands.PromoteReplica = never;
  await expect(ask({ step: 'PromoteReplica', run })).rejects.toMatchObject({ name: errorNames['not-yet'] });
  await giveOrder(store, run.id, 'pause', said('ann', 'the vendor looks at it'));
  now += 1000 * (specOf('PromoteReplica').deadlineSeconds + 1);
  await expect(ask({ step: 'PromoteReplica', run })).rejects.toMatchObject({
    name: errorNames.held,
    message: expect.stringMatching(/paused by ann: the vendor looks at it.*pilot-light run resume/s) as string,
  });
  await giveOrder(store, run.id, 'resume', said());
  await expect(ask({ step: 'PromoteReplica', run })).rejects.toMatchObject({ name: errorNames['not-yet'] });
});

test.each([
  ['fails for good', async () => Promise.reject(terminalError('there is no database'))],
  ['is late', never.act],
])('a step that %s after the commit is held, until somebody says retry', async (what, act) => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  stands.PromoteReplica = { act: act ?? (async () => {}) };
  if (what === 'is late') {
    await expect(ask({ step: 'PromoteReplica', run })).rejects.toMatchObject({ name: errorNames['not-yet'] });
    now += 1000 * specOf('PromoteReplica').deadlineSeconds;
  }
  const heldUp = { name: errorNames.held, message: expect.stringContaining('pilot-light run retry') as string };
  await expect(ask({ step: 'PromoteReplica', run })).rejects.toMatchObject(heldUp);
  // It isn't tried again by itself, though by now it would work; other steps go on.
  stands.PromoteReplica = {};
  await expect(ask({ step: 'PromoteReplica', run })).rejects.toMatchObject(heldUp);
  await ask({ step: 'FlipLatchToRecovery', run });
  now++;
  await giveStepOrder(store, run.id, 'PromoteReplica', 'retry', said());
  await ask({ step: 'PromoteReplica', run });
  expect(acted.at(-1)).toBe('PromoteReplica');
  expect(entries.map(({ outcome }) => outcome)).toContain('held');
});

test('a step that is held goes on when it has come true by itself, and is not acted on meanwhile', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  let up = false;
  const cameTrue = async () => {
    if (!up) throw new Error('throttled');
    return up;
  };
  stands.ScaleOutRecovery = {
    cameTrue,
    act: async () => {
      throw terminalError('no room');
    },
  };
  const heldUp = { name: errorNames.held, message: expect.stringContaining('no room') as string };
  await expect(ask({ step: 'ScaleOutRecovery', run })).rejects.toMatchObject(heldUp);
  stands.ScaleOutRecovery = { cameTrue };
  await expect(ask({ step: 'ScaleOutRecovery', run })).rejects.toMatchObject(heldUp);
  up = true;
  await ask({ step: 'ScaleOutRecovery', run });
  expect(entries.at(-1)).toMatchObject({ step: 'ScaleOutRecovery', outcome: 'already-true' });
  expect(acted).not.toContain('ScaleOutRecovery');
  const course = await readCourse(store, run.id);
  expect(course.steps.ScaleOutRecovery?.doneAt).toBe(now);
  // Nobody is told any more that it waits for them.
  expect(isHeldNow(course, 'ScaleOutRecovery')).toBe(false);
});

test('a step that is held can be left out, and says so in the journal', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  stands.EnableRecoverySources = {
    act: async () => {
      throw terminalError('Lambda is gone');
    },
  };
  await expect(ask({ step: 'EnableRecoverySources', run })).rejects.toMatchObject({ name: errorNames.held });
  await giveStepOrder(store, run.id, 'EnableRecoverySources', 'skip', said('ann', 'queues are drained by hand'));
  await ask({ step: 'EnableRecoverySources', run });
  expect(entries.at(-1)).toMatchObject({ step: 'EnableRecoverySources', outcome: 'skipped' });
  expect(isHeldNow(await readCourse(store, run.id), 'EnableRecoverySources')).toBe(false);
  expect(acted).not.toContain('EnableRecoverySources');
});

test('what only a broken connection says is tried again until the deadline, and held then', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  stands.PromoteReplica = {
    act: async () => {
      throw new Error('socket hang up');
    },
  };
  for (let times = 0; times < 12; times++) {
    await expect(ask({ step: 'PromoteReplica', run })).rejects.toThrow(/^PromoteReplica: socket hang up$/);
    now += 11_000;
  }
  expect((await readCourse(store, run.id)).steps.PromoteReplica?.failures).toMatchObject({
    count: 12,
    error: 'socket hang up',
  });
  now += 1000 * specOf('PromoteReplica').deadlineSeconds;
  await expect(ask({ step: 'PromoteReplica', run })).rejects.toMatchObject({ name: errorNames.held });
});

test('what somebody can do something about is kept while it is waited for, to be told', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  let next: string | undefined;
  stands.ScaleOutRecovery = {
    act: async () => {
      throw notYet('0 of 2 instances', next === undefined ? {} : { next });
    },
  };
  const failures = async () => {
    await expect(ask({ step: 'ScaleOutRecovery', run })).rejects.toMatchObject({ name: errorNames['not-yet'] });
    return (await readCourse(store, run.id)).steps.ScaleOutRecovery?.failures;
  };
  expect(await failures()).toBeUndefined();
  next = 'Name another type.';
  expect(await failures()).toMatchObject({ count: 1 });
  expect(await failures()).toMatchObject({ count: 2, error: '0 of 2 instances Name another type.' });
  next = undefined;
  expect(await failures()).toBeUndefined();
});

test('a failure before the commit ends the run: nobody is served better by waiting', async () => {
  const run = await open();
  stands.QuoteLoss = {
    act: async () => {
      throw terminalError('no quote');
    },
  };
  await expect(ask({ step: 'QuoteLoss', run })).rejects.toMatchObject({ name: errorNames.terminal });
});

test('of a planned move what fails before writes stop is held, and what fails while they are stopped ends it', async () => {
  const run = await open('switchover');
  const failing: Step = {
    act: async () => {
      throw terminalError('no');
    },
  };
  stands = { ScaleOutRecovery: failing, DrainReplicaFully: failing };
  await expect(ask({ step: 'ScaleOutRecovery', plan: 'switchover', run })).rejects.toMatchObject({
    name: errorNames.held,
  });
  await expect(ask({ step: 'DrainReplicaFully', plan: 'switchover', run })).rejects.toMatchObject({
    name: errorNames.terminal,
  });
});

test('starting twice is one run; only a takeover lets another execution act, and the first one no more', async () => {
  const run = await open('failover', 'arn:aws:states:us-west-2:1:execution:m:one');
  const running = 'arn:aws:states:us-west-2:1:execution:m:one';
  // Step Functions can't be asked here: nobody knows whether the first one still runs.
  await expect(open()).rejects.toMatchObject({ name: errorNames['needs-human'] });
  const taken = await open('failover', 'break-glass:b', { takeOver: true });
  expect(taken).toEqual(run);
  await expect(ask({ step: 'QuoteLoss', run, execution: running })).rejects.toThrow(/carried out by break-glass:b now/);
  await ask({ step: 'CloseRun', run, execution: running, failure: { error: 'x', cause: 'y' } });
  expect(await readAuthority(store)).toMatchObject({ holder: run.id, runner: 'break-glass:b' });
  await ask({ step: 'QuoteLoss', run, execution: 'break-glass:b' });
  expect(acted).toContain('QuoteLoss');
});

test('a run that failed after its commit is opened again, and goes on where it was', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  await ask({ step: 'FlipLatchToRecovery', run });
  await ask({ step: 'CloseRun', run, failure: { error: errorNames.held, cause: 'nobody came' } });
  expect(await readRun(store, run.id)).toMatchObject({ status: 'failed' });
  now++;
  const again = await open('failover', 'break-glass:b');
  expect(again).toEqual(run);
  expect(await readRun(store, run.id)).toMatchObject({ status: 'running', execution: 'break-glass:b' });
  await ask({ step: 'FlipLatchToRecovery', run, execution: 'break-glass:b' });
  expect(acted.filter((step) => step === 'FlipLatchToRecovery')).toHaveLength(1);
});

test('failing over to the Region that is active already is refused', async () => {
  const run = await open();
  await ask({ step: 'CommitRecovery', run });
  await ask({ step: 'CloseRun', run });
  await expect(open('failover', 'break-glass:b')).rejects.toThrow(/recovery Region is already the active one/);
});

test('on a suspicion a step begins without a run, only in its epoch and only while no run holds the lock', async () => {
  stands.ScaleOutRecovery = { undo: async () => void acted.push('undone') };
  await ask({ step: 'ScaleOutRecovery', prepare: { epoch: 1 } });
  expect(acted).toEqual(['ScaleOutRecovery']);
  await ask({ step: 'ScaleOutRecovery', prepare: { epoch: 1 }, undo: true });
  expect(acted).toEqual(['ScaleOutRecovery', 'undone']);
  await ask({ step: 'ScaleOutRecovery', prepare: { epoch: 2 } });
  const run = await open();
  await ask({ step: 'ScaleOutRecovery', prepare: { epoch: 1 }, undo: true });
  expect(acted).toEqual(['ScaleOutRecovery', 'undone']);
  expect(run.epoch).toBe(2);
});
