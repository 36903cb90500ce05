// @ts-check
/** Names as a program inside a Region knows them: asked of the sandbox's DNS, from the program's own address. */

import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import { real } from './real-time.mjs';

/** @param {string} server host:port @param {string | undefined} address where questions are asked from */
export function resolveInSandbox(server, address) {
  const [host = '', port = ''] = server.split(':');
  const nativeLookup = dns.lookup;
  const nativePromise = dns.promises.lookup;
  const ask = resolver(host, Number(port), address);
  const native = (/** @type {string} */ name) => !name || net.isIP(name) !== 0 || name === 'localhost';

  /** @param {any} name @param {any} given @param {any} [callback] */
  const lookup = (name, given, callback) => {
    if (native(name)) return /** @type {any} */ (nativeLookup)(name, given, callback);
    const options =
      typeof given === 'function' || given === undefined ? {} : typeof given === 'object' ? given : { family: given };
    const done = typeof given === 'function' ? given : callback;
    answer(name, options).then(
      (addresses) => {
        if (options.all) done(null, addresses);
        else done(null, addresses[0]?.address, 4);
      },
      (error) => done(error),
    );
    return {};
  };
  /** @param {string} name @param {any} options */
  const answer = async (name, options) => {
    const family = options.family === 'IPv6' ? 6 : options.family;
    const addresses = family === 6 ? [] : await ask(name);
    if (addresses.length === 0) throw notFound(name);
    return addresses.map((address) => ({ address, family: 4 }));
  };
  /** @param {any} name @param {any} [given] */
  const lookupPromise = async (name, given) => {
    if (native(name)) return /** @type {any} */ (nativePromise)(name, given);
    const options = given === undefined ? {} : typeof given === 'object' ? given : { family: given };
    const addresses = await answer(name, options);
    return options.all ? addresses : addresses[0];
  };
  Object.defineProperty(lookup, Symbol.for('nodejs.util.promisify.custom'), { value: lookupPromise });
  Object.assign(dns, { lookup });
  Object.assign(dns.promises, { lookup: lookupPromise });
  resolveThroughServer(server, address);
}

/**
 * `dns.resolve…`, which asks servers instead of the system. A resolver of our own costs 4 ms and few programs ask this way: the first
 * question makes it.
 * @param {string} server @param {string | undefined} address
 */
function resolveThroughServer(server, address) {
  for (const module of /** @type {any[]} */ ([dns, dns.promises])) {
    /** @type {any} */
    let resolver;
    const ready = () => {
      if (resolver !== undefined) return resolver;
      resolver = new module.Resolver();
      resolver.setServers([server]);
      if (address !== undefined) resolver.setLocalAddress(address);
      return resolver;
    };
    for (const name of Object.keys(module)) {
      if (name.startsWith('resolve')) module[name] = (/** @type {any[]} */ ...args) => ready()[name](...args);
    }
  }
}

/** @param {string} name */
function notFound(name) {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
    code: 'ENOTFOUND',
    errno: -3008,
    syscall: 'getaddrinfo',
    hostname: name,
  });
}

/**
 * Asks the sandbox's DNS server for addresses, three times before giving up, as a stub resolver does.
 * @param {string} host @param {number} port @param {string | undefined} address
 * @returns {(name: string) => Promise<string[]>}
 */
function resolver(host, port, address) {
  /** @type {dgram.Socket | undefined} */
  let socket;
  /** @type {Map<number, (message: Buffer) => void>} */
  const pending = new Map();
  let nextId = process.pid & 0xffff;

  const open = () => {
    if (socket !== undefined) return socket;
    const opened = dgram.createSocket('udp4');
    opened.on('message', (message) => pending.get(message.readUInt16BE(0))?.(message));
    opened.on('error', () => {
      socket = undefined;
    });
    if (address !== undefined) opened.bind(0, address);
    opened.unref();
    socket = opened;
    return opened;
  };
  return (name) =>
    new Promise((resolve, reject) => {
      const id = nextId++ & 0xffff;
      const query = encodeQuery(id, name);
      let left = 3;
      const finish = () => {
        pending.delete(id);
        real.clearTimeout(timer);
        if (pending.size === 0) socket?.unref();
      };
      const send = () => {
        if (left-- === 0) {
          finish();
          reject(
            Object.assign(new Error(`queryA ETIMEOUT ${name}`), {
              code: 'EAI_AGAIN',
              syscall: 'getaddrinfo',
              hostname: name,
            }),
          );
          return;
        }
        const opened = open();
        opened.ref();
        opened.send(query, port, host, () => {});
        timer = real.setTimeout(send, 1000);
      };
      /** @type {NodeJS.Timeout} */
      let timer;
      pending.set(id, (message) => {
        finish();
        resolve(decodeAddresses(message));
      });
      send();
    });
}

/** @param {number} id @param {string} name */
function encodeQuery(id, name) {
  const labels = name
    .replace(/\.$/, '')
    .split('.')
    .map((label) => Buffer.from(label));
  const header = Buffer.from([id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  const question = labels.flatMap((label) => [Buffer.from([label.length]), label]);
  // Type A, class IN; then an OPT record that takes answers of up to 4096 bytes.
  return Buffer.concat([header, ...question, Buffer.from([0, 0, 1, 0, 1, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0])]);
}

/** @param {Buffer} message @returns {string[]} */
function decodeAddresses(message) {
  /** @type {string[]} */
  const addresses = [];
  let offset = skipName(message, 12) + 4;
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    offset = skipName(message, offset);
    const type = message.readUInt16BE(offset);
    const length = message.readUInt16BE(offset + 8);
    if (type === 1) addresses.push([...message.subarray(offset + 10, offset + 14)].join('.'));
    offset += 10 + length;
  }
  return addresses;
}

/** @param {Buffer} message @param {number} start */
function skipName(message, start) {
  let offset = start;
  for (;;) {
    const length = message[offset] ?? 0;
    if (length === 0) return offset + 1;
    if (length >= 0xc0) return offset + 2;
    offset += 1 + length;
  }
}
