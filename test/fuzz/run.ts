/**
 * Fuzzes a sandbox's gateway and every service behind it:
 *   node node_modules/tsx/dist/cli.mjs test/fuzz/run.ts --requests 100000 --seed 1
 *   node node_modules/tsx/dist/cli.mjs test/fuzz/run.ts --seed 1 --only 4711      sends one request of that run again
 * Exits with 1 when an answer was neither success nor a typed error of the caller's, and prints each such request.
 */

import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { startFuzzWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
    concurrency: { type: 'string', default: '4' },
    show: { type: 'string', default: '20' },
  },
});
const seed = Number(values.seed);
const from = Number(values.only ?? values.from);
const to = from + (values.only === undefined ? Number(values.requests) : 1);

// The CBOR library complains of impossible lengths on the console.
console.warn = () => {};
const started = Date.now();
const world = await startFuzzWorld();
const report = await fuzz(world, {
  seed,
  from,
  to,
  concurrency: Number(values.concurrency),
  onProgress: (done) => {
    if (done % 5000 === 0)
      console.log(`${done} requests, ${Math.round((done * 1000) / (Date.now() - started))} a second`);
  },
});
await world[Symbol.asyncDispose]();

console.log(
  `${to - from} requests of seed ${seed} in ${Math.round((Date.now() - started) / 1000)} s:`,
  report.statuses,
);
const codes = Object.entries(report.codes).sort(([, left], [, right]) => right - left);
console.log('Codes:', codes.map(([code, count]) => `${code} ${count}`).join(', '));
console.log(
  `Heap held: ${Math.round(report.held / 1e6)} MB more, of ${Math.round(report.accepted / 1e6)} MB accepted.`,
);
const kinds = new Map<string, number[]>();
for (const { index, why } of report.failures) kinds.set(why, [...(kinds.get(why) ?? []), index]);
for (const [why, indices] of kinds) console.log(`${indices.length} times ${why}: ${indices.slice(0, 20).join(' ')}`);
for (const { index, why, request } of report.failures.slice(0, Number(values.show))) {
  console.log(`\n--only ${index}: ${why}\n${request}`);
}
console.log(`${report.failures.length} failures.`);
process.exitCode = report.failures.length === 0 ? 0 : 1;
