/** The lease of a workload with a witness Region: how long it lasts, how long it is waited out, and what asks for it at the database's door. */

import type { Workload } from '../workload/config.ts';

/** The database account of the application: the one the lease is about. */
export const applicationAccount = 'application';

/** How long the active side may write after it was last heard of; undefined where nothing but a debt fences. */
export const leaseSecondsOf = ({ fence, witness }: Pick<Workload, 'fence' | 'witness'>): number | undefined =>
  witness === undefined ? undefined : fence.leaseSeconds;

/**
 * Seconds on top of a lease after which its writers have stopped: five for the event that looks once a second and for what it ends, and a
 * twentieth of the lease for clocks that don't run at the same rate.
 */
export const leaseMarginSeconds = (leaseSeconds: number): number => 5 + leaseSeconds / 20;

/**
 * `init_connect` of both databases, run for every connection that has no CONNECTION_ADMIN. It names the procedure in a string, so that
 * accounts that may not call it, and servers that don't have it yet, never see it: the master user and replicas must always get in.
 */
export const admission = (account: string): string =>
  [
    `SET @pilot_light = IF(SUBSTRING_INDEX(CURRENT_USER(), '@', 1) = '${account}', 'CALL pilot_light.admit()', 'DO 0')`,
    'PREPARE pilot_light FROM @pilot_light',
    'EXECUTE pilot_light',
    'DEALLOCATE PREPARE pilot_light',
  ].join('; ');
