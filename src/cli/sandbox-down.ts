/** `pilot-light sandbox down`: ends running sandboxes of this user, all or one, and sweeps what killed ones left behind. */

import { setTimeout as sleep } from 'node:timers/promises';
import { chosenRun } from './sandbox-choice.ts';
import { print, printJson } from './text.ts';
import { sweepWorkspaces } from './workspace.ts';

/** A sandbox that hasn't ended by itself after this long is killed; its machines die with it. */
const patience = 10_000;

export async function sandboxDown({
  sandbox,
  json,
}: {
  readonly sandbox?: string;
  readonly json?: boolean;
}): Promise<number> {
  const { isRunning, listRuns, sweepLeftovers } = await import('../sandbox/machines/runs.ts');
  const earlier = sandbox === undefined ? [] : sweepLeftovers();
  const running = sandbox === undefined ? listRuns().filter(isRunning) : [await chosenRun(sandbox)];
  for (const run of running) end(run.pid, 'SIGTERM');
  const deadline = performance.now() + patience;
  while (running.some(isRunning) && performance.now() < deadline) await sleep(50);
  for (const run of running.filter(isRunning)) end(run.pid, 'SIGKILL');
  while (running.some(isRunning)) await sleep(20);
  const swept = [...earlier, ...sweepLeftovers()];
  sweepWorkspaces();
  if (json) printJson({ ended: running.map(({ id }) => id), swept });
  else {
    print([
      [
        running.length === 0 ? 'No sandbox was running.' : `Ended ${running.length} running.`,
        ...(swept.length === 0 ? [] : [`Swept what ${swept.length} left behind.`]),
      ].join(' '),
    ]);
  }
  return 0;
}

function end(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}
