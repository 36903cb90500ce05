/** Signs requests by hand, after AWS's description: for what no client would send. */

import { createHash, createHmac } from 'node:crypto';
import { accessKeyId, secretAccessKey } from './world.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const compact = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');

function signatureOf(time: string, service: string, canonical: string, secret: string): string {
  const scope = `${time.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const key = ['us-east-1', service, 'aws4_request'].reduce(mac, mac(`AWS4${secret}`, time.slice(0, 8)));
  return mac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
}

export interface PresignOptions {
  readonly at?: number;
  readonly expires?: number;
  readonly key?: string;
  readonly secret?: string;
}

/** A presigned S3 URL. `path` is percent-encoded. */
export function presign(endpoint: string, method: string, path: string, options: PresignOptions = {}): string {
  const { at = Date.now(), expires = 300, key = accessKeyId, secret = secretAccessKey } = options;
  const time = compact(at);
  const credential = encodeURIComponent(`${key}/${time.slice(0, 8)}/us-east-1/s3/aws4_request`);
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${time}&X-Amz-Expires=${expires}&X-Amz-SignedHeaders=host`;
  const canonical = `${method}\n${path}\n${query}\nhost:${new URL(endpoint).host}\n\nhost\nUNSIGNED-PAYLOAD`;
  return `${endpoint}${path}?${query}&X-Amz-Signature=${signatureOf(time, 's3', canonical, secret)}`;
}

/** Headers that sign a request whose path has nothing to encode and whose query string is empty. */
export function signedHeaders(
  service: string,
  host: string,
  method: string,
  path: string,
  payloadHash = 'UNSIGNED-PAYLOAD',
): Record<string, string> {
  const time = compact(Date.now());
  const signed = `host:${host}\nx-amz-content-sha256:${payloadHash}\nx-amz-date:${time}\n`;
  const names = 'host;x-amz-content-sha256;x-amz-date';
  const signature = signatureOf(
    time,
    service,
    `${method}\n${path}\n\n${signed}\n${names}\n${payloadHash}`,
    secretAccessKey,
  );
  const credential = `${accessKeyId}/${time.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  return {
    host,
    'x-amz-date': time,
    'x-amz-content-sha256': payloadHash,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

export interface SignedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly service?: string;
  readonly region?: string;
  readonly at?: number;
  /** Beside host and date; all are signed unless `unsigned` names them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly unsigned?: readonly string[];
  readonly payloadHash?: string;
}

/** The headers of a signed request, its signature, and what signs the chunks of its body after it. */
export function signRequest(host: string, request: SignedRequest) {
  const { method = 'POST', path = '/', service = 'sqs', region = 'us-east-1', at = Date.now() } = request;
  const { unsigned = [], payloadHash = sha256('') } = request;
  const time = compact(at);
  const headers: Record<string, string> = { host, 'x-amz-date': time, ...request.headers };
  const names = Object.keys(headers)
    .filter((name) => !unsigned.includes(name))
    .sort();
  const canonical = [
    method,
    path,
    '',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    payloadHash,
  ];
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = [region, service, 'aws4_request'].reduce(mac, mac(`AWS4${secretAccessKey}`, time.slice(0, 8)));
  const sign = (algorithm: string, ...parts: string[]): string =>
    mac(key, [algorithm, time, scope, ...parts].join('\n')).toString('hex');
  const signature = sign('AWS4-HMAC-SHA256', sha256(canonical.join('\n')));
  const credential = `Credential=${accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { headers: { ...headers, authorization }, signature, sign };
}

export { sha256 };

/** An S3 URL presigned with Signature Version 2, as older clients make it. `path` is percent-encoded. */
export function presignV2(endpoint: string, method: string, path: string, until: number, secret = secretAccessKey) {
  const expires = String(Math.floor(until / 1000));
  const signature = createHmac('sha1', secret).update(`${method}\n\n\n${expires}\n${path}`).digest('base64');
  return `${endpoint}${path}?AWSAccessKeyId=${accessKeyId}&Signature=${encodeURIComponent(signature)}&Expires=${expires}`;
}
