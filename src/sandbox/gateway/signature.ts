/**
 * AWS Signature Version 4, the verifier's side: read the signature of a request, by header or by query string, and check it by
 * signing the request again with the caller's secret.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../contract.ts';
import type { WireRequest } from '../protocols/message.ts';
import { isPresignedV2By, readPresignedV2 } from './presigned-v2.ts';

export interface Signature {
  /** 4, unless said: see `presigned-v2.ts`. */
  readonly version?: 2;
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  /** As signed: yyyymmdd, Region, signing name. */
  readonly scope: { readonly date: string; readonly region: string; readonly service: string };
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** yyyymmddThhmmssZ. */
  readonly timestamp: string;
  /** The same in milliseconds since the epoch. */
  readonly time: number;
  /** Seconds a presigned URL is good for; undefined for a signature in the headers. */
  readonly expires: number | undefined;
}

/** The signature of a request, or undefined when it carries none. Throws `IncompleteSignature` when it can't be read. */
export function readSignature(request: WireRequest): Signature | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return fromHeader(authorization, request);
  const query = new URLSearchParams(request.query);
  return query.has('X-Amz-Signature') || query.has('X-Amz-Credential') ? fromQuery(query) : readPresignedV2(query);
}

/** Whether `signature` is what `secret` makes of the request. `payloadHash` is the hash, or the word, in place of the body. */
export function isSignedBy(secret: string, signature: Signature, request: WireRequest, payloadHash: string): boolean {
  if (signature.version === 2) return isPresignedV2By(secret, signature, request);
  const { scope, timestamp } = signature;
  const canonical = canonicalRequest(signature, request, payloadHash);
  const stringToSign = `${algorithm}\n${timestamp}\n${credentialScope(scope)}\n${sha256(canonical)}`;
  const expected = createHmac('sha256', signingKey(secret, scope)).update(stringToSign).digest();
  const given = Buffer.from(signature.signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export const credentialScope = ({ date, region, service }: Signature['scope']): string =>
  `${date}/${region}/${service}/aws4_request`;

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data);

const algorithm = 'AWS4-HMAC-SHA256';

function fromHeader(authorization: string, { headers }: WireRequest): Signature {
  const [kind = '', ...rest] = authorization.split(' ');
  if (kind !== algorithm) throw incomplete(`The sandbox verifies ${algorithm}, not ${kind}.`);
  const parts = new Map(
    rest
      .join(' ')
      .split(',')
      .map((part): [string, string] => {
        const at = part.indexOf('=');
        return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
      }),
  );
  const timestamp = headers['x-amz-date'] ?? basicFormat(headers.date);
  return {
    ...read(parts.get('Credential'), parts.get('SignedHeaders'), parts.get('Signature'), timestamp),
    sessionToken: headers['x-amz-security-token'],
    expires: undefined,
  };
}

function fromQuery(query: URLSearchParams): Signature {
  const value = (name: string): string | undefined => query.get(name) ?? undefined;
  const named = value('X-Amz-Algorithm');
  if (named !== algorithm)
    throw incomplete(`The sandbox verifies ${algorithm}, not ${named ?? 'a signature without algorithm'}.`);
  const expires = Number(value('X-Amz-Expires') ?? '900');
  if (!Number.isInteger(expires) || expires < 1 || expires > 604_800) {
    throw incomplete('X-Amz-Expires must be between 1 and 604800 seconds.');
  }
  return {
    ...read(value('X-Amz-Credential'), value('X-Amz-SignedHeaders'), value('X-Amz-Signature'), value('X-Amz-Date')),
    sessionToken: value('X-Amz-Security-Token'),
    expires,
  };
}

type Readable = Omit<Signature, 'sessionToken' | 'expires'>;

function read(
  credential: string | undefined,
  signedHeaders: string | undefined,
  signature: string | undefined,
  timestamp: string | undefined,
): Readable {
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw incomplete('A signature needs Credential, SignedHeaders and Signature.');
  }
  // Access keys hold no slash, so the scope is what follows the first.
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request' || more.length > 0) {
    throw incomplete(`Credential must be <access key>/<date>/<Region>/<service>/aws4_request, not ${credential}.`);
  }
  const time = timeOf(timestamp ?? '');
  if (timestamp === undefined || Number.isNaN(time) || !timestamp.startsWith(date)) {
    throw incomplete(
      'The date of the request must be given as yyyymmddThhmmssZ and agree with the date of its Credential.',
    );
  }
  const scope = { date, region, service };
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(';'), signature, timestamp, time };
}

function timeOf(timestamp: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function basicFormat(httpDate: string | undefined): string | undefined {
  const time = Date.parse(httpDate ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function canonicalRequest({ signedHeaders, scope }: Signature, request: WireRequest, payloadHash: string): string {
  const headers = signedHeaders.map((name) => `${name}:${singleSpaced(request.headers[name] ?? '')}\n`);
  return [
    request.method,
    canonicalPath(request.path, scope.service),
    canonicalQuery(request.query),
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

const singleSpaced = (value: string): string => (value.includes('  ') ? value.replace(/ +/g, ' ') : value).trim();

/** S3 signs the path as it is sent; the others sign it normalised and encoded once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3' || path === '/') return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const inner = segments.map(encoded).join('/');
  const trailing = inner !== '' && path.endsWith('/') ? '/' : '';
  return `/${inner}${trailing}`;
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** The pairs as sent, which clients encode as they sign, in the order of their names. */
function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    })
    .sort(([leftName, left], [rightName, right]) => order(leftName, rightName) || order(left, right))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const keys = new Map<string, KeyObject>();
const mostKeys = 1000;

/** Derived keys are good for a day of one Region and service: four hashes saved on each request. */
export function signingKey(secret: string, { date, region, service }: Signature['scope']): KeyObject {
  // A secret may hold a slash, the others can't.
  const name = `${date}/${region}/${service}/${secret}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const derived = [date, region, service, 'aws4_request'].reduce<Buffer>(
    (held, part) => createHmac('sha256', held).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  const key = createSecretKey(derived);
  if (keys.size >= mostKeys) keys.clear();
  keys.set(name, key);
  return key;
}

const incomplete = (message: string): AwsError => new AwsError('IncompleteSignature', message);
