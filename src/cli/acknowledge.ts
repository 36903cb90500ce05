/** `pilot-light acknowledge`: a person knows of the finding as it is now. */

import { usageError } from '../kernel/errors.ts';
import { readAuthority } from '../state/authority.ts';
import { acknowledge, readDecision } from '../state/decisions.ts';
import type { AcknowledgeFlags } from './acknowledge-commands.ts';
import { askedWorkload, orNoState } from './asked-clients.ts';
import { print, printJson } from './text.ts';

export async function acknowledgeFinding({ json = false, why, ...asked }: AcknowledgeFlags): Promise<number> {
  const { base, caller } = await askedWorkload(asked);
  const { clock, names, store } = base;
  const decision = await orNoState(base, () => readDecision(store));
  const { epoch } = await readAuthority(store);
  if (decision === undefined || decision.epoch !== epoch || ['all-well', 'unclear'].includes(decision.finding)) {
    throw usageError(`Nothing is found of ${names.prefix} now that could be acknowledged.`, {
      ...(decision === undefined ? {} : { given: decision.sentence }),
      next: 'Acknowledge a finding while it stands; the brake keeps everything from being failed over: pilot-light brake on --why …',
    });
  }
  // A machine whose clock is late would acknowledge what wasn't found yet.
  const at = Math.max(clock.now(), decision.at, decision.since);
  const acknowledged = { finding: decision.finding, at, by: await caller(), why };
  await acknowledge(store, acknowledged);
  if (json) printJson({ workload: names.prefix, acknowledged });
  else
    print([
      `Acknowledged: ${decision.finding} of ${names.prefix}.`,
      'Until something else is found, nobody is told of it again and nothing is failed over for it.',
    ]);
  return 0;
}
