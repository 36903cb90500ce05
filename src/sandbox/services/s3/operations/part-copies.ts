/** UploadPartCopy: a part of an upload taken from an object, or from a range of one. */

import type { UploadPartCopyCommandInput } from '@aws-sdk/client-s3';
import { operation } from '../../../contract.ts';
import { onObject } from '../asks.ts';
import { wholeSeconds } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { encryptionOutput } from '../encryption.ts';
import { invalidArgument } from '../errors.ts';
import { accept, present } from '../members.ts';
import { quoted, shownVersion } from '../objects.ts';
import { originalOf, sourceAsks } from './copies.ts';
import { receivePart } from './multipart.ts';

const members = [
  'CopySource',
  'CopySourceRange',
  'CopySourceIfMatch',
  'CopySourceIfNoneMatch',
  'CopySourceIfModifiedSince',
  'CopySourceIfUnmodifiedSince',
  'ExpectedSourceBucketOwner',
  'PartNumber',
  'UploadId',
];

export const partCopies = (s3: S3Context) => ({
  UploadPartCopy: operation(
    async (input: UploadPartCopyCommandInput, call) => {
      accept('UploadPartCopy', input, members, call.account);
      const { from, original } = await originalOf(s3, input, call);
      const range = rangeIn(input.CopySourceRange, original.size);
      const body = await s3.contents.read(from, original.content, range);
      const { part, upload, value } = await receivePart(s3, call, input, body);
      return present({
        CopyPartResult: { ETag: quoted(part.etag), LastModified: wholeSeconds(part.lastModified), ...value },
        CopySourceVersionId: shownVersion(from, original),
        ...encryptionOutput(upload.encryption),
      });
    },
    (input: UploadPartCopyCommandInput) => [
      ...sourceAsks(input.CopySource),
      ...onObject('PutObject')({ Bucket: input.Bucket, Key: input.Key }),
    ],
  ),
});

/** Unlike a read, a copy takes only a range whose both ends are given and lie within the source. */
function rangeIn(text: string | undefined, size: number): { start: number; end: number } | undefined {
  if (text === undefined) return undefined;
  const [, first, last] = /^bytes=(\d{1,16})-(\d{1,16})$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first === undefined || end < start) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      text,
    );
  }
  if (end >= size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      text,
    );
  }
  return { start, end };
}
