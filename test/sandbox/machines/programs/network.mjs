// @ts-check
/** Serves on port 80 of its own address and calls itself and others by name. Arguments: the name to call. */

import { lookup, resolve4 } from 'node:dns/promises';
import http from 'node:http';

const say = (/** @type {object} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const [name = ''] = process.argv.slice(2);

const server = http.createServer((request, response) => response.end(request.socket.remoteAddress));
await new Promise((resolve) => server.listen(80, () => resolve(undefined)));
const bound = server.address();
say({ name: 'listening', on: typeof bound === 'object' ? `${bound?.address}:${bound?.port}` : bound });
say({
  name: 'lookup',
  one: await lookup(name),
  all: await lookup(name, { all: true }),
  resolved: await resolve4(name),
});
say({ name: 'literal', one: await lookup('127.0.0.1'), local: (await lookup('localhost')).address });
say({ name: 'big', addresses: (await lookup('big.example.com', { all: true })).length });
say({ name: 'where', ...(await lookup('where.example.com')) });
say({ name: 'missing', code: await lookup('nowhere.example.com').catch((error) => error.code) });
say({ name: 'http', caller: await text(`http://${name}/`) });
say({ name: 'fetch', caller: await (await fetch(`http://${name}/`)).text() });
if (typeof bound === 'object') say({ name: 'by address', caller: await text(`http://${bound?.address}:80/`) });
process.exit(0);

/** @param {string} url @returns {Promise<string>} */
function text(url) {
  return new Promise((resolve, reject) => {
    http.get(url, (response) => response.once('data', (bytes) => resolve(String(bytes)))).once('error', reject);
  });
}
