/** Waits the timing model has no row for, in milliseconds of AWS time. Engineering estimates: AWS publishes none of them. */

export const natGatewayPending = 90_000;
export const natGatewayDeleting = 60_000;
export const endpointPending = 60_000;
/** From `shutting-down` to `terminated`, and from `stopping` to `stopped`. */
export const instanceShutdown = 30_000;
/** How long EC2 still describes a terminated instance: "a short while (usually less than an hour)". */
export const terminatedVisible = 3_600_000;
