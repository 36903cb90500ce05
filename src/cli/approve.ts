/** `pilot-light approve`: shows what waits for a person, and takes their word. The same rules as those of the link. */

import type { Base } from '../engines/base.ts';
import { usageError } from '../kernel/errors.ts';
import type { Answered, ApprovalRequest } from '../plan/approval.ts';
import { becameOf, stateAt } from '../plan/approval.ts';
import { answerRequest, latestRequest, readRequest } from '../state/approvals.ts';
import { acknowledge } from '../state/decisions.ts';
import { readWatch } from '../state/looks.ts';
import type { ApproveFlags } from './approve-commands.ts';
import { requestText } from './approve-text.ts';
import { askedWorkload, orNoState } from './asked-clients.ts';
import { agreed } from './deploy/ask.ts';
import { print, printJson } from './text.ts';

export async function approve(id: string | undefined, flags: ApproveFlags): Promise<number> {
  const { decline = false, json = false, why = '', yes = false, ...asked } = flags;
  if (id === undefined && (decline || yes || why !== ''))
    throw usageError('No request is named.', { next: 'Say which one: pilot-light approve shows what waits.' });
  if (decline && why === '') throw usageError('To decline takes a reason.', { next: 'Add --why.' });
  const { base, caller } = await askedWorkload(asked);
  const { names, store } = base;
  const request = await orNoState(base, () => (id === undefined ? latestRequest(store) : readRequest(store, id)));
  const now = await awsNow(base);
  if (id === undefined) {
    const waiting = request !== undefined && stateAt(request, now) === 'pending' ? request : undefined;
    if (json) printJson({ workload: names.prefix, waiting: waiting ?? null });
    else
      print(waiting === undefined ? [`Nothing of ${names.prefix} waits for an approval.`] : requestText(waiting, now));
    return 0;
  }
  if (request === undefined) throw unknown(id, names.prefix);
  if (stateAt(request, now) !== 'pending') throw over(request);
  if (!json) print([...requestText(request, now), '']);
  const question = decline ? `Decline ${id}?` : `Approve ${id}: fail ${names.prefix} over?`;
  if (!(await agreed(question, yes, '--yes'))) {
    print(['Nothing was decided.']);
    return 1;
  }
  const decided = await decideRequest(base, id, decline ? 'declined' : 'approved', { by: await caller(), why });
  if (json) printJson({ workload: names.prefix, request: decided });
  else print([decline ? declined : approved]);
  return 0;
}

/** A person's word, given at the command line. @throws a usage error for a request that can't be decided (any more). */
export async function decideRequest(
  base: Base,
  id: string,
  state: 'approved' | 'declined',
  { by, why }: Pick<Answered, 'by' | 'why'>,
): Promise<ApprovalRequest> {
  const { names, store } = base;
  const answered: Answered = { at: await awsNow(base), by, how: 'command line', why };
  const change = await answerRequest(store, id, state, answered);
  if (change === undefined) throw unknown(id, names.prefix);
  const { changed, request } = change;
  if (!changed) throw over(request);
  if (state === 'declined')
    await acknowledge(store, { finding: request.finding, at: answered.at, by: `${by} (${answered.how})`, why });
  return request;
}

const approved =
  'Approved. The watcher begins the failover within seconds, if what was found still stands. Where its own quote is worse than this one, nothing is moved and you are asked anew.';
const declined =
  'Declined. Nothing is failed over while this finding lasts, and nobody is asked about it again; pilot-light failover does it all the same.';

/** AWS's time as far as it is known here: a machine whose clock is late is told so by the watcher's last look. */
async function awsNow({ clock, store }: Base): Promise<number> {
  const last = (await readWatch(store))?.memory.stretches.at(-1)?.at ?? 0;
  return Math.max(clock.now(), last);
}

const unknown = (id: string, workload: string): Error =>
  usageError(`There is no request ${id} of ${workload}.`, {
    next: 'pilot-light approve shows what waits; a request is named in its notice.',
  });

function over(request: ApprovalRequest): Error {
  const became = becameOf({ ...request, state: request.state === 'pending' ? 'expired' : request.state });
  return usageError(`The request ${request.id} can't be decided any more: ${became}.`, {
    next: 'While the finding stands a new one is made, with a fresh quote: pilot-light approve shows it.',
  });
}
