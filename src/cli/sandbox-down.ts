/** `pilot-light sandbox down`: ends every running sandbox of this user and sweeps what killed ones left behind. */

import { setTimeout as sleep } from 'node:timers/promises';
import { sweepWorkspaces } from './workspace.ts';

/** A sandbox that hasn't ended by itself after this long is killed; its machines die with it. */
const patience = 10_000;

export async function sandboxDown(): Promise<number> {
  const { isRunning, listRuns, sweepLeftovers } = await import('../sandbox/machines/runs.ts');
  const running = listRuns().filter(isRunning);
  for (const run of running) process.kill(run.pid, 'SIGTERM');
  const deadline = performance.now() + patience;
  while (running.some(isRunning) && performance.now() < deadline) await sleep(50);
  for (const run of running.filter(isRunning)) process.kill(run.pid, 'SIGKILL');
  while (running.some(isRunning)) await sleep(20);
  const swept = sweepLeftovers();
  sweepWorkspaces();
  const parts = [
    running.length === 0 ? 'No sandbox was running.' : `Ended ${running.length} running.`,
    ...(swept.length === 0 ? [] : [`Swept what ${swept.length} left behind.`]),
  ];
  process.stdout.write(`${parts.join(' ')}\n`);
  return 0;
}
