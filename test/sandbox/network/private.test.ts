/** Who reaches a database and an instance, over real sockets: what the network keeps out hears nothing, and what is in stays in. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Endpoint } from '../../../src/sandbox/contract.ts';
import { registerInterface } from '../../../src/sandbox/services/ec2/network-interfaces.ts';
import { lets } from '../../../src/sandbox/services/ec2/refused-packets.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createRdsService } from '../../../src/sandbox/services/rds/service.ts';
import type { RealSandbox } from '../../support/real-sandbox.ts';
import { realSandbox } from '../../support/real-sandbox.ts';
import type { TestNetwork } from '../services/ec2/ec2-sandbox.ts';
import { appImage, group, network } from '../services/ec2/ec2-sandbox.ts';
import { idleDatabases } from '../services/rds/idle-databases.ts';

const region = 'us-east-1';
const away = 'us-west-2';
const person = '127.0.0.1';
const anywhere = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

/** Says what it hears, and before that who it hears it from. */
const echo = (socket: Socket): void => {
  socket.write(`${socket.remoteAddress} `);
  socket.pipe(socket);
  socket.on('error', () => {});
};
const program = `
import { createServer } from 'node:net';
createServer((socket) => {
  socket.write(socket.remoteAddress + ' ');
  socket.pipe(socket);
  socket.on('error', () => {});
}).listen(7000);
`;

let sandbox: RealSandbox;
let server: Server;
let net: TestNetwork;
const folder = mkdtempSync(join(tmpdir(), 'pilot-light-echo-'));
const logged: string[] = [];
const sockets: Socket[] = [];

const call = <Output = Record<string, unknown>>(
  service: 'ec2' | 'rds',
  operation: string,
  input: object,
  where = region,
): Promise<Output> =>
  sandbox.core.invoke<Output>({ service, operation, region: where, input, principal: sandbox.core.as('test') });
const ec2 = <Output>(name: string, input: object, where = region) => call<Output>('ec2', name, input, where);

beforeAll(async () => {
  writeFileSync(join(folder, 'server.mjs'), program);
  server = createServer(echo);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint: Endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const idle = idleDatabases();
  const databases = {
    ...idle,
    open: (spec: Parameters<typeof idle.open>[0]) =>
      Object.defineProperty(idle.open(spec), 'endpoint', { value: endpoint }),
  };
  sandbox = await realSandbox(
    [
      (core) => createEc2Service(core, { images: { [appImage]: { folder, command: ['node', 'server.mjs'] } } }),
      (core) =>
        createRdsService(core, {
          databases,
          admits: ({ id, region: where, securityGroups, port }, fromAddress) =>
            lets(core, where, { fromAddress, toSecurityGroups: securityGroups, port }, `database ${id}`),
        }),
    ],
    {
      speed: 'max',
      onLog: ({ service, text }) => {
        if (service === 'network') logged.push(text);
      },
    },
  );
  net = await network({ ec2 });
});
beforeEach(() => {
  logged.length = 0;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await sandbox.stop();
  server.close();
  rmSync(folder, { recursive: true });
});

/** An interface of a group of its own. */
async function place(in_: TestNetwork = net, where = region) {
  const groupId = await group({ ec2 }, in_.vpcId, `group-${sandbox.core.ids.hex(6)}`, where);
  const address = sandbox.core.network.allocate(where);
  const { privateAddress } = registerInterface(sandbox.core, {
    region: where,
    kind: 'function',
    subnetId: in_.privateSubnets[0] ?? '',
    securityGroupIds: [groupId],
    address,
    description: 'AWS Lambda VPC ENI-probe',
  });
  return { groupId, address, privateAddress };
}

/** A connection of its own from an address; `say` answers what comes back, or `hung`. */
async function open(from: string, to: Endpoint) {
  let heard = '';
  const socket = connect({ host: to.host, port: to.port, localAddress: from });
  sockets.push(socket);
  socket.on('data', (data) => {
    heard += String(data);
  });
  const failed = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'));
    socket.on('close', () => resolve('closed'));
  });
  const say = async (word: string): Promise<string> => {
    socket.write(word);
    const answered = (async () => {
      while (!heard.endsWith(word)) await new Promise((resolve) => setTimeout(resolve, 10));
      return heard;
    })();
    const patience = new Promise<string>((resolve) => setTimeout(() => resolve('hung'), 500));
    return Promise.race([answered, failed, patience]);
  };
  return { say };
}
const talk = async (from: string, to: Endpoint): Promise<string> => (await open(from, to)).say('hello');

const rule = (port: number, from: object) => [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...from }];
const ofGroup = (groupId: string) => ({ UserIdGroupPairs: [{ GroupId: groupId }] });
const allow = (GroupId: string, port: number, from: object) =>
  ec2('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: rule(port, from) });
const revoke = (GroupId: string, port: number, from: object) =>
  ec2('RevokeSecurityGroupIngress', { GroupId, IpPermissions: rule(port, from) });

interface Target {
  readonly groupId: string;
  readonly endpoint: Endpoint;
  /** As AWS's users know it. */
  readonly port: number;
  readonly name: string;
}

async function database(): Promise<Target> {
  const id = `photos-${sandbox.core.ids.hex(4)}`;
  const groupId = await group({ ec2 }, net.vpcId, id);
  await call('rds', 'CreateDBSubnetGroup', {
    DBSubnetGroupName: id,
    DBSubnetGroupDescription: 'both',
    SubnetIds: net.privateSubnets,
  });
  await call('rds', 'CreateDBInstance', {
    DBInstanceIdentifier: id,
    Engine: 'mysql',
    DBInstanceClass: 'db.t4g.medium',
    AllocatedStorage: 20,
    MasterUsername: 'admin',
    MasterUserPassword: 'correct-horse',
    DBSubnetGroupName: id,
    VpcSecurityGroupIds: [groupId],
  });
  await vi.waitFor(async () => {
    const { DBInstances } = await call<{ DBInstances: { DBInstanceStatus: string }[] }>('rds', 'DescribeDBInstances', {
      DBInstanceIdentifier: id,
    });
    expect(DBInstances[0]?.DBInstanceStatus).toBe('available');
  }, 20_000);
  const rows = sandbox.core.table<{ id: string; address: string }>('rds', region, 'instances').values();
  const address = rows.find((row) => row.id === id)?.address ?? '';
  return { groupId, endpoint: { host: address, port: 3306 }, port: 3306, name: `database ${id}` };
}

async function instance(): Promise<Target & { readonly id: string }> {
  const groupId = await group({ ec2 }, net.vpcId, `app-${sandbox.core.ids.hex(4)}`);
  const { Instances } = await ec2<{ Instances: { InstanceId: string }[] }>('RunInstances', {
    ImageId: appImage,
    MinCount: 1,
    MaxCount: 1,
    SubnetId: net.privateSubnets[0],
    SecurityGroupIds: [groupId],
  });
  const id = Instances[0]?.InstanceId ?? '';
  const rows = sandbox.core.table<{ address: string; status: string }>('ec2', region, 'instances');
  await vi.waitFor(() => expect(rows.get(id)?.status).toBe('ok'), 20_000);
  const endpoint = { host: rows.get(id)?.address ?? '', port: 7000 };
  return { groupId, endpoint, port: 7000, name: `${id} on port 7000`, id };
}

describe.each([
  ['a database', database],
  ['an instance', instance],
])('%s', (_what, make) => {
  let target: Target;
  beforeAll(async () => {
    target = await make();
  }, 60_000);

  it('is reached by the group its rules name, who is seen by its own address, and by no other', async () => {
    const [app, other] = [await place(), await place()];
    expect(await talk(app.address, target.endpoint)).toBe('hung');
    await allow(target.groupId, target.port, ofGroup(app.groupId));
    expect(await talk(app.address, target.endpoint)).toBe(`${app.address} hello`);
    expect(await talk(other.address, target.endpoint)).toBe('hung');
    expect(logged).toEqual([
      `function probe can't reach ${target.name}: no rule of its security groups (${target.groupId}) lets ${app.groupId} in on port ${target.port}`,
      `function probe can't reach ${target.name}: no rule of its security groups (${target.groupId}) lets ${other.groupId} in on port ${target.port}`,
    ]);
  });

  it('is reached only by who may leave', async () => {
    const app = await place();
    await allow(target.groupId, target.port, ofGroup(app.groupId));
    const all = [{ IpProtocol: '-1', ...anywhere }];
    await ec2('RevokeSecurityGroupEgress', { GroupId: app.groupId, IpPermissions: all });
    expect(await talk(app.address, target.endpoint)).toBe('hung');
    expect(logged.at(-1)).toMatch(/ no rule of its own security groups \(sg-\w+\) lets it out on port \d+$/);
    await ec2('AuthorizeSecurityGroupEgress', {
      GroupId: app.groupId,
      IpPermissions: rule(target.port, ofGroup(target.groupId)),
    });
    expect(await talk(app.address, target.endpoint)).toBe(`${app.address} hello`);
  });

  it('is never reached by a person, a function outside VPCs, another VPC or another Region, whatever its rules', async () => {
    const neighbour = await network({ ec2 });
    const [elsewhere, far] = [await place(neighbour), await place(await network({ ec2 }, away), away)];
    await allow(target.groupId, target.port, anywhere);
    const outsiders = [person, sandbox.core.network.allocate(region), elsewhere.address, far.address];
    for (const from of outsiders) expect(await talk(from, target.endpoint), from).toBe('hung');
    expect(logged).toContain(
      `function probe can't reach ${target.name}: it is in ${net.vpcId}, the caller in ${neighbour.vpcId}, and nothing connects the two`,
    );
    expect(logged).toContain(
      `a caller outside (${person}) can't reach ${target.name}: it is private to ${net.vpcId}, and the caller stands outside of it`,
    );
    const inside = await place();
    expect(await talk(inside.address, target.endpoint)).toBe(`${inside.address} hello`);
    await revoke(target.groupId, target.port, anywhere);
  });

  it('keeps a connection whose rule is revoked, and lets no new one in', async () => {
    const app = await place();
    await allow(target.groupId, target.port, ofGroup(app.groupId));
    const before = await open(app.address, target.endpoint);
    expect(await before.say('one')).toContain('one');
    await revoke(target.groupId, target.port, ofGroup(app.groupId));
    expect(await talk(app.address, target.endpoint)).toBe('hung');
    expect(await before.say('two')).toContain('two');
  });
});

describe('an instance', () => {
  it('with a public address is reached by people where its rules and its subnet’s route let the internet in', async () => {
    const groupId = await group({ ec2 }, net.vpcId, 'web');
    const { Instances } = await ec2<{ Instances: { InstanceId: string }[] }>('RunInstances', {
      ImageId: appImage,
      MinCount: 1,
      MaxCount: 1,
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId: net.publicSubnet, AssociatePublicIpAddress: true, Groups: [groupId] },
      ],
    });
    const id = Instances[0]?.InstanceId ?? '';
    const rows = sandbox.core.table<{ address: string; status: string }>('ec2', region, 'instances');
    await expect.poll(() => rows.get(id)?.status, { timeout: 20_000 }).toBe('ok');
    const endpoint = { host: rows.get(id)?.address ?? '', port: 7000 };
    expect(await talk(person, endpoint)).toBe('hung');
    await allow(groupId, 7000, anywhere);
    expect(await talk(person, endpoint)).toMatch(/ hello$/);
  });

  it('whose program is gone refuses, as a machine that listens on nothing does', async () => {
    const target = await instance();
    const app = await place();
    await allow(target.groupId, target.port, ofGroup(app.groupId));
    expect(await talk(app.address, target.endpoint)).toBe(`${app.address} hello`);
    const machine = sandbox.core
      .region(region)
      .machines.list()
      .find(({ name }) => name === target.id);
    machine?.kill('SIGKILL');
    await machine?.exited;
    await expect.poll(() => talk(app.address, target.endpoint)).toBe('ECONNREFUSED');
  });

  it('in a dark Region is silent, and is there again afterwards', async () => {
    const target = await instance();
    const app = await place();
    await allow(target.groupId, target.port, ofGroup(app.groupId));
    await sandbox.faults.goDark(region);
    expect(await talk(app.address, target.endpoint)).toBe('hung');
    await sandbox.faults.bringBack(region);
    await expect.poll(() => talk(app.address, target.endpoint), { timeout: 20_000 }).toBe(`${app.address} hello`);
  });
});
