// @ts-check
/** Where a program stands in the sandbox's network. */

import net from 'node:net';

/**
 * Connections into the sandbox come from the program's own address, and go to where ports under 1024 are really bound; servers that
 * name no address, or the program's own, listen where its servers are to listen.
 * @param {string | undefined} address @param {string} network @param {string | undefined} listenAddress
 */
export function standAt(address, network, listenAddress) {
  const normalize = /** @type {any} */ (net)._normalizeArgs;
  const connect = Reflect.get(net.Socket.prototype, 'connect');
  /** @this {net.Socket} @param {any[]} args @returns {any} */
  net.Socket.prototype.connect = function awsConnect(...args) {
    const normalized = Array.isArray(args[0]) ? args[0] : normalize(args);
    const options = normalized[0];
    const { host, port } = options;
    const named = typeof host === 'string' && host !== 'localhost' && net.isIP(host) === 0;
    const inside = named || (typeof host === 'string' && host.startsWith(network));
    if (!options.path && inside) {
      normalized[0] = {
        ...options,
        port: boundPort(port),
        // Some clients say null where they mean nothing.
        localAddress: options.localAddress ?? address,
      };
    }
    return Reflect.apply(connect, this, [normalized]);
  };

  const listen = Reflect.get(net.Server.prototype, 'listen');
  /** @this {net.Server} @param {any[]} args @returns {any} */
  net.Server.prototype.listen = function awsListen(...args) {
    const [options, callback] = normalize(args);
    const { host, port, path, fd } = options;
    const handle = args[0] !== null && typeof args[0] === 'object' && ('_handle' in args[0] || 'handle' in args[0]);
    const everywhere = host === undefined || host === '0.0.0.0' || host === '::' || host === address;
    const mine = everywhere ? listenAddress : typeof host === 'string' && host.startsWith(network) ? host : undefined;
    if (mine === undefined || handle || port === undefined || path !== undefined || fd !== undefined) {
      return Reflect.apply(listen, this, args);
    }
    const moved = { ...options, host: mine, port: boundPort(port) };
    return Reflect.apply(listen, this, callback === null ? [moved] : [moved, callback]);
  };
}

/** @param {unknown} port */
function boundPort(port) {
  const number = Number(port);
  return number > 0 && number < 1024 ? number + 8000 : port;
}
