/** What multipart uploads are under way, and what parts they have. */

import type { ListMultipartUploadsCommandInput, ListPartsCommandInput } from '@aws-sdk/client-s3';
import { operation } from '../../../contract.ts';
import { onBucket, onObject } from '../asks.ts';
import { wholeSeconds } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { noSuchUpload } from '../errors.ts';
import { byteOrder } from '../listing.ts';
import { accept, present } from '../members.ts';
import { quoted } from '../objects.ts';
import { ownerOf } from '../owner.ts';

export const multipartLists = (s3: S3Context) => ({
  ListParts: operation(
    (input: ListPartsCommandInput, call) => {
      accept('ListParts', input, ['UploadId', 'MaxParts', 'PartNumberMarker'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      const upload = s3.store.uploads(bucket).get(input.UploadId ?? '');
      if (upload === undefined || upload.key !== input.Key) throw noSuchUpload(input.UploadId ?? '');
      const limit = Math.min(input.MaxParts ?? 1000, 1000);
      const rest = upload.parts.filter((part) => part.number > Number(input.PartNumberMarker ?? 0));
      const page = rest.slice(0, limit);
      const algorithm = upload.checksumAlgorithm;
      return present({
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.id,
        MaxParts: limit,
        PartNumberMarker: input.PartNumberMarker ?? '0',
        NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
        IsTruncated: page.length < rest.length,
        Parts: page.map((part) => ({
          PartNumber: part.number,
          Size: part.size,
          ETag: quoted(part.etag),
          LastModified: wholeSeconds(part.lastModified),
          ...(algorithm === undefined ? {} : { [`Checksum${algorithm}`]: part.checksum }),
        })),
        StorageClass: upload.headers.storageClass,
        Owner: ownerOf(call.account),
        Initiator: ownerOf(call.account),
        ChecksumAlgorithm: algorithm,
        ChecksumType: upload.checksumType,
      });
    },
    (input: ListPartsCommandInput) => onObject('ListMultipartUploadParts')({ Bucket: input.Bucket, Key: input.Key }),
  ),

  ListMultipartUploads: operation((input: ListMultipartUploadsCommandInput, call) => {
    accept('ListMultipartUploads', input, ['Prefix', 'MaxUploads', 'KeyMarker', 'UploadIdMarker'], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    const limit = Math.min(input.MaxUploads ?? 1000, 1000);
    const { KeyMarker: keyMarker = '', UploadIdMarker: idMarker } = input;
    const rest = s3.store
      .uploads(bucket)
      .values()
      .filter((upload) => upload.key.startsWith(input.Prefix ?? ''))
      .filter(({ key, id }) => {
        const order = byteOrder(key, keyMarker);
        return order > 0 || (order === 0 && idMarker !== undefined && id > idMarker);
      })
      .sort((left, right) => byteOrder(left.key, right.key) || (left.id < right.id ? -1 : 1));
    const page = rest.slice(0, limit);
    const last = page.length < rest.length ? page.at(-1) : undefined;
    return present({
      Bucket: bucket.name,
      Prefix: input.Prefix,
      KeyMarker: keyMarker,
      UploadIdMarker: idMarker,
      NextKeyMarker: last?.key,
      NextUploadIdMarker: last?.id,
      MaxUploads: limit,
      IsTruncated: last !== undefined,
      Uploads: page.map((upload) => ({
        Key: upload.key,
        UploadId: upload.id,
        Initiated: new Date(upload.initiatedAt),
        StorageClass: upload.headers.storageClass,
        Owner: ownerOf(call.account),
        Initiator: ownerOf(call.account),
      })),
    });
  }, onBucket('ListBucketMultipartUploads')),
});
