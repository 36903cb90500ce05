/** CloudFormation's own errors. */

import { AwsError } from '../contract.ts';

/** Bad input, with where it stands: `Resources/Queue/Properties/Name`. */
export function validationError(message: string, path?: string): AwsError {
  return new AwsError('ValidationError', path === undefined ? message : `${message} (at ${path})`);
}

/** The stack a call names isn't there. AWS's clients match on this sentence. */
export const noSuchStack = (name: string): AwsError => validationError(`Stack with id ${name} does not exist`);
