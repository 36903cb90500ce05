/** The compiled plans against the rules of Step Functions that no schema knows. */

import { describe, expect, test } from 'vitest';
import { specOf } from '../../src/plan/catalogue.ts';
import { compile, type State, undoable } from '../../src/plan/compile.ts';
import { planNames, stepsOf } from '../../src/plan/graph.ts';
import { planOf } from '../../src/plan/plans.ts';

interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  BackoffRate: number;
  MaxAttempts: number;
  MaxDelaySeconds?: number;
}

/** Source: Step Functions quotas. */
const mostEvents = 25_000;

function tasksOf(states: Record<string, State>): [string, State][] {
  return Object.entries(states).flatMap(([name, state]): [string, State][] => {
    if (state.Type === 'Task') return [[name, state]];
    const branches = (state.Branches ?? []) as { States: Record<string, State> }[];
    return branches.flatMap((branch) => tasksOf(branch.States));
  });
}

const askingOf = (state: State): Retrier => {
  const [first] = state.Retry as Retrier[];
  if (first === undefined) throw new Error('a step is asked again while it is not true');
  return first;
};

function longestWait({ IntervalSeconds, BackoffRate, MaxAttempts, MaxDelaySeconds = Infinity }: Retrier): number {
  const waits = Array.from({ length: MaxAttempts }, (_, used) =>
    Math.min(IntervalSeconds * BackoffRate ** used, MaxDelaySeconds),
  );
  return waits.reduce((sum, wait) => sum + wait, 0);
}

const plans = [{}, { witness: { region: 'us-east-2' } } as const].flatMap((third) =>
  planNames.map((name) => planOf({ steps: {}, ...third }, name)),
);

describe.each(plans)('the machine of $name', (plan) => {
  const machine = compile(plan, (step) => `arn:aws:lambda:us-west-2:111122223333:function:${step}`);
  const tasks = tasksOf(machine.States);

  test('asks every step for longer than its deadline, which the step keeps itself', () => {
    const undoing = undoable(plan).map((step) => `Undo${step}`);
    expect(tasks.map(([name]) => name).sort()).toEqual([...stepsOf(plan.root), ...undoing, 'CloseFailedRun'].sort());
    for (const [name, state] of tasks) {
      if (name === 'CloseFailedRun' || name.startsWith('Undo')) continue;
      const { deadlineSeconds } = specOf(name as Parameters<typeof specOf>[0]);
      const wait = longestWait(askingOf(state));
      expect(wait).toBeGreaterThanOrEqual(deadlineSeconds > 300 ? deadlineSeconds : 2 * deadlineSeconds);
      expect(wait).toBeLessThan(2 * deadlineSeconds + 60);
    }
  });

  test('is not ended by a platform that refuses every other call until the deadline', () => {
    for (const [name, state] of tasks) {
      if (name === 'CloseFailedRun' || name.startsWith('Undo')) continue;
      const { deadlineSeconds, pollSeconds } = specOf(name as Parameters<typeof specOf>[0]);
      const refused = (state.Retry as Retrier[]).find(({ ErrorEquals }) =>
        ErrorEquals.includes('Lambda.TooManyRequestsException'),
      );
      const times = Math.min(deadlineSeconds, 3600) / (pollSeconds + (refused?.MaxDelaySeconds ?? 0));
      expect({ name, enough: (refused?.MaxAttempts ?? 0) >= times }).toEqual({ name, enough: true });
    }
  });

  test('stays within the history of an execution even when every step is true at the last moment only', () => {
    const asks = tasks.map(([, state]) => askingOf(state).MaxAttempts + 1);
    const events = asks.reduce((sum, count) => sum + 3 * count + 2, 0);
    // Five branches at a time may wait for a person.
    const held = 5 * 3 * Math.max(...tasks.map(([, { Retry }]) => (Retry as Retrier[])[1]?.MaxAttempts ?? 0));
    expect(events + held).toBeLessThan(mostEvents);
  });
});
