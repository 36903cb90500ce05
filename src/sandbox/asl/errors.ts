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

/** An error as it is written down, and back. */
export const failureOf = ({ error, causeText, aliases, location }: StatesError): Failure => ({
  ...(error === undefined ? {} : { error }),
  ...(causeText === undefined ? {} : { cause: causeText }),
  ...(aliases.length === 0 ? {} : { aliases }),
  ...(location === undefined ? {} : { location }),
});

export const errorFrom = ({ error, cause, aliases = [], location }: Failure): StatesError =>
  new StatesError(error, cause, { aliases, ...(location === undefined ? {} : { location }) });

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
