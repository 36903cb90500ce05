/** Copies one changed parameter when an event names it, else all of them. */

import { copyAndNote, reconcileAndNote } from '../upkeep/note-sync.ts';
import { ownSide, surroundings } from './surroundings.ts';

interface ParameterEvent {
  readonly 'detail-type'?: string;
  readonly detail?: { readonly name?: string };
}

export async function parameters(event: ParameterEvent): Promise<void> {
  const base = surroundings();
  const own = ownSide(base.workload);
  const name = event['detail-type'] === 'Parameter Store Change' ? event.detail?.name : undefined;
  const copied = await (name === undefined ? reconcileAndNote(base, own) : copyAndNote(base, own, name));
  console.log(JSON.stringify({ parameters: copied }));
}
