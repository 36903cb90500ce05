// @ts-check
/** Forwarding one request to one target, as an Application Load Balancer does. */

import { request as httpRequest } from 'node:http';

/** @import { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http' */
/** @import { BalancerSpec, TargetSpec } from './configuration.ts' */

/** Seconds a target gets to accept a connection: 504 after. Source: Application Load Balancers, "HTTP 504". */
const connectSeconds = 10;

/** Of one connection only, and never passed on (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'proxy-connection',
]);

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {{ target: TargetSpec, balancer: BalancerSpec, listenerPort: number }} to
 */
export function forward(request, response, { target, balancer, listenerPort }) {
  let over = false;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @param {number} status */
  const fail = (status) => {
    if (over) return;
    end();
    if (response.headersSent) response.destroy();
    else refuse(response, status);
  };
  const end = () => {
    over = true;
    clearTimeout(timer);
    sent?.destroy();
  };
  /** @param {number} seconds */
  const within = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(() => fail(504), 1000 * seconds);
  };
  response.on('close', () => {
    if (!over && !response.writableFinished) end();
  });
  within(connectSeconds);
  // A target the security groups don't admit swallows the connection.
  const sent = target.admitted ? open() : undefined;

  function open() {
    const outgoing = httpRequest({
      host: target.host,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: forwardedHeaders(request, { target, listenerPort }),
      // A kept connection that the target closes at the same moment would be a 502 nobody deserved.
      agent: false,
      localAddress: balancer.address,
      setHost: false,
    });
    const idle = () => within(balancer.idleTimeoutSeconds);
    outgoing.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', idle);
      else idle();
    });
    outgoing.on('error', () => fail(502));
    outgoing.on('response', (answer) => {
      if (over) return void answer.resume();
      idle();
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer));
      answer.on('data', idle);
      answer.on('error', () => fail(502));
      answer.on('aborted', () => fail(502));
      answer.on('end', () => {
        over = true;
        clearTimeout(timer);
      });
      answer.pipe(response);
    });
    request.on('data', idle);
    request.on('error', () => end());
    request.pipe(outgoing);
    return outgoing;
  }
}

const reasons = /** @type {Record<number, string>} */ ({
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
});

/** The load balancer's own answer. @param {ServerResponse} response @param {number} status */
export function refuse(response, status) {
  const title = `${status} ${reasons[status] ?? ''}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  // The rest of a request's body is still to come: the connection can't carry another one.
  const close = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(status, {
    server: 'awselb/2.0',
    'content-type': 'text/html',
    'content-length': Buffer.byteLength(body),
    ...close,
  });
  response.end(body);
  response.req.resume();
}

/**
 * @param {IncomingMessage} request
 * @param {{ target: TargetSpec, listenerPort: number }} to
 * @returns {OutgoingHttpHeaders}
 */
function forwardedHeaders(request, { target, listenerPort }) {
  const headers = endToEnd(request);
  const source = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
  const before = request.headers['x-forwarded-for'];
  return {
    ...headers,
    host: request.headers.host ?? `${target.host}:${target.port}`,
    'x-forwarded-for': before === undefined ? source : `${String(before)}, ${source}`,
    'x-forwarded-proto': isSecure(request) ? 'https' : 'http',
    'x-forwarded-port': String(listenerPort),
  };
}

/** Whether it came over TLS, which ends here. @param {IncomingMessage} request */
export const isSecure = (request) => 'encrypted' in request.socket;

/** @param {IncomingMessage} message @returns {OutgoingHttpHeaders} */
function endToEnd(message) {
  const named = String(message.headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(message.headers).filter(([name]) => !hopByHop.has(name) && !named.includes(name)),
  );
}
