/** Uploads an assembly's files to the assets buckets: each once, and only what isn't there. Keys are content hashes. */

import { readFileSync } from 'node:fs';
import type { AccountClients } from '../../aws/account-clients.ts';
import type { FileAsset } from './assembly.ts';
import { zipDirectory } from './zip.ts';

export type AssetClients = Pick<AccountClients, 's3'>;

/** Publishes assets for stacks that may share them: the same bucket and key is uploaded once. */
export class AssetPublisher {
  readonly #clients: (region: string) => AssetClients;
  readonly #published = new Map<string, Promise<void>>();

  constructor(clients: (region: string) => AssetClients) {
    this.#clients = clients;
  }

  async publish(assets: readonly FileAsset[]): Promise<void> {
    await Promise.all(
      assets.map((asset) => {
        const id = `${asset.bucket}/${asset.key}`;
        const started = this.#published.get(id) ?? this.#upload(asset);
        this.#published.set(id, started);
        return started;
      }),
    );
  }

  async #upload({ bucket: Bucket, key: Key, packaging, path, region }: FileAsset): Promise<void> {
    const client = await this.#clients(region).s3();
    const { HeadObjectCommand, PutObjectCommand } = await import('@aws-sdk/client-s3');
    try {
      await client.send(new HeadObjectCommand({ Bucket, Key }));
      return;
    } catch (error) {
      // HEAD has no body to tell more; without ListBucket an absent key answers 403.
      const name = error instanceof Error ? error.name : '';
      if (!['NotFound', 'NoSuchKey', '403', 'Forbidden', 'AccessDenied'].includes(name)) throw error;
    }
    const Body = packaging === 'zip' ? zipDirectory(path) : readFileSync(path);
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: Body.length }));
  }
}
