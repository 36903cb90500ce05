// A sandbox's service is seen by the sandbox's names and ports, whatever this machine's resolver says.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { sandboxSight } from '../../src/cli/sandbox-sight.ts';

test('a name leads where the sandbox says, and the service is asked for under it', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.host}${request.url}`);
    response.end('photo');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const network = {
    resolve: (name: string) => (name === 'www.photos.example' ? { values: ['127.0.0.1'] } : undefined),
    boundPort: (wanted: number) => (wanted === 80 ? port : wanted),
  };
  const sight = sandboxSight({ network, trust: {} } as unknown as Parameters<typeof sandboxSight>[0]);
  try {
    expect(await sight.addresses('www.photos.example')).toEqual(['127.0.0.1']);
    const seen = await sight.visit('http://www.photos.example/photos/1', { timeoutMilliseconds: 5000, method: 'PUT' });
    expect(seen).toMatchObject({ status: 200, text: 'photo' });
    expect(asked).toEqual(['PUT www.photos.example/photos/1']);
    expect(await sight.get('http://nobody.example/', 5000)).toMatchObject({ status: undefined, seen: 'ENOTFOUND' });
  } finally {
    server.close();
  }
});
