import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outside } from '../../../src/sandbox/contract.ts';
import { SandboxNetwork } from '../../../src/sandbox/network/network.ts';
import { east, west } from './fixtures.ts';

const run = promisify(execFile);
/** Of Debian's bind9-dnsutils; without it what is said to it can't be shown. */
const program = '/usr/bin/dig';

let network: SandboxNetwork;
beforeEach(async () => {
  network = await SandboxNetwork.start([east, west], (span) => span);
});
afterEach(() => network.close());

const dig = async (...args: string[]): Promise<string> => {
  const { host, port } = network.dns;
  const { stdout } = await run(program, [
    `@${host}`,
    '-p',
    String(port),
    '+time=1',
    '+tries=1',
    '+noall',
    '+answer',
    '+comments',
    ...args,
  ]);
  return stdout;
};

describe('names', () => {
  it('are answered by whoever registered them, asked anew for every question', () => {
    let value = '127.9.1.1';
    network.name('Photos.example.com', ({ type }) => ({ ttl: 60, values: type === 'A' ? [value] : [] }));
    expect(network.resolve('photos.example.com.', 'A', outside)).toEqual({ ttl: 60, values: ['127.9.1.1'] });
    value = '127.9.2.1';
    expect(network.resolve('photos.example.com', 'A', outside)?.values).toEqual(['127.9.2.1']);
    expect(network.resolve('photos.example.com', 'TXT', outside)?.values).toEqual([]);
    expect(network.resolve('other.example.com', 'A', outside)).toBeUndefined();
    network.unname('photos.example.com');
    expect(network.resolve('photos.example.com', 'A', outside)).toBeUndefined();
  });

  it('fall to the zone with the longest suffix', () => {
    network.zone('example.com', ({ name }) => ({ ttl: 1, values: [`outer ${name}`] }));
    network.zone('in.example.com', ({ name }) => ({ ttl: 1, values: [`inner ${name}`] }));
    network.name('exact.in.example.com', () => ({ ttl: 1, values: ['exact'] }));
    expect(network.resolve('a.in.example.com', 'TXT', outside)?.values).toEqual(['inner a.in.example.com']);
    expect(network.resolve('in.example.com', 'TXT', outside)?.values).toEqual(['inner in.example.com']);
    expect(network.resolve('b.example.com', 'TXT', outside)?.values).toEqual(['outer b.example.com']);
    expect(network.resolve('exact.in.example.com', 'TXT', outside)?.values).toEqual(['exact']);
    expect(network.resolve('notexample.com', 'TXT', outside)).toBeUndefined();
  });

  it('follow aliases to the end, with the shortest life of the chain', () => {
    network.name('www.example.com', ({ type }) => ({ ttl: 5, values: type === 'CNAME' ? ['lb.example.com'] : [] }));
    network.name('lb.example.com', ({ type }) => ({ ttl: 60, values: type === 'A' ? ['127.9.1.7'] : [] }));
    network.name('loop.example.com', ({ type }) => ({ ttl: 5, values: type === 'CNAME' ? ['loop.example.com'] : [] }));
    expect(network.resolve('www.example.com', 'A', outside)).toEqual({ ttl: 5, values: ['127.9.1.7'] });
    expect(network.resolve('www.example.com', 'CNAME', outside)?.values).toEqual(['lb.example.com']);
    expect(network.resolve('loop.example.com', 'A', outside)?.values).toEqual([]);
  });
});

describe.skipIf(!existsSync(program))('the DNS server', () => {
  it('answers dig over UDP and TCP, aliases included', async () => {
    network.name('www.example.com', ({ type }) => ({ ttl: 5, values: type === 'CNAME' ? ['lb.example.com'] : [] }));
    network.name('lb.example.com', ({ type }) => ({ ttl: 60, values: type === 'A' ? ['127.9.1.7', '127.9.1.8'] : [] }));
    for (const transport of ['+notcp', '+tcp']) {
      const answer = await dig('www.example.com', transport);
      expect(answer).toContain('status: NOERROR');
      expect(answer).toMatch(/www\.example\.com\.\s+5\s+IN\s+CNAME\s+lb\.example\.com\./);
      expect(answer).toMatch(/lb\.example\.com\.\s+60\s+IN\s+A\s+127\.9\.1\.7/);
      expect(answer).toMatch(/lb\.example\.com\.\s+60\s+IN\s+A\s+127\.9\.1\.8/);
    }
  });

  it('answers every type it knows, and says which names do not exist', async () => {
    const records: Record<string, readonly string[]> = {
      TXT: ['a text'],
      NS: ['ns1.example.com'],
      SOA: ['ns1.example.com admin.example.com 1 7200 900 1209600 86400'],
    };
    network.zone('example.com', ({ name, type }) =>
      name === 'example.com' ? { ttl: 9, values: records[type] ?? [] } : undefined,
    );
    expect(await dig('example.com', 'TXT')).toContain('"a text"');
    expect(await dig('example.com', 'NS')).toContain('ns1.example.com.');
    expect(await dig('example.com', 'SOA')).toContain('ns1.example.com. admin.example.com. 1 7200 900 1209600 86400');
    expect(await dig('example.com', 'AAAA')).toMatch(/status: NOERROR.*ANSWER: 0/s);
    expect(await dig('example.com', 'MX')).toContain('status: NOTIMP');
    expect(await dig('nowhere.example.com')).toContain('status: NXDOMAIN');
  });

  it('sends what does not fit a datagram over TCP', async () => {
    const values = Array.from({ length: 200 }, (_, index) => `127.9.3.${index + 1}`);
    network.name('many.example.com', ({ type }) => ({ ttl: 1, values: type === 'A' ? values : [] }));
    const answer = await dig('many.example.com');
    expect(answer.match(/IN\s+A\s/g)).toHaveLength(200);
  });

  it('tells where a question comes from by its address, and answers nobody in the dark', async () => {
    network.name('where.example.com', ({ type, from }) => ({ ttl: 0, values: type === 'TXT' ? [from] : [] }));
    const inWest = network.allocate(west);
    expect(await dig('where.example.com', 'TXT', '-b', inWest)).toContain('"us-west-2"');
    expect(await dig('where.example.com', 'TXT')).toContain('"outside"');
    network.links.setDark(west, true);
    await expect(dig('where.example.com', 'TXT', '-b', inWest)).rejects.toThrow('Command failed');
    expect(await dig('where.example.com', 'TXT', '-b', network.allocate(east))).toContain('"us-east-1"');
  });
});
