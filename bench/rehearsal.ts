/** How long a whole rehearsal takes at the default speed, and how much memory all of it holds at most. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openWorkspace } from '../src/cli/workspace.ts';
import type { Benchmark, Figures, Goal } from './figures.ts';
import { rounded } from './figures.ts';
import type { Memory } from './processes.ts';
import { watchMemory } from './processes.ts';

const program = fileURLToPath(new URL('../bin/pilot-light.mjs', import.meta.url));

/** What `rehearse --json` prints last, as far as it is read here. */
interface Printed {
  readonly outcome: string;
  readonly failures: readonly string[];
  readonly rto?: { readonly resolved?: { readonly awsSeconds: number; readonly realSeconds: number } };
}

export const rehearsal: Benchmark = {
  name: 'rehearsal',
  does: 'one whole `pilot-light rehearse` at the default speed',
  async run(say): Promise<Figures> {
    const reports = openWorkspace();
    try {
      const began = performance.now();
      const child = spawn(process.execPath, [program, 'rehearse', '--json', '--report', reports.folder], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'exit');
      const watched = watchMemory(child.pid ?? 0, 1000);
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (/ (==|\*\*|!!) /.test(line)) say(line);
      });
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
      const [status] = (await ended) as [number | null];
      const whole = rounded((performance.now() - began) / 1000);
      const peak = watched.stop();
      const last = printed.trim().split('\n').at(-1) ?? '';
      if (!last.startsWith('{')) throw new Error(`The rehearsal ended with ${status} and no result.`);
      const { outcome, failures, rto } = JSON.parse(last) as Printed;
      return {
        title: `A whole rehearsal at the default speed: it ${outcome}`,
        tables: [
          {
            columns: ['', 'measured'],
            rows: [
              ['wall time, real s', whole],
              ['highest memory of all processes, resident MiB', peak.resident],
              ['the same, proportional MiB', peak.proportional],
              ['most processes at a time', peak.processes],
              ['its RTO, AWS s', rto?.resolved?.awsSeconds ?? 'none'],
            ],
          },
        ],
        // One that failed may have left out half of the work.
        goals: outcome === 'passed' ? goalsOf(whole, peak) : [],
        notes: [
          'Memory is looked at once a second. Resident memory counts shared pages once per process; proportional memory divides them.',
          ...(outcome === 'passed' ? [] : ['It failed, so it is held against no goal.']),
          ...failures.map((failure) => `It failed: ${failure.slice(0, 300)}`),
        ],
        data: { seconds: whole, memory: peak, outcome, failures, rto },
      };
    } finally {
      reports.close();
    }
  },
};

const goalsOf = (whole: number, { proportional, resident }: Memory): Goal[] => [
  { what: 'the whole rehearsal', measured: whole, under: 240, unit: 's' },
  { what: 'memory, proportional', measured: proportional, under: 2048, unit: 'MiB' },
  { what: 'memory, resident', measured: resident, under: 2048, unit: 'MiB' },
];
