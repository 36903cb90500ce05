/** What makes a Node program a machine: the preload, and the environment it reads. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint, MachineSpec, NodeMachineSpec } from '../contract.ts';

export interface InsideOptions {
  /** The clock file's path. */
  readonly clock: string;
  readonly dns: Endpoint;
  /** "127.R.", what the sandbox's addresses begin with. */
  readonly network: string;
  /** A file of authorities that programs trust beside their own; it may not be there. */
  readonly trust: string;
}

// Required, not imported: that costs a program 5 ms of its start, 20 ms less than loading the same modules by `--import`.
const preload = JSON.stringify(fileURLToPath(new URL('./preload.mjs', import.meta.url)));

/** Many programs share one machine: a young generation of its usual size costs each of them 30 MB and more. */
const frugal = '--max-semi-space-size=1';

/** The sandbox's own description of its inside, written to `directory` (`core.directory`) when it started. */
export const insideOf = (directory: string): InsideOptions =>
  JSON.parse(readFileSync(join(directory, insideFile), 'utf8')) as InsideOptions;

export const insideFile = 'inside.json';

/** The name of `InsideOptions.trust` in the sandbox's folder. */
export const trustedInside = 'ca-inside.pem';

/** For Node, for what is built on OpenSSL (where it stands for all authorities: there is no internet inside), and for whoever asks. */
export const trustEnvironment = (file: string): Readonly<Record<string, string>> =>
  existsSync(file) ? { NODE_EXTRA_CA_CERTS: file, SSL_CERT_FILE: file, PILOT_LIGHT_CA: file } : {};

/** The variables that put any Node program, and the Node programs it starts, inside. */
export function insideEnvironment(
  { clock, dns, network, trust }: InsideOptions,
  address: string | undefined,
  listenAddress?: string,
): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `${frugal} --require ${preload}`,
    PILOT_LIGHT_CLOCK: clock,
    PILOT_LIGHT_DNS: `${dns.host}:${dns.port}`,
    PILOT_LIGHT_NETWORK: network,
    ...trustEnvironment(trust),
    ...(address === undefined ? {} : { PILOT_LIGHT_ADDRESS: address }),
    ...(listenAddress === undefined ? {} : { PILOT_LIGHT_LISTEN_ADDRESS: listenAddress }),
  };
}

export function nodeMachine(spec: NodeMachineSpec, inside: InsideOptions): MachineSpec {
  const { NODE_OPTIONS = '', ...environment } = insideEnvironment(inside, spec.address, spec.listenAddress);
  const own = spec.env.NODE_OPTIONS;
  const [command, ...before] = spec.within ?? [];
  const args = [...(command === undefined ? [] : [...before, process.execPath]), spec.script, ...(spec.args ?? [])];
  return {
    name: spec.name,
    command: command ?? process.execPath,
    args,
    env: {
      ...spec.env,
      ...environment,
      NODE_OPTIONS: own === undefined ? NODE_OPTIONS : `${NODE_OPTIONS} ${own}`,
    },
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  };
}
