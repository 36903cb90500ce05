/**
 * `npm run bench [names] [-- --json]`: measures what the project says about its speed and size. Without names all benchmarks run, the
 * cheap ones first. A goal that is missed is printed as missed and is no failure; a benchmark that can't be made is one.
 */

import { cpus, loadavg, totalmem } from 'node:os';
import { messageOf } from '../src/kernel/errors.ts';
import type { Benchmark } from './figures.ts';
import { isMet, render, rounded } from './figures.ts';
import { help } from './help.ts';
import { kept } from './kept.ts';
import { lots } from './lots.ts';
import { rates } from './rates.ts';
import { rehearsal } from './rehearsal.ts';
import { rto } from './rto.ts';
import { start } from './start.ts';
import { synthesis } from './synthesis.ts';
import { up } from './up.ts';
import { uploads } from './uploads.ts';

const benchmarks: readonly Benchmark[] = [help, synthesis, up, start, rates, uploads, lots, kept, rehearsal, rto];

const code = await main(process.argv.slice(2));
// At once: what a benchmark that failed left open must not keep the bench waiting for ever.
process.exit(code);

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const names = args.filter((arg) => arg !== '--json');
  const unknown = names.filter((name) => !benchmarks.some((one) => one.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `There is no such benchmark. Given: ${unknown.join(', ')}. Allowed: --json, and these, all of them when none is given:\n` +
        benchmarks.map(({ name, does }) => `  ${name.padEnd(10)} ${does}\n`).join(''),
    );
    return 2;
  }
  // With --json stdout is for the object alone.
  const out = json ? process.stderr : process.stdout;
  const results: Record<string, unknown> = {};
  const before = machine();
  process.stderr.write(
    `Node ${before.node}, ${before.processors} processors (${before.processor}), ${before.memoryMiB} MiB; load averages ${before.load.join(', ')}\n`,
  );
  let failed = false;
  for (const { name, does, run } of benchmarks) {
    if (names.length > 0 && !names.includes(name)) continue;
    process.stderr.write(`-- ${name}: ${does}\n`);
    try {
      const figures = await run((line) => process.stderr.write(`   ${line}\n`));
      results[name] = { ...figures.data, goals: figures.goals.map((goal) => ({ ...goal, met: isMet(goal) })) };
      out.write(`\n${render(figures)}\n`);
    } catch (error) {
      failed = true;
      results[name] = { error: messageOf(error) };
      out.write(`\n${name}: it could not be measured: ${messageOf(error)}\n\n`);
    }
  }
  if (json) process.stdout.write(`${JSON.stringify({ machine: before, ...results })}\n`);
  return failed ? 1 : 0;
}

/** A busy machine makes every figure worse: its load is told with them. */
function machine() {
  return {
    node: process.version,
    processor: cpus()[0]?.model ?? '',
    processors: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    load: loadavg().map((load) => rounded(load)),
  };
}
