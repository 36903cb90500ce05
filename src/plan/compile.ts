/**
 * Compiles a plan to Amazon States Language (JSONata). One Task per step: its function is asked until the step is true; "not yet" is
 * a typed error under Retry, so no function ever waits, and so is "held": the step waits in place for a person. A failure anywhere takes
 * back what can be taken back (steps refuse that once the run has committed) and ends in CloseFailedRun, which records it and gives the
 * lock back: every execution ends in a named state.
 */

import { errorNames } from '../kernel/errors.ts';
import type { StepSpec } from './catalogue/step-spec.ts';
import type { StepName } from './catalogue.ts';
import { stepSpec } from './custom.ts';
import type { Plan, PlanNode } from './graph.ts';
import { stepsOf } from './graph.ts';

export interface StateMachineDefinition {
  readonly Comment: string;
  readonly QueryLanguage: 'JSONata';
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Record<string, State>;
}

export type State = Record<string, unknown> & { readonly Type: string };

/** Failures of the platform, not of the step: the call may not have happened, and asking again is safe because steps are idempotent. */
const refusals = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];
/** An asking that never came to an end. Each has cost a minute and more by then. */
const silences = ['Lambda.Unknown', 'Sandbox.Timedout', 'States.Timeout'];

/** `functionArn` answers the ARN of the function that runs a step. */
export function compile(plan: Plan, functionArn: (step: StepName) => string): StateMachineDefinition {
  const states: Record<string, State> = {};
  const opening = stepsOf(plan.root)[0];
  const closing = stepsOf(plan.root).at(-1);
  if (opening === undefined || closing === undefined) throw new Error(`plan ${plan.name} has no steps`);
  const context = { plan, functionArn, opening };
  const undoing = undoable(plan).map(undoName);
  const start = chain(plan.root, 'Succeeded', states, context);
  for (const state of Object.values(states)) {
    if (state.Type === 'Task' || state.Type === 'Parallel') {
      Object.assign(state, {
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Assign: {
              failure: '{% {"error": $states.errorOutput.Error, "cause": $string($states.errorOutput.Cause)} %}',
            },
            Next: 'WasRefused',
          },
        ],
      });
    }
  }
  // Before the opening step there is no run to close: the refusal is the execution's own outcome.
  states.WasRefused = {
    Type: 'Choice',
    Choices: [{ Condition: '{% $exists($run) and $run != null %}', Next: undoing[0] ?? 'CloseFailedRun' }],
    Default: 'Refused',
  };
  for (const [index, name] of undoing.entries()) states[name] = undo(name, undoing[index + 1], context);
  states.Refused = failState();
  states.CloseFailedRun = {
    ...task(closing, { ...context, failed: true }),
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
    Next: 'Failed',
  };
  states.Failed = failState();
  states.Succeeded = { Type: 'Succeed' };
  const begin: State = {
    Type: 'Pass',
    Assign: { input: '{% $states.input %}', execution: '{% $states.context.Execution.Id %}', run: null },
    Next: start,
  };
  return {
    Comment: `${plan.name} version ${plan.version}: ${plan.purpose}`,
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    TimeoutSeconds: 172_800,
    States: { Begin: begin, ...states },
  };
}

/** Steps that can be taken back, the last one first. */
export const undoable = (plan: Plan): StepName[] =>
  stepsOf(plan.root)
    .filter((step) => stepSpec(plan.own ?? {}, step).undo !== undefined)
    .reverse();

const undoName = (step: StepName): string => `Undo${step}`;

/** What can't be taken back must not keep the rest of it, nor the closing, from being done. */
function undo(name: string, next: string | undefined, context: Context): State {
  const step = name.slice('Undo'.length) as StepName;
  const Next = next ?? 'CloseFailedRun';
  return {
    ...task(step, { ...context, undo: true }),
    Comment: stepSpec(context.plan.own ?? {}, step).undo,
    Catch: [{ ErrorEquals: ['States.ALL'], Next }],
    Next,
  };
}

interface Context {
  readonly plan: Plan;
  readonly functionArn: (step: StepName) => string;
  readonly opening: StepName;
  readonly failed?: boolean;
  readonly undo?: boolean;
}

/** Adds the states of `node`, leading to `next`, and answers the name of the first one. */
function chain(node: PlanNode, next: string | undefined, states: Record<string, State>, context: Context): string {
  switch (node.kind) {
    case 'step': {
      states[node.step] = { ...task(node.step, context), ...onward(next) };
      return node.step;
    }
    case 'series': {
      let following = next;
      for (const part of [...node.nodes].reverse()) following = chain(part, following, states, context);
      if (following === undefined) throw new Error('a series needs a step');
      return following;
    }
    case 'parallel': {
      states[node.name] = {
        Type: 'Parallel',
        Branches: node.branches.map((branch) => {
          const inner: Record<string, State> = {};
          const start = chain(branch, undefined, inner, context);
          return { StartAt: start, States: inner };
        }),
        Output: '{% {} %}',
        ...onward(next),
      };
      return node.name;
    }
  }
}

function task(step: StepName, context: Context): State {
  // Taking back is one call or two, asked for as long as that takes.
  const own = stepSpec(context.plan.own ?? {}, step);
  const spec = context.undo === true ? { ...own, deadlineSeconds: undoSeconds } : own;
  const opens = step === context.opening;
  const asking = patience(spec);
  // Step Functions counts a retrier's attempts over the state's whole stay: what asks for hours meets more mishaps than what asks twice.
  const mishaps = isLong(spec) ? Math.ceil(asking.MaxAttempts / 20) : 0;
  // Also when every other call is refused for as long as its deadline, which the step keeps itself.
  const throughout = Math.max(mishaps, Math.ceil(Math.min(spec.deadlineSeconds, 3600) / 12));
  return {
    Type: 'Task',
    Comment: spec.does,
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: {
      FunctionName: context.functionArn(step),
      Payload: {
        step,
        plan: context.plan.name,
        execution: '{% $execution %}',
        ...(opens ? { input: '{% $input %}' } : { run: '{% $run %}' }),
        ...(context.failed ? { failure: '{% $failure %}' } : {}),
        ...(context.undo ? { undo: true } : {}),
      },
    },
    TimeoutSeconds: 90,
    Retry: [
      { ErrorEquals: [errorNames['not-yet']], IntervalSeconds: spec.pollSeconds, ...asking },
      { ErrorEquals: [errorNames.held], ...whileHeld },
      {
        ErrorEquals: [errorNames.terminal, errorNames.usage, errorNames['needs-human'], errorNames.aborted],
        MaxAttempts: 0,
      },
      { ErrorEquals: refusals, ...soon, MaxAttempts: 10 + throughout },
      { ErrorEquals: silences, ...soon, MaxAttempts: 10 + mishaps },
      {
        ErrorEquals: ['States.TaskFailed'],
        IntervalSeconds: 2,
        BackoffRate: 2,
        MaxDelaySeconds: 15,
        // A connection that is broken for minutes may mend.
        MaxAttempts: 6 + throughout,
      },
    ],
    ...(opens ? { Assign: { run: '{% $states.result.Payload.run %}' } } : {}),
    Output: '{% {} %}',
  };
}

/**
 * How often a step that isn't true yet is asked: for longer than its deadline, which the step keeps itself, so that what was held up and
 * was told to go on has its time anew. Each ask leaves three events in a history that ends the execution,
 * past CloseFailedRun, at 25,000: steps that may take hours are asked less and less often, late by a twentieth of their time at most.
 */
function patience(spec: Asked): { BackoffRate: number; MaxAttempts: number; MaxDelaySeconds?: number } {
  const { pollSeconds, deadlineSeconds } = spec;
  if (!isLong(spec)) {
    const stay = deadlineSeconds > quick ? deadlineSeconds + quick : again * deadlineSeconds;
    return { BackoffRate: 1, MaxAttempts: Math.ceil(stay / pollSeconds) };
  }
  let waited = 0;
  let attempts = 0;
  for (; waited < deadlineSeconds; attempts++) waited += Math.min(pollSeconds * slowing ** attempts, slowest);
  return { BackoffRate: slowing, MaxDelaySeconds: slowest, MaxAttempts: attempts };
}

const soon = { IntervalSeconds: 1, BackoffRate: 2, MaxDelaySeconds: 10, JitterStrategy: 'FULL' } as const;

/** Six hours, in which a person's word is found within seconds at first and within two minutes later on. */
const whileHeld = { IntervalSeconds: 3, BackoffRate: 1.05, MaxDelaySeconds: 120, MaxAttempts: 240 } as const;

type Asked = Pick<StepSpec, 'pollSeconds' | 'deadlineSeconds'>;

const undoSeconds = 120;

/** Deadlines that fit into the stay of a step that is quick; one that takes longer has that much more. Seconds. */
const again = 2;
const quick = 300;
const isLong = ({ deadlineSeconds }: Asked): boolean => deadlineSeconds >= 3600;
const slowing = 1.05;
/** Seconds. */
const slowest = 60;

const onward = (next: string | undefined): Record<string, unknown> =>
  next === undefined ? { End: true } : { Next: next };

const failState = (): State => ({
  Type: 'Fail',
  Error: '{% $failure.error %}',
  Cause: '{% $failure.cause %}',
});
