/**
 * Changes that take time: steps in AWS's order on AWS time, with the real work inside their modelled durations.
 *
 * 1. An instance has at most one change under way; `busy` names it from the first moment, though the status shows it later.
 * 2. While a Region the step needs is dark it doesn't advance, and work that the outage cut short is done again on return. Work
 *    must therefore be repeatable.
 * 3. A step whose work fails for another reason leaves the instance `failed` (unless said), and says why in the sandbox's log.
 * 4. What is under way is a row too: the kind of change, what was asked, the instance as it was, and how many steps are over. A sandbox
 *    that goes on plans the change anew from that, and begins with the step that was cut short.
 */

import { sleep } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import type { Rds } from './context.ts';
import { change, instanceAt } from './lookups.ts';
import { type ChangeName, type ChangeRow, type InstanceRef, type InstanceRow, rdsTables } from './rows.ts';

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

export interface Planned extends Outcome {
  readonly steps: readonly Step[];
}

export interface ChangeKind<Args> {
  readonly name: ChangeName;
  /** Starts a change and returns. */
  begin(rds: Rds, row: InstanceRow, args: Args): void;
  /** Goes on with a change of an earlier life. */
  again(rds: Rds, kept: ChangeRow): void;
}

/** A kind of change: `plan` says its steps for an instance as it is when the change begins, from arguments that are plain data. */
export function changeKind<Args>(
  name: ChangeName,
  plan: (rds: Rds, row: InstanceRow, args: Args) => Planned,
): ChangeKind<Args> {
  return {
    name,
    begin(rds, row, args) {
      change(rds.core, row, (now) => ({ ...now, busy: name }));
      const planned = plan(rds, row, args);
      rdsTables(rds.core, row.region).changes.put(row.resourceId, { name, row, args, step: 0 });
      carryThrough(rds, row, name, planned, 0);
    },
    again: (rds, { row, args, step }) => carryThrough(rds, row, name, plan(rds, row, args as Args), step),
  };
}

/** Something a step found out that later steps need, kept with the change. */
export function note(rds: Rds, { region, resourceId }: InstanceRef, found: object): void {
  rdsTables(rds.core, region).changes.update(resourceId, (row) => ({
    ...row,
    args: { ...(row.args as object), ...found },
  }));
}

function carryThrough(
  rds: Rds,
  instance: InstanceRef,
  name: string,
  { steps, end = 'available', failed = 'failed', onFailure }: Planned,
  from: number,
): void {
  const over = () => rdsTables(rds.core, instance.region).changes.delete(instance.resourceId);
  void run(rds, instance, steps, end, from, over).catch((error: unknown) => {
    over();
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

async function run(
  rds: Rds,
  instance: InstanceRef,
  steps: readonly Step[],
  end: string,
  from: number,
  over: () => void,
): Promise<void> {
  const { changes } = rdsTables(rds.core, instance.region);
  for (const [index, { status, lasting, work, after, alsoIn = [] }] of steps.entries()) {
    if (index < from) continue;
    if (status !== undefined) change(rds.core, instance, (row) => ({ ...row, status }));
    await carryOut(rds.core, [instance.region, ...alsoIn], lasting, work);
    if (after !== undefined) change(rds.core, instance, after);
    changes.update(instance.resourceId, (row) => ({ ...row, step: index + 1 }));
  }
  over();
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
