import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type {
  ActionSpec,
  BalancerConfiguration,
  BoundPorts,
  HealthReport,
  RuleSpec,
  TargetSpec,
} from '../../../src/sandbox/balancer/configuration.ts';

const script = fileURLToPath(new URL('../../../src/sandbox/balancer/balancer.mjs', import.meta.url));
const token = 'secret';
/** Checks as fast as a test wants them: the process runs on real time here. */
const healthCheck = {
  path: '/alive',
  intervalSeconds: 0.05,
  timeoutSeconds: 0.04,
  healthyThreshold: 3,
  unhealthyThreshold: 2,
  matcher: '200-299',
};
const group = 'group';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

describe('the load balancer process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-balancer-'));
  const portFile = join(folder, 'port');
  const process = spawn('node', [script, portFile, token], { stdio: 'inherit' });
  const servers: Server[] = [];
  let control = 0;

  beforeAll(async () => {
    control = await vi.waitFor(() => Number(readFileSync(portFile, 'utf8')), { timeout: 10_000, interval: 20 });
  });
  afterEach(async () => {
    await configure([], []);
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });
  afterAll(() => {
    process.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const target = async (id: string, listener: RequestListener): Promise<TargetSpec> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { id, port, checkPort: port, host: '127.0.0.1', admitted: true, draining: false };
  };

  async function configure(rules: readonly RuleSpec[], targets: readonly TargetSpec[]): Promise<number> {
    const configuration: BalancerConfiguration = {
      balancers:
        rules.length === 0
          ? []
          : [
              {
                arn: 'lb',
                address: '127.0.0.1',
                idleTimeoutSeconds: 0.3,
                listeners: [{ arn: 'listener', port: 80, rules }],
              },
            ],
      targetGroups: targets.length === 0 ? [] : [{ arn: group, balancer: 'lb', healthCheck, targets }],
    };
    const answer = await send(
      { port: control, method: 'PUT', path: '/configuration', headers: { authorization: token } },
      JSON.stringify(configuration),
    );
    expect(answer.status).toBe(200);
    return (JSON.parse(answer.body) as BoundPorts).ports.listener ?? 0;
  }

  async function health(): Promise<Record<string, string>> {
    const { body } = await send({ port: control, path: '/health', headers: { authorization: token } });
    return Object.fromEntries((JSON.parse(body) as HealthReport).targets.map((one) => [one.id, one.state]));
  }

  const toGroup: ActionSpec = { type: 'forward', targetGroups: [{ arn: group, weight: 1 }] };
  const serveGroup = [{ conditions: [], action: toGroup }];
  const become = (states: Record<string, string>) =>
    vi.waitFor(async () => expect(await health()).toEqual(states), { timeout: 5000, interval: 10 });

  it("refuses whoever doesn't hold its token", async () => {
    expect((await send({ port: control, path: '/health' })).status).toBe(403);
  });

  it('takes a new target after one passed check, and an unhealthy one after the threshold', async () => {
    let status = 200;
    let checks = 0;
    const one = await target('one', (asked, response) => {
      if (asked.url === '/alive') checks += 1;
      response.statusCode = status;
      response.end();
    });
    await configure(serveGroup, [one]);
    await become({ one: 'healthy' });
    expect(checks).toBeLessThanOrEqual(2);
    status = 500;
    await become({ one: 'unhealthy' });
    status = 200;
    checks = 0;
    await become({ one: 'healthy' });
    expect(checks).toBeGreaterThanOrEqual(healthCheck.healthyThreshold);
  });

  it('takes turns among the healthy, fails open where none is, and says 503 where nobody is known to answer', async () => {
    const alive = new Set(['one', 'two']);
    const serve =
      (id: string): RequestListener =>
      (asked, response) => {
        if (asked.url === '/alive' && !alive.has(id)) response.statusCode = 500;
        response.end(id);
      };
    const [one, two] = [await target('one', serve('one')), await target('two', serve('two'))];
    const port = await configure(serveGroup, [one, two]);
    await become({ one: 'healthy', two: 'healthy' });
    const seen = async () => {
      const bodies = [];
      for (let index = 0; index < 4; index++) bodies.push((await send({ port, path: '/' })).body);
      return bodies.sort();
    };
    expect(await seen()).toEqual(['one', 'one', 'two', 'two']);
    alive.delete('one');
    await become({ one: 'unhealthy', two: 'healthy' });
    expect(await seen()).toEqual(['two', 'two', 'two', 'two']);
    alive.delete('two');
    await become({ one: 'unhealthy', two: 'unhealthy' });
    expect(await seen()).toEqual(['one', 'one', 'two', 'two']);
    await configure(serveGroup, [
      { ...one, draining: true },
      { ...two, draining: true },
    ]);
    expect((await send({ port, path: '/' })).status).toBe(503);
  });

  it('passes a request on whole, with where it came from, and the answer back', async () => {
    const one = await target('one', (asked, response) => {
      let body = '';
      asked.setEncoding('utf8');
      asked.on('data', (chunk: string) => {
        body += chunk;
      });
      asked.on('end', () => {
        response.writeHead(201, { 'x-own': 'kept', 'set-cookie': ['a=1', 'b=2'] });
        response.end(JSON.stringify({ method: asked.method, url: asked.url, body, headers: asked.headers }));
      });
    });
    const port = await configure(serveGroup, [one]);
    await become({ one: 'healthy' });
    const headers = {
      host: 'photos.example',
      'x-forwarded-for': '198.51.100.7',
      connection: 'x-hop',
      'x-hop': 'dropped',
    };
    const answer = await send({ port, path: '/upload?x=1', method: 'POST', headers }, 'a photo');
    expect(answer).toMatchObject({ status: 201, headers: { 'x-own': 'kept', 'set-cookie': ['a=1', 'b=2'] } });
    const got = JSON.parse(answer.body) as { headers: Record<string, string> };
    expect(got).toMatchObject({
      method: 'POST',
      url: '/upload?x=1',
      body: 'a photo',
      headers: {
        host: 'photos.example',
        'x-forwarded-for': '198.51.100.7, 127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-port': '80',
      },
    });
    expect(got.headers['x-hop']).toBeUndefined();
  });

  it("answers 502 for a target that breaks off and 504 for one that doesn't answer", async () => {
    const one = await target('one', (asked, response) => {
      if (asked.url === '/alive') response.end();
      else if (asked.url === '/break') asked.socket.destroy();
    });
    const port = await configure(serveGroup, [one]);
    await become({ one: 'healthy' });
    expect((await send({ port, path: '/break' })).status).toBe(502);
    expect((await send({ port, path: '/hang' })).status).toBe(504);
  });

  it("finds a target unfit that it isn't admitted to", async () => {
    const one = await target('one', (_asked, response) => void response.end());
    await configure(serveGroup, [{ ...one, admitted: false }]);
    await become({ one: 'unhealthy' });
  });

  it('chooses by the rules in their order', async () => {
    const text = (body: string): ActionSpec => ({
      type: 'fixed-response',
      status: 200,
      contentType: 'text/plain',
      body,
    });
    const port = await configure(
      [
        {
          conditions: [{ field: 'path-pattern', values: ['/admin/*'] }],
          action: { type: 'fixed-response', status: 403, contentType: 'text/plain', body: 'no' },
        },
        {
          conditions: [{ field: 'host-header', values: ['*.old.example'] }],
          action: {
            type: 'redirect',
            status: 301,
            protocol: '#{protocol}',
            host: 'new.example',
            port: '#{port}',
            path: '/#{path}',
            query: '#{query}',
          },
        },
        {
          conditions: [
            { field: 'http-request-method', values: ['PUT'] },
            { field: 'http-header', name: 'X-Kind', values: ['a?c'] },
          ],
          action: text('both'),
        },
        { conditions: [], action: text('default') },
      ],
      [],
    );
    expect(await send({ port, path: '/admin/x' })).toMatchObject({ status: 403, body: 'no' });
    expect(await send({ port, path: '/a/b?c=d', headers: { host: 'www.old.example' } })).toMatchObject({
      status: 301,
      headers: { location: 'http://new.example:80/a/b?c=d' },
    });
    expect((await send({ port, path: '/', method: 'PUT', headers: { 'x-kind': 'abc' } })).body).toBe('both');
    expect((await send({ port, path: '/', method: 'PUT' })).body).toBe('default');
  });
});

function send(
  options: { port: number; path: string; method?: string; headers?: Record<string, string> },
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
