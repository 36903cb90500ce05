import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/kernel/virtual-clock.ts';
import type { MetadataService } from '../../../src/sandbox/instances/metadata-service.ts';
import { openMetadataService } from '../../../src/sandbox/instances/metadata-service.ts';

const own = '127.3.1.1';
const neighbour = '127.3.1.2';
const clock = new VirtualClock(Date.UTC(2026, 10, 23));
let service: MetadataService;

beforeAll(async () => {
  let tokens = 0;
  service = await openMetadataService({
    address: own,
    clock,
    token: () => `token-${++tokens}`,
    sourceOf: ({ remoteAddress = '' }) => remoteAddress,
    source: {
      facts: () => ({
        region: 'us-east-1',
        zone: 'us-east-1a',
        instanceId: 'i-1',
        instanceType: 't4g.small',
        imageId: 'ami-1',
        account: '111122223333',
        privateAddress: '10.0.1.4',
        userData: undefined,
        roleName: 'app',
        launchedAt: 0,
      }),
      credentials: () => Promise.reject(new Error('not asked for here')),
    },
  });
});
afterAll(() => service.close());

/** The status, and the text of an answer; `silent` when none comes. */
async function ask(method: string, path: string, headers: Record<string, string> = {}, from = own) {
  return new Promise<{ status: number | 'silent'; body: string }>((resolve, reject) => {
    const sent = request(
      `${service.endpoint}${path}`,
      { method, headers, localAddress: from, agent: false },
      (found) => {
        text(found).then((body) => resolve({ status: found.statusCode ?? 0, body }), reject);
      },
    );
    sent.setTimeout(300, () => {
      sent.destroy();
      resolve({ status: 'silent', body: '' });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') reject(error);
    });
    sent.end();
  });
}

const tokenFor = (life: string, more: Record<string, string> = {}) =>
  ask('PUT', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': life, ...more });
const id = (token: string, from = own) =>
  ask('GET', '/latest/meta-data/instance-id', { 'x-aws-ec2-metadata-token': token }, from);

describe('the metadata service', () => {
  it('answers who holds a token, for as long as it was asked for in AWS time', async () => {
    expect(await ask('GET', '/latest/meta-data/instance-id')).toMatchObject({ status: 401 });
    expect(await id('guessed')).toMatchObject({ status: 401 });
    const { status, body } = await tokenFor('60');
    expect(status).toBe(200);
    expect(await id(body)).toEqual({ status: 200, body: 'i-1' });
    await clock.advance(61_000);
    expect(await id(body)).toMatchObject({ status: 401 });
  });

  it('gives tokens for one second to six hours, and to nobody who was forwarded', async () => {
    expect(await tokenFor('0')).toMatchObject({ status: 400 });
    expect(await tokenFor('21601')).toMatchObject({ status: 400 });
    expect(await tokenFor('21600')).toMatchObject({ status: 200 });
    expect(await tokenFor('60', { 'x-forwarded-for': '203.0.113.9' })).toMatchObject({ status: 403 });
  });

  it('is heard by its own instance only', async () => {
    const { body } = await tokenFor('60');
    expect(await id(body, neighbour)).toMatchObject({ status: 'silent' });
    expect(await id(body)).toMatchObject({ status: 200 });
  });
});
