/** Names of parameters: what is allowed, ARNs, and selectors of a version or a label. Source: SSM API Reference, PutParameter. */

import { AwsError } from '../../contract.ts';

export interface Selected {
  readonly name: string;
  /** A version's number or a label, as it was asked for. */
  readonly selector: string | undefined;
}

export const parameterArn = (region: string, account: string, name: string): string =>
  `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;

/** `name`, `name:3`, `name:label`, or any of these in an ARN. */
export function parseSelected(given: string | undefined): Selected {
  if (given === undefined || given === '') throw validation("Parameter name can't be empty.");
  const arn = /^arn:aws:ssm:[^:]*:[^:]*:parameter(\/[^:]+)(?::(.+))?$/.exec(given);
  const plain = /^([^:]+)(?::(.+))?$/.exec(given);
  const [, name, selector] = arn ?? plain ?? [];
  if (name === undefined) throw validation(`Invalid parameter name: ${given}`);
  return { name: arn === null ? name : hierarchical(name), selector };
}

/** An ARN has a slash before every name; a name of one level is kept without. */
const hierarchical = (path: string): string => (path.indexOf('/', 1) < 0 ? path.slice(1) : path);

/** Throws for names a new parameter can't have. */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name)) {
    throw validation(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  }
  if (name.includes('/') && !name.startsWith('/')) throw validation('Parameter name must be a fully qualified name.');
  if (name.endsWith('/')) throw validation('Parameter name must not end with a slash.');
  if (/^\/?aws(\/|$|[^/]*$)/i.test(name)) {
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (/^\/?ssm/i.test(name)) throw validation('Parameter name: can\'t be prefixed with "ssm" (case-insensitive).');
  if (name.split('/').length - 1 > 15) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      'Parameter name has exceeded the maximum number of hierarchy levels: 15.',
    );
  }
  if (name.length > 1011) throw validation('Parameter name is longer than 1011 characters.');
}

/** `/app` and `/app/` name the same path. */
export function checkPath(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/') || !/^[a-zA-Z0-9_.\-/]+$/.test(path)) {
    throw validation(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
    );
  }
  return path.endsWith('/') ? path : `${path}/`;
}

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
