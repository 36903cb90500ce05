/** TLS for real: a program outside asks the public name over HTTPS, and the balancer ends TLS in front of an instance. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { HealthCheckConfig } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { authorityFile } from '../../../src/sandbox/certificates/authority.ts';
import { probeFromOutside } from '../../../src/sandbox/services/route53/probe.ts';
import type { Serving } from './serving.ts';
import { serving } from './serving.ts';

const patience = { timeout: 60_000, interval: 100 };
const arn = (id: string): string => `arn:aws:acm:us-east-1:111122223333:certificate/${id}`;
const zone = 'Z0EXAMPLE0ZONE';
const name = 'photos.example.com';

/** Writes down how each of its arguments was answered, or why it wasn't. */
const program = `
import { writeFileSync } from 'node:fs';
const [file, ...urls] = process.argv.slice(2);
const answers = [];
for (const url of urls) {
  try {
    const { status, url: end, redirected } = await fetch(url);
    answers.push({ status, end, redirected });
  } catch (error) {
    answers.push({ failed: error.cause?.code ?? String(error) });
  }
}
writeFileSync(file, JSON.stringify(answers));
`;

describe('a load balancer that ends TLS', () => {
  let up: Serving;
  let folder: string;
  let httpsListener: string;
  const elb = <Output = Record<string, unknown>>(operation: string, input: object) =>
    up.call<Output>('elasticloadbalancing', operation, input);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'https-'));
    writeFileSync(join(folder, 'ask.mjs'), program);
    up = await serving(30, {
      certificates: { [arn('site')]: { domains: [name] }, [arn('other')]: { domains: ['*.other.example.com'] } },
      zones: { [zone]: { name: 'example.com' } },
    });
    const { Listeners } = await elb<{ Listeners: { ListenerArn: string }[] }>('CreateListener', {
      LoadBalancerArn: up.balancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: arn('site') }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: up.targetGroupArn }],
    });
    httpsListener = Listeners[0]?.ListenerArn ?? '';
    await up.call('route53', 'ChangeResourceRecordSets', {
      HostedZoneId: zone,
      ChangeBatch: {
        Changes: ['photos', 'a.other'].map((host) => ({
          Action: 'CREATE',
          ResourceRecordSet: {
            Name: `${host}.example.com`,
            Type: 'A',
            AliasTarget: { HostedZoneId: 'Z35SXDOTRQ7X7K', DNSName: up.dnsName, EvaluateTargetHealth: false },
          },
        })),
      },
    });
    await up.setSize(1);
    await vi.waitFor(async () => expect(await up.health()).toEqual(['healthy']), patience);
  }, 90_000);
  afterAll(async () => {
    await up[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** Asks as a program outside of all Regions does: its own TLS, the sandbox's names and what it is told to trust. */
  async function ask(...urls: string[]): Promise<Record<string, unknown>[]> {
    const file = join(folder, `${up.sandbox.core.ids.hex(8)}.json`);
    const machine = await up.sandbox.outside.spawnNode({
      name: `asks-${up.sandbox.core.ids.hex(8)}`,
      script: join(folder, 'ask.mjs'),
      args: [file, ...urls],
      env: {},
    });
    await machine.exited;
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[];
  }

  it('is trusted by a program under the names of its certificate, and under no other', {
    timeout: 60_000,
  }, async () => {
    expect(await ask(`https://${name}/headers`, 'https://a.other.example.com/')).toEqual([
      { status: 200, end: `https://${name}/headers`, redirected: false },
      { failed: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    ]);
  });

  it('shows the certificate that a client asks for by name', { timeout: 60_000 }, async () => {
    await elb('AddListenerCertificates', {
      ListenerArn: httpsListener,
      Certificates: [{ CertificateArn: arn('other') }],
    });
    await vi.waitFor(
      async () => expect((await ask('https://a.other.example.com/'))[0]).toMatchObject({ status: 200 }),
      patience,
    );
    await expect(up.call('acm', 'DeleteCertificate', { CertificateArn: arn('other') })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    });
  });

  it('tells its targets that the client came over HTTPS, and speaks no TLS its policy excludes', async () => {
    const [address = ''] = up.sandbox.network.resolve(name, 'A', 'outside')?.values ?? [];
    const ca = readFileSync(authorityFile(up.sandbox.core));
    const open = (options: object) =>
      new Promise<string>((resolve, reject) => {
        const to = { host: address, port: up.sandbox.network.boundPort(443), servername: name, ca, ...options };
        const socket = connect(to, () => {
          const version = socket.getProtocol();
          let text = '';
          socket.on('data', (bytes) => {
            text += String(bytes);
          });
          socket.on('end', () => resolve(`${version} ${text}`));
          socket.write(`GET /headers HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`);
        });
        socket.on('error', reject);
      });
    const answer = await open({});
    expect(answer).toMatch(/^TLSv1\.3 HTTP\/1\.1 200/);
    expect(answer).toContain('"x-forwarded-proto":"https"');
    expect(answer).toContain('"x-forwarded-port":"443"');
    await elb('ModifyListener', { ListenerArn: httpsListener, SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' });
    await vi.waitFor(() => expect(open({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/), patience);
    await elb('ModifyListener', { ListenerArn: httpsListener, SslPolicy: 'ELBSecurityPolicy-2016-08' });
    await vi.waitFor(async () => expect(await open({})).toMatch(/^TLSv1\.2 HTTP\/1\.1 200/), patience);
  });

  it('redirects from HTTP, to where the same answer is', { timeout: 60_000 }, async () => {
    const { Listeners } = await elb<{ Listeners: { ListenerArn: string; Port: number }[] }>('DescribeListeners', {
      LoadBalancerArn: up.balancerArn,
    });
    await elb('ModifyListener', {
      ListenerArn: Listeners.find(({ Port }) => Port === 80)?.ListenerArn,
      DefaultActions: [
        {
          Type: 'redirect',
          RedirectConfig: {
            Protocol: 'HTTPS',
            Port: '443',
            Host: '#{host}',
            Path: '/#{path}',
            Query: '#{query}&from=http',
            StatusCode: 'HTTP_301',
          },
        },
      ],
    });
    await vi.waitFor(async () => expect((await up.get('/headers?a=1')).status).toBe(301), patience);
    const { headers } = await up.get('/headers?a=1');
    expect(headers.location).toMatch(/^https:\/\/127\.[\d.]+:443\/headers\?a=1&from=http$/);
    expect(await ask(`http://${name}/headers`)).toEqual([
      { status: 200, end: `https://${name}/headers?&from=http`, redirected: true },
    ]);
  });

  it('is healthy to Route 53 over HTTPS, whatever its certificate says', async () => {
    const probe = probeFromOutside(up.sandbox.core);
    // Two seconds of AWS time are 67 ms here, which a busy machine may miss.
    const healthy = (config: HealthCheckConfig) =>
      vi.waitFor(async () => expect(await probe(config)).toMatchObject({ healthy: true }), patience);
    const look = { Type: 'HTTPS', FullyQualifiedDomainName: name, ResourcePath: '/' } as const;
    await healthy({ ...look, EnableSNI: true });
    await healthy({ ...look, FullyQualifiedDomainName: up.dnsName, EnableSNI: true });
    await healthy({ ...look, EnableSNI: false });
    const search = { ...look, Type: 'HTTPS_STR_MATCH' } as const;
    await healthy({ ...search, SearchString: 'us-east-1' });
    expect(await probe({ ...search, SearchString: 'nothing' })).toMatchObject({ healthy: false });
  });
});
