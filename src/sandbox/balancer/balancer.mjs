// @ts-check
/**
 * The load balancers of one Region: one process that serves their listeners, checks their targets and forwards requests. It is told
 * what to be by the service over a loopback port (see `configuration.ts`) and writes that port to the file named in its arguments.
 * It runs inside its Region, so its timers are AWS time.
 *
 * Invariants:
 *  1. A new target takes requests after one passed check; an unhealthy one after `healthyThreshold` in a row. Source: Elastic Load
 *     Balancing, "Health checks for Application Load Balancer target groups".
 *  2. Where no target of a group is healthy, those that are unhealthy get the requests (fail open); with none of either: 503.
 *  3. A configuration is taken whole. What didn't change (a listener's port, a target's health) stays.
 */

import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { forward, refuse } from './forward.mjs';
import { checkTarget } from './health-check.mjs';
import { firstMatch, redirectLocation } from './rules.mjs';

/** @import { IncomingMessage, Server, ServerResponse } from 'node:http' */
/** @import { BalancerConfiguration, BalancerSpec, ListenerSpec, TargetGroupSpec, TargetSpec } from './configuration.ts' */
/** @import { SecureServer } from './tls.mjs' */

/**
 * @typedef {object} Target
 * @property {TargetSpec} spec
 * @property {'initial' | 'healthy' | 'unhealthy'} state
 * @property {string | undefined} reason
 * @property {string | undefined} description
 * @property {number} passes in a row
 * @property {number} failures in a row
 * @property {NodeJS.Timeout | undefined} timer
 * @property {boolean} checking
 */

/** @type {{ balancers: Map<string, BalancerSpec>, groups: Map<string, { spec: TargetGroupSpec, targets: Map<string, Target>, turn: number }> }} */
const state = { balancers: new Map(), groups: new Map() };
/** @type {Map<string, { server: Server, port: number, balancer: string, spec: ListenerSpec, secure: SecureServer | undefined }>} */
const listeners = new Map();

const [portFile = '', token = ''] = process.argv.slice(2);
const control = createServer((request, response) => {
  answerControl(request, response).catch((error) => {
    response.writeHead(500).end(String(error));
  });
});
control.listen(0, '127.0.0.1', () => {
  // Renamed into place, so that whoever waits for the file reads all of it.
  writeFileSync(`${portFile}.new`, String(portOf(control)));
  renameSync(`${portFile}.new`, portFile);
});

/** @param {IncomingMessage} request @param {ServerResponse} response */
async function answerControl(request, response) {
  if (request.headers.authorization !== token) return void response.writeHead(403).end();
  if (request.method === 'PUT' && request.url === '/configuration') {
    await configure(JSON.parse(await bodyOf(request)));
    const ports = Object.fromEntries([...listeners].map(([arn, { port }]) => [arn, port]));
    return void response.end(JSON.stringify({ ports }));
  }
  if (request.method === 'GET' && request.url === '/health')
    return void response.end(JSON.stringify({ targets: healthReport() }));
  response.writeHead(404).end();
}

/** @param {IncomingMessage} request */
async function bodyOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** @param {BalancerConfiguration} configuration */
async function configure({ balancers, targetGroups }) {
  state.balancers = new Map(balancers.map((balancer) => [balancer.arn, balancer]));
  takeGroups(targetGroups);
  const wanted = new Map(
    balancers.flatMap((balancer) => balancer.listeners.map((spec) => [spec.arn, { balancer, spec }])),
  );
  for (const [arn, { server, spec }] of listeners) {
    const now = wanted.get(arn)?.spec;
    // One that changed its protocol is another.
    if (now !== undefined && (now.tls === undefined) === (spec.tls === undefined)) continue;
    listeners.delete(arn);
    server.close();
    server.closeAllConnections();
  }
  await Promise.all([...wanted].map(([arn, { balancer, spec }]) => openListener(arn, balancer.arn, spec)));
}

/** @param {string} arn @param {string} balancer @param {ListenerSpec} spec */
async function openListener(arn, balancer, spec) {
  const open = listeners.get(arn);
  if (open !== undefined) {
    if (spec.tls !== undefined && !isDeepStrictEqual(open.spec.tls, spec.tls)) open.secure?.change(spec.tls);
    open.spec = spec;
    return;
  }
  /** @param {IncomingMessage} request @param {ServerResponse} response */
  const onRequest = (request, response) => serve(arn, request, response);
  // Loaded when it is first needed: TLS costs a process its start.
  const secure = spec.tls && (await import('./tls.mjs')).secureServer(spec.tls, onRequest);
  const server = secure?.server ?? createServer(onRequest);
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    else socket.destroy();
  });
  server.keepAliveTimeout = 1000 * (state.balancers.get(balancer)?.idleTimeoutSeconds ?? 60);
  const entry = { server, port: 0, balancer, spec, secure };
  listeners.set(arn, entry);
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  entry.port = portOf(server);
}

/** @param {string} listenerArn @param {IncomingMessage} request @param {ServerResponse} response */
function serve(listenerArn, request, response) {
  const listener = listeners.get(listenerArn);
  const balancer = state.balancers.get(listener?.balancer ?? '');
  if (listener === undefined || balancer === undefined) return refuse(response, 503);
  const action = firstMatch(listener.spec.rules, request);
  if (action === undefined) return refuse(response, 503);
  if (action.type === 'fixed-response') {
    const headers = { 'content-type': action.contentType, 'content-length': Buffer.byteLength(action.body) };
    request.resume();
    return void response.writeHead(action.status, headers).end(action.body);
  }
  if (action.type === 'redirect') {
    request.resume();
    const location = redirectLocation(action, request, listener.spec.port);
    return void response.writeHead(action.status, { location, 'content-length': 0 }).end();
  }
  const target = chooseTarget(action.targetGroups);
  if (target === undefined) return refuse(response, 503);
  forward(request, response, { target: target.spec, balancer, listenerPort: listener.spec.port });
}

/** @param {readonly { arn: string, weight: number }[]} weighted */
function chooseTarget(weighted) {
  const group = state.groups.get(chooseGroup(weighted));
  if (group === undefined) return undefined;
  const targets = [...group.targets.values()].filter((target) => !target.spec.draining);
  const healthy = targets.filter((target) => target.state === 'healthy');
  const usable = healthy.length > 0 ? healthy : targets.filter((target) => target.state === 'unhealthy');
  group.turn += 1;
  return usable[group.turn % Math.max(1, usable.length)];
}

let draws = 0;

/** Weights are honoured exactly over each full turn. @param {readonly { arn: string, weight: number }[]} weighted */
function chooseGroup(weighted) {
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  let point = total === 0 ? 0 : draws++ % total;
  for (const { arn, weight } of weighted) {
    if (point < weight) return arn;
    point -= weight;
  }
  return weighted[0]?.arn ?? '';
}

/** @param {readonly TargetGroupSpec[]} specs */
function takeGroups(specs) {
  const wanted = new Map(specs.map((spec) => [spec.arn, spec]));
  for (const [arn, group] of state.groups) {
    if (wanted.has(arn)) continue;
    for (const target of group.targets.values()) clearTimeout(target.timer);
    state.groups.delete(arn);
  }
  for (const [arn, spec] of wanted) {
    const group = state.groups.get(arn) ?? { spec, targets: new Map(), turn: 0 };
    const rescheduled = group.spec.healthCheck.intervalSeconds !== spec.healthCheck.intervalSeconds;
    group.spec = spec;
    state.groups.set(arn, group);
    takeTargets(group, rescheduled);
  }
}

/** @param {{ spec: TargetGroupSpec, targets: Map<string, Target> }} group @param {boolean} rescheduled */
function takeTargets(group, rescheduled) {
  const wanted = new Map(group.spec.targets.map((spec) => [`${spec.id}:${spec.port}`, spec]));
  for (const [key, target] of group.targets) {
    if (wanted.has(key)) continue;
    clearTimeout(target.timer);
    group.targets.delete(key);
  }
  for (const [key, spec] of wanted) {
    const known = group.targets.get(key);
    if (known !== undefined) {
      known.spec = spec;
      if (rescheduled) scheduleCheck(group.spec.arn, known, 0);
      continue;
    }
    /** @type {Target} */
    const target = {
      spec,
      state: 'initial',
      reason: 'Elb.InitialHealthChecking',
      description: 'Initial health checks in progress',
      passes: 0,
      failures: 0,
      timer: undefined,
      checking: false,
    };
    group.targets.set(key, target);
    scheduleCheck(group.spec.arn, target, 0);
  }
}

/** @param {string} groupArn @param {Target} target @param {number} seconds */
function scheduleCheck(groupArn, target, seconds) {
  clearTimeout(target.timer);
  target.timer = setTimeout(() => {
    const group = state.groups.get(groupArn);
    if (group === undefined) return;
    const { healthCheck, balancer } = group.spec;
    // The time a target takes to answer doesn't move the next check.
    scheduleCheck(groupArn, target, healthCheck.intervalSeconds);
    if (target.checking) return;
    target.checking = true;
    const source = state.balancers.get(balancer)?.address;
    void checkTarget(target.spec, healthCheck, source).then((result) => {
      target.checking = false;
      record(target, healthCheck, result);
    });
  }, 1000 * seconds);
}

/** @param {Target} target @param {TargetGroupSpec['healthCheck']} check @param {{ reason: string, description: string } | undefined} failure */
function record(target, check, failure) {
  if (failure === undefined) {
    target.failures = 0;
    target.passes += 1;
    if (target.state === 'initial' || target.passes >= check.healthyThreshold) {
      target.state = 'healthy';
      target.reason = undefined;
      target.description = undefined;
    }
    return;
  }
  target.passes = 0;
  target.failures += 1;
  if (target.failures >= check.unhealthyThreshold) target.state = 'unhealthy';
  if (target.state === 'unhealthy') {
    target.reason = failure.reason;
    target.description = failure.description;
  }
}

function healthReport() {
  return [...state.groups].flatMap(([targetGroup, group]) =>
    [...group.targets.values()].map((target) => ({
      targetGroup,
      id: target.spec.id,
      port: target.spec.port,
      state: target.state,
      reason: target.reason,
      description: target.description,
    })),
  );
}

/** @param {Server} server */
function portOf(server) {
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}
