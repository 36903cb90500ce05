/**
 * A function's host: loads the handler once, then takes one invocation after another from the Runtime API.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 *
 * Time in here is AWS time (the machine's preload sees to that), so deadlines compare with `Date.now()`.
 */

import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { format } from 'node:util';
import { loadCode } from './load-code.mjs';

// The machine's, not the function's.
const kept = process.env.PILOT_LIGHT_CODE_CACHE;
delete process.env.PILOT_LIGHT_CODE_CACHE;

const [authority = '', ...segments] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split('/');
const [hostname = '', port = ''] = authority.split(':');
const base = `${segments.map((segment) => `/${segment}`).join('')}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The invocation in hand: its request id is on every console line. */
let requestId = '';
/** Ends a handler that neither promised nor called back, once nothing is left that it could be waiting for. @type {(() => void) | undefined} */
let nothingLeft;

patchConsole();
process.on('beforeExit', () => nothingLeft?.());
process.on('uncaughtException', (error) => void die(error));
process.on('unhandledRejection', (reason) => void die(named(reason, 'Runtime.UnhandledPromiseRejection')));

const handler = await load().catch((error) => dieInit(error));
for (;;) await serve(handler);

/** @param {(event: unknown, context: object, callback: (error: unknown, result?: unknown) => void) => unknown} handle */
async function serve(handle) {
  const invocation = await call('GET', '/invocation/next').catch(() => process.exit(0));
  requestId = String(invocation.headers['lambda-runtime-aws-request-id']);
  const path = `/invocation/${requestId}`;
  try {
    const result = await run(handle, JSON.parse(invocation.body), contextOf(invocation.headers));
    await call('POST', `${path}/response`, JSON.stringify(result) ?? 'null', vitals());
  } catch (error) {
    console.error('Invoke Error \t%s', JSON.stringify(shapeOf(error)));
    await call('POST', `${path}/error`, JSON.stringify(shapeOf(error)), vitals());
  }
}

/**
 * @param {(event: unknown, context: object, callback: (error: unknown, result?: unknown) => void) => unknown} handle
 * @param {unknown} event
 * @param {object} context
 * @returns {Promise<unknown>}
 */
function run(handle, event, context) {
  return new Promise((resolve, reject) => {
    nothingLeft = () => resolve(null);
    const returned = handle(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (isThenable(returned)) returned.then(resolve, reject);
  }).finally(() => {
    nothingLeft = undefined;
  });
}

/** @param {unknown} value @returns {value is Promise<unknown>} */
function isThenable(value) {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** `index.handler`: the export of a module in the task's root, as CommonJS or ESM. */
async function load() {
  const wanted = process.env._HANDLER ?? '';
  const slash = wanted.lastIndexOf('/') + 1;
  const [file = '', ...exported] = wanted.slice(slash).split('.');
  const stem = join(process.env.LAMBDA_TASK_ROOT ?? '', wanted.slice(0, slash), file);
  const path = ['.js', '.mjs', '.cjs'].map((extension) => stem + extension).find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw named(new Error(`Error: Cannot find module '${file}'`), 'Runtime.ImportModuleError');
  }
  const module = await loadCode(path, kept);
  const found =
    exported.reduce((value, key) => value?.[key], module) ??
    exported.reduce((value, key) => value?.[key], module.default);
  if (typeof found !== 'function') {
    throw named(new Error(`${wanted} is undefined or not exported`), 'Runtime.HandlerNotFound');
  }
  return found;
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: requestId,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    clientContext: typeof client === 'string' ? JSON.parse(client) : undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** The code in hand is beyond saving: say so, and end; the next invocation gets a new host. @param {unknown} error */
async function die(error) {
  const path = requestId === '' ? '/init/error' : `/invocation/${requestId}/error`;
  console.error('Uncaught Exception \t%s', JSON.stringify(shapeOf(error)));
  await call('POST', path, JSON.stringify(shapeOf(error)), vitals()).catch(() => {});
  process.exit(1);
}

/** @param {unknown} error @returns {Promise<never>} */
async function dieInit(error) {
  console.error('Uncaught Exception \t%s', JSON.stringify(shapeOf(error)));
  await call('POST', '/init/error', JSON.stringify(shapeOf(error)), vitals()).catch(() => {});
  process.exit(1);
}

/** @param {unknown} error */
function shapeOf(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** @param {unknown} reason @param {string} name */
function named(reason, name) {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  error.name = name;
  return error;
}

function vitals() {
  return { 'sandbox-max-memory-kb': String(process.resourceUsage().maxRSS) };
}

/**
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {string} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{headers: import('node:http').IncomingHttpHeaders, body: string}>}
 */
function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const length =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(
      { hostname, port, method, path: base + path, agent, headers: { ...headers, ...length } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Console lines as the managed runtime writes them: time, request, level, and one line each. */
function patchConsole() {
  const levels = /** @type {const} */ ([
    ['log', 'INFO'],
    ['info', 'INFO'],
    ['debug', 'DEBUG'],
    ['warn', 'WARN'],
    ['error', 'ERROR'],
    ['trace', 'TRACE'],
  ]);
  for (const [method, level] of levels) {
    console[method] = (...parts) => {
      const text = format(...parts).replaceAll('\n', '\r');
      process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${text}\n`);
    };
  }
}
