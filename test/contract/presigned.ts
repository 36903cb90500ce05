/** Presigns S3 requests after AWS's description, by path or by virtual host. */

import { createHash, createHmac } from 'node:crypto';
import type { ContractTarget } from './contract.ts';

export interface Presigning {
  readonly method: string;
  readonly target: ContractTarget;
  readonly Bucket: string;
  readonly Key: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Milliseconds since the epoch; now, unless said. */
  readonly at?: number;
  /** Seconds. */
  readonly expires?: number;
  /** A host that names the bucket; without it, the path does. */
  readonly host?: string;
}

export function presigned(options: Presigning): string {
  const { method, target, Bucket, Key, accessKeyId, secretAccessKey, sessionToken } = options;
  const endpoint = new URL(target.endpoint ?? `https://s3.${target.region}.amazonaws.com`);
  const host = options.host ?? endpoint.host;
  const key = Key.split('/').map(encoded).join('/');
  const path = options.host === undefined ? `/${Bucket}/${key}` : `/${key}`;
  const time = new Date(options.at ?? Date.now()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${target.region}/s3/aws4_request`;
  const query = Object.entries({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(options.expires ?? 300),
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  })
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .join('&');
  const canonical = `${method}\n${path}\n${query}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signingKey = [target.region, 's3', 'aws4_request'].reduce(mac, mac(`AWS4${secretAccessKey}`, time.slice(0, 8)));
  return `${endpoint.origin}${path}?${query}&X-Amz-Signature=${mac(signingKey, toSign).toString('hex')}`;
}

const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
