/**
 * A health checker's look at an endpoint, from outside all Regions, over real sockets. Times are Route 53's, in AWS time.
 * Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, isIP } from 'node:net';
import type { HealthCheckConfig } from '@aws-sdk/client-route-53';
import { messageOf } from '../../../kernel/errors.ts';
import { outside, type SandboxCore } from '../../contract.ts';

export interface Observation {
  readonly healthy: boolean;
  /** As `GetHealthCheckStatus` words it. */
  readonly text: string;
}

export type Probe = (config: HealthCheckConfig) => Promise<Observation>;

/** Milliseconds of AWS time. */
const patience = { connect: 4000, tcpConnect: 10_000, answer: 2000 };
const searchedBytes = 5120;

export function probeFromOutside(core: SandboxCore): Probe {
  let address: string | undefined;
  return async (config) => {
    address ??= core.network.allocate(outside);
    try {
      const text = await look(core, config, address);
      return { healthy: true, text: `Success: ${text}` };
    } catch (error) {
      return { healthy: false, text: `Failure: ${messageOf(error)}` };
    }
  };
}

function look(core: SandboxCore, config: HealthCheckConfig, localAddress: string): Promise<string> {
  const { Type = '', FullyQualifiedDomainName: name, ResourcePath = '/', SearchString } = config;
  const secure = Type.startsWith('HTTPS');
  const asked = config.Port ?? (secure ? 443 : 80);
  const host = config.IPAddress ?? core.network.resolve(name ?? '', 'A', outside)?.values[0];
  if (host === undefined) return Promise.reject(new Error(`DNS resolution of ${name} failed`));
  const port = core.network.boundPort(asked);
  if (Type === 'TCP') return connects(core, { host, port, localAddress });
  const headers = {
    host: name ?? host,
    'user-agent': 'Amazon-Route53-Health-Check-Service (sandbox)',
    connection: 'close',
  };
  // Certificates aren't validated; with SNI the endpoint is told the name, so that it can show the right one.
  const servername = config.EnableSNI === false || name === undefined || isIP(name) !== 0 ? '' : name;
  const tls = secure ? { rejectUnauthorized: false, servername } : {};
  const options = { host, port, path: ResourcePath, localAddress, headers, agent: false, ...tls };
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? httpsRequest : httpRequest)(options, (response) => {
      answered(response, SearchString).then(resolve, reject).finally(stop);
    });
    let timer = core.clock.after(patience.connect, () => outgoing.destroy(new Error('The connection timed out.')));
    const stop = (): void => {
      timer.cancel();
      outgoing.destroy();
    };
    outgoing.on('socket', (socket) =>
      socket.once('connect', () => {
        timer.cancel();
        timer = core.clock.after(patience.answer, () => outgoing.destroy(new Error('The HTTP response timed out.')));
      }),
    );
    outgoing.on('error', (error) => {
      timer.cancel();
      reject(error);
    });
    outgoing.end();
  });
}

async function answered(response: IncomingMessage, search: string | undefined): Promise<string> {
  const { statusCode = 0, statusMessage = '' } = response;
  const text = `HTTP Status Code ${statusCode}, ${statusMessage}`;
  if (statusCode < 200 || statusCode >= 400) throw new Error(text);
  if (search === undefined) return text;
  let body = '';
  for await (const chunk of response) {
    body += (chunk as Buffer).toString();
    if (body.length > searchedBytes) break;
  }
  if (!body.slice(0, searchedBytes).includes(search)) throw new Error(`${text}, search string not found`);
  return text;
}

function connects(core: SandboxCore, to: { host: string; port: number; localAddress: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(to, () => {
      timer.cancel();
      socket.destroy();
      resolve('The connection was established.');
    });
    const timer = core.clock.after(patience.tcpConnect, () => socket.destroy(new Error('The connection timed out.')));
    socket.on('error', (error) => {
      timer.cancel();
      reject(error);
    });
  });
}
