/**
 * Changes that take time: steps in AWS's order on AWS time, with the real work inside their modelled durations.
 *
 * 1. An instance has at most one change under way; `busy` names it from the first moment, though the status shows it later.
 * 2. While a Region the step needs is dark it doesn't advance, and work that the outage cut short is done again on return. Work
 *    must therefore be repeatable.
 * 3. A step whose work fails for another reason leaves the instance `failed` (unless said), and says why in the sandbox's log.
 */

import { sleep } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import type { Rds } from './context.ts';
import { change, instanceAt } from './lookups.ts';
import type { InstanceRef, InstanceRow } from './rows.ts';

export interface Step {
  /** Shown from the beginning of the step; without it the status stays. */
  readonly status?: string;
  /** Milliseconds of AWS time. */
  readonly lasting: number;
  readonly work?: () => Promise<void>;
  /** What is true once the step is over. */
  readonly after?: (row: InstanceRow) => InstanceRow;
  /** Other Regions the work reaches into. */
  readonly alsoIn?: readonly string[];
}

const attempts = 3;
const betweenAttempts = 2_000;

export interface Outcome {
  /** The status in the end; `available` unless said. */
  readonly end?: string;
  /** The status after work that failed; `failed` unless said. */
  readonly failed?: string;
  readonly onFailure?: () => void;
}

/** Starts a change and returns. */
export function begin(
  rds: Rds,
  instance: InstanceRef,
  name: string,
  steps: readonly Step[],
  { end = 'available', failed = 'failed', onFailure }: Outcome = {},
): void {
  change(rds.core, instance, (row) => ({ ...row, busy: name }));
  void run(rds, instance, steps, end).catch((error: unknown) => {
    change(rds.core, instance, (row) => ({ ...row, busy: undefined, status: failed }));
    onFailure?.();
    rds.core.log({
      service: 'rds',
      region: instance.region,
      text: `${name} failed for ${instanceAt(rds.core, instance)?.id ?? instance.resourceId}: ${messageOf(error)}`,
      error,
    });
  });
}

async function run(rds: Rds, instance: InstanceRef, steps: readonly Step[], end: string): Promise<void> {
  for (const { status, lasting, work, after, alsoIn = [] } of steps) {
    if (status !== undefined) change(rds.core, instance, (row) => ({ ...row, status }));
    await carryOut(rds.core, [instance.region, ...alsoIn], lasting, work);
    if (after !== undefined) change(rds.core, instance, after);
  }
  change(rds.core, instance, (row) => ({ ...row, busy: undefined, status: end }));
}

/** Does work inside a modelled duration, in Regions that may go dark meanwhile. */
export async function carryOut(
  core: SandboxCore,
  regions: readonly string[],
  lasting: number,
  work: (() => Promise<void>) | undefined,
): Promise<void> {
  const lit = () => Promise.all(regions.map((region) => sleep(core.region(region).clock, 0)));
  const end = core.clock.now() + lasting;
  await lit();
  for (let attempt = 1; work !== undefined; attempt++) {
    try {
      await core.clock.absorb(Math.max(0, end - core.clock.now()), work);
      break;
    } catch (error) {
      const dark = regions.some((region) => core.region(region).dark);
      if (!dark && attempt >= attempts) throw error;
      core.log({ service: 'rds', text: `${dark ? 'interrupted' : 'trying again'}: ${messageOf(error)}` });
      if (dark) attempt = 0;
      await Promise.all(regions.map((region) => sleep(core.region(region).clock, betweenAttempts)));
    }
  }
  if (work === undefined) await Promise.all(regions.map((region) => sleep(core.region(region).clock, lasting)));
  await lit();
}
