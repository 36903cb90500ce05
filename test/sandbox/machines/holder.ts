/** A program that holds a sandbox with machines, grandchildren and one that leaves its group. Started by tests that end it in many ways. */

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { markedProcesses } from '../../../src/sandbox/machines/processes.ts';
import { markName } from '../../../src/sandbox/machines/runs.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';

const sandbox = await startSandbox({ regions: ['us-east-1', 'us-west-2'], speed: 10, timing: 'p50', factories: [] });
for (const region of sandbox.core.regions) {
  await sandbox.core.region(region).machines.spawn({
    name: 'family',
    command: '/bin/sh',
    args: ['-c', 'sleep 1000 & setsid sleep 1000 & (trap "" TERM HUP INT; sleep 1000) & wait'],
    env: {},
  });
}
const mark = (region: string) => `${markName}=${sandbox.id}/${region}`;
const everybody = () => sandbox.core.regions.flatMap((region) => markedProcesses(mark(region)));
// A warden, a shell and three sleepers in each Region.
while (everybody().length < 10) await sleep(5);

createServer().listen(0, sandbox.network.allocate('outside'));
process.stdout.write(`${JSON.stringify({ id: sandbox.id, directory: sandbox.core.directory, pids: everybody() })}\n`);
// Keeps going until it is ended from outside.
await sleep(120_000);
