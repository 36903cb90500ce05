/** Where guests write: the group that serves one path. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { book, writer } from './book.ts';

const { PORT: port, ADDRESS: address } = process.env;
const me = writer();
// Put there by the group's own user data.
const drawer = readFileSync('/srv/desk/drawer', 'utf8').trim();

createServer((request, response) => {
  const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
  const work = async () => {
    if (request.url === '/v1/up') return answer(200, {});
    if (request.url !== '/v1/entries' || request.method !== 'POST') return answer(404, {});
    const { guest, says } = JSON.parse(await text(request)) as { guest: string; says: string };
    const { region, image, type } = await me;
    await (await book()).query({
      sql: 'INSERT INTO entries (says, guest, drawer, region, image, type) VALUES (?, ?, ?, ?, ?, ?)',
      values: [says, guest, drawer, region, image, type],
      timeout: 5000,
    });
    return answer(200, { guest });
  };
  work().catch((error: unknown) => answer(503, { error: String(error) }));
}).listen(Number(port), address);
