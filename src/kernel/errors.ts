/**
 * The project's errors. Each says what happened, what was given, what is allowed and what to do next, and each is one of
 * six kinds, which is all a caller needs to decide: bad use, terminal, not yet, needs a human, held, or aborted.
 */

export type ErrorKind = 'usage' | 'terminal' | 'not-yet' | 'needs-human' | 'held' | 'aborted';

export interface ErrorDetails {
  /** The value that was given or observed. */
  given?: unknown;
  /** What would have been accepted. */
  allowed?: string;
  /** The next move for whoever reads it. */
  next?: string;
  cause?: unknown;
}

/** A failure with its kind. `name` is what ASL `Retry` and `Catch` match on, and is one of `errorNames`. */
export class PilotLightError extends Error {
  readonly kind: ErrorKind;
  readonly given: unknown;
  readonly allowed: string | undefined;
  readonly next: string | undefined;

  constructor(kind: ErrorKind, what: string, details: ErrorDetails = {}) {
    super(sentence(what, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = errorNames[kind];
    this.kind = kind;
    this.given = details.given;
    this.allowed = details.allowed;
    this.next = details.next;
  }
}

/** Error names as state machines see them. */
export const errorNames = {
  usage: 'PilotLight.Usage',
  terminal: 'PilotLight.Terminal',
  'not-yet': 'PilotLight.NotYet',
  'needs-human': 'PilotLight.NeedsHuman',
  held: 'PilotLight.Held',
  aborted: 'PilotLight.Aborted',
} as const satisfies Record<ErrorKind, string>;

/** Bad use: exit code 2, raised before anything changed. */
export const usageError = (what: string, details?: ErrorDetails): PilotLightError =>
  new PilotLightError('usage', what, details);

/** Trying again can't help. */
export const terminalError = (what: string, details?: ErrorDetails): PilotLightError =>
  new PilotLightError('terminal', what, details);

/** The change is under way and will be true later: ask again. */
export const notYet = (what: string, details?: ErrorDetails): PilotLightError =>
  new PilotLightError('not-yet', what, details);

/** The tool must not decide this alone. */
export const needsHuman = (what: string, details?: ErrorDetails): PilotLightError =>
  new PilotLightError('needs-human', what, details);

/** It waits for a person's word, and goes on by itself once that is given: ask again. */
export const held = (what: string, details?: ErrorDetails): PilotLightError =>
  new PilotLightError('held', what, details);

/** It was told to stop. */
export const aborted = (what: string, details?: ErrorDetails): PilotLightError =>
  new PilotLightError('aborted', what, details);

export const isHeld = (error: unknown): boolean => error instanceof PilotLightError && error.kind === 'held';

export const isNotYet = (error: unknown): boolean => error instanceof PilotLightError && error.kind === 'not-yet';

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function sentence(what: string, { given, allowed, next }: ErrorDetails): string {
  const parts = [what];
  if (given !== undefined) parts.push(`Given: ${typeof given === 'string' ? given : JSON.stringify(given)}.`);
  if (allowed !== undefined) parts.push(`Allowed: ${allowed}.`);
  if (next !== undefined) parts.push(next);
  return parts.join(' ');
}
