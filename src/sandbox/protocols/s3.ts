/** Where S3 departs from the REST-XML protocol: how buckets are addressed, and a few answers. */

import type { WireResponse } from './message.ts';

export interface S3Address {
  readonly bucket: string | undefined;
  /** Percent-encoded, without the bucket. */
  readonly path: string;
}

const amazonHost = /^(?:(.+)\.)?s3[.-](?:dualstack\.)?(?:[a-z0-9-]+\.)?amazonaws\.com$/;

/**
 * The bucket of a request: the first label of a virtual host (`bucket.s3.<region>.amazonaws.com`, `bucket.<endpoint's name>`), or the
 * first segment of the path. An endpoint that is an IP address has no virtual hosts.
 */
export function s3AddressOf(host: string, path: string, endpointNames: readonly string[] = ['localhost']): S3Address {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const amazon = amazonHost.exec(name);
  const suffix = endpointNames.find((endpoint) => name.endsWith(`.${endpoint}`));
  const virtual = amazon?.[1] ?? (suffix === undefined ? undefined : name.slice(0, -suffix.length - 1));
  // Clients put the service's own name before an endpoint that has none of its own: s3.localhost.
  if (virtual !== undefined && virtual !== 's3') return { bucket: virtual, path };
  const [, bucket = '', rest] = /^\/([^/]*)(\/.*)?$/.exec(path) ?? [];
  return { bucket: bucket === '' ? undefined : bucket, path: rest ?? '/' };
}

/** The payload's own length and encoding, where `aws-chunked` wraps it. */
export function adaptS3Input(
  input: Record<string, unknown>,
  headers: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const adapted = { ...input };
  const decoded = Number(headers['x-amz-decoded-content-length'] ?? 'none');
  if ('Body' in adapted && Number.isSafeInteger(decoded)) adapted.ContentLength = decoded;
  if (typeof adapted.ContentEncoding === 'string') {
    const encodings = adapted.ContentEncoding.split(',').map((encoding) => encoding.trim());
    const kept = encodings.filter((encoding) => encoding !== 'aws-chunked' && encoding !== '');
    if (kept.length > 0) adapted.ContentEncoding = kept.join(',');
    else delete adapted.ContentEncoding;
  }
  return adapted;
}

export function s3Answer(operation: string, response: WireResponse): WireResponse {
  if (operation === 'GetBucketLocation' && typeof response.body === 'string') {
    // Its one member is the root element itself.
    return {
      ...response,
      body: response.body.replace(
        /(<LocationConstraint xmlns="[^"]*">)<LocationConstraint>([^<]*)<\/LocationConstraint>/,
        '$1$2',
      ),
    };
  }
  if (response.headers['content-range'] !== undefined && response.status === 200) return { ...response, status: 206 };
  return response;
}
