/** The break-glass runner at work in a rehearsal: what `pilot-light failover --break-glass` does, on the sandbox's clock, with its administrator's credentials. */

import { baseContext } from '../engines/base.ts';
import { systemIds } from '../kernel/ids.ts';
import type { PlanName } from '../plan/graph.ts';
import type { Target } from '../rehearsal/target.ts';
import { breakGlassOver } from '../runner/break-glass.ts';
import type { Workload } from '../workload/config.ts';

export async function rehearsedBreakGlass(
  { clients, clock, sight }: Pick<Target, 'clients' | 'clock' | 'sight'>,
  workload: Workload,
  plan: PlanName,
  { takeOver }: { readonly takeOver: boolean },
  onProgress: (says: string) => void,
): Promise<void> {
  const base = baseContext({ workload, clock, ids: systemIds, clientsFor: clients, sight });
  await breakGlassOver(base, plan, {
    who: 'rehearsal',
    input: { trigger: { by: 'person', why: 'started by a rehearsal' }, ...(takeOver ? { takeOver } : {}) },
    onStep: (step, phase, detail) => onProgress(`${phase} ${step}${detail === undefined ? '' : `: ${detail}`}`),
  });
}
