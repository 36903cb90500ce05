/** What a model says and AWS doesn't enforce as such, or refuses in words of its own: the service itself judges it. */

import type { Demand } from './violations.ts';

/** By service, then by shape or `Structure.member`: the kinds of demands left out, and why. */
const exceptions: Readonly<Record<string, Readonly<Record<string, readonly [Demand['kind'][], why: string]>>>> = {
  autoscaling: {
    'TerminateInstanceInAutoScalingGroupType.InstanceId': [['required'], "the SDK's newer model doesn't require it"],
  },
  ec2: {
    ResourceType: [['values'], "AWS says which types can't be tagged by the operation, not which exist"],
  },
  iam: {
    roleNameType: [['pattern'], 'IAM: "The specified value for roleName is invalid. …"'],
    userNameType: [['pattern'], 'as roleNameType'],
    existingUserNameType: [['pattern'], 'as roleNameType'],
    policyNameType: [['pattern'], 'as roleNameType'],
    instanceProfileNameType: [['pattern'], 'as roleNameType'],
    pathType: [['pattern'], 'IAM: "The specified value for path is invalid. …"'],
  },
  kms: {
    'CreateGrantRequest.GranteePrincipal': [['required'], "the SDK's newer model doesn't require it"],
  },
  lambda: {
    Runtime: [
      ['values'],
      'Lambda: InvalidParameterValueException, "Value x at \'runtime\' failed … or be a valid ARN"',
    ],
  },
  s3: {
    BucketLocationConstraint: [['values'], 'S3: InvalidLocationConstraint, by the Region that is asked'],
    ObjectKey: [['minLength'], 'an empty key is another operation'],
  },
  sqs: {
    QueueAttributeName: [['values'], 'SQS: InvalidAttributeName, "Unknown Attribute X."'],
    MessageSystemAttributeName: [['values'], 'as QueueAttributeName'],
    MessageSystemAttributeNameForSends: [['values'], 'as QueueAttributeName'],
  },
};

export const isExcepted = (service: string, name: string, kind: Demand['kind']): boolean =>
  exceptions[service]?.[name]?.[0].includes(kind) ?? false;
