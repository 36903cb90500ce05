/**
 * Instances as processes. The program runs in the instance's own folder, on AWS time when it is a Node program, with this environment (a program
 * in another language keeps this machine's time, and the network knows it by its process):
 *  - what user data sets, then, over it (user data that does more than that runs first, and the program then stands in the same root):
 *  - ADDRESS: the address it must listen on (on AWS that is 0.0.0.0): there is one network namespace only. It is backstage; callers come
 *    to the instance's own address, where the network says who is let in;
 *  - AWS_REGION, AWS_DEFAULT_REGION and AWS_ENDPOINT_URL: the Region and the door to its APIs;
 *  - SSL_CERT_FILE and PILOT_LIGHT_CA (for Node, NODE_EXTRA_CA_CERTS too), once there are certificates: the sandbox's authority;
 *  - AWS_EC2_METADATA_SERVICE_ENDPOINT: its metadata service, where the SDK's default chain finds the role's credentials.
 */

import { join } from 'node:path';
import type { Machine, SandboxCore } from '../contract.ts';
import { trustEnvironment, trustedInside } from '../machines/node-machine.ts';
import { containment } from './containment.ts';
import { InstanceDoors } from './instance-doors.ts';
import { untilListening } from './listener-watch.ts';
import type { BootSpec, Machinery } from './machinery.ts';
import type { MetadataService, MetadataSource } from './metadata-service.ts';
import { openMetadataService } from './metadata-service.ts';
import { environmentOf, scriptsToRun } from './user-data.ts';
import { runUserData } from './user-data-run.ts';

/** Real milliseconds a program gets to begin listening before its boot is called over (it may be one that never listens). */
const listenPatience = 1500;
/** Real milliseconds between asking a program to end and ending it. */
const haltPatience = 500;

export function instanceProcesses(
  core: SandboxCore,
  metadataSource: (region: string, instanceId: string) => MetadataSource,
): Machinery {
  const machines = new Map<string, Machine>();
  /** Instances whose user data is running. */
  const preparing = new Map<string, Machine>();
  const metadata = new Map<string, MetadataService>();
  const doors = new Map<string, InstanceDoors>();

  return {
    async boot(spec, onExit, onUserData) {
      const service = await metadataOf(spec);
      const scripts = scriptsToRun(spec.userData);
      if (spec.firstStart && scripts.length > 0) {
        const running = await runUserData(core, spec, scripts, apiEnvironment(core, spec, service.endpoint));
        preparing.set(spec.instanceId, running);
        const { code, signal } = await running.exited;
        // Ended from outside it isn't over: a later start begins it anew.
        if (!preparing.delete(spec.instanceId) || core.region(spec.region).dark) return;
        onUserData(signal === null ? `exit code ${code}` : `signal ${signal}`);
      }
      if (spec.command.length === 0) return;
      const ways = doors.get(spec.instanceId) ?? new InstanceDoors(core, spec);
      doors.set(spec.instanceId, ways);
      const machine = await start(core, spec, service.endpoint, ways.backstage);
      machines.set(spec.instanceId, machine);
      // Stopped before it has read its first file, it stays as it is: a process that listens on nothing.
      if (spec.hangs) machine.kill('SIGSTOP');
      void machine.exited.then(({ code, signal }) => {
        if (machines.get(spec.instanceId) !== machine) return;
        machines.delete(spec.instanceId);
        void ways.shut();
        onExit(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
      if (spec.hangs) return;
      await untilListening(ways.backstage, { patience: listenPatience, gone: () => !machine.alive });
      await ways.watch();
    },
    async halt(_region, instanceId, forGood) {
      const script = preparing.get(instanceId);
      preparing.delete(instanceId);
      if (script !== undefined) await end(script);
      const machine = machines.get(instanceId);
      machines.delete(instanceId);
      if (machine !== undefined) await end(machine);
      await doors.get(instanceId)?.shut();
      if (!forGood) return;
      await doors.get(instanceId)?.remove();
      doors.delete(instanceId);
      const service = metadata.get(instanceId);
      metadata.delete(instanceId);
      await service?.close();
    },
    async close() {
      for (const machine of [...preparing.values(), ...machines.values()]) machine.kill('SIGKILL');
      preparing.clear();
      machines.clear();
      const open = [...metadata.values()];
      metadata.clear();
      const ways = [...doors.values()];
      doors.clear();
      await Promise.all(ways.map((one) => one.remove()));
      await Promise.all(open.map((service) => service.close()));
    },
  };

  async function metadataOf(spec: BootSpec): Promise<MetadataService> {
    const open = metadata.get(spec.instanceId);
    if (open !== undefined) return open;
    const service = await openMetadataService({
      address: spec.address,
      clock: core.clock,
      token: () => Buffer.from(core.ids.hex(40), 'hex').toString('base64'),
      sourceOf: (socket) => core.network.sourceOf(socket),
      source: metadataSource(spec.region, spec.instanceId),
    });
    metadata.set(spec.instanceId, service);
    return service;
  }
}

function start(core: SandboxCore, spec: BootSpec, metadataEndpoint: string, backstage: string): Promise<Machine> {
  const { machines } = core.region(spec.region);
  const [program = '', ...args] = spec.command;
  // What its user data changed outside of its folder, it sees as well.
  const contained = scriptsToRun(spec.userData).length > 0;
  const within = contained
    ? containment(core.scratch, spec.folder, { alone: false, kept: [trusted(core)] })
    : undefined;
  const env = {
    ...environmentOf(spec.userData),
    ADDRESS: backstage,
    ...apiEnvironment(core, spec, metadataEndpoint),
    ...(within === undefined ? {} : { PATH: within.path }),
  };
  const [script, ...rest] = args;
  return program === 'node' && script !== undefined && !script.startsWith('-')
    ? machines.spawnNode({
        name: spec.instanceId,
        script,
        args: rest,
        env,
        cwd: spec.folder,
        address: spec.address,
        listenAddress: backstage,
        ...(within === undefined ? {} : { within: [within.command, ...within.args] }),
      })
    : machines.spawn({
        name: spec.instanceId,
        ...(within === undefined
          ? { command: program, args }
          : { command: within.command, args: [...within.args, program, ...args] }),
        env: { ...env, ...trustEnvironment(trusted(core)) },
        cwd: spec.folder,
        address: spec.address,
      });
}

/** Who a program trusts in here, as a file. */
const trusted = ({ directory }: Pick<SandboxCore, 'directory'>): string => join(directory, trustedInside);

const apiEnvironment = (core: SandboxCore, { region }: BootSpec, metadataEndpoint: string) => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ENDPOINT_URL: core.endpoint(region),
  AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataEndpoint,
});

async function end(machine: Machine): Promise<void> {
  machine.kill('SIGTERM');
  const timer = setTimeout(() => machine.kill('SIGKILL'), haltPatience);
  await machine.exited;
  clearTimeout(timer);
}
