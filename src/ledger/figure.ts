/** One figure of a quote, with what it is worth. */

export interface Figure {
  /** Undefined when it can't be told; `how` says why. */
  readonly value: number | undefined;
  readonly is: 'measured' | 'upper bound' | 'estimate';
  /** How it was come by, or what it takes for granted. */
  readonly how: string;
  /** When what it rests on was measured: epoch milliseconds. */
  readonly at: number | undefined;
}

/** Seconds with one decimal, never negative: clocks of two servers differ by a little. Rounded up, so that bounds stay bounds. */
export const inSeconds = (milliseconds: number): number => Math.ceil(Math.max(0, milliseconds) / 100) / 10;

/** `14:03:12 UTC` */
export const clockTime = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;
