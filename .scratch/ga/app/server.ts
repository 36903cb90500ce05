/** Photos over HTTP: upload, list, fetch; `/alive` while the process lives, `/ready` when a write would be taken. */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { readSettings } from './settings.ts';
import { PhotoStore } from './store.ts';

const maximumBytes = 5_000_000;

void main();

async function main(): Promise<void> {
  const settings = await bootSettings();
  const service: Service = { title: settings.title, store: new PhotoStore(settings) };
  const server = createServer((request, response) => {
    route(service, request, response).catch((error: unknown) => {
      console.error(
        JSON.stringify({ path: request.url, error: error instanceof Error ? error.message : String(error) }),
      );
      if (!response.headersSent) answer(response, 503, { error: 'try again' });
    });
  });
  server.listen(Number(process.env.PORT ?? 8080), process.env.ADDRESS ?? '0.0.0.0');
}

interface Service {
  readonly title: string;
  readonly store: PhotoStore;
}

async function route({ title, store }: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://photos');
  response.setHeader('x-region', process.env.AWS_REGION ?? '');
  if (request.method === 'GET' && pathname === '/alive') return answer(response, 200, { alive: true });
  if (request.method === 'GET' && pathname === '/ready') {
    const ready = await store.ready().catch(() => false);
    return answer(response, ready ? 200 : 503, { ready });
  }
  if (request.method === 'GET' && pathname === '/photos')
    return answer(response, 200, { title, photos: await store.list() });
  const id = /^\/photos\/([A-Za-z0-9-]{1,64})$/.exec(pathname)?.[1];
  if (id !== undefined && request.method === 'PUT') {
    const bytes = await read(request);
    const photo = {
      id,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      at: new Date().toISOString(),
    };
    await store.add(photo, bytes);
    return answer(response, 201, photo);
  }
  if (id !== undefined && request.method === 'GET') {
    const bytes = await store.bytes(id);
    if (bytes === undefined) return answer(response, 404, { error: 'no such photo' });
    response.writeHead(200, { 'content-type': 'image/bmp', 'content-length': bytes.length }).end(bytes);
    return;
  }
  answer(response, 404, { error: 'no such page' });
}

/** Settings may arrive later than the instance: a new standby side is synced by upkeep. */
async function bootSettings() {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readSettings();
    } catch (error) {
      if (attempt === 20) throw error;
      console.error(JSON.stringify({ boot: attempt, error: error instanceof Error ? error.message : String(error) }));
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBytes) throw new Error('the photo is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
