/** How callers name a function: by name, by (partial) ARN, with a version or an alias in either place. */

import { AwsError } from '../../contract.ts';

export interface FunctionKey {
  readonly name: string;
  /** A version number, an alias or `$LATEST`; undefined when the caller named none. */
  readonly qualifier?: string;
}

/** Splits `name`, `name:alias`, `account:function:name` and whole ARNs. Throws `InvalidParameterValueException`. */
export function functionKey(given: string | undefined, qualifier?: string): FunctionKey {
  const tail = (given ?? '')
    .replace(/^arn:aws:lambda:[\w-]+:/, '')
    .replace(/^\d{12}:(function:)?/, '')
    .replace(/^function:/, '');
  const [name = '', inName] = tail.split(':');
  if (!/^[\w-]{1,140}$/.test(name)) {
    throw new AwsError('InvalidParameterValueException', `${given} is not a function's name or ARN.`);
  }
  if (inName !== undefined && qualifier !== undefined && inName !== qualifier) {
    throw new AwsError('InvalidParameterValueException', `The qualifier ${qualifier} contradicts ${given}.`);
  }
  const chosen = qualifier ?? inName;
  return chosen === undefined ? { name } : { name, qualifier: chosen };
}
