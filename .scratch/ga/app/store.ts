/** Photos: the bytes in a bucket, a row in the database, a message for the thumbnail. The row is the promise: without it there is no photo. */

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { createPool } from 'mysql2/promise';
import type { Settings } from './settings.ts';

export interface Photo {
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
  readonly at: string;
}

const table =
  'CREATE TABLE photos (id VARCHAR(64) PRIMARY KEY, size INT NOT NULL, sha256 CHAR(64) NOT NULL, at TIMESTAMP(3) NOT NULL, KEY by_time (at))';
const queryTimeout = 5000;

export class PhotoStore {
  readonly #settings: Settings;
  readonly #pool: Pool;
  readonly #s3 = new S3Client({ forcePathStyle: true });
  readonly #sqs = new SQSClient({});

  constructor(settings: Settings) {
    this.#settings = settings;
    const { host, name, user, password } = settings.database;
    this.#pool = createPool({
      host,
      database: name,
      user,
      password,
      connectionLimit: 8,
      connectTimeout: 3000,
      timezone: 'Z',
      maxIdle: 8,
      idleTimeout: 60_000,
    });
  }

  async add(photo: Photo, bytes: Buffer): Promise<void> {
    const { bucket, queue } = this.#settings;
    const key = keyOf(photo.id);
    await this.#s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: 'image/bmp' }));
    await this.#write('INSERT INTO photos (id, size, sha256, at) VALUES (?, ?, ?, ?)', [
      photo.id,
      photo.size,
      photo.sha256,
      new Date(photo.at),
    ]);
    await this.#sqs.send(
      new SendMessageCommand({
        QueueUrl: queue,
        MessageBody: JSON.stringify({ bucket, key, thumbnail: thumbnailKeyOf(photo.id) }),
      }),
    );
  }

  async list(): Promise<Photo[]> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(
      { sql: 'SELECT id, size, sha256, at FROM photos ORDER BY at DESC LIMIT ?', timeout: queryTimeout },
      [this.#settings.pageSize],
    );
    return rows.map(({ id, size, sha256, at }) => ({ id, size, sha256, at: (at as Date).toISOString() }));
  }

  async bytes(id: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#settings.bucket, Key: keyOf(id) }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /** Whether a write would be taken: one that is taken back. */
  async ready(): Promise<boolean> {
    const connection = await this.#pool.getConnection();
    try {
      await connection.query({ sql: 'SELECT 1', timeout: queryTimeout });
      const [rows] = await connection.query<RowDataPacket[]>({
        sql: 'SELECT @@global.read_only AS readOnly',
        timeout: queryTimeout,
      });
      return Number(rows[0]?.readOnly) === 0;
    } finally {
      connection.release();
    }
  }

  async #write(sql: string, values: unknown[]): Promise<void> {
    try {
      await this.#pool.query<ResultSetHeader>({ sql, timeout: queryTimeout, values });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ER_NO_SUCH_TABLE') throw error;
      await this.#pool.query(table.replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS'));
      await this.#pool.query({ sql, timeout: queryTimeout, values });
    }
  }
}

export const keyOf = (id: string): string => `photos/${id}.bmp`;
export const thumbnailKeyOf = (id: string): string => `thumbnails/${id}.bmp`;
