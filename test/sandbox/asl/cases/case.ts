/** A definition and what comes of it: data alone, so that the same cases can be put to anything that runs state machines. */

export interface Case {
  readonly name: string;
  readonly definition: object;
  readonly input?: unknown;
  /** Without `error` the execution succeeds with `output`; a cause is given where AWS's words are known. */
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  /** Types of the history's events, each with the number of the event it follows. */
  readonly history?: readonly string[];
}

/** What an implementation of the API has to offer. */
export interface Api {
  create(definition: object): Promise<string>;
  start(stateMachineArn: string, input: string): Promise<string>;
  /** Once it has ended. */
  ended(
    executionArn: string,
  ): Promise<{ status: string; output?: string | undefined; error?: string | undefined; cause?: string | undefined }>;
  history(executionArn: string): Promise<{ type: string; previousEventId: number }[]>;
}

/** One state and its end. */
export const only = (state: object, more: object = {}) => ({
  StartAt: 'Only',
  States: { Only: { ...state, End: true } },
  ...more,
});

/** States in a row; the first is where it starts. */
export const machine = (States: Record<string, object>, more: object = {}) => ({
  StartAt: Object.keys(States)[0],
  States,
  ...more,
});

export const jsonata = { QueryLanguage: 'JSONata' };

export const occurredIn = (state: string, event: number) =>
  `An error occurred while executing the state '${state}' (entered at the event id #${event}).`;
