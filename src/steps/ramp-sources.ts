/**
 * Opens event sources further, one look at a time, until they are as declared. No part of a run: a backlog of hours must not keep one
 * open, and what is left of it is no reason to say that the workload isn't recovered.
 */

import type { Base } from '../engines/base.ts';
import type { Source } from '../engines/functions/sources.ts';
import type { RampLook } from '../plan/ramp.ts';
import { isThrough, rampNext } from '../plan/ramp.ts';
import { readAuthority } from '../state/authority.ts';
import type { Ramp } from '../state/ramps.ts';
import { readRamp, writeRamp } from '../state/ramps.ts';
import type { Workload } from '../workload/config.ts';

type Spec = Workload['functions'][string];

/** Those that a queue feeds: all others are invoked one event at a time, and have nothing that waits. */
export const fedFunctions = ({ functions }: Pick<Workload, 'functions'>): [name: string, spec: Spec][] =>
  Object.entries(functions).filter(([, { queue }]) => queue !== undefined);

/** Safe to repeat, and to give up in between: what is written down is the last look, never a promise. */
export async function rampSources(base: Base): Promise<void> {
  const { clock, names, on, store, workload } = base;
  const [ramp, { active, epoch }] = await Promise.all([readRamp(store), readAuthority(store)]);
  if (ramp === undefined || ramp.endedAt !== undefined) return;
  // Switched off again, or about to be, by whoever moved the workload on.
  if (ramp.epoch !== epoch || ramp.side !== active) return;
  const fed = fedFunctions(workload);
  const open: Ramp['open'][number][] = [];
  for (const [name, spec] of fed) {
    for (const source of await on(ramp.side).sources.list(names.workloadFunction(name))) {
      const look = await lookAt(base, ramp, source, spec);
      if (look === undefined) continue;
      open.push({ function: name, most: look.most, waiting: look.waiting, at: clock.now() });
      // One in transition is left alone until the next look.
      if (source.state === 'Enabled') await widen(base, ramp, source, look, fed.length);
    }
  }
  await writeRamp(store, { ...ramp, open, ...(open.length === 0 ? { endedAt: clock.now() } : {}) });
}

/** Undefined where it is as declared. */
async function lookAt({ on }: Base, { side }: Ramp, source: Source, spec: Spec): Promise<RampLook | undefined> {
  const { maxConcurrency: declared, batchSize: batch } = spec;
  if (source.most === undefined || source.most === declared) return undefined;
  const waiting = await on(side).sources.waiting(source.queue);
  return { most: source.most, declared, waiting, batch };
}

async function widen({ on }: Base, { side }: Ramp, source: Source, look: RampLook, queues: number): Promise<void> {
  const { sources } = on(side);
  const next = rampNext(look, isThrough(look) ? 0 : await sources.shared(), queues);
  if (next !== look.most) await sources.allow(source.id, next);
}
