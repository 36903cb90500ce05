/**
 * How each service says no. The codes are those its own clients see; the messages add the statement that decided, so that a missing
 * permission is found where it is missing.
 */

import type { Ask, Principal } from '../contract.ts';
import { AwsError } from '../contract.ts';
import { denialMessage } from './explain.ts';
import type { Judgement } from './judge.ts';
import type { Verdict } from './verdict.ts';

/** `first` is the question that belongs to the operation itself: its service answers, whichever service's permission is missing. */
export function accessDenied(
  principal: Principal,
  first: Ask,
  ask: Ask,
  verdict: Extract<Verdict, { allowed: false }>,
  looked: Judgement['looked'],
): AwsError {
  const service = first.action.split(':')[0]?.toLowerCase() ?? '';
  const { code, status, opening = '' } = answers[service] ?? { code: 'AccessDeniedException', status: 400 };
  const message = denialMessage({
    arn: principal.arn,
    action: ask.action,
    resource: ask.resource,
    verdict,
    looked: verdict.explicit ? [] : looked(verdict.layer),
  });
  return new AwsError(code, opening + message, { status });
}

interface Answer {
  readonly code: string;
  readonly status: number;
  readonly opening?: string;
}

const forbidden: Answer = { code: 'AccessDenied', status: 403 };

/** Services that speak JSON answer `AccessDeniedException` with 400, unless they are named here. */
const answers: Readonly<Record<string, Answer>> = {
  autoscaling: forbidden,
  cloudformation: forbidden,
  cloudwatch: forbidden,
  ec2: {
    code: 'UnauthorizedOperation',
    status: 403,
    opening: 'You are not authorized to perform this operation. ',
  },
  elasticloadbalancing: forbidden,
  iam: forbidden,
  lambda: { code: 'AccessDeniedException', status: 403 },
  rds: forbidden,
  route53: forbidden,
  s3: forbidden,
  scheduler: { code: 'AccessDeniedException', status: 403 },
  sns: { code: 'AuthorizationErrorException', status: 403 },
  sqs: forbidden,
  sts: forbidden,
};
