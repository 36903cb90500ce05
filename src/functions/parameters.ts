/** Copies one changed parameter when an event names it, else all of them. */

import { copyParameter, reconcileParameters } from '../upkeep/parameters.ts';
import { ownSide, surroundings } from './surroundings.ts';

interface ParameterEvent {
  readonly 'detail-type'?: string;
  readonly detail?: { readonly name?: string };
}

export async function parameters(event: ParameterEvent): Promise<void> {
  const base = surroundings();
  const own = ownSide(base.workload);
  const name = event['detail-type'] === 'Parameter Store Change' ? event.detail?.name : undefined;
  const copied = name === undefined ? await reconcileParameters(base, own) : await copyParameter(base, own, name);
  console.log(JSON.stringify({ parameters: copied }));
}
