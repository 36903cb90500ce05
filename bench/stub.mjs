// Answers every request with one fixed body: what an SDK client alone can do. Usage: node stub.mjs <content type> <body in base64>;
// prints its port. Ends with its stdin.
import { createServer } from 'node:http';

const [type = '', body = ''] = process.argv.slice(2);
const bytes = Buffer.from(body, 'base64');
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length });
    response.end(bytes);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
