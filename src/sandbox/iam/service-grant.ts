/**
 * What a resource policy grants to an AWS service that acts by itself: a role's trust to `lambda.amazonaws.com`, a queue's leave to
 * `events.amazonaws.com`. Internal principals aren't judged at the door; what they take or touch asks here.
 */

import { compiled } from './caller.ts';
import { analyse } from './layer.ts';
import type { PolicyKind } from './policy.ts';
import { contextOf } from './request.ts';
import type { Verdict } from './verdict.ts';

export interface ServiceRequest {
  /** `events.amazonaws.com` */
  readonly service: string;
  readonly action: string;
  readonly resource: string;
  readonly account: string;
  /** The ARN of what the service acts for: a rule, a bucket. */
  readonly sourceArn?: string | undefined;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** The keys of a service that acts for a resource, for the coverage document. */
export const serviceKeyNames: readonly string[] = [
  'aws:SourceAccount',
  'aws:SourceArn',
  'aws:SourceOwner',
  'aws:PrincipalServiceName',
];

/** The resource policy's verdict on a service. Without a policy nothing is granted. */
export function judgeService(
  document: string | undefined,
  { service, action, resource, account, sourceArn, context }: ServiceRequest,
  kind: Exclude<PolicyKind, 'identity'> = 'resource',
): Verdict {
  const policies =
    document === undefined ? [] : [{ name: `the policy of ${resource}`, policy: compiled(document, kind) }];
  const finding = analyse('resource', policies, {
    action,
    resource,
    caller: { kind: 'service', account, arn: service, entityArn: service, uniqueIds: [], bounded: false },
    context: contextOf({
      'aws:SourceAccount': account,
      'aws:SourceOwner': account,
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': service,
      'aws:SecureTransport': 'true',
      ...(sourceArn === undefined ? {} : { 'aws:SourceArn': sourceArn }),
      ...context,
    }),
  });
  if (finding.outcome === 'allowed') return { allowed: true, by: finding.by };
  if (finding.outcome === 'denied') return { allowed: false, explicit: true, by: finding.by };
  return { allowed: false, explicit: false, layer: 'resource' };
}
