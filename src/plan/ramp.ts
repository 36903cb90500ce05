/**
 * How event sources are opened after a move: a queue may hold hours of messages, and functions share what invocations the account has.
 * Each begins with a few at a time, which double while messages are left, and becomes as declared once they are through. Pure.
 */

/** Invocations at a time to begin with: as few as Lambda takes (API Reference, ScalingConfig). */
const fewest = 2;

/** What a source is switched on with. */
export const rampBegin = (declared: number | undefined): number => Math.min(fewest, declared ?? fewest);

export interface RampLook {
  /** Invocations at a time now. */
  readonly most: number;
  /** As the template declares; undefined: unbounded. */
  readonly declared: number | undefined;
  /** Messages that wait. */
  readonly waiting: number;
  /** Messages an invocation takes. */
  readonly batch: number;
}

/** What is left in the queue is taken at once by those there are: the backlog is through. */
export const isThrough = ({ batch, most, waiting }: RampLook): boolean => waiting <= batch * most;

/**
 * Invocations at a time from now on; `declared` ends the ramp. A backlog of several queues never takes more than half of what functions
 * share, however long it lasts: the other half is for whatever else has to run.
 */
export function rampNext(look: RampLook, shared: number, queues: number): number | undefined {
  if (isThrough(look)) return look.declared;
  const share = Math.max(fewest, Math.floor(shared / 2 / queues));
  return Math.min(2 * look.most, share, look.declared ?? share);
}
