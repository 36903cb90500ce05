/** Amazon Resource Names, taken apart. */

import { AwsError } from '../../contract.ts';

export interface Arn {
  readonly text: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** Everything after the account: `rule/nightly`, `function:thumbnail:live`. */
  readonly resource: string;
}

export function parseArn(text: string): Arn {
  const [prefix, , service, region, account, ...rest] = text.split(':');
  if (prefix !== 'arn' || service === undefined || region === undefined || account === undefined || rest.length === 0) {
    throw new AwsError('ValidationException', `${text} is not a valid ARN.`);
  }
  return { text, service, region, account, resource: rest.join(':') };
}
