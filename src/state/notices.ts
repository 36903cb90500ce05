/** Which notices have been published: each is claimed before it goes out, so that two watchers don't both send it. */

import type { ItemStore } from './items.ts';

interface Claim {
  readonly at: number;
  readonly told: boolean;
}

/** Milliseconds after which a claim without a notice is taken over: its watcher has died. */
const patience = 120_000;

const sortOf = (notice: string) => `notice#${notice}`;

/** Publishes a notice unless that has been done. Answers whether it did. */
export async function tellOnce(
  store: ItemStore,
  notice: string,
  now: number,
  publish: () => Promise<void>,
): Promise<boolean> {
  const sort = sortOf(notice);
  if (!(await store.create(sort, { at: now, told: false } satisfies Claim))) {
    const claim = await store.get<Claim>(sort);
    if (claim === undefined || claim.told || now - claim.at < patience) return false;
    await store.put(sort, { at: now, told: false } satisfies Claim);
  }
  try {
    await publish();
  } catch (error) {
    // Free to be taken at once: the next round tries again.
    await store.put(sort, { at: 0, told: false } satisfies Claim);
    throw error;
  }
  await store.put(sort, { at: now, told: true } satisfies Claim);
  return true;
}
