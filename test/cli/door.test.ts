import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openDoor } from '../../src/cli/door.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a door leads to the endpoint once there is one, and ends its callers when it closes', async () => {
  const behind = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const port = await freePort();
  const door = await openDoor(port);
  expect(door.endpoint).toBe(`http://127.0.0.1:${port}`);

  const early = connect(port, '127.0.0.1').resume();
  await once(early, 'close');

  door.leadTo(`http://127.0.0.1:${(behind.address() as AddressInfo).port}`);
  const caller = connect(port, '127.0.0.1');
  caller.write('hello');
  expect(String((await once(caller, 'data'))[0])).toBe('hello');

  door.close();
  await once(caller, 'close');
  behind.close();
  await once(behind, 'close');
});

test('a port that is in use is refused with the way out', async () => {
  const port = await freePort();
  const door = await openDoor(port);
  await expect(openDoor(port)).rejects.toMatchObject({
    kind: 'usage',
    message: `The port is in use. Given: ${port}. Allowed: a free port from 1 to 65535. Choose another one, or leave --port out.`,
  });
  door.close();
});
