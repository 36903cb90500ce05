/**
 * What people were asked, and their answers: one item a request. Every change is written only over what it was made from, so that of two
 * answers one counts, and one approval is used once.
 */

import { createHash } from 'node:crypto';
import type { Answered, ApprovalRequest } from '../plan/approval.ts';
import { answeredBy, closed, usedBy } from '../plan/approval.ts';
import type { FindingCode } from '../plan/findings.ts';
import type { ItemStore } from './items.ts';

/** Which request is the latest. */
interface Standing {
  readonly id: string;
}

const standing = 'approval';
const sortOf = (id: string) => `approval#${id}`;

export const readRequest = (store: ItemStore, id: string): Promise<ApprovalRequest | undefined> =>
  store.get<ApprovalRequest>(sortOf(id));

export async function latestRequest(store: ItemStore): Promise<ApprovalRequest | undefined> {
  const latest = await store.get<Standing>(standing);
  return latest === undefined ? undefined : readRequest(store, latest.id);
}

/** Every request there was, the oldest first. */
export const listRequests = async (store: ItemStore): Promise<ApprovalRequest[]> =>
  (await store.list<ApprovalRequest>(sortOf(''))).sort((one, other) => one.askedAt - other.askedAt);

type Spell = { readonly epoch: number; readonly finding: FindingCode; readonly since: number };

/** The id of a finding's request: worked out, so that two watchers make the same one. It is no secret; links are signed. */
export function requestId({ workload }: ItemStore, { epoch, finding, since }: Spell, ordinal: number): string {
  const text = JSON.stringify([workload, epoch, finding, since, ordinal]);
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

/** Makes a request, unless another watcher has. Answers the one that stands. */
export async function makeRequest(store: ItemStore, request: ApprovalRequest): Promise<ApprovalRequest> {
  const made = await store.create(sortOf(request.id), request);
  await store.put(standing, { id: request.id } satisfies Standing);
  return made ? request : ((await readRequest(store, request.id)) ?? request);
}

export type Change = { readonly changed: boolean; readonly request: ApprovalRequest };

/** A person's word. Not `changed`: it couldn't be decided any more, and the request says why. Undefined: there is no such request. */
export const answerRequest = (
  store: ItemStore,
  id: string,
  state: 'approved' | 'declined',
  answered: Answered,
): Promise<Change | undefined> => change(store, id, (request) => answeredBy(request, state, answered));

/** Marks an approval used by `run`. Repeated by the same run it counts as changed. */
export const applyRequest = (store: ItemStore, id: string, run: string, now: number): Promise<Change | undefined> =>
  change(store, id, (request) => usedBy(request, run, now));

/** Closes a request that is open: expired by now, or passed for the reason given. */
export const closeRequest = (store: ItemStore, id: string, now: number, why?: string): Promise<Change | undefined> =>
  change(store, id, (request) => closed(request, now, why));

/** Judged again by what is written meanwhile. */
async function change(
  store: ItemStore,
  id: string,
  next: (request: ApprovalRequest) => ApprovalRequest | undefined,
): Promise<Change | undefined> {
  for (;;) {
    const request = await readRequest(store, id);
    if (request === undefined) return undefined;
    const wanted = next(request);
    if (wanted === undefined) return { changed: false, request };
    if (wanted === request || (await store.replace(sortOf(id), request, wanted)))
      return { changed: true, request: wanted };
  }
}
