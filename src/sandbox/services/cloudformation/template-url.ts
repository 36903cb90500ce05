/** Template URLs: https URLs of S3 objects, with the bucket in the host or in the path. */

import { validationError } from '../../cloudformation/errors.ts';

export function bucketAndKey(url: string): { Bucket: string; Key: string; VersionId?: string } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const path = decodeURIComponent(parsed?.pathname.slice(1) ?? '');
  const version = parsed?.searchParams.get('versionId') ?? undefined;
  const versioned = version === undefined ? {} : { VersionId: version };
  const inHost = /^(.+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/.exec(parsed?.hostname ?? '')?.[1];
  if (inHost !== undefined && path !== '') return { Bucket: inHost, Key: path, ...versioned };
  const slash = path.indexOf('/');
  if (/^s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/.test(parsed?.hostname ?? '') && slash > 0) {
    return { Bucket: path.slice(0, slash), Key: path.slice(slash + 1), ...versioned };
  }
  throw validationError(`TemplateURL must be a supported URL. Given: ${url}`);
}
