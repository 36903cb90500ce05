/**
 * Where the wire meets the ground. The gateway (`src/sandbox/gateway/`) speaks HTTP; the ground tells it where to listen, and what
 * stands between a caller and the Region it addresses.
 *
 *  1. There is one listener per place, and the listener is the vantage: whoever connects to it stands at its place. `core.endpoint(place)`
 *     answers its URL from the start, before the gateway listens.
 *  2. A request addressed to Region R over the listener of place P crosses the network twice: `await crossing(P, R, signal)` before
 *     the operation is performed, and `await crossing(R, P, signal)` before the response is written. A Region that is dark or cut
 *     off is thereby silent: the request hangs, nothing is refused, and when only the way back is cut the operation *was* performed.
 *  3. `signal` is aborted when the client's connection closes: a request given up while it hung is never performed.
 *  4. Operations are performed by `dispatcher.invoke({service, operation, region, input, principal, from: place})`, which asks IAM
 *     (`core.invoke` is for calls made in process: it does the crossing itself).
 */

import type { Place, SandboxCore } from './contract.ts';
import type { Dispatcher } from './dispatch.ts';

export interface GatewayListener {
  readonly place: Place;
  /** A 127/8 address of the place. */
  readonly address: string;
  /** A port that was free on that address when it was chosen. */
  readonly port: number;
}

export interface GatewaySurroundings {
  readonly core: SandboxCore;
  readonly dispatcher: Dispatcher;
  readonly listeners: readonly GatewayListener[];
  /**
   * Settles when a packet sent now has arrived: after the link's delay, and not before the destination is reachable again. Rejects
   * with the signal's reason when it is aborted.
   */
  crossing(from: Place, to: Place, signal?: AbortSignal): Promise<void>;
}

export interface Gateway {
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Listens on every listener; settles once all of them accept connections. */
export type GatewayStarter = (surroundings: GatewaySurroundings) => Promise<Gateway>;
