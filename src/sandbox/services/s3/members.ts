/** Refuses by name what a request asks for beyond what is supported: nothing that changes behaviour is ignored. */

import { AwsError } from '../../contract.ts';

/** Members every S3 operation may carry and that change nothing in an account of one owner. */
const harmless = ['Bucket', 'Key', 'RequestPayer', 'ExpectedBucketOwner', 'ContentMD5', 'ChecksumAlgorithm'];

/** Throws when `input` has a member that is neither `supported` nor harmless. False and empty lists ask for nothing. */
export function accept(operation: string, input: object, supported: readonly string[], account: string): void {
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    if (!supported.includes(member) && !harmless.includes(member)) {
      throw new AwsError('UnsupportedOperation', `The sandbox doesn't support ${member} of s3:${operation}.`, {
        status: 501,
      });
    }
    if (member === 'ExpectedBucketOwner' && value !== account) {
      throw new AwsError('AccessDenied', 'Access Denied', { status: 403 });
    }
  }
}

/** A member the operation can't do without. */
export function required(value: string | undefined, member: string): string {
  if (value === undefined || value === '') {
    throw new AwsError('InvalidRequest', `Missing required parameter: ${member}`, { status: 400 });
  }
  return value;
}

/** Leaves out members that are undefined, so that records and answers hold only what is there. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** A copy of `record` that lacks a member. */
export function without<T extends object, K extends keyof T>(record: T, member: K): Omit<T, K> {
  const { [member]: _dropped, ...rest } = record;
  return rest;
}
