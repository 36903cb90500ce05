/** Policy documents as IAM takes and gives them: judged on the way in, URL-encoded on the way out. */

import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { PolicyKind } from '../../iam/policy.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { PolicyProblem } from '../../iam/problem.ts';
import { limitExceeded, required } from './errors.ts';
import { unknownPrincipals } from './known-principals.ts';

/** An identity policy, or `MalformedPolicyDocument` with the path of what is wrong. */
export function identityDocument(text: string | undefined): string {
  const document = required(text, 'policyDocument');
  judged(document, 'identity');
  return document;
}

/** A trust policy whose principals exist. */
export function trustDocument(core: SandboxCore, text: string | undefined): string {
  const document = required(text, 'assumeRolePolicyDocument');
  judged(document, 'trust');
  const [unknown] = unknownPrincipals(core, parsePolicy(document, 'trust'));
  if (unknown !== undefined) throw malformed(`Invalid principal in policy: "AWS":"${unknown}"`);
  if (size(document) > 2048) throw limitExceeded('Cannot exceed quota for ACLSizePerRole: 2048');
  return document;
}

/** IAM counts a document's characters without white space. */
export const size = (document: string): number => document.replaceAll(/\s/g, '').length;

/** As IAM answers documents: percent-encoded by RFC 3986. */
export const encoded = (document: string): string =>
  encodeURIComponent(document).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

function judged(document: string, kind: PolicyKind): void {
  try {
    parsePolicy(document, kind);
  } catch (error) {
    if (error instanceof PolicyProblem) throw malformed(error.message);
    throw error;
  }
}

const malformed = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message);
