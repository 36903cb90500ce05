import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Service } from '../../../../src/sandbox/services/s3/service.ts';
import type { WiredSandbox } from '../../../support/wired-sandbox.ts';
import { wiredSandbox } from '../../../support/wired-sandbox.ts';

const region = 'us-east-1';
const half = Buffer.alloc(4 * 1024 * 1024, 'x');
const ContentLength = 2 * half.length;
/** What is still on its way: in sockets, and in the buffers of streams. */
const underway = 1024 * 1024;

describe('an upload over a socket', () => {
  let wired: WiredSandbox;
  let client: S3Client;
  beforeAll(async () => {
    wired = await wiredSandbox([(core) => createS3Service(core)]);
    client = new S3Client({
      endpoint: wired.sandbox.core.endpoint(region),
      region,
      credentials: wired.credentials,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    await client.send(new CreateBucketCommand({ Bucket: 'photos' }));
  });
  afterAll(async () => {
    client.destroy();
    await wired[Symbol.asyncDispose]();
  });

  const arriving = (): number[] => {
    const folder = join(wired.sandbox.core.directory, region, 's3', '.incoming');
    return readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  };
  const object = { Bucket: 'photos', Key: 'big' };

  it.each([
    ['an object', (Body: PassThrough) => client.send(new PutObjectCommand({ ...object, Body, ContentLength }))],
    [
      'a part',
      async (Body: PassThrough) => {
        const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
        return client.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body, ContentLength }));
      },
    ],
  ])('of %s is on disk as far as it has come while the rest is still to be sent', async (_, send) => {
    const body = new PassThrough();
    const sent = send(body);
    body.write(half);
    await expect.poll(() => Math.max(0, ...arriving()), { timeout: 20_000 }).toBeGreaterThan(half.length - underway);
    body.end(half);
    await sent;
    expect(arriving()).toEqual([]);
  });

  it('that breaks off leaves nothing behind', async () => {
    const cut = { ...object, Key: 'cut' };
    const body = new PassThrough();
    const given = new AbortController();
    const sent = client.send(new PutObjectCommand({ ...cut, Body: body, ContentLength }), {
      abortSignal: given.signal,
    });
    body.write(half);
    await expect.poll(() => Math.max(0, ...arriving()), { timeout: 20_000 }).toBeGreaterThan(0);
    given.abort();
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(arriving, { timeout: 20_000 }).toEqual([]);
    await expect(client.send(new GetObjectCommand(cut))).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});
