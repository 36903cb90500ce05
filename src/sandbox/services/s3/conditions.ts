/** Conditional requests and byte ranges (RFC 9110, as S3 applies them). Times have whole seconds, as in HTTP. */

import { AwsError } from '../../contract.ts';
import { noSuchKey, notModified, preconditionFailed } from './errors.ts';
import type { ObjectVersion, Version } from './records.ts';

export interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

export const wholeSeconds = (milliseconds: number): Date => new Date(Math.floor(milliseconds / 1000) * 1000);

/** Throws 412 or 304. If-Match outranks If-Unmodified-Since, and If-None-Match outranks If-Modified-Since. */
export function checkRead(conditions: ReadConditions, version: ObjectVersion): void {
  const modified = wholeSeconds(version.lastModified).getTime();
  const { IfMatch: match, IfNoneMatch: noneMatch } = conditions;
  if (match !== undefined) {
    if (!matches(match, version.etag)) throw preconditionFailed('If-Match');
  } else if (conditions.IfUnmodifiedSince !== undefined && modified > conditions.IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (noneMatch !== undefined) {
    if (matches(noneMatch, version.etag)) throw notModified();
  } else if (conditions.IfModifiedSince !== undefined && modified <= conditions.IfModifiedSince.getTime()) {
    throw notModified();
  }
}

/** Conditional writes and deletes: `If-None-Match: *` wants no object there, `If-Match` wants this one. */
export function checkWrite(
  { IfMatch: match, IfNoneMatch: noneMatch }: Pick<ReadConditions, 'IfMatch' | 'IfNoneMatch'>,
  key: string,
  current: Version | undefined,
): void {
  const object = current?.kind === 'object' ? current : undefined;
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') {
      throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', {
        status: 501,
        fields: { Header: 'If-None-Match' },
      });
    }
    if (object !== undefined) throw preconditionFailed('If-None-Match');
  }
  if (match === undefined) return;
  if (object === undefined) throw noSuchKey(key);
  if (!matches(match, object.etag)) throw preconditionFailed('If-Match');
}

/** The inclusive byte range a Range header asks for; undefined when there is none or it can't be read, which S3 ignores. */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first, last] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= size || end < start) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', {
      status: 416,
      fields: { RangeRequested: header, ActualObjectSize: size },
    });
  }
  return { start, end };
}

const matches = (header: string, etag: string): boolean =>
  header === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '').replaceAll('"', '') === etag);
