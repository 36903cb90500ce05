/** A sandbox with real processes, sockets and AWS time, for tests of what only real things show. Call `stop`, or use `await using`. */

import type { ServiceFactory } from '../../src/sandbox/contract.ts';
import { type RunningSandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';

export type RealSandbox = RunningSandbox & AsyncDisposable;

/** Two Regions at ten times real time, p50 durations and repeatable ids, unless said otherwise. */
export async function realSandbox(
  factories: readonly ServiceFactory[],
  options: Partial<Omit<SandboxOptions, 'factories'>> = {},
): Promise<RealSandbox> {
  const sandbox = await startSandbox({
    regions: ['us-east-1', 'us-west-2'],
    speed: 10,
    timing: 'p50',
    seed: 1,
    signals: false,
    ...options,
    factories,
  });
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.stop() });
}
