/** How soon `pilot-light --help` answers, beside a Node that does nothing. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Figures } from './figures.ts';
import { median, rounded } from './figures.ts';

const times = 15;
const program = fileURLToPath(new URL('../bin/pilot-light.mjs', import.meta.url));

export const help: Benchmark = {
  name: 'help',
  does: 'how soon `pilot-light --help` answers',
  async run(): Promise<Figures> {
    const commands = { bare: ['-e', '0'], help: [program, '--help'] };
    const taken: Record<keyof typeof commands, number[]> = { bare: [], help: [] };
    // In turns, so that a busy moment of the machine falls on both.
    for (let time = 0; time < times; time++) {
      taken.bare.push(milliseconds(commands.bare));
      taken.help.push(milliseconds(commands.help));
    }
    const bare = rounded(median(taken.bare));
    const helped = rounded(median(taken.help));
    return {
      title: `The first answer, medians of ${times}`,
      tables: [
        {
          columns: ['', 'ms', 'fastest', 'slowest'],
          rows: (
            [
              ['node -e 0', bare, taken.bare],
              ['pilot-light --help', helped, taken.help],
            ] as const
          ).map(([what, middle, all]) => [what, middle, rounded(Math.min(...all)), rounded(Math.max(...all))]),
        },
      ],
      goals: [{ what: 'pilot-light --help', measured: helped, under: 100, unit: 'ms' }],
      notes: [],
      data: { bareMilliseconds: bare, helpMilliseconds: helped, of: times },
    };
  },
};

function milliseconds(args: readonly string[]): number {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}.`);
  return performance.now() - began;
}
