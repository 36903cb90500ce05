/** Signs a request after AWS's description of Signature Version 4, or in one of the ways in which signatures go wrong. */

import { createHash, createHmac } from 'node:crypto';
import type { FuzzRequest, Sending } from './request.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The headers to send, signature and all. */
export function sign(
  keys: Keys,
  host: string,
  request: FuzzRequest,
  { signature, payloadHash }: Sending,
): Record<string, string> {
  const at = signature === 'old' ? Date.now() - 86_400_000 : Date.now();
  const time = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const hash = payloadHash ?? sha256(request.body);
  const headers: Record<string, string> = {
    host,
    ...request.headers,
    'x-amz-date': time,
    'x-amz-content-sha256': hash,
    ...(signature === 'a token of nobody' ? { 'x-amz-security-token': 'FQoGZXIvYXdzEXAMPLE' } : {}),
  };
  if (signature === 'none') return headers;
  if (signature === 'nonsense')
    return { ...headers, authorization: 'AWS4-HMAC-SHA256 Credential=, SignedHeaders=;;, Signature=zz' };
  const region = signature === 'other Region' ? 'mars-north-1' : 'us-east-1';
  const scope = `${time.slice(0, 8)}/${region}/${request.service}/aws4_request`;
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    request.service === 's3' ? request.path : normalised(request.path),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    hash,
  ].join('\n');
  const secret = signature === 'other secret' ? 'another' : keys.secretAccessKey;
  const key = [region, request.service, 'aws4_request'].reduce<Buffer>(mac, mac(`AWS4${secret}`, time.slice(0, 8)));
  const value = mac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const id = signature === 'unknown key' ? 'AKIANOBODY' : keys.accessKeyId;
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${value}`;
  return { ...headers, authorization: signature === 'cut' ? authorization.slice(0, 80) : authorization };
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

function normalised(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const inner = segments
    .map((segment) =>
      encodeURIComponent(segment).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join('/');
  return `/${inner}${inner !== '' && path.endsWith('/') ? '/' : ''}`;
}

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
    .sort(([leftName, left], [rightName, right]) =>
      leftName < rightName ? -1 : leftName > rightName ? 1 : left < right ? -1 : left > right ? 1 : 0,
    )
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
