/** Whose process is behind a connection, by real processes. */

import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { socketOwner } from '../../../src/sandbox/machines/socket-owner.ts';

const server = createServer();
const started: ChildProcess[] = [];
const sockets: Socket[] = [];
let port: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** It ends with its connection, so that none outlives the test. */
const connecting = () =>
  `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {}).on('close', () => process.exit());`;
const parentOf = (script: string) =>
  `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}]); setInterval(() => {}, 1000);`;

/** Starts a program; answers its process and the connection that comes. */
async function run(script: string): Promise<{ pid: number; socket: Socket }> {
  const arrived = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  started.push(child);
  const socket = await arrived;
  socket.on('error', () => {});
  sockets.push(socket);
  return { pid: child.pid ?? 0, socket };
}

const ownerOf = (socket: Socket, ...pids: number[]) =>
  socketOwner({ host: '127.0.0.1', port: socket.remotePort ?? 0 }, { host: '127.0.0.1', port }, new Set(pids));

test('a program, and what a program started, are told apart; a stranger is nobody’s', async () => {
  const [one, other, child] = [await run(connecting()), await run(connecting()), await run(parentOf(connecting()))];
  const known = [one.pid, other.pid, child.pid];
  expect([one, other, child].map(({ socket }) => ownerOf(socket, ...known))).toEqual(known);
  expect(ownerOf(one.socket, other.pid)).toBeUndefined();
  expect(ownerOf(one.socket)).toBeUndefined();
});
