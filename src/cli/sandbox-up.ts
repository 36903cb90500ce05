/** `pilot-light sandbox up`: keeps a sandbox running and says how to reach it, until Ctrl-C. */

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageError } from '../kernel/errors.ts';
import { deployAssembly } from './deploy/deploy-assembly.ts';
import { loadWorkload } from './load-workload.ts';
import type { UpFlags } from './main.ts';
import { sandboxTarget } from './sandbox-target.ts';
import { synthesize } from './synthesize.ts';

export async function sandboxUp({ config, speed = 1, deploy, port }: UpFlags): Promise<number> {
  const { workload, baseDirectory } = await loadWorkload(config);
  const stopped = untilStopped();
  const target = await sandboxTarget({ workload, baseDirectory, speed: deploy ? 'max' : speed, signals: false });
  const work = mkdtempSync(join(tmpdir(), 'pilot-light-assembly-'));
  let door: { endpoint: string; close(): void } | undefined;
  try {
    door = port === undefined ? undefined : await openDoor(port, target.sandbox.endpoint);
    if (deploy) {
      const assemblyDirectory = await synthesize(baseDirectory, join(work, 'cdk.out'));
      await deployAssembly({
        assemblyDirectory,
        clients: (region) => target.clients(region),
        onProgress: ({ says }) => process.stderr.write(`${says}\n`),
      });
      target.setSpeed(speed);
    }
    const environment = { ...target.environment, AWS_ENDPOINT_URL: door?.endpoint ?? target.sandbox.endpoint };
    process.stdout.write(
      [
        `The sandbox is up: ${workload.primary.region} and ${workload.recovery.region}, at ${speed} AWS s per real second.`,
        `Endpoint: ${environment.AWS_ENDPOINT_URL}`,
        '',
        ...Object.entries(environment).map(([name, value]) => `export ${name}=${value}`),
        '',
        'Clients older than 2023 ignore AWS_ENDPOINT_URL: give them --endpoint-url. Ctrl-C, or `pilot-light sandbox down`, ends it.',
        '',
      ].join('\n'),
    );
    await stopped;
    return 0;
  } finally {
    door?.close();
    await target.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

/** Settles on the first SIGINT, SIGTERM or SIGHUP. */
function untilStopped(): Promise<void> {
  const alive = setInterval(() => {}, 1 << 30);
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}

/** The outside endpoint on a port of the user's choice. */
function openDoor(port: number, endpoint: string): Promise<{ endpoint: string; close(): void }> {
  const { hostname, port: inner } = new URL(endpoint);
  const server = createServer((caller) => {
    const through = connect({ host: hostname, port: Number(inner) });
    for (const [one, other] of [
      [caller, through],
      [through, caller],
    ] as const) {
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        usageError(error.code === 'EADDRINUSE' ? 'The port is in use.' : `The port can't be used: ${error.message}.`, {
          given: port,
          allowed: 'a free port from 1024 to 65535',
          next: 'Choose another one, or leave --port out.',
        }),
      ),
    );
    server.listen(port, '127.0.0.1', () =>
      resolve({ endpoint: `http://127.0.0.1:${port}`, close: () => server.close() }),
    );
  });
}
