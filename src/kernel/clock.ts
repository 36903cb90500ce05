/**
 * Time, passed in. Every wait and every timestamp of the project goes through a `Clock`, so that the same code runs on
 * wall-clock time, on the sandbox's AWS time and on virtual time. This file is the only one that may read the ambient clock.
 */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch, in this clock's time. */
  now(): number;
  /** Runs `action` once, `delay` milliseconds of this clock's time from now. A pending timer doesn't keep the process alive. */
  after(delay: number, action: () => void): Timer;
}

/** Waits `delay` milliseconds of `clock`'s time. Rejects with the signal's reason when it is aborted. */
export function sleep(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delay, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The machine's own clock. Its timers keep the process alive: a program that waits on it must not fall out of its event loop. */
export const wallClock: Clock = {
  now: () => Date.now(),
  after(delay, action) {
    const handle = setTimeout(action, Math.max(0, delay));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Milliseconds of a monotonic wall clock: for measuring durations in real time, never for timestamps. */
export const monotonic = (): number => performance.now();

/** An ISO 8601 timestamp in UTC with milliseconds. */
export const isoTime = (epochMilliseconds: number): string => new Date(epochMilliseconds).toISOString();
