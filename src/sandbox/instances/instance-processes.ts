/**
 * Instances as processes. The program runs in the instance's own folder, on AWS time when it is a Node program, with this environment (a program
 * in another language keeps this machine's time, and the network knows it by its process):
 *  - what user data sets, then, over it:
 *  - ADDRESS: the address it must listen on (on AWS that is 0.0.0.0): there is one network namespace only. It is backstage; callers come
 *    to the instance's own address, where the network says who is let in;
 *  - AWS_REGION, AWS_DEFAULT_REGION and AWS_ENDPOINT_URL: the Region and the door to its APIs;
 *  - SSL_CERT_FILE and PILOT_LIGHT_CA (for Node, NODE_EXTRA_CA_CERTS too), once there are certificates: the sandbox's authority;
 *  - AWS_EC2_METADATA_SERVICE_ENDPOINT: its metadata service, where the SDK's default chain finds the role's credentials.
 */

import { join } from 'node:path';
import type { Machine, SandboxCore } from '../contract.ts';
import { trustEnvironment, trustedInside } from '../machines/node-machine.ts';
import { InstanceDoors } from './instance-doors.ts';
import { untilListening } from './listener-watch.ts';
import type { BootSpec, Machinery } from './machinery.ts';
import type { MetadataService, MetadataSource } from './metadata-service.ts';
import { openMetadataService } from './metadata-service.ts';
import { environmentOf } from './user-data.ts';

/** Real milliseconds a program gets to begin listening before its boot is called over (it may be one that never listens). */
const listenPatience = 1500;
/** Real milliseconds between asking a program to end and ending it. */
const haltPatience = 500;

export function instanceProcesses(
  core: SandboxCore,
  metadataSource: (region: string, instanceId: string) => MetadataSource,
): Machinery {
  const machines = new Map<string, Machine>();
  const metadata = new Map<string, MetadataService>();
  const doors = new Map<string, InstanceDoors>();

  return {
    async boot(spec, onExit) {
      const service = await metadataOf(spec);
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
      for (const machine of machines.values()) machine.kill('SIGKILL');
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
  const env = {
    ...environmentOf(spec.userData),
    ADDRESS: backstage,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    AWS_ENDPOINT_URL: core.endpoint(spec.region),
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataEndpoint,
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
      })
    : machines.spawn({
        name: spec.instanceId,
        command: program,
        args,
        env: { ...env, ...trustEnvironment(join(core.directory, trustedInside)) },
        cwd: spec.folder,
        address: spec.address,
      });
}

async function end(machine: Machine): Promise<void> {
  machine.kill('SIGTERM');
  const timer = setTimeout(() => machine.kill('SIGKILL'), haltPatience);
  await machine.exited;
  clearTimeout(timer);
}
