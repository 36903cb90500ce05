/** What a service asks IAM before it takes a role from its caller: `iam:PassRole`. */

import type { Ask } from '../contract.ts';

/** `service` is the one the role is passed to: `lambda.amazonaws.com`. */
export const passRole = (roleArn: string, service: string): Ask => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': service },
});
