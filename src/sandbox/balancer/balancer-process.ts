/** The load balancer process of a Region as the service sees it: started when first needed, told its configuration, asked for health. */

import { mkdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Machine, SandboxCore } from '../contract.ts';
import type { BalancerConfiguration, BoundPorts, TargetHealthReport } from './configuration.ts';

/** What Elastic Load Balancing needs of whatever balances: a real process, or a stand-in on a virtual clock. */
export interface Balancers {
  /** Answers the loopback port each listener is served at, by listener ARN. */
  configure(region: string, configuration: BalancerConfiguration): Promise<BoundPorts>;
  health(region: string): Promise<readonly TargetHealthReport[]>;
  /** Told when a process ended by itself: it has to be configured anew. */
  onLost(listener: (region: string) => void): void;
  close(): void;
}

const script = fileURLToPath(new URL('./balancer.mjs', import.meta.url));
/** Real milliseconds a process gets to say where it listens. */
const startPatience = 10_000;

interface Running {
  readonly machine: Machine;
  readonly port: number;
  readonly token: string;
}

export function balancerProcesses(core: SandboxCore): Balancers {
  const running = new Map<string, Promise<Running>>();
  const listeners = new Set<(region: string) => void>();
  let closed = false;

  function processOf(region: string): Promise<Running> {
    const known = running.get(region);
    if (known !== undefined) return known;
    const started = core.clock.hold(() => start(core, region));
    running.set(region, started);
    const forget = () => {
      if (running.get(region) === started) running.delete(region);
    };
    started.then(({ machine }) => {
      void machine.exited.then(() => {
        forget();
        if (!closed && !core.region(region).dark) for (const listener of listeners) listener(region);
      });
    }, forget);
    return started;
  }

  return {
    async configure(region, configuration) {
      return (await ask(await processOf(region), 'PUT', '/configuration', configuration)) as BoundPorts;
    },
    async health(region) {
      const process = running.get(region);
      if (process === undefined) return [];
      const { targets } = (await ask(await process, 'GET', '/health')) as { targets: TargetHealthReport[] };
      return targets;
    },
    onLost: (listener) => void listeners.add(listener),
    close() {
      closed = true;
      for (const started of running.values())
        started.then(
          ({ machine }) => machine.kill('SIGKILL'),
          () => {},
        );
    },
  };
}

async function start(core: SandboxCore, region: string): Promise<Running> {
  const folder = join(core.scratch, 'elasticloadbalancing', region);
  const portFile = join(folder, 'port');
  await mkdir(folder, { recursive: true });
  await rm(portFile, { force: true });
  const token = core.ids.hex(32);
  const machine = await core
    .region(region)
    .machines.spawnNode({ name: 'load-balancers', script, args: [portFile, token], env: {}, cwd: folder });
  const end = performance.now() + startPatience;
  while (machine.alive && performance.now() < end) {
    const text = await readFile(portFile, 'utf8').catch(() => undefined);
    if (text !== undefined) return { machine, port: Number(text), token };
    await pause(10);
  }
  machine.kill('SIGKILL');
  throw new Error(`The load balancer process of ${region} didn't come up; its log is ${machine.log}`);
}

function ask({ port, token }: Running, method: string, path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, agent: false, headers: { authorization: token } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`The load balancer process answered ${response.statusCode}: ${text}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
