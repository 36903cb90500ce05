/** `pilot-light sandbox up`: keeps a sandbox running and says how to reach it, until Ctrl-C or `sandbox down`. */

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usageError } from '../kernel/errors.ts';
import { awaitLit } from './await-lit.ts';
import { readAssembly } from './deploy/assembly.ts';
import { accountOf, deployStacks } from './deploy/deploy-assembly.ts';
import { deployView } from './deploy/deploy-view.ts';
import { openDoor } from './door.ts';
import { type EnvFile, envLines, reserveEnvFile } from './env-file.ts';
import { Interrupted, interruption } from './interruption.ts';
import { loadWorkload } from './load-workload.ts';
import { checkMachine, checkWorkload } from './preflight.ts';
import type { Address } from './sandbox-address.ts';
import { addressToOpen, openLines } from './sandbox-address.ts';
import type { UpFlags } from './sandbox-commands.ts';
import type { SandboxTarget } from './sandbox-target.ts';
import { sandboxTarget } from './sandbox-target.ts';
import { starter } from './starter.ts';
import { synthesize } from './synthesize.ts';
import { openWorkspace } from './workspace.ts';

/** What is told of a sandbox that is up. */
export interface UpReport {
  readonly id: string;
  readonly pid: number;
  readonly regions: readonly string[];
  readonly speed: number | 'max';
  readonly endpoint: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly state?: string;
  readonly look?: boolean;
  /** Where the workload is to be seen, if it was deployed. */
  readonly open?: Address;
}

export async function sandboxUp(flags: UpFlags): Promise<number> {
  const { config, speed = 1, deploy = false, port, seed, timing, stoppedReplication, look = false } = flags;
  checkLook(flags);
  const loaded = await loadWorkload(config);
  checkWorkload(loaded, { app: deploy });
  await checkMachine();
  const state = flags.state === undefined ? undefined : folderAt(flags.state);
  const { isRunning, listRuns } = await import('../sandbox/machines/runs.ts');
  const { workload, baseDirectory } = loaded;
  const door = port === undefined ? undefined : await openDoor(port);
  const interrupted = interruption();
  const told = starter(flags.inBackground === true);
  let envFile: EnvFile | undefined;
  let target: SandboxTarget | undefined;
  try {
    if (flags.envFile !== undefined)
      envFile = reserveEnvFile(flags.envFile, (id) => listRuns().some((run) => run.id === id && isRunning(run)));
    const starting = sandboxTarget({
      workload,
      baseDirectory,
      speed: deploy ? 'max' : speed,
      signals: false,
      purpose: deploy ? 'sandbox up --deploy' : look ? 'sandbox up --look' : 'sandbox up',
      look,
      ...(seed === undefined ? {} : { seed }),
      ...(timing === undefined ? {} : { timing }),
      ...(stoppedReplication === undefined ? {} : { stoppedReplication }),
      ...(state === undefined ? {} : { state }),
    });
    target = await interrupted.orElse(starting);
    const { control } = target.sandbox;
    const environment = { ...target.environment, AWS_ENDPOINT_URL: door?.endpoint ?? target.sandbox.endpoint };
    control.tell({
      stage: deploy ? 'deploying' : look ? 'looking' : 'up',
      endpoint: environment.AWS_ENDPOINT_URL,
      environment,
      ...(envFile === undefined ? {} : { envFile: envFile.path }),
    });
    door?.leadTo(target.sandbox.endpoint);
    if (deploy) {
      await interrupted.orElse(deployInto(target, baseDirectory, interrupted.signal));
      process.stderr.write('Waiting for upkeep to image an instance and copy it to the recovery Region.\n');
      control.tell({ stage: 'lighting' });
      await interrupted.orElse(awaitLit(target, workload, interrupted.signal));
      control.tell({ stage: 'up' });
    }
    target.setSpeed(speed);
    envFile?.write(target.sandbox.id, environment);
    const open = deploy ? await addressToOpen(target, workload) : undefined;
    const report: UpReport = {
      id: target.sandbox.id,
      pid: process.pid,
      regions: target.sandbox.core.regions,
      speed,
      endpoint: environment.AWS_ENDPOINT_URL,
      environment,
      ...(envFile === undefined ? {} : { envFile: envFile.path }),
      ...(state === undefined ? {} : { state }),
      ...(look ? { look } : {}),
      ...(open === undefined ? {} : { open }),
    };
    if (flags.inBackground) told.tell(report);
    else process.stdout.write(`${flags.json ? JSON.stringify(report) : upText(report, true)}\n`);
    await untilRaised(interrupted.raised);
    control.tell({ stage: 'ending' });
    return 0;
  } catch (error) {
    if (target !== undefined && !(error instanceof Interrupted)) await tellLog(target);
    throw error;
  } finally {
    door?.close();
    await target?.stop();
    envFile?.remove();
    interrupted.close();
    told.close();
  }
}

/** How to reach it, and how to end it. */
export function upText(
  { id, pid, regions, speed, endpoint, environment, envFile, state, look, open }: UpReport,
  inForeground: boolean,
): string {
  const quick = speed === 'max' ? 'skipping waits' : `at ${speed} AWS s per real second`;
  return [
    ...(look === true
      ? [
          `The sandbox is up to be looked at: ${regions.join(', ').replace(/, ([^,]*)$/, ' and $1')}, as they were left.`,
          'Calls are answered and databases run; nothing goes on by itself. Without --look it goes on.',
        ]
      : [`The sandbox is up: ${regions.join(', ').replace(/, ([^,]*)$/, ' and $1')}, ${quick}.`]),
    `Endpoint: ${endpoint}`,
    `Sandbox:  ${id}, pid ${pid}`,
    ...(state === undefined ? [] : [`State:    ${state}`]),
    ...(open === undefined ? [] : openLines(open)),
    '',
    ...(envFile === undefined ? envLines(environment) : [`. ${envFile}`]),
    '',
    'Clients older than 2023 ignore AWS_ENDPOINT_URL, and version 1 of the aws CLI does for sqs and rds: give them --endpoint-url.',
    `${inForeground ? 'Ctrl-C, or `pilot-light sandbox down`,' : '`pilot-light sandbox down`'} ends it.`,
  ].join('\n');
}

/** Its log goes with it, and may hold the reason why it couldn't be brought up. */
async function tellLog({ sandbox }: SandboxTarget): Promise<void> {
  const source = { kind: 'sandbox', name: 'sandbox' } as const;
  const { lines } = await sandbox.control.ask<'log'>({ ask: 'log', source, lines: 200 });
  const last = lines.filter((line) => /^\d{4}-/.test(line)).slice(-5);
  if (last.length > 0)
    process.stderr.write(`The end of the sandbox's own log:\n${last.map((line) => `  ${line}\n`).join('')}`);
}

async function deployInto(target: SandboxTarget, baseDirectory: string, signal: AbortSignal): Promise<void> {
  const workspace = openWorkspace();
  try {
    const assembly = await synthesize(baseDirectory, join(workspace.folder, 'cdk.out'), signal);
    const clients = (region: string) => target.clients(region);
    const stacks = await readAssembly(assembly, accountOf(clients));
    const rows = stacks.map(({ region, resources: of, stackName }) => ({ region, stackName, of }));
    const view = deployView(rows, { doing: 'deploying' });
    try {
      await deployStacks(stacks, {
        clients,
        signal,
        onProgress: (progress) => {
          if (!signal.aborted) view.hear(progress);
        },
      });
    } finally {
      view.close();
    }
  } finally {
    workspace.close();
  }
}

/** @throws a usage error for what can't be had together with looking. */
function checkLook({ look, state, deploy, speed }: UpFlags): void {
  if (look !== true) return;
  if (state === undefined)
    throw usageError('To look at a sandbox that was kept, say where: --look needs --state.', {
      next: 'Give --state the folder it was kept in.',
    });
  if (deploy === true || speed !== undefined)
    throw usageError(
      `Time stands still while a sandbox is looked at: ${deploy ? '--deploy' : '--speed'} has no meaning.`,
      {
        next: 'Leave it or --look out.',
      },
    );
}

/** @throws a usage error when something else than a folder is there. */
function folderAt(given: string): string {
  const path = resolve(given);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false)
    throw usageError('State is kept in a folder, and something else is there.', { given: path });
  return path;
}

/** A pending promise keeps no process alive; a timer does. */
async function untilRaised(raised: Promise<Interrupted>): Promise<void> {
  const alive = setInterval(() => {}, 1 << 30);
  await raised;
  clearInterval(alive);
}
