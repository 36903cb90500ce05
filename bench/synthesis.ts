/** How soon the example's CDK app is synthesized, with the CDK's own validation on and without. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cdkSettings } from '../src/cli/cdk-settings.ts';
import type { Benchmark, Figures } from './figures.ts';
import { median, rounded } from './figures.ts';

const times = 5;
const example = fileURLToPath(new URL('../examples/photos', import.meta.url));
const kinds = { on: 'true', off: 'false' } as const;

export const synthesis: Benchmark = {
  name: 'synthesis',
  does: "how soon the example's CDK app is synthesized, with validation and without",
  async run(say): Promise<Figures> {
    const taken: Record<keyof typeof kinds, number[]> = { on: [], off: [] };
    // One of each that doesn't count: the file cache is cold. Then in turns, so that a busy moment falls on both.
    for (const kind of ['on', 'off'] as const) synthesizeOnce(kinds[kind]);
    for (let time = 0; time < times; time++) {
      say(`${time + 1} of ${times}`);
      for (const kind of ['on', 'off'] as const) taken[kind].push(synthesizeOnce(kinds[kind]));
    }
    const seconds = (kind: keyof typeof kinds) => rounded(median(taken[kind]) / 1000, 2);
    const row = (what: string, kind: keyof typeof kinds) => [
      what,
      seconds(kind),
      rounded(Math.min(...taken[kind]) / 1000, 2),
      rounded(Math.max(...taken[kind]) / 1000, 2),
    ];
    return {
      title: `Synthesis of the example, both Regions, medians of ${times}`,
      tables: [
        {
          columns: ['validation', 'real s', 'fastest', 'slowest'],
          rows: [row('on', 'on'), row('off', 'off')],
        },
      ],
      goals: [
        { what: 'with validation', measured: seconds('on'), under: 5, unit: 's' },
        { what: 'without', measured: seconds('off'), under: 2, unit: 's' },
      ],
      notes: [
        'The app of its cdk.json, in a process of its own: what a rehearsal and a deployment do first. The workload’s own functions are bundled; the control functions were when the package was built.',
        'Some three quarters of what validation adds is the start of the CDK’s own validator, whatever there is to validate.',
      ],
      data: { seconds: { on: seconds('on'), off: seconds('off') }, of: times },
    };
  },
};

/** Milliseconds. */
function synthesizeOnce(validation: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-synthesis-'));
  const { app, context } = cdkSettings(example);
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const began = performance.now();
  const { status, stderr } = spawnSync(app, {
    cwd: example,
    shell: true,
    env: {
      ...process.env,
      CDK_OUTDIR: join(folder, 'cdk.out'),
      CDK_CONTEXT_JSON: JSON.stringify(context),
      CDK_DISABLE_STACK_TRACE: '1',
      CDK_VALIDATION: validation,
      TMPDIR: temporary,
    },
  });
  const milliseconds = performance.now() - began;
  rmSync(folder, { recursive: true, force: true });
  if (status !== 0) throw new Error(`The CDK app didn't synthesize: ${stderr.toString().slice(-500)}`);
  return milliseconds;
}
