/** How soon a sandbox is up with all stacks of both Regions deployed, skipping waits, how much memory it holds, and how soon its status is told. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deployedSandbox } from './deployed-sandbox.ts';
import type { Benchmark, Figures } from './figures.ts';
import { median, rounded } from './figures.ts';
import type { Memory } from './processes.ts';
import { memoryOf, watchMemory } from './processes.ts';

const statusTimes = 7;
const program = fileURLToPath(new URL('../bin/pilot-light.mjs', import.meta.url));

export const start: Benchmark = {
  name: 'start',
  does: 'a sandbox up and all stacks of both Regions deployed at speed max',
  async run(say): Promise<Figures> {
    let watched: { stop(): Memory } | undefined;
    const sandbox = await deployedSandbox(say, (pid) => {
      watched = watchMemory(pid, 1000);
    });
    const atRest = memoryOf(sandbox.pid);
    const peak = watched?.stop() ?? atRest;
    say('status');
    const told = (command: readonly string[], ends: readonly number[]) =>
      rounded(median(Array.from({ length: statusTimes }, () => secondsToTell(command, sandbox.id, ends))), 2);
    const sandboxStatus = told(['sandbox', 'status'], [0]);
    // Just deployed, there may be something that needs a look.
    const status = told(['status'], [0, 1]);
    await sandbox.stop();
    const seconds = (milliseconds: number) => rounded(milliseconds / 1000);
    const { synth, up, deploy } = sandbox.parts;
    const whole = seconds(sandbox.milliseconds);
    return {
      title: `Sandbox up and ${sandbox.stacks} stacks deployed, at speed max`,
      tables: [
        {
          columns: ['', 'real s'],
          rows: [
            ['synthesize the app', seconds(synth)],
            ['start the sandbox, meanwhile', seconds(up)],
            ['deploy', seconds(deploy)],
            ['whole, from the start of the process', whole],
            [`\`pilot-light sandbox status\` then, median of ${statusTimes}`, sandboxStatus],
            [`\`pilot-light status\` then, median of ${statusTimes}`, status],
          ],
        },
        {
          columns: ['memory', 'processes', 'resident MiB', 'proportional MiB'],
          rows: [
            ['deployed', atRest.processes, atRest.resident, atRest.proportional],
            ['highest on the way, synthesis included', peak.processes, peak.resident, peak.proportional],
          ],
        },
      ],
      goals: [
        { what: 'up and deployed', measured: whole, under: 20, unit: 's' },
        { what: 'pilot-light sandbox status', measured: sandboxStatus, under: 2, unit: 's' },
        { what: 'pilot-light status', measured: status, under: 2, unit: 's' },
      ],
      notes: ['Resident memory counts shared pages once per process; proportional memory divides them.'],
      data: {
        seconds: { synth: seconds(synth), up: seconds(up), deploy: seconds(deploy), whole },
        statusSeconds: { sandbox: sandboxStatus, workload: status },
        stacks: sandbox.stacks,
        memory: { atRest, peak },
      },
    };
  },
};

/** Other sandboxes may run: it is asked for by its id. */
function secondsToTell(command: readonly string[], id: string, ends: readonly number[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [program, ...command, '--sandbox', id], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === null || !ends.includes(status))
    throw new Error(`\`pilot-light ${command.join(' ')}\` ended with ${status}: ${stderr.toString().trim()}`);
  return (performance.now() - began) / 1000;
}
