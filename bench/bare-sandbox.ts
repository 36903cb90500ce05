/** A sandbox in a process of its own with nothing deployed: started by `bare.mjs`, from the compiled product. */

import { child } from './child.ts';
import type { ClientConfig } from './client.ts';

export interface BareSandbox {
  readonly pid: number;
  /** For clients inside its Region: no link lies between. */
  readonly config: ClientConfig;
  stop(): Promise<void>;
}

/** `state` is where it is kept; without it nothing is. */
export async function bareSandbox(state?: string): Promise<BareSandbox> {
  const { pid, told, stop } = await child<ClientConfig>('bare.mjs', state === undefined ? [] : [state]);
  return { pid, config: told, stop };
}
