/** What visitors read: the group that serves all that no other does. */

import { createServer } from 'node:http';
import { book, isWritable, writer } from './book.ts';

const { PORT: port, ADDRESS: address, GREETING: greeting } = process.env;
const me = writer();

createServer((request, response) => {
  const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
  const work = async () => {
    if (request.url === '/up') return answer(200, { greeting });
    if (request.url === '/up?write') return answer((await isWritable()) ? 200 : 503, {});
    if (request.url !== '/') return answer(404, {});
    // Who ever wrote, from where, and with what.
    const of = async (table: string, more: string) => {
      const columns = `region, image, type${more}`;
      const [rows] = await (await book()).query(`SELECT ${columns}, COUNT(*) AS n FROM ${table} GROUP BY ${columns}`);
      return rows;
    };
    return answer(200, { me: await me, desks: await of('entries', ', drawer'), bells: await of('rings', '') });
  };
  work().catch((error: unknown) => answer(503, { error: String(error) }));
}).listen(Number(port), address);
