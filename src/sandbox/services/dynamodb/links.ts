/** Whether two Regions can speak with each other: an answer needs the way back. */

import type { SandboxCore } from '../../contract.ts';

export const linked = ({ network }: SandboxCore, one: string, other: string): boolean =>
  network.reachable(one, other) && network.reachable(other, one);
