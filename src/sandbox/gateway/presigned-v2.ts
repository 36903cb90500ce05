/**
 * Signature Version 2 as clients still presign S3's URLs with it: boto3 and the aws CLI 1 do in us-east-1 unless told otherwise. It names
 * no Region, so such a URL speaks to us-east-1. Nothing else is taken in this version.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../contract.ts';
import type { WireRequest } from '../protocols/message.ts';
import { s3AddressOf } from '../protocols/s3.ts';
import type { Signature } from './signature.ts';

/** Undefined when the query string carries no such signature. */
export function readPresignedV2(query: URLSearchParams): Signature | undefined {
  const [accessKeyId, signature, until] = ['AWSAccessKeyId', 'Signature', 'Expires'].map((name) => query.get(name));
  if (accessKeyId === null || accessKeyId === undefined) return undefined;
  if (!signature || !/^\d{1,12}$/.test(until ?? '')) {
    throw new AwsError(
      'AccessDenied',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    );
  }
  return {
    version: 2,
    accessKeyId,
    sessionToken: query.get('x-amz-security-token') ?? undefined,
    scope: { date: '', region: 'us-east-1', service: 's3' },
    signedHeaders: ['host'],
    signature,
    timestamp: until ?? '',
    // It says until when, and never since when.
    time: 0,
    expires: Number(until),
  };
}

export function isPresignedV2By(secret: string, { signature, timestamp }: Signature, request: WireRequest): boolean {
  const header = (name: string): string => request.headers[name] ?? '';
  const stringToSign = [
    request.method,
    header('content-md5'),
    header('content-type'),
    timestamp,
    `${amzHeaders(request)}${resourceOf(request)}`,
  ].join('\n');
  const expected = createHmac('sha1', secret).update(stringToSign).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Those of the query string count as headers. */
function amzHeaders({ headers, query }: WireRequest): string {
  const all = new Map([...Object.entries(headers), ...new URLSearchParams(query)]);
  return [...all]
    .map(([name, value]) => [name.toLowerCase(), value?.trim() ?? ''] as const)
    .filter(([name]) => name.startsWith('x-amz-'))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
}

/** The bucket and key as sent, and of the query string what chooses another resource or changes the answer's headers. */
function resourceOf({ headers, path, query }: WireRequest): string {
  const { bucket, path: inside } = s3AddressOf(headers.host ?? '', path);
  const isVirtual = inside === path && bucket !== undefined;
  const chosen = [...new URLSearchParams(query)]
    .filter(([name]) => subresources.has(name) || name.startsWith('response-'))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  return `${isVirtual ? `/${bucket}` : ''}${path}${chosen === '' ? '' : `?${chosen}`}`;
}

const subresources: ReadonlySet<string> = new Set([
  'accelerate',
  'acl',
  'cors',
  'delete',
  'encryption',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'partNumber',
  'policy',
  'replication',
  'requestPayment',
  'restore',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);
