/**
 * Template URLs: https URLs of S3 objects, with the bucket in the host or in the path. Clients that were given an endpoint put that
 * endpoint into the URL, so a loopback address stands for S3 too.
 */

import { validationError } from '../../cloudformation/errors.ts';

export function bucketAndKey(url: string): { Bucket: string; Key: string; VersionId?: string } {
  const { hostname = '', pathname = '/', searchParams } = URL.canParse(url) ? new URL(url) : {};
  const path = decodeURIComponent(pathname.slice(1));
  const version = searchParams?.get('versionId') ?? undefined;
  const versioned = version === undefined ? {} : { VersionId: version };
  const inHost = bucketHost.exec(hostname)?.[1];
  if (inHost !== undefined && path !== '') return { Bucket: inHost, Key: path, ...versioned };
  const slash = path.indexOf('/');
  if ((pathHost.test(hostname) || loopback.test(hostname)) && slash > 0) {
    return { Bucket: path.slice(0, slash), Key: path.slice(slash + 1), ...versioned };
  }
  throw validationError(`TemplateURL must be a supported URL. Given: ${url}`);
}

const bucketHost = /^(.+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/;
const pathHost = /^s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/;
const loopback = /^(localhost|127\.\d+\.\d+\.\d+)$/;
