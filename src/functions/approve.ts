/** Answers the link of a request that waits for a person. Public: what it answers to is signed, and nothing else is. */

import type { UrlAnswer, UrlEvent } from '../upkeep/approving/answer.ts';
import { answerLink } from '../upkeep/approving/answer.ts';
import { surroundings } from './surroundings.ts';

/** While the function is warm: whoever sends it nonsense costs no call. */
let key: Promise<string | undefined> | undefined;

export async function approve(event: UrlEvent): Promise<UrlAnswer> {
  const { clock, names, on, store } = surroundings();
  key ??= on('recovery')
    .parameters.get(names.approvalKey)
    .then((found) => found?.Value);
  // One that couldn't be read, or isn't there yet, is asked for again.
  const known = await key.catch((error: unknown) => {
    key = undefined;
    throw error;
  });
  if (known === undefined) key = undefined;
  return answerLink(event, { clock, key: known, store, workload: names.prefix });
}
