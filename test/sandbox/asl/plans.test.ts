/** The compiled plans, run as they are deployed: to their end, and to the right end when a step fails. */

import { beforeEach, describe, expect, test } from 'vitest';
import { errorNames } from '../../../src/kernel/errors.ts';
import { type StepName, specOf } from '../../../src/plan/catalogue.ts';
import { compile, undoable } from '../../../src/plan/compile.ts';
import type { PlanName } from '../../../src/plan/graph.ts';
import { planNames, stepsOf } from '../../../src/plan/graph.ts';
import { planOf } from '../../../src/plan/plans.ts';
import { FunctionFailure, newWorld, type World } from '../services/states/world.ts';

interface StepEvent {
  step: StepName;
  plan: string;
  execution: string;
  run?: { id: string };
  input?: unknown;
  failure?: { error: string; cause: string };
  undo?: true;
}

const machineOf = (name: PlanName) =>
  compile(planOf({ steps: {} }, name), () => 'arn:aws:lambda:us-west-2:111122223333:function:steps');

/** How often a step that times out is asked again. */
function patienceFor(name: PlanName, step: StepName): number {
  let retry: { ErrorEquals: string[]; MaxAttempts: number }[] = [];
  JSON.stringify(machineOf(name), (key, value) => {
    if (key === step) retry = value.Retry;
    return value;
  });
  return retry.find(({ ErrorEquals }) => ErrorEquals.includes('States.Timeout'))?.MaxAttempts ?? 0;
}

let world: World;
let asked: StepEvent[];
let answer: (event: StepEvent, times: number) => unknown;
beforeEach(() => {
  world = newWorld();
  asked = [];
  answer = () => ({ run: { id: 'r1', epoch: 2 } });
  world.functions.set('steps', (event: StepEvent) => {
    asked.push(event);
    return answer(event, asked.filter(({ step }) => step === event.step).length);
  });
});

const terminal = () => {
  throw new FunctionFailure(errorNames.terminal, 'no');
};

describe.each(planNames)('the plan %s', (name) => {
  const steps = stepsOf(planOf({ steps: {} }, name).root);
  const [opening] = steps;
  const branchStep: StepName = name === 'failback' ? 'ReseedPrimary' : 'PromoteReplica';
  const innermost: StepName = name === 'failback' ? 'StartPrimaryHeartbeat' : 'StartRecoveryHeartbeat';
  const takenBack = undoable(planOf({ steps: {} }, name));

  test('runs every step once where nothing has to be waited for', async () => {
    const ran = await world.run(machineOf(name), {}, 60);
    expect(ran).toMatchObject({ status: 'SUCCEEDED', output: {} });
    expect(asked.map(({ step }) => step).sort()).toEqual([...steps].sort());
    expect(asked[0]).toEqual({ step: opening, plan: name, execution: ran.executionArn, input: {} });
    for (const event of asked.slice(1)) expect(event.run).toEqual({ id: 'r1', epoch: 2 });
  });

  test('asks again, as often as it takes, a step that is not true yet', async () => {
    answer = (_event, times) => {
      if (times < 4) throw new FunctionFailure(errorNames['not-yet'], 'not yet');
      return { run: { id: 'r1' } };
    };
    const ran = await world.run(machineOf(name), {}, 3600);
    expect(ran.status).toBe('SUCCEEDED');
    expect(asked).toHaveLength(4 * steps.length);
  });

  test.each([branchStep, innermost, 'CloseRun'] as const)(
    'a failure of %s is recorded, and fails the run',
    async (broken) => {
      answer = ({ step, failure }) => (step === broken && failure === undefined ? terminal() : { run: { id: 'r1' } });
      const ran = await world.run(machineOf(name), {}, 3600);
      expect(ran).toMatchObject({ status: 'FAILED', error: errorNames.terminal });
      expect(JSON.parse(ran.cause ?? '')).toEqual({ errorType: errorNames.terminal, errorMessage: 'no' });
      const [closing, ...more] = asked.filter(({ failure }) => failure !== undefined);
      expect(more).toEqual([]);
      expect(closing).toMatchObject({ step: 'CloseRun', run: { id: 'r1' }, failure: { error: errorNames.terminal } });
      expect(closing?.failure?.cause).toContain('"errorMessage":"no"');
      expect(asked.filter(({ undo }) => undo).map(({ step }) => step)).toEqual(takenBack);
      const entered = (await world.history(ran.executionArn)).map((event) => event.stateEnteredEventDetails?.name);
      expect(entered).toEqual(expect.arrayContaining(['WasRefused', 'CloseFailedRun', 'Failed']));
    },
  );

  test('a failure of the opening step is the refusal of the execution: there is no run to close', async () => {
    answer = () => {
      throw new FunctionFailure(errorNames['needs-human'], 'the brake is on');
    };
    const ran = await world.run(machineOf(name), {}, 3600);
    expect(ran).toMatchObject({ status: 'FAILED', error: errorNames['needs-human'] });
    expect(ran.cause).toContain('the brake is on');
    expect(asked.map(({ step }) => step)).toEqual([opening]);
    const entered = (await world.history(ran.executionArn)).map((event) => event.stateEnteredEventDetails?.name);
    expect(entered.filter((state) => state !== undefined)).toEqual(['Begin', opening, 'WasRefused', 'Refused']);
  });

  test('what can not be taken back keeps neither the rest of it nor the closing from being done', async () => {
    answer = ({ step, failure, undo }) =>
      undo === true || (step === branchStep && failure === undefined) ? terminal() : { run: { id: 'r1' } };
    const ran = await world.run(machineOf(name), {}, 3600);
    expect(ran).toMatchObject({ status: 'FAILED', error: errorNames.terminal });
    expect(asked.filter(({ undo }) => undo).map(({ step }) => step)).toEqual(takenBack);
    expect(asked.at(-1)).toMatchObject({ step: 'CloseRun', failure: { error: errorNames.terminal } });
  });

  test('a step that waits for a person is asked until the word is given, for hours', async () => {
    answer = ({ step }, times) => {
      if (step === branchStep && times < 150) throw new FunctionFailure(errorNames.held, 'held');
      return { run: { id: 'r1' } };
    };
    const ran = await world.run(machineOf(name), {}, 5 * 3600);
    expect(ran.status).toBe('SUCCEEDED');
    expect(asked.filter(({ step }) => step === branchStep)).toHaveLength(150);
  });

  test('a step that is never true, and never says that its time is over, ends the run after twice its deadline', async () => {
    answer = ({ step, failure }) => {
      if (step === branchStep && failure === undefined) throw new FunctionFailure(errorNames['not-yet'], 'not yet');
      return { run: { id: 'r1' } };
    };
    const { deadlineSeconds } = specOf(branchStep);
    const ran = await world.run(machineOf(name), {}, 2 * deadlineSeconds + 120);
    expect(ran).toMatchObject({ status: 'FAILED', error: errorNames['not-yet'] });
    const [opened, closed] = [asked[0], asked.at(-1)];
    expect([opened?.step, closed?.step]).toEqual([opening, 'CloseRun']);
    expect(closed?.failure?.error).toBe(errorNames['not-yet']);
  });

  test('a step that never answers is asked again, then fails as timed out', async () => {
    answer = ({ step, failure }) =>
      step === branchStep && failure === undefined ? new Promise(() => {}) : { run: { id: 'r1' } };
    const ran = await world.run(machineOf(name), {}, 3 * 3600);
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: '' });
    expect(asked.filter(({ step }) => step === branchStep)).toHaveLength(1 + patienceFor(name, branchStep));
    expect(asked.at(-1)?.failure).toEqual({ error: 'States.Timeout', cause: '' });
  });
});
