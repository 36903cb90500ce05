/** How much memory a sandbox takes while an object goes through it: with one of 100 MB no more than with one of 1 MB. */

import { Readable } from 'node:stream';
import type { CompletedPart } from '@aws-sdk/client-s3';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { bareSandbox } from './bare-sandbox.ts';
import type { Benchmark, Figures } from './figures.ts';
import { rounded } from './figures.ts';
import { watchResident } from './processes.ts';

const MB = 1_000_000;
const sizes = { small: 1 * MB, large: 100 * MB } as const;
const partSize = 10 * MB;
const Bucket = 'bench-uploads';

/** Moves `size` bytes through the sandbox. */
type Way = (client: S3Client, size: number) => Promise<void>;

export const uploads: Benchmark = {
  name: 'uploads',
  does: 'the memory a sandbox takes while 100 MB go through it',
  async run(say): Promise<Figures> {
    const sandbox = await bareSandbox();
    const client = new S3Client({ ...sandbox.config, forcePathStyle: true });
    try {
      await client.send(new CreateBucketCommand({ Bucket }));
      const measured = [];
      for (const [name, way] of Object.entries(ways)) {
        say(name);
        // What was never done before loads and compiles code, which isn't the object's memory.
        for (let time = 0; time < 5; time++) await way(client, sizes.small);
        const small = await growth(sandbox.pid, () => way(client, sizes.small));
        const large = await growth(sandbox.pid, () => way(client, sizes.large));
        measured.push({ way: name, small, large });
      }
      return {
        title: 'Memory taken while an object goes through a sandbox',
        tables: [
          {
            columns: ['above rest, MiB', '1 MB', '100 MB', 's', 'MB/s'],
            rows: measured.map(({ way, small, large }) => [
              way,
              small.mebibytes,
              large.mebibytes,
              rounded(large.seconds),
              Math.round(sizes.large / MB / large.seconds),
            ]),
          },
        ],
        goals: measured.map(({ way, small, large }) => ({
          what: `${way}: more with 100 MB than with 1 MB`,
          measured: rounded(large.mebibytes - small.mebibytes, 0),
          under: 40,
          unit: 'MiB',
        })),
        notes: [
          'The highest resident memory of the sandbox while it lasts, above what it was just before. An object that was held would show with 95 MiB and more; what the collector of garbage leaves for a while shows with less.',
        ],
        data: { uploads: measured },
      };
    } finally {
      client.destroy();
      await sandbox.stop();
    }
  },
};

const ways: Readonly<Record<string, Way>> = {
  'PutObject of a stream': async (client, size) => {
    await client.send(new PutObjectCommand({ Bucket, Key: `put-${size}`, Body: bytes(size), ContentLength: size }));
  },
  'multipart upload, 10 MB parts': async (client, size) => {
    const object = { Bucket, Key: `multipart-${size}` };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
    const parts: CompletedPart[] = [];
    for (let from = 0; from < size; from += partSize) {
      const length = Math.min(partSize, size - from);
      const PartNumber = parts.length + 1;
      const part = { ...object, UploadId, PartNumber, Body: bytes(length), ContentLength: length };
      const { ETag } = await client.send(new UploadPartCommand(part));
      parts.push({ ETag, PartNumber });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts: parts } }));
  },
  'GetObject of it': async (client, size) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `put-${size}` }));
    let got = 0;
    for await (const chunk of Body as Readable) got += (chunk as Buffer).length;
    if (got !== size) throw new Error(`${got} of ${size} bytes came back.`);
  },
};

const chunk = Buffer.alloc(64 * 1024, 'pilot light ');

function bytes(size: number): Readable {
  let left = size;
  return new Readable({
    read() {
      const next = chunk.subarray(0, Math.min(chunk.length, left));
      left -= next.length;
      this.push(next.length === 0 ? null : next);
    },
  });
}

async function growth(pid: number, action: () => Promise<void>): Promise<{ mebibytes: number; seconds: number }> {
  const watched = watchResident(pid, 5);
  const began = performance.now();
  await action();
  const seconds = (performance.now() - began) / 1000;
  return { mebibytes: rounded(watched.stop()), seconds };
}
