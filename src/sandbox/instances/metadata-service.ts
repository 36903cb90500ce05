/**
 * The instance metadata service, version 2 only: what an instance asks about itself, and where the SDKs get its role's credentials.
 * One small server per instance, on the instance's own address, so that who asks is known.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../kernel/clock.ts';

export interface MetadataFacts {
  readonly region: string;
  readonly zone: string;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly imageId: string;
  readonly account: string;
  readonly privateAddress: string;
  readonly userData: string | undefined;
  /** Absent when the instance has no profile, or a profile without a role. */
  readonly roleName: string | undefined;
  readonly launchedAt: number;
}

/** A role's temporary credentials; times in milliseconds of AWS time. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface MetadataSource {
  facts(): MetadataFacts | Promise<MetadataFacts>;
  credentials(): Promise<RoleCredentials>;
}

export interface MetadataService {
  /** For AWS_EC2_METADATA_SERVICE_ENDPOINT. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const longestToken = 21_600;

export async function openMetadataService(options: {
  readonly address: string;
  readonly clock: Clock;
  readonly token: () => string;
  /** The address a connection counts as coming from. */
  readonly sourceOf: (socket: Socket) => string;
  readonly source: MetadataSource;
}): Promise<MetadataService> {
  const { address, clock, token: newToken, sourceOf, source } = options;
  const tokens = new Map<string, number>();
  const server = createServer((request, response) => {
    // On AWS the address is the link's own: nobody else's packets get there.
    if (isOthers(sourceOf(request.socket), address)) return;
    answer(request, response).catch((error: unknown) => {
      send(response, 500, String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/\?.*$/, '').replace(/\/+$/, '');
    if (request.method === 'PUT' && path === '/latest/api/token') {
      const life = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
      // A forwarded request can't be the instance's own: IMDSv2 refuses it.
      if (request.headers['x-forwarded-for'] !== undefined) return send(response, 403, '');
      if (!Number.isInteger(life) || life < 1 || life > longestToken) return send(response, 400, 'Bad Request');
      const token = newToken();
      tokens.set(token, clock.now() + 1000 * life);
      response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', String(life));
      return send(response, 200, token);
    }
    if (request.method !== 'GET') return send(response, 405, 'Method Not Allowed');
    const expiry = tokens.get(String(request.headers['x-aws-ec2-metadata-token']));
    if (expiry === undefined || expiry < clock.now()) return send(response, 401, 'Unauthorized');
    const found = await lookUp(path, source);
    return found === undefined ? send(response, 404, 'Not Found') : send(response, 200, found);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  server.unref();
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  return {
    endpoint: `http://${address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whether a caller is another machine of the sandbox: not who looks in from this one, the tests among them. */
function isOthers(caller: string, own: string): boolean {
  const network = own.split('.').slice(0, 2).join('.');
  return caller !== own && caller.startsWith(`${network}.`);
}

async function lookUp(path: string, source: MetadataSource): Promise<string | undefined> {
  const facts = await source.facts();
  const role = '/latest/meta-data/iam/security-credentials';
  if (path === role) return facts.roleName;
  if (path.startsWith(`${role}/`)) {
    return path.slice(role.length + 1) === facts.roleName ? credentialsText(await source.credentials()) : undefined;
  }
  return pages[path]?.(facts);
}

const pages: Readonly<Record<string, (facts: MetadataFacts) => string | undefined>> = {
  '/latest/meta-data/instance-id': (facts) => facts.instanceId,
  '/latest/meta-data/instance-type': (facts) => facts.instanceType,
  '/latest/meta-data/ami-id': (facts) => facts.imageId,
  '/latest/meta-data/local-ipv4': (facts) => facts.privateAddress,
  '/latest/meta-data/hostname': (facts) => hostName(facts),
  '/latest/meta-data/local-hostname': (facts) => hostName(facts),
  '/latest/meta-data/placement/region': (facts) => facts.region,
  '/latest/meta-data/placement/availability-zone': (facts) => facts.zone,
  '/latest/user-data': (facts) =>
    facts.userData === undefined ? undefined : Buffer.from(facts.userData, 'base64').toString('utf8'),
  '/latest/dynamic/instance-identity/document': (facts) =>
    JSON.stringify({
      accountId: facts.account,
      architecture: 'x86_64',
      availabilityZone: facts.zone,
      imageId: facts.imageId,
      instanceId: facts.instanceId,
      instanceType: facts.instanceType,
      pendingTime: new Date(facts.launchedAt).toISOString(),
      privateIp: facts.privateAddress,
      region: facts.region,
      version: '2017-09-30',
    }),
};

const hostName = ({ privateAddress, region }: MetadataFacts): string =>
  `ip-${privateAddress.replaceAll('.', '-')}.${region}.compute.internal`;

const seconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

const credentialsText = (credentials: RoleCredentials): string =>
  JSON.stringify({
    Code: 'Success',
    LastUpdated: seconds(credentials.issuedAt),
    Type: 'AWS-HMAC',
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: seconds(credentials.expiresAt),
  });

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', server: 'EC2ws' });
  response.end(text);
}
