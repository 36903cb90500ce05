/** `pilot-light sandbox up`: keeps a sandbox running and says how to reach it, until Ctrl-C. */

import { join } from 'node:path';
import { awaitLit } from './await-lit.ts';
import { deployAssembly } from './deploy/deploy-assembly.ts';
import { openDoor } from './door.ts';
import type { Interrupted } from './interruption.ts';
import { interruption } from './interruption.ts';
import { loadWorkload } from './load-workload.ts';
import type { UpFlags } from './main.ts';
import { checkMachine, checkWorkload } from './preflight.ts';
import type { SandboxTarget } from './sandbox-target.ts';
import { sandboxTarget } from './sandbox-target.ts';
import { synthesize } from './synthesize.ts';
import { openWorkspace } from './workspace.ts';

export async function sandboxUp({ config, speed = 1, deploy = false, port }: UpFlags): Promise<number> {
  const loaded = await loadWorkload(config);
  checkWorkload(loaded, { app: deploy });
  await checkMachine();
  const { workload, baseDirectory } = loaded;
  const door = port === undefined ? undefined : await openDoor(port);
  const interrupted = interruption();
  let target: SandboxTarget | undefined;
  try {
    const starting = sandboxTarget({ workload, baseDirectory, speed: deploy ? 'max' : speed, signals: false });
    target = await interrupted.orElse(starting);
    if (deploy) {
      await interrupted.orElse(deployInto(target, baseDirectory, interrupted.signal));
      process.stderr.write('Waiting for upkeep to image an instance and copy it to the recovery Region.\n');
      await interrupted.orElse(awaitLit(target, workload, interrupted.signal));
    }
    target.setSpeed(speed);
    door?.leadTo(target.sandbox.endpoint);
    const environment = { ...target.environment, AWS_ENDPOINT_URL: door?.endpoint ?? target.sandbox.endpoint };
    process.stdout.write(
      [
        `The sandbox is up: ${workload.primary.region} and ${workload.recovery.region}, ${speed === 'max' ? 'skipping waits' : `at ${speed} AWS s per real second`}.`,
        `Endpoint: ${environment.AWS_ENDPOINT_URL}`,
        '',
        ...Object.entries(environment).map(([name, value]) => `export ${name}=${value}`),
        '',
        'Clients older than 2023 ignore AWS_ENDPOINT_URL: give them --endpoint-url. Ctrl-C, or `pilot-light sandbox down`, ends it.',
        '',
      ].join('\n'),
    );
    await untilRaised(interrupted.raised);
    return 0;
  } finally {
    door?.close();
    await target?.stop();
    interrupted.close();
  }
}

async function deployInto(target: SandboxTarget, baseDirectory: string, signal: AbortSignal): Promise<void> {
  const workspace = openWorkspace();
  try {
    await deployAssembly({
      assemblyDirectory: await synthesize(baseDirectory, join(workspace.folder, 'cdk.out'), signal),
      clients: (region) => target.clients(region),
      onProgress: ({ says }) => process.stderr.write(`${says}\n`),
    });
  } finally {
    workspace.close();
  }
}

/** A pending promise keeps no process alive; a timer does. */
async function untilRaised(raised: Promise<Interrupted>): Promise<void> {
  const alive = setInterval(() => {}, 1 << 30);
  await raised;
  clearInterval(alive);
}
