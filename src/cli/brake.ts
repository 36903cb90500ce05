/** `pilot-light brake`: on, off, or how it is. */

import { usageError } from '../kernel/errors.ts';
import { readAuthority } from '../state/authority.ts';
import { putBrakeOn, takeBrakeOff } from '../state/brake.ts';
import { askedWorkload, orNoState } from './asked-clients.ts';
import type { BrakeFlags } from './brake-commands.ts';
import { print, printJson } from './text.ts';

export async function brake(state: 'on' | 'off' | undefined, flags: BrakeFlags): Promise<number> {
  const { json = false, why = '', ...asked } = flags;
  if (state === 'on' && why === '') throw usageError('To put the brake on takes a reason.', { next: 'Add --why.' });
  if (state !== 'on' && why !== '')
    throw usageError('A reason is for putting the brake on.', { next: 'Leave --why out, or say: brake on --why …' });
  const { base, caller } = await askedWorkload(asked);
  const { names, store } = base;
  await orNoState(base, () => readAuthority(store));
  if (state === 'on') await putBrakeOn(store, `${why} (${await caller()})`);
  const wasOn = state === 'off' ? await takeBrakeOff(store) : undefined;
  const { brake: on, holder } = await readAuthority(store);
  if (json) {
    printJson({ workload: names.prefix, on: on !== undefined, why: on ?? null, holder: holder ?? null });
    return 0;
  }
  print([
    on === undefined
      ? `The brake of ${names.prefix} is off${wasOn === false ? ', and was off before' : ''}.`
      : `The brake of ${names.prefix} is on: ${on}.`,
    ...(on !== undefined && holder !== undefined ? [`Run ${holder} is under way, and goes on.`] : []),
  ]);
  return 0;
}
