/** How soon a sandbox is up with all stacks of both Regions deployed, skipping waits, and how much memory it holds. */

import { deployedSandbox } from './deployed-sandbox.ts';
import type { Benchmark, Figures } from './figures.ts';
import { rounded } from './figures.ts';
import type { Memory } from './processes.ts';
import { memoryOf, watchMemory } from './processes.ts';

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
      goals: [{ what: 'up and deployed', measured: whole, under: 20, unit: 's' }],
      notes: ['Resident memory counts shared pages once per process; proportional memory divides them.'],
      data: {
        seconds: { synth: seconds(synth), up: seconds(up), deploy: seconds(deploy), whole },
        stacks: sandbox.stacks,
        memory: { atRest, peak },
      },
    };
  },
};
