/** The mark by which one bus hands an event to another unchanged. A symbol: it can't be written on the wire, so nobody can forge it. */

export const forwardedEvent: unique symbol = Symbol('forwarded event');
