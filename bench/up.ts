/** How soon a sandbox with nothing deployed is up and has answered its first call, and how much memory it holds at rest. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Benchmark, Figures } from './figures.ts';
import { median, rounded } from './figures.ts';
import type { Memory } from './processes.ts';
import { memoryOf } from './processes.ts';

const times = 5;
const atRestAfter = 2000;
const program = fileURLToPath(new URL('../bin/pilot-light.mjs', import.meta.url));

interface Started {
  /** Milliseconds from the start of the process. */
  readonly up: number;
  readonly answered: number;
  readonly memory: Memory;
}

export const up: Benchmark = {
  name: 'up',
  does: 'how soon `pilot-light sandbox up` answers, and what it holds with nothing deployed',
  async run(say): Promise<Figures> {
    const starts: Started[] = [];
    for (let time = 0; time < times; time++) {
      say(`${time + 1} of ${times}`);
      starts.push(await startOnce());
    }
    const middle = (figure: (start: Started) => number) => rounded(median(starts.map(figure)), 0);
    const memory = {
      processes: middle(({ memory: { processes } }) => processes),
      resident: middle(({ memory: { resident } }) => resident),
      proportional: middle(({ memory: { proportional } }) => proportional),
    };
    const seconds = {
      up: rounded(middle((start) => start.up) / 1000, 2),
      answered: rounded(middle((start) => start.answered) / 1000, 2),
    };
    return {
      title: `\`pilot-light sandbox up\` with nothing deployed, medians of ${times}`,
      tables: [
        {
          columns: ['', 'real s'],
          rows: [
            ['up', seconds.up],
            ['first answer to an SDK client', seconds.answered],
          ],
        },
        {
          columns: ['memory', 'processes', 'resident MiB', 'proportional MiB'],
          rows: [['at rest', memory.processes, memory.resident, memory.proportional]],
        },
      ],
      goals: [],
      notes: ["From the start of the process; the example's image is bundled on the way."],
      data: { seconds, memory, of: times },
    };
  },
};

async function startOnce(): Promise<Started> {
  const began = performance.now();
  const sandbox = spawn(process.execPath, [program, 'sandbox', 'up', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(sandbox, 'exit');
  let complaints = '';
  sandbox.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  for await (const line of createInterface({ input: sandbox.stdout })) {
    const isUp = performance.now() - began;
    const { environment, regions } = JSON.parse(line) as {
      environment: Record<string, string>;
      regions: readonly string[];
    };
    const client = new STSClient({
      endpoint: environment.AWS_ENDPOINT_URL ?? '',
      region: regions[0] ?? '',
      credentials: {
        accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
      },
    });
    try {
      await client.send(new GetCallerIdentityCommand({}));
      const answered = performance.now() - began;
      await new Promise((resolve) => setTimeout(resolve, atRestAfter));
      return { up: isUp, answered, memory: memoryOf(sandbox.pid ?? 0) };
    } finally {
      client.destroy();
      sandbox.kill('SIGTERM');
      await ended;
    }
  }
  await ended;
  throw new Error(`The sandbox ended before it was up: ${complaints.trim().slice(-2000)}`);
}
