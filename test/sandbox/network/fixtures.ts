/** A network alone, at real time, with what tests talk over it. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxNetwork } from '../../../src/sandbox/network/network.ts';

export const east = 'us-east-1';
export const west = 'us-west-2';

/** A network whose links take no time unless a test says so. */
export async function quickNetwork(): Promise<SandboxNetwork> {
  const network = await SandboxNetwork.start([east, west], (span) => span);
  for (const from of ['outside', east, west])
    for (const to of ['outside', east, west]) network.links.setDelay(from, to, 0);
  return network;
}

export interface Echo {
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  readonly sockets: Set<Socket>;
  close(): Promise<void>;
}

/** Sends back what it gets, and ends when the other side has. */
export async function echoServer(onSocket: (socket: Socket) => void = (socket) => socket.pipe(socket)): Promise<Echo> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    server,
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export interface Caller {
  readonly socket: Socket;
  readonly text: () => string;
  readonly closed: () => boolean;
  readonly error: () => string | undefined;
}

/** A client that remembers what it got. `from` is the address it calls from. */
export async function call(to: { address: string; boundPort: number }, from?: string): Promise<Caller> {
  const socket = connect({
    host: to.address,
    port: to.boundPort,
    allowHalfOpen: true,
    ...(from === undefined ? {} : { localAddress: from }),
  });
  let text = '';
  let closed = false;
  let error: string | undefined;
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  socket.once('close', () => {
    closed = true;
  });
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.code;
  });
  // A connection that is reset at once may never be seen open.
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
  return { socket, text: () => text, closed: () => closed, error: () => error };
}

/** Waits until `true`; gives up after three seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let look = 0; !condition(); look++) {
    if (look > 600) throw new Error(`Waited in vain for ${condition.toString()}`);
    await sleep(5);
  }
}

/** Long enough for anything that is going to happen over loopback to have happened. */
export const settle = (): Promise<void> => sleep(60);
