/** The sandbox as a rehearsal's target. The only door from the product to the sandbox: it is imported when a sandbox is asked for. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AccountClients } from '../aws/account-clients.ts';
import { accountClientsFor } from '../aws/account-clients.ts';
import { findSecurityGroup } from '../engines/network/ingress.ts';
import { messageOf, usageError } from '../kernel/errors.ts';
import type { FaultData, Target, TargetOptions } from '../rehearsal/target.ts';
import type { RunningAws } from '../sandbox/aws.ts';
import type { SeedNetwork } from '../sandbox/services/ec2/seed-networks.ts';
import type { Workload } from '../workload/config.ts';
import { frontGroup } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { namesOf } from '../workload/names.ts';
import { bundleModule } from './bundle-module.ts';
import { sandboxSight } from './sandbox-sight.ts';
import { openWorkspace } from './workspace.ts';

export interface SandboxTarget extends Target {
  readonly sandbox: RunningAws;
}

export interface SandboxTargetOptions extends TargetOptions {
  readonly signals?: boolean;
  /** What `sandbox status` says it was started for. */
  readonly purpose?: string;
  /** Where everything is kept from one life of the sandbox to the next. */
  readonly state?: string;
  /** Whether that is only looked at. */
  readonly look?: boolean;
}

export async function sandboxTarget(options: SandboxTargetOptions): Promise<SandboxTarget> {
  const { startAws } = await import('../sandbox/aws.ts');
  const { workload, baseDirectory, speed, seed, timing, slow, signals, purpose, state, look, stoppedReplication } =
    options;
  const workspace = openWorkspace();
  const start = async () =>
    startAws({
      regions: regionsOf(workload),
      networks: networksOf(workload),
      certificates: certificatesOf(workload),
      zones: zonesOf(workload),
      account: workload.account,
      speed,
      images: await seedImages(workload, baseDirectory, workspace.folder),
      ...(seed === undefined ? {} : { seed }),
      ...(timing === undefined ? {} : { timing }),
      ...(slow === undefined ? {} : { slow }),
      ...(signals === undefined ? {} : { signals }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(state === undefined ? {} : { state }),
      stoppedReplicationSurvives: stoppedReplication === 'stays',
      ...(look === undefined ? {} : { look }),
    });
  const sandbox = await start().catch((error: unknown) => {
    workspace.close();
    throw error;
  });
  const clients = new Map<string, AccountClients>();
  const undo: (() => Promise<void> | void)[] = [];
  const environment = {
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_ACCESS_KEY_ID: sandbox.administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sandbox.administrator.secretAccessKey,
    AWS_REGION: workload.recovery.region,
    AWS_DEFAULT_REGION: workload.recovery.region,
    // Where the names of the sandbox are asked for: of nobody else, they are no names.
    PILOT_LIGHT_DNS: `${sandbox.network.dns.host}:${sandbox.network.dns.port}`,
    ...sandbox.trust,
  };
  sandbox.control.tell({ environment });
  const instants = new InstantMap(() => sandbox.clock.now());
  undo.push(() => instants.close());

  const clientsIn = (region: string): AccountClients => {
    const known =
      clients.get(region) ??
      accountClientsFor(region, {
        endpoint: sandbox.endpoint,
        credentials: sandbox.administrator,
        connectionTimeout: 5000,
        requestTimeout: 20_000,
      });
    clients.set(region, known);
    return known;
  };

  return {
    kind: 'sandbox',
    sandbox,
    clock: sandbox.clock,
    environment,
    speed: () => sandbox.clock.speed,
    setSpeed: (wanted) => sandbox.clock.setCeiling(wanted === 'max' ? Number.POSITIVE_INFINITY : wanted),
    realTimeOf: (aws) => instants.realOf(aws),
    clients: clientsIn,
    // On the board like every other fault: who looks from another terminal sees it stand.
    goDark: async (region) => void (await sandbox.board.raise({ kind: 'dark', region })),
    async bringBack(region) {
      for (const { id, spec } of sandbox.board.list())
        if (spec.kind === 'dark' && spec.region === region) await sandbox.board.lift(id);
    },
    async raise(fault) {
      const { parseFault } = await import('../sandbox/control/fault-input.ts');
      const { id } = await sandbox.board.raise(parseFault(placed(fault, workload), regionsOf(workload)));
      return async () => void (await sandbox.board.lift(id));
    },
    async startOutside({ name, script, args, env }) {
      const own = sandbox.network.allocate('outside');
      const machine = await sandbox.outside.spawnNode({
        name,
        script: fileURLToPath(script),
        args,
        env: {
          ...env,
          DNS_HOST: sandbox.network.dns.host,
          DNS_PORT: String(sandbox.network.dns.port),
          PATH: process.env.PATH ?? '',
        },
        address: own,
      });
      return {
        log: machine.log,
        regionThatAnswered(address, port) {
          const place = sandbox.network.ledTo({ host: own, port }) ?? sandbox.network.placeOf(address);
          return sandbox.core.regions.includes(place) ? place : '';
        },
        async stop() {
          machine.kill('SIGTERM');
          await machine.exited;
        },
      };
    },
    async databaseDoor(region, host) {
      const [address] = sandbox.network.resolve(host, 'A', region)?.values ?? [];
      if (address === undefined) throw new Error(`${host} has no address.`);
      // An interface of its own among the SQL function's: nothing else outside the application is let through to a database.
      const localAddress = await interfaceIn(sandbox, clientsIn(region), region, workload);
      const door = createServer((caller) => {
        const inner = connectTcp({ host: address, port: sandbox.network.boundPort(3306), localAddress });
        for (const [one, other] of [
          [caller, inner],
          [inner, caller],
        ] as const) {
          one.on('error', () => other.destroy());
          one.pipe(other);
        }
      });
      undo.push(() => void door.close());
      await new Promise<void>((ready) => door.listen(0, '127.0.0.1', ready));
      door.unref();
      const bound = door.address();
      if (bound === null || typeof bound === 'string') throw new Error('The door to the database has no port.');
      return { host: '127.0.0.1', port: bound.port };
    },
    addressesOf: async (name) => sandbox.network.resolve(name, 'A', 'outside')?.values ?? [],
    sight: sandboxSight(sandbox),
    roleUses: () => sandbox.control.ask<'iam'>({ ask: 'iam' }),
    async stop() {
      for (const action of undo.splice(0)) await action();
      await sandbox.stop();
      workspace.close();
    },
  };
}

/** @throws a usage error that names the scenario's fault that can't be raised, before anything is started. */
export async function checkFaults(name: string, faults: readonly FaultData[], workload: Workload): Promise<void> {
  const { checkFaultCalls, parseFault } = await import('../sandbox/control/fault-input.ts');
  for (const fault of faults) {
    try {
      await checkFaultCalls(parseFault(placed(fault, workload), regionsOf(workload)));
    } catch (error) {
      throw usageError(`Scenario ${name}: ${messageOf(error)}`);
    }
  }
}

/** The sandbox's Regions: two, or three with a witness. */
export const regionsOf = ({ primary, recovery, witness }: Workload): readonly string[] => [
  primary.region,
  recovery.region,
  ...(witness === undefined ? [] : [witness.region]),
];

/** The networks a config says are there already: with a way to the internet, unless the private side is given endpoints. */
function networksOf({ primary, recovery }: Workload): SeedNetwork[] {
  return [primary, recovery].flatMap(({ region, network }, index) => {
    if (network === undefined) return [];
    const { vpc, publicSubnets, privateSubnets, endpoints } = network;
    const subnets = [
      ...publicSubnets.map((id) => ({ id, kind: 'public' as const })),
      ...privateSubnets.map((id) => ({ id, kind: 'private' as const })),
    ];
    // Who has the interface endpoints made has S3's gateway, which costs nothing and belongs to the route tables.
    const ways = endpoints ? { endpoints: ['s3'] } : { nat: true };
    return [{ region, vpc, cidr: `10.${110 + 10 * index}.0.0/16`, subnets, ...ways }];
  });
}

/** What the owner of a workload has in the account beforehand. */
function certificatesOf({ traffic }: Workload): Record<string, { domains: string[] }> {
  const { certificates, name } = traffic;
  if (certificates === undefined || name === undefined) return {};
  return Object.fromEntries([certificates.primary, certificates.recovery].map((arn) => [arn, { domains: [name] }]));
}

const zonesOf = ({ traffic: { zone, zoneId } }: Workload): Record<string, { name: string }> =>
  zone === undefined || zoneId === undefined ? {} : { [zoneId]: { name: zone } };

/** Scenarios know places, instance types, and Pilot Light's own functions, by their part in the workload. */
function placed(fault: FaultData, workload: Workload): FaultData {
  const { primary, recovery, witness } = workload;
  const regions: Readonly<Record<string, string | undefined>> = {
    primary: primary.region,
    recovery: recovery.region,
    witness: witness?.region,
  };
  const places = ['region', 'from', 'to'].flatMap((name) => {
    const place = fault[name];
    const region = typeof place === 'string' ? regions[place] : undefined;
    return region === undefined ? [] : [[name, region] as const];
  });
  const { function: name } = fault;
  // Pilot Light's own functions, by what they are for: `control:gate`.
  const own = typeof name === 'string' && name.startsWith('control:') ? name.slice('control:'.length) : undefined;
  const named = own === undefined ? {} : { function: namesOf(workload).controlFunction(own) };
  const type = fault.instanceType === 'preferred' ? { instanceType: frontGroup(workload).instanceTypes[0] } : {};
  return { ...fault, ...Object.fromEntries(places), ...named, ...type };
}

/** Registers an interface in a private subnet with the SQL function's security group; answers its address. */
async function interfaceIn(
  sandbox: RunningAws,
  clients: AccountClients,
  region: string,
  workload: Workload,
): Promise<string> {
  const { registerInterface } = await import('../sandbox/services/ec2/network-interfaces.ts');
  const names = namesOf(workload);
  const group = await findSecurityGroup(clients, names.securityGroups.functions);
  const subnetId = existingSubnet(workload, region) ?? (await madeSubnet(clients, names));
  if (subnetId === undefined || group === undefined)
    throw new Error(`${region} has no private subnet to look at a database from.`);
  const address = sandbox.network.allocate(region);
  registerInterface(sandbox.core, {
    region,
    kind: 'function',
    subnetId,
    securityGroupIds: [group.id],
    address,
    description: 'the audit',
  });
  return address;
}

function existingSubnet({ primary, recovery }: Workload, region: string): string | undefined {
  return [primary, recovery].find((side) => side.region === region)?.network?.privateSubnets[0];
}

async function madeSubnet(clients: AccountClients, names: Names): Promise<string | undefined> {
  const { DescribeSubnetsCommand } = await import('@aws-sdk/client-ec2');
  const client = await clients.ec2();
  const { Subnets } = await client.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:Name', Values: [`${names.prefix}-private-1`] }] }),
  );
  return Subnets?.[0]?.SubnetId;
}

/** Image folders: bundled from a module into a folder below `work`, or the user's own. */
async function seedImages(
  workload: Workload,
  baseDirectory: string,
  work: string,
): Promise<Record<string, { folder: string; command: string[] }>> {
  const images: Record<string, { folder: string; command: string[] }> = {};
  for (const [id, image] of Object.entries(workload.sandbox.images)) {
    images[id] =
      'entry' in image
        ? await bundled(resolve(baseDirectory, image.entry), work)
        : { folder: resolve(baseDirectory, image.folder), command: image.command };
  }
  return images;
}

async function bundled(entry: string, work: string): Promise<{ folder: string; command: string[] }> {
  const folder = mkdtempSync(join(work, 'image-'));
  const code = await bundleModule(entry, { format: 'cjs', minify: true }).catch((error: unknown) => {
    throw usageError(`An image's module can't be bundled: ${messageOf(error)}.`, { given: entry, next: 'Correct it.' });
  });
  writeFileSync(join(folder, 'index.js'), code);
  return { folder, command: ['node', 'index.js'] };
}

/** Real time at moments of AWS time: noted often while the sandbox runs, straight lines in between. */
class InstantMap {
  readonly #points: { aws: number; real: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#note();
    this.#timer = setInterval(() => this.#note(), 50);
    this.#timer.unref();
  }

  realOf(aws: number): number {
    this.#note();
    const points = this.#points;
    let low = 0;
    let high = points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((points[middle]?.aws ?? 0) < aws) low = middle + 1;
      else high = middle;
    }
    const after = points[low];
    const before = points[low - 1];
    if (after === undefined) return performance.now();
    if (before === undefined || after.aws === before.aws) return after.real;
    const share = Math.min(1, Math.max(0, (aws - before.aws) / (after.aws - before.aws)));
    return before.real + share * (after.real - before.real);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #note(): void {
    this.#points.push({ aws: this.#now(), real: performance.now() });
  }
}
