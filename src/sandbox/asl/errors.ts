/**
 * Errors as state machines see them: a name and a cause, and the rules by which `Retry` and `Catch` match names.
 * Sources: Step Functions Developer Guide, "Handling errors"; the Amazon States Language specification, appendix A.
 */

import type { Failure } from './mark.ts';

/** What `$states.errorOutput` and the input of a catching state hold. */
export interface ErrorOutput {
  readonly Error: string;
  readonly Cause: string;
}

export class StatesError extends Error {
  /** The error name: `States.Timeout`, `Lambda.Unknown`, or whatever a function or a Fail state says. */
  readonly error: string | undefined;
  readonly causeText: string | undefined;
  /** Further names it answers to in `ErrorEquals`. */
  readonly aliases: readonly string[];
  /** The field whose JSONata expression failed. */
  readonly location: string | undefined;

  constructor(
    error: string | undefined,
    causeText?: string,
    more: { aliases?: readonly string[]; location?: string } = {},
  ) {
    super(causeText === undefined ? (error ?? 'failed') : `${error}: ${causeText}`);
    this.name = 'StatesError';
    this.error = error;
    this.causeText = causeText;
    this.aliases = more.aliases ?? [];
    this.location = more.location;
  }

  /** AWS binds empty strings where a name or a cause is missing. */
  get output(): ErrorOutput {
    return { Error: this.error ?? '', Cause: this.causeText ?? '' };
  }
}

/** The names of AWS's own that errors here have, or that Retry and Catch can name. */
export const statesErrors: Readonly<Record<string, string>> = {
  'States.ALL': 'in Retry and Catch: every error but States.Runtime',
  'States.TaskFailed': 'in Retry and Catch: every error but States.Timeout; raised when a job awaited with .sync fails',
  'States.Timeout': 'a task or an execution took longer than its TimeoutSeconds',
  'States.HeartbeatTimeout':
    'in Retry and Catch: a task was silent for longer than its HeartbeatSeconds (told as States.Timeout)',
  'States.Runtime': 'what nothing can retry or catch: a path that leads nowhere, a full history',
  'States.DataLimitExceeded': 'a payload over 256 KiB, variables over their limits',
  'States.QueryEvaluationError': 'a JSONata expression failed or gave what its field does not take',
  'States.IntrinsicFailure': 'an intrinsic function failed',
  'States.NoChoiceMatched': 'no rule of a Choice matched, and it has no Default',
  'States.ResultPathMatchFailure': 'ResultPath has no place in the input',
  'States.Permissions': "the machine's role can't be assumed",
};

/** An error as it is written down, and back. */
export const failureOf = ({ error, causeText, aliases, location }: StatesError): Failure => ({
  ...(error === undefined ? {} : { error }),
  ...(causeText === undefined ? {} : { cause: causeText }),
  ...(aliases.length === 0 ? {} : { aliases }),
  ...(location === undefined ? {} : { location }),
});

export function errorFrom({ error, cause, aliases = [], location }: Failure): StatesError {
  const found = new StatesError(error, cause, { aliases, ...(location === undefined ? {} : { location }) });
  writtenDown.add(found);
  return found;
}

/** Errors the history has an event of: they have none again around the state they came from, nor in a later life. */
export const writtenDown = new WeakSet<StatesError>();

/**
 * Whether a retrier or catcher for `names` takes `error`. `States.Runtime` always fails the execution. `States.TaskFailed` stands for
 * all errors but timeouts. `States.ALL` takes `States.DataLimitExceeded` too: the guide denies it, recordings against AWS show it.
 */
export function takes(names: readonly string[], error: StatesError): boolean {
  if (error.error === 'States.Runtime') return false;
  const own = [error.error ?? '', ...error.aliases];
  return names.some((name) => {
    if (name === 'States.ALL') return true;
    if (name === 'States.TaskFailed') return !own.includes('States.Timeout');
    return own.includes(name);
  });
}

/** A failure that nothing catches. `enteredEvent` is the history event that entered the state. */
export const runtimeError = (state: string, enteredEvent: number, what: string): StatesError =>
  new StatesError('States.Runtime', `${occurred(state, enteredEvent)} ${what}`);

export const occurred = (state: string, enteredEvent: number): string =>
  `An error occurred while executing the state '${state}' (entered at the event id #${enteredEvent}).`;
