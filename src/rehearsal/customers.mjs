// Customers: each writes at a steady pace through the public name, as a browser would: resolve (honouring the TTL), connect, one
// request, no retry. One JSON line per attempt on stdout is the record that a rehearsal is audited against.
//
// Runs outside the Regions, on AWS time (its timers and clock are the sandbox's). Environment: ROOT (http or https and the public name), DNS_HOST, DNS_PORT, CUSTOMERS,
// EVERY_SECONDS, TIMEOUT_SECONDS, WRITE (the config's `sandbox.customers.write`, as JSON).
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { request as plainly } from 'node:http';
import { request as securely } from 'node:https';
import { decode, encode } from 'dns-packet';

const root = new URL(setting('ROOT'));
const name = root.hostname;
const secure = root.protocol === 'https:';
const every = 1000 * Number(setting('EVERY_SECONDS'));
const timeout = 1000 * Number(setting('TIMEOUT_SECONDS'));
const count = Number(setting('CUSTOMERS'));
/** @type {{method: string, path: string, contentType: string, body: {random: number, after?: string} | {text: string}, acknowledgedBy: number}} */
const write = JSON.parse(setting('WRITE'));

/** AWS seconds per real second above which customers thin out, and the real milliseconds between one's writes then. */
const fastest = 15;
const thinGap = 1000;
/** Real milliseconds that a write gets at least, whatever its timeout is in AWS time. */
const shortest = 400;
/** @typedef {{now(): number, setTimeout(action: () => void, delay: number): unknown, clearTimeout(handle: unknown): void}} RealTime */
/** @type {RealTime | undefined} */
const outsideOfAwsTime = Reflect.get(globalThis, Symbol.for('pilot-light.real-time'));
/** @type {RealTime} */
const realTime = outsideOfAwsTime ?? {
  now: () => performance.now(),
  setTimeout: (action, delay) => setTimeout(action, delay),
  clearTimeout: (handle) => clearTimeout(/** @type {NodeJS.Timeout} */ (handle)),
};

for (let customer = 0; customer < count; customer++) setTimeout(() => begin(customer), (every / count) * customer);

/** @param {number} customer */
function begin(customer) {
  let number = 0;
  const resolver = cachingResolver(customer / count);
  const pace = paceKeeper();
  const next = () => {
    if (pace()) void attempt(customer, number++, resolver);
  };
  next();
  setInterval(next, every);
}

/**
 * Whether it is this customer's turn. Where AWS time runs so fast that a machine couldn't serve real writes at this pace, customers
 * thin out: nothing is measured there, and a timeout of AWS time would be the machine's failure, not the workload's.
 */
function paceKeeper() {
  let last = { aws: Date.now(), real: realTime.now() };
  let wrote = Number.NEGATIVE_INFINITY;
  return () => {
    const now = { aws: Date.now(), real: realTime.now() };
    const speed = (now.aws - last.aws) / Math.max(1, now.real - last.real);
    last = now;
    if (now.real - wrote < (speed > fastest ? thinGap : 0)) return false;
    wrote = now.real;
    return true;
  };
}

/**
 * @param {number} customer
 * @param {number} number
 * @param {() => Promise<string>} resolve
 */
async function attempt(customer, number, resolve) {
  const id = `c${customer}-${String(number).padStart(6, '0')}-${randomBytes(4).toString('hex')}`;
  const bytes = bodyOf(id);
  const line = {
    kind: 'write',
    id,
    customer,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    startedAt: Date.now(),
  };
  let address = '';
  try {
    address = await resolve();
    const { status, port } = await send(address, write.path.replaceAll('{id}', id), bytes);
    say({ ...line, endedAt: Date.now(), address, port, status, acknowledged: status === write.acknowledgedBy });
  } catch (error) {
    say({
      ...line,
      endedAt: Date.now(),
      address,
      status: 0,
      acknowledged: false,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

/**
 * @param {string} address
 * @param {string} path
 * @param {Buffer} bytes
 * @returns {Promise<{status: number, port: number}>} the status, and the port it was asked from
 */
function send(address, path, bytes) {
  return new Promise((resolve, reject) => {
    const sent = (secure ? securely : plainly)(
      {
        host: address,
        port: secure ? 443 : 80,
        // As a browser does: the certificate has to be the name's, whatever address answers.
        ...(secure ? { servername: name } : {}),
        path,
        method: write.method,
        agent: false,
        headers: { host: name, 'content-type': write.contentType, 'content-length': bytes.length },
      },
      (response) => {
        response.resume();
        const port = response.socket.localPort ?? 0;
        response.on('end', () => finish(() => resolve({ status: response.statusCode ?? 0, port })));
        response.on('error', (error) => finish(() => reject(error)));
      },
    );
    const began = realTime.now();
    const giveUp = () => {
      const left = shortest - (realTime.now() - began);
      if (left > 0) {
        floor = realTime.setTimeout(giveUp, left);
        return;
      }
      finish(() => reject(new Error('no answer')));
      sent.destroy();
    };
    /** @type {unknown} */
    let floor;
    const deadline = setTimeout(giveUp, timeout);
    sent.on('error', (error) => finish(() => reject(error)));
    sent.end(bytes);
    /** @param {() => void} settle */
    function finish(settle) {
      clearTimeout(deadline);
      realTime.clearTimeout(floor);
      settle();
    }
  });
}

/**
 * A resolver of one customer's own: an answer is used until its TTL has run out, as browsers and operating systems do.
 * @param {number} age the share of its TTL that the first answer has stood for already: people don't look names up all at once
 */
function cachingResolver(age) {
  /** @type {{address: string, until: number} | undefined} */
  let cached;
  let left = 1 - age;
  return async () => {
    if (cached !== undefined && Date.now() < cached.until) return cached.address;
    const answers = await query();
    const chosen = answers[Math.floor(Math.random() * answers.length)];
    if (chosen === undefined) throw new Error(`${name} has no address`);
    cached = { address: chosen.address, until: Date.now() + 1000 * chosen.ttl * left };
    left = 1;
    return chosen.address;
  };
}

/** @returns {Promise<{address: string, ttl: number}[]>} */
function query() {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const done = (/** @type {() => void} */ settle) => {
      clearTimeout(deadline);
      socket.close();
      settle();
    };
    const deadline = setTimeout(() => done(() => reject(new Error('DNS did not answer'))), timeout);
    socket.on('error', (error) => done(() => reject(error)));
    socket.on('message', (message) => {
      const { answers = [] } = decode(message);
      done(() =>
        resolve(
          answers.flatMap((answer) =>
            answer.type === 'A' ? [{ address: String(answer.data), ttl: answer.ttl ?? 0 }] : [],
          ),
        ),
      );
    });
    const question = encode({
      type: 'query',
      id: Math.floor(Math.random() * 65536),
      flags: 256,
      questions: [{ type: 'A', name }],
    });
    socket.send(question, Number(setting('DNS_PORT')), setting('DNS_HOST'));
  });
}

/** Random bytes, so that no two bodies are alike, or the text with the id in it. @param {string} id */
function bodyOf(id) {
  const { body } = write;
  if ('text' in body) return Buffer.from(body.text.replaceAll('{id}', id));
  return Buffer.concat([Buffer.from(body.after ?? '', 'base64'), randomBytes(body.random)]);
}

/** @param {unknown} line */
function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** @param {string} key @returns {string} */
function setting(key) {
  const value = process.env[key];
  if (value === undefined) throw new Error(`${key} is missing`);
  return value;
}
