// @ts-check
/**
 * Puts a Node program inside a Region: AWS time, the sandbox's names, an address of its own. Loaded before the program by
 * `NODE_OPTIONS=--import=…`, so that its child processes live there too. It changes nothing outside a sandbox.
 *
 * Environment: PILOT_LIGHT_CLOCK (the clock file), PILOT_LIGHT_DNS (host:port), PILOT_LIGHT_NETWORK ("127.R.", what the sandbox's
 * addresses begin with), PILOT_LIGHT_ADDRESS (the program's own).
 */

import { AsyncResource } from 'node:async_hooks';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

const { PILOT_LIGHT_CLOCK, PILOT_LIGHT_DNS, PILOT_LIGHT_NETWORK, PILOT_LIGHT_ADDRESS } = process.env;

const real = {
  hrtime: process.hrtime,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  Date: globalThis.Date,
};

if (PILOT_LIGHT_CLOCK !== undefined) liveOnAwsTime(PILOT_LIGHT_CLOCK);
if (PILOT_LIGHT_DNS !== undefined && PILOT_LIGHT_NETWORK !== undefined) {
  resolveInSandbox(PILOT_LIGHT_DNS, PILOT_LIGHT_NETWORK);
  standAt(PILOT_LIGHT_ADDRESS, PILOT_LIGHT_NETWORK);
}
syncBuiltinESMExports();

// --- AWS time ---------------------------------------------------------------------------------------------------------------------

/** @param {string} path */
function liveOnAwsTime(path) {
  const clock = clockReader(path);
  const origin = clock.now();

  replaceDate(clock.now);
  replaceTimers(clock);

  const sinceOrigin = () => clock.now() - origin;
  Object.defineProperty(performance, 'now', { value: sinceOrigin, configurable: true, writable: true });
  Object.defineProperty(performance, 'timeOrigin', { value: origin, configurable: true });
  process.hrtime = Object.assign(
    /** @param {[number, number]} [since] @returns {[number, number]} */
    (since) => {
      const nanoseconds = BigInt(Math.round(sinceOrigin() * 1e6)) + 1_000_000_000n;
      const from = since === undefined ? 0n : BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]);
      const span = nanoseconds - from;
      return [Number(span / 1_000_000_000n), Number(span % 1_000_000_000n)];
    },
    { bigint: () => BigInt(Math.round(sinceOrigin() * 1e6)) + 1_000_000_000n },
  );
}

/**
 * @typedef {{ now(): number, refresh(): void, rate(): number, nominal(): number, onChange(listener: () => void): void }} ClockReader
 * @param {string} path
 * @returns {ClockReader}
 */
function clockReader(path) {
  /** How old what was read may be, in real milliseconds. */
  const freshness = 2;
  const file = fs.openSync(path, 'r');
  const bytes = new DataView(new ArrayBuffer(44));
  let pace = { aws: real.Date.now(), real: realNow(), rate: 1, nominal: 1 };
  let read = Number.NEGATIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let watched = false;

  const refresh = () => {
    read = realNow();
    try {
      fs.readSync(file, bytes, 0, 44, 0);
    } catch {
      return;
    }
    let checksum = 0;
    for (let offset = 0; offset < 40; offset += 4) checksum ^= bytes.getUint32(offset, true);
    // A half-written pace: the one before it is good for another moment.
    if (bytes.getUint32(0, true) !== 0x504c434b || checksum >>> 0 !== bytes.getUint32(40, true)) return;
    pace = {
      aws: bytes.getFloat64(8, true),
      real: bytes.getFloat64(16, true),
      rate: bytes.getFloat64(24, true),
      nominal: bytes.getFloat64(32, true),
    };
  };
  refresh();

  return {
    now() {
      const now = realNow();
      if (now - read > freshness) refresh();
      const aws = pace.aws + Math.max(0, now - pace.real) * pace.rate;
      if (aws > last) last = aws;
      return last;
    },
    refresh,
    rate: () => pace.rate,
    nominal: () => pace.nominal,
    onChange(listener) {
      if (watched) return;
      watched = true;
      try {
        fs.watch(`${path}.bell`, { persistent: false }, listener).on('error', () => {});
      } catch {
        // Without a watch, waits are looked at again every `longestNap`.
      }
    },
  };
}

function realNow() {
  const [seconds, nanoseconds] = real.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** @param {() => number} now */
function replaceDate(now) {
  const RealDate = real.Date;
  /** @this {unknown} @param {any[]} args */
  function AwsDate(...args) {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [now()] : args, new.target);
  }
  Object.defineProperties(AwsDate, {
    name: { value: 'Date', configurable: true },
    length: { value: 7, configurable: true },
    prototype: { value: RealDate.prototype, writable: false },
    now: { value: () => Math.floor(now()), configurable: true, writable: true },
    parse: { value: RealDate.parse, configurable: true, writable: true },
    UTC: { value: RealDate.UTC, configurable: true, writable: true },
  });
  Object.defineProperty(RealDate.prototype, 'constructor', { value: AwsDate, configurable: true, writable: true });
  globalThis.Date = /** @type {DateConstructor} */ (/** @type {unknown} */ (AwsDate));
}

/** @param {ClockReader} clock */
function replaceTimers(clock) {
  /** Real milliseconds after which a wait is looked at again even if nobody rang. */
  const longestNap = 500;
  /** @type {Set<AwsTimeout>} */
  const waiting = new Set();
  /** @type {Map<number, AwsTimeout>} */
  const byId = new Map();
  let nextId = 1;

  class AwsTimeout {
    /** @param {(...args: any[]) => void} callback @param {unknown} delay @param {any[]} args @param {boolean} repeat */
    constructor(callback, delay, args, repeat) {
      const span = Number(delay);
      this.span = span >= 1 && span <= 2147483647 ? Math.trunc(span) : 1;
      this.callback = callback;
      this.args = args;
      this.repeat = repeat;
      this.refed = true;
      this.due = 0;
      /** @type {NodeJS.Timeout | undefined} */
      this.handle = undefined;
      /** @type {number | undefined} */
      this.id = undefined;
      this.resource = new AsyncResource('Timeout');
      this.start();
    }
    start() {
      this.due = clock.now() + this.span;
      waiting.add(this);
      clock.onChange(() => {
        clock.refresh();
        for (const timeout of waiting) timeout.arm();
      });
      this.arm();
    }
    arm() {
      if (this.handle !== undefined) real.clearTimeout(this.handle);
      const wait = this.due - clock.now();
      const rate = clock.rate();
      this.handle = real.setTimeout(
        () => this.wake(),
        wait <= 0 ? 1 : rate > 0 ? Math.min(wait / rate, longestNap) : longestNap,
      );
      if (!this.refed) this.handle.unref();
    }
    wake() {
      this.handle = undefined;
      if (!waiting.has(this)) return;
      if (clock.now() < this.due) {
        this.arm();
        return;
      }
      waiting.delete(this);
      try {
        this.resource.runInAsyncScope(this.callback, this, ...this.args);
      } finally {
        if (this.repeat && !this.closed && !waiting.has(this)) this.start();
      }
    }
    closed = false;
    close() {
      this.closed = true;
      waiting.delete(this);
      if (this.handle !== undefined) real.clearTimeout(this.handle);
      this.handle = undefined;
      if (this.id !== undefined) byId.delete(this.id);
      return this;
    }
    refresh() {
      if (!this.closed) this.start();
      return this;
    }
    ref() {
      this.refed = true;
      this.handle?.ref();
      return this;
    }
    unref() {
      this.refed = false;
      this.handle?.unref();
      return this;
    }
    hasRef() {
      return this.refed;
    }
    [Symbol.toPrimitive]() {
      this.id ??= nextId++;
      byId.set(this.id, this);
      return this.id;
    }
  }
  if (Symbol.dispose !== undefined) {
    Object.defineProperty(AwsTimeout.prototype, Symbol.dispose, {
      value: /** @this {AwsTimeout} */ function dispose() {
        this.close();
      },
    });
  }

  /** @param {boolean} repeat @returns {any} */
  const starter =
    (repeat) =>
    (/** @type {any} */ callback, /** @type {unknown} */ delay, /** @type {any[]} */ ...args) => {
      if (typeof callback !== 'function') {
        throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
          code: 'ERR_INVALID_ARG_TYPE',
        });
      }
      return new AwsTimeout(callback, delay, args, repeat);
    };
  const awsSetTimeout = starter(false);
  const awsSetInterval = starter(true);
  const awsClear = (/** @type {any} */ timeout) => {
    if (timeout instanceof AwsTimeout) timeout.close();
    else if (typeof timeout === 'number' || typeof timeout === 'string') byId.get(Number(timeout))?.close();
    else real.clearTimeout(timeout);
  };

  const wait = (/** @type {number} */ delay, /** @type {any} */ value, /** @type {any} */ options = {}) =>
    new Promise((resolve, reject) => {
      const { signal, ref = true } = options ?? {};
      const refuse = () => {
        timeout?.close();
        reject(
          Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
            name: 'AbortError',
            code: 'ABORT_ERR',
          }),
        );
      };
      /** @type {AwsTimeout | undefined} */
      let timeout;
      if (signal?.aborted) {
        refuse();
        return;
      }
      timeout = /** @type {AwsTimeout} */ (
        awsSetTimeout(() => {
          signal?.removeEventListener('abort', refuse);
          resolve(value);
        }, delay)
      );
      if (!ref) timeout.unref();
      signal?.addEventListener('abort', refuse, { once: true });
    });
  Object.defineProperty(awsSetTimeout, Symbol.for('nodejs.util.promisify.custom'), { value: wait });

  Object.assign(globalThis, {
    setTimeout: awsSetTimeout,
    setInterval: awsSetInterval,
    clearTimeout: awsClear,
    clearInterval: awsClear,
  });
  Object.assign(timers, {
    setTimeout: awsSetTimeout,
    setInterval: awsSetInterval,
    clearTimeout: awsClear,
    clearInterval: awsClear,
  });
  Object.assign(timersPromises, {
    setTimeout: wait,
    /** @param {number} delay @param {unknown} value @param {any} options */
    async *setInterval(delay, value, options) {
      for (;;) yield await wait(delay, value, options);
    },
  });
  Object.defineProperty(timersPromises.scheduler, 'wait', {
    value: (/** @type {number} */ delay, /** @type {any} */ options) => wait(delay, undefined, options),
    configurable: true,
    writable: true,
  });
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    awsSetTimeout(() => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, delay).unref();
    return controller.signal;
  };
  // A socket's idle timer is Node's own, on real time: it gets the real span of the AWS time asked for.
  const socketTimeout = net.Socket.prototype.setTimeout;
  net.Socket.prototype.setTimeout = function setTimeout(delay, callback) {
    const result = socketTimeout.call(this, delay > 0 ? Math.max(1, delay / clock.nominal()) : delay, callback);
    Object.assign(this, { timeout: delay });
    return result;
  };
}

// --- Names ------------------------------------------------------------------------------------------------------------------------

/** @param {string} server @param {string} network */
function resolveInSandbox(server, network) {
  const [host = '', port = ''] = server.split(':');
  const nativeLookup = dns.lookup;
  const nativePromise = dns.promises.lookup;
  const ask = resolver(host, Number(port));
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
  Object.assign(dns, { lookup });
  Object.assign(dns.promises, {
    /** @param {any} name @param {any} [given] */
    lookup: async (name, given) => {
      if (native(name)) return /** @type {any} */ (nativePromise)(name, given);
      const options = given === undefined ? {} : typeof given === 'object' ? given : { family: given };
      const addresses = await answer(name, options);
      return options.all ? addresses : addresses[0];
    },
  });
  dns.setServers([server]);
  void network;
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
 * @param {string} host @param {number} port
 * @returns {(name: string) => Promise<string[]>}
 */
function resolver(host, port) {
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
    if (PILOT_LIGHT_ADDRESS !== undefined) opened.bind(0, PILOT_LIGHT_ADDRESS);
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

// --- Place ------------------------------------------------------------------------------------------------------------------------

/**
 * Connections into the sandbox come from the program's own address, and go to where ports under 1024 are really bound; servers that
 * name no address listen on the program's own.
 * @param {string | undefined} address @param {string} network
 */
function standAt(address, network) {
  const normalize = /** @type {any} */ (net)._normalizeArgs;
  const connect = net.Socket.prototype.connect;
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
        ...(address !== undefined && options.localAddress === undefined ? { localAddress: address } : {}),
      };
    }
    return Reflect.apply(connect, this, [normalized]);
  };

  const listen = net.Server.prototype.listen;
  /** @this {net.Server} @param {any[]} args @returns {any} */
  net.Server.prototype.listen = function awsListen(...args) {
    const [options, callback] = normalize(args);
    const anyHost = options.host === undefined || options.host === '0.0.0.0' || options.host === '::';
    const plain = options.port !== undefined && options.path === undefined && options.fd === undefined;
    const handle = args[0] !== null && typeof args[0] === 'object' && ('_handle' in args[0] || 'handle' in args[0]);
    if (address === undefined || handle || !plain || !(anyHost || options.host === address)) {
      return Reflect.apply(listen, this, args);
    }
    return Reflect.apply(listen, this, [
      { ...options, host: address, port: boundPort(options.port) },
      ...(callback === null ? [] : [callback]),
    ]);
  };
}

/** @param {unknown} port */
function boundPort(port) {
  const number = Number(port);
  return number > 0 && number < 1024 ? number + 8000 : port;
}
