/** The outside endpoint on a port of the user's choice: taken before anything is started, leading to the sandbox once it is up. */

import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { usageError } from '../kernel/errors.ts';

export interface Door {
  readonly endpoint: string;
  /** Passes callers on to this URL's host and port. Those who call before are sent away. */
  leadTo(endpoint: string): void;
  close(): void;
}

/** @throws a usage error when the port can't be had. */
export function openDoor(port: number): Promise<Door> {
  let inside: URL | undefined;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  };
  const server = createServer((socket) => {
    const caller = keep(socket);
    if (inside === undefined) {
      caller.destroy();
      return;
    }
    const through = keep(connect({ host: inside.hostname, port: Number(inside.port) }));
    caller.on('close', () => through.destroy());
    through.on('close', () => caller.destroy());
    caller.pipe(through).pipe(caller);
  });
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        usageError(error.code === 'EADDRINUSE' ? 'The port is in use.' : `The port can't be used: ${error.message}.`, {
          given: port,
          allowed: 'a free port from 1 to 65535',
          next: 'Choose another one, or leave --port out.',
        }),
      ),
    );
    server.listen(port, '127.0.0.1', () =>
      resolve({
        endpoint: `http://127.0.0.1:${port}`,
        leadTo(endpoint) {
          inside = new URL(endpoint);
        },
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      }),
    );
  });
}
