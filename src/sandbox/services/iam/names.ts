/** The forms of IAM's names, paths and ARNs. Source: IAM API Reference. */

import { required, validationError } from './errors.ts';

/** A name of at most `limit` characters, as IAM allows them. */
export function nameOf(value: string | undefined, member: string, limit: number): string {
  const name = required(value, member);
  if (name.length > limit) {
    throw constraint(member, name, `Member must have length less than or equal to ${limit}`);
  }
  if (!/^[\w+=,.@-]+$/.test(name)) {
    throw validationError(
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
  return name;
}

export const roleName = (value: string | undefined): string => nameOf(value, 'roleName', 64);
export const userName = (value: string | undefined): string => nameOf(value, 'userName', 64);
export const policyName = (value: string | undefined): string => nameOf(value, 'policyName', 128);
export const profileName = (value: string | undefined): string => nameOf(value, 'instanceProfileName', 128);

/** `/` or `/service-role/`. */
export function pathOf(value: string | undefined): string {
  if (value === undefined) return '/';
  if (!/^\/([!-~]+\/)?$/.test(value) || value.length > 512) {
    throw validationError(
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
  }
  return value;
}

export const iamArn = (account: string, kind: string, path: string, name: string): string =>
  `arn:aws:iam::${account}:${kind}${path}${name}`;

const constraint = (member: string, value: string, what: string): Error =>
  validationError(`1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${what}`);
