/**
 * `pilot-light status`: how a workload stands, on one screen and within two seconds, whichever Region is silent. It reads, and changes
 * nothing.
 */

import type { AskedFlags } from './asked-clients.ts';
import { askedBase, glance, noState } from './asked-clients.ts';
import type { Known } from './status/concerns.ts';
import { concernsOf } from './status/concerns.ts';
import { answerOf, observe } from './status/observe.ts';
import { statusText } from './status/text.ts';
import { print, printJson } from './text.ts';

/** 0: served and protected; 1: something is to be looked at; 3: who is active can't be told. */
export async function status({ json, ...asked }: AskedFlags): Promise<number> {
  const base = await askedBase(asked, glance);
  const observed = await observe(base);
  if ('value' in observed.state && observed.state.value === undefined) throw noState(base);
  const state = answerOf(observed.state);
  // A machine whose clock is late is told so by the watcher's last look.
  const now = Math.max(base.clock.now(), state?.watch?.memory.stretches.at(-1)?.at ?? 0);
  const known: Known = { workload: base.workload, observed, state, now };
  const concerns = concernsOf(known);
  if (json === true) printJson({ workload: base.names.prefix, at: now, concerns, ...observed });
  else print(statusText(base.names.prefix, known, concerns));
  if (state === undefined) return 3;
  return concerns.length === 0 ? 0 : 1;
}
