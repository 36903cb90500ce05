/** What is wrong with a definition, as ValidateStateMachineDefinition says it. */

export interface Problem {
  readonly code: string;
  readonly message: string;
  /** A JSON pointer: `/States/Wait/Seconds`; empty when it is the definition as such. */
  readonly location: string;
}

export const schemaProblem = (message: string, location: string): Problem => ({
  code: 'SCHEMA_VALIDATION_FAILED',
  message,
  location,
});

/** Something AWS has and the sandbox doesn't play. */
export const unsupportedProblem = (what: string, location: string): Problem => ({
  code: 'UNSUPPORTED',
  message: `The sandbox doesn't support ${what}.`,
  location,
});
