/** Multipart uploads: parts are files of their own until completion joins them into one version. */

import type {
  AbortMultipartUploadCommandInput,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
  UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import type { Ask, Call } from '../../../contract.ts';
import { AwsError, operation } from '../../../contract.ts';
import { objectArn, onKey, onObject } from '../asks.ts';
import { digestOf } from '../checksums.ts';
import { commit } from '../commit.ts';
import { checkWrite } from '../conditions.ts';
import type { Body } from '../contents.ts';
import type { S3Context } from '../context.ts';
import { now } from '../context.ts';
import { encryptionMembers, encryptionOutput } from '../encryption.ts';
import { invalidArgument, invalidRequest, malformed, noSuchUpload } from '../errors.ts';
import type { Inward } from '../inward.ts';
import { encryptAs } from '../inward.ts';
import { accept, present, required } from '../members.ts';
import {
  checkAcl,
  checksumAsked,
  checksumMembers,
  checksumOutput,
  headerMembers,
  headersOf,
  keyOf,
  quoted,
  shownVersion,
  tagsFromHeader,
  verified,
} from '../objects.ts';
import type { BucketRecord, Checksum, PartRecord, UploadRecord } from '../records.ts';
import { withKey } from '../with-key.ts';
import { multipartLists } from './multipart-lists.ts';

type CreateInput = CreateMultipartUploadCommandInput & Inward;

/** What says which part of which upload it is, and what it should add up to. */
type PartInput = Omit<UploadPartCommandInput, 'Body'>;

/** All parts but the last have at least this many bytes. */
const smallestPart = 5 * 1024 * 1024;

export const multipart = (s3: S3Context) => ({
  ...multipartLists(s3),

  CreateMultipartUpload: operation(
    (input: CreateInput, call) => {
      const members = ['ACL', 'Tagging', 'ChecksumType', ...headerMembers, ...encryptionMembers];
      accept('CreateMultipartUpload', input, members, call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      checkAcl(input.ACL);
      const asked = checksumAsked({ ChecksumAlgorithm: input.ChecksumAlgorithm });
      const draft = { key: keyOf(input.Key), headers: headersOf(input), tags: tagsFromHeader(input.Tagging) };
      return withKey(s3, 'CreateMultipartUpload', bucket, input, call, async (encryption) => {
        const id = s3.core.ids.hex(64);
        const type = input.ChecksumType ?? (asked?.algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
        s3.store.uploads(bucket).put(id, {
          ...draft,
          id,
          bucket: bucket.name,
          initiatedAt: now(s3, call.region),
          encryption,
          parts: [],
          ...(asked === undefined ? {} : { checksumAlgorithm: asked.algorithm, checksumType: type }),
        });
        return present({
          Bucket: bucket.name,
          Key: draft.key,
          UploadId: id,
          ChecksumAlgorithm: asked?.algorithm,
          ChecksumType: asked === undefined ? undefined : type,
          ...encryptionOutput(encryption),
        });
      });
    },
    (input: CreateInput, call): Ask[] => {
      const object = objectArn(input.Bucket, input.Key);
      return [
        ...onObject('PutObject')({ Bucket: input.Bucket, Key: input.Key }),
        ...(input.Tagging === undefined ? [] : [{ action: 's3:PutObjectTagging', resource: object }]),
        ...onKey('GenerateDataKey', input[encryptAs], object, call.region),
      ];
    },
  ),

  UploadPart: operation(
    async (input: UploadPartCommandInput, call) => {
      const members = ['Body', 'ContentLength', 'PartNumber', 'UploadId', ...checksumMembers];
      accept('UploadPart', input, members, call.account);
      const { part, upload, value } = await receivePart(s3, call, input, input.Body as Body);
      return present({ ETag: quoted(part.etag), ...encryptionOutput(upload.encryption), ...value });
    },
    (input: UploadPartCommandInput) => onObject('PutObject')({ Bucket: input.Bucket, Key: input.Key }),
  ),

  CompleteMultipartUpload: operation(
    async (input: CompleteMultipartUploadCommandInput, call) => {
      const members = ['MultipartUpload', 'UploadId', 'IfMatch', 'IfNoneMatch', 'ChecksumType', 'MpuObjectSize'];
      accept('CompleteMultipartUpload', input, [...members, ...checksumMembers], call.account);
      const name = required(input.Bucket, 'Bucket');
      const bucket = s3.store.bucket(call.region, name);
      const upload = uploadOf(s3, bucket, input);
      checkWrite(input, upload.key, s3.store.versions(bucket, upload.key)[0]);
      const parts = chosenParts(upload, input);
      const size = parts.reduce((sum, part) => sum + part.size, 0);
      if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== size) {
        throw invalidRequest('The provided MpuObjectSize does not match the size of the uploaded parts.');
      }
      const whole = upload.checksumType === 'FULL_OBJECT' ? upload.checksumAlgorithm : undefined;
      const files = parts.map((part) => partFile(upload, part.number));
      const received = await s3.contents.receive(
        s3.contents.joined(bucket, files),
        call.region,
        whole === undefined ? [] : [whole],
      );
      try {
        const checksum =
          whole === undefined ? composite(upload, parts) : verified(received, { ...input, ChecksumAlgorithm: whole });
        uploadOf(s3, bucket, input);
        const { bucket: written, version } = commit(s3, call, name, {
          key: upload.key,
          reason: 'CompleteMultipartUpload',
          conditions: input,
          draft: {
            size,
            etag: `${md5OfParts(parts)}-${parts.length}`,
            parts: parts.length,
            headers: upload.headers,
            tags: upload.tags,
            encryption: upload.encryption,
            ...(checksum === undefined ? {} : { checksum }),
          },
          place: (where, content) => s3.contents.keep(received, where, content),
        });
        forget(s3, bucket, upload);
        return present({
          Bucket: name,
          Key: upload.key,
          Location: `https://${name}.s3.${bucket.region}.amazonaws.com/${encodeURIComponent(upload.key)}`,
          ETag: quoted(version.etag),
          VersionId: shownVersion(written, version),
          ...encryptionOutput(upload.encryption),
          ...checksumOutput(checksum),
        });
      } catch (error) {
        s3.contents.discard(received);
        throw error;
      }
    },
    (input: CompleteMultipartUploadCommandInput) => onObject('PutObject')({ Bucket: input.Bucket, Key: input.Key }),
  ),

  AbortMultipartUpload: operation(
    (input: AbortMultipartUploadCommandInput, call) => {
      accept('AbortMultipartUpload', input, ['UploadId'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      forget(s3, bucket, uploadOf(s3, bucket, input));
      return {};
    },
    (input: AbortMultipartUploadCommandInput) =>
      onObject('AbortMultipartUpload')({ Bucket: input.Bucket, Key: input.Key }),
  ),
});

/** Takes in one part of an upload, over one of the same number if there is any. */
export async function receivePart(s3: S3Context, call: Call, input: PartInput, body: Body) {
  const bucket = s3.store.bucket(call.region, input.Bucket);
  const upload = uploadOf(s3, bucket, input);
  const number = input.PartNumber ?? 0;
  if (number < 1 || number > 10_000) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', number);
  }
  const asked = checksumAsked(input) ?? present({ algorithm: upload.checksumAlgorithm });
  const received = await s3.contents.receive(body, call.region, asked.algorithm === undefined ? [] : [asked.algorithm]);
  try {
    const checksum = verified(received, { ...input, ChecksumAlgorithm: asked.algorithm });
    const part: PartRecord = {
      number,
      size: received.size,
      etag: received.digests.MD5.toString('hex'),
      lastModified: now(s3, call.region),
      ...(checksum === undefined ? {} : { checksum: checksum.value }),
    };
    uploadOf(s3, bucket, input);
    s3.contents.keep(received, bucket, partFile(upload, number));
    s3.store.uploads(bucket).update(upload.id, (record) => ({
      ...record,
      parts: [...record.parts.filter((one) => one.number !== number), part].sort((a, b) => a.number - b.number),
    }));
    const value = checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value };
    return { part, upload, value };
  } catch (error) {
    s3.contents.discard(received);
    throw error;
  }
}

function uploadOf(
  s3: S3Context,
  bucket: BucketRecord,
  input: { UploadId?: string | undefined; Key?: string | undefined },
): UploadRecord {
  const upload = s3.store.uploads(bucket).get(input.UploadId ?? '');
  if (upload === undefined || upload.key !== input.Key) throw noSuchUpload(input.UploadId ?? '');
  return upload;
}

/** The parts a client lists, checked against what arrived: in ascending order, same ETags, none too small but the last. */
function chosenParts(upload: UploadRecord, input: CompleteMultipartUploadCommandInput): PartRecord[] {
  const listed = input.MultipartUpload?.Parts ?? [];
  if (listed.length === 0) throw malformed('MultipartUpload.Parts');
  const numbers = listed.map((part) => part.PartNumber ?? 0);
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new AwsError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    );
  }
  return listed.map((asked, index) => {
    const part = upload.parts.find((one) => one.number === asked.PartNumber);
    if (part === undefined || part.etag !== asked.ETag?.replaceAll('"', '')) {
      throw new AwsError(
        'InvalidPart',
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        { fields: { UploadId: upload.id, PartNumber: asked.PartNumber, ETag: asked.ETag } },
      );
    }
    if (index < listed.length - 1 && part.size < smallestPart) {
      throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
        fields: { ProposedSize: part.size, MinSizeAllowed: smallestPart, PartNumber: part.number, ETag: part.etag },
      });
    }
    return part;
  });
}

function md5OfParts(parts: readonly PartRecord[]): string {
  const digest = digestOf.MD5();
  for (const part of parts) digest.update(Buffer.from(part.etag, 'hex'));
  return digest.finish().toString('hex');
}

/** The checksum of the parts' checksums, marked with their number. */
function composite(upload: UploadRecord, parts: readonly PartRecord[]): Checksum | undefined {
  const algorithm = upload.checksumAlgorithm;
  if (algorithm === undefined) return undefined;
  const digest = digestOf[algorithm]();
  for (const part of parts) digest.update(Buffer.from(part.checksum ?? '', 'base64'));
  return { algorithm, value: `${digest.finish().toString('base64')}-${parts.length}`, type: 'COMPOSITE' };
}

function forget(s3: S3Context, bucket: BucketRecord, upload: UploadRecord): void {
  const { parts } = s3.store.uploads(bucket).get(upload.id) ?? upload;
  for (const part of parts) s3.contents.remove(bucket, partFile(upload, part.number));
  s3.store.uploads(bucket).delete(upload.id);
}

const partFile = (upload: UploadRecord, number: number): string => `upload-${upload.id}-${number}`;
