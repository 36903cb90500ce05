/** Copies parameters and notes what was done in the state, where the loss quote finds it when the side copied from is dark. */

import type { Base } from '../engines/base.ts';
import { readAuthority } from '../state/authority.ts';
import { writeCopiedChange, writeReconciliation } from '../state/syncs.ts';
import type { Side } from '../workload/judged.ts';
import type { ParameterCopy } from './parameters.ts';
import { copyParameter, reconcileParameters } from './parameters.ts';

export async function copyAndNote(base: Base, own: Side, name: string): Promise<ParameterCopy> {
  const copied = await copyParameter(base, own, name);
  if (copied.written + copied.removed > 0) await writeCopiedChange(base.store, { name, at: base.clock.now() });
  return copied;
}

export async function reconcileAndNote(base: Base, own: Side): Promise<ParameterCopy> {
  const startedAt = base.clock.now();
  const copied = await reconcileParameters(base, own);
  // A side that isn't the active one compares nothing; one that ceased to be while it was comparing has not compared everything.
  if ((await readAuthority(base.store)).active === own)
    await writeReconciliation(base.store, { startedAt, endedAt: base.clock.now(), ...copied });
  return copied;
}
