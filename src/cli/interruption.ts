/**
 * Ctrl-C and its relatives. The first signal is told to the command, which ends what it started; a second one ends the process at
 * once, and exit handlers clear away.
 */

import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Thrown out of work that a signal cut short. */
export class Interrupted extends Error {
  readonly exitCode: number;
  readonly signal: (typeof signals)[number];

  constructor(signal: (typeof signals)[number], says = 'everything that was started has been ended.') {
    super(`Interrupted (${signal}): ${says}`);
    this.signal = signal;
    this.exitCode = 128 + constants.signals[signal];
  }
}

export interface Interruption {
  /** Settles when a signal comes. */
  readonly raised: Promise<Interrupted>;
  /** Aborts when a signal comes. */
  readonly signal: AbortSignal;
  /** The work's outcome. @throws Interrupted when a signal comes first; the work itself is left to end with the process. */
  orElse<T>(work: Promise<T>): Promise<T>;
  /** Signals do again what they do by default. */
  close(): void;
}

/** `says` is what an interrupted user is told; asked for when a signal comes. */
export function interruption(says?: () => string): Interruption {
  let raise: (interrupted: Interrupted) => void = () => {};
  const raised = new Promise<Interrupted>((resolve) => {
    raise = resolve;
  });
  const aborted = new AbortController();
  let first: Interrupted | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    const signal = signals.find((known) => known === name) ?? 'SIGTERM';
    if (first !== undefined) process.exit(first.exitCode);
    first = new Interrupted(signal, says?.());
    raise(first);
    aborted.abort(first);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    raised,
    signal: aborted.signal,
    orElse: (work) =>
      Promise.race([
        work,
        raised.then((interrupted) => {
          throw interrupted;
        }),
      ]),
    close() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
