/** Resource policies as services take them: what can't be read is refused when it is written, or IAM would fail on every later call. */

import type { AwsError } from '../contract.ts';
import { parsePolicy } from '../iam/policy.ts';
import { PolicyProblem } from '../iam/problem.ts';

/** The document, unless it can't be read as a resource policy: then what `refuse` makes of the reason, with its path, is thrown. */
export function readablePolicy(document: string, refuse: (why: string) => AwsError): string {
  try {
    parsePolicy(document, 'resource');
  } catch (error) {
    throw error instanceof PolicyProblem ? refuse(error.message) : error;
  }
  return document;
}
