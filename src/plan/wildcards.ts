/** Why a role may do something on `*`. Synthesis refuses a wildcard that isn't here. Source: the Service Authorization Reference. */

const describes = (service: string) => `${service} gives its Describe actions no resource-level permission`;

const reasons: Readonly<Record<string, string>> = {
  'autoscaling:DescribeAutoScalingGroups': describes('Auto Scaling'),
  'autoscaling:DescribeScalingActivities': describes('Auto Scaling'),
  'cloudwatch:DescribeAlarms': 'CloudWatch answers nothing about composite alarms to a narrower permission',
  'cloudwatch:GetMetricData': 'CloudWatch gives this action no resource-level permission',
  'cloudwatch:PutMetricData': 'metrics have no ARN; the namespace is held by a condition',
  'ec2:DescribeImages': describes('EC2'),
  'ec2:DescribeNetworkInterfaces': describes('EC2'),
  'ec2:DescribeSecurityGroups': describes('EC2'),
  'ec2:DescribeSubnets': describes('EC2'),
  'elasticloadbalancing:DescribeLoadBalancers': describes('Elastic Load Balancing'),
  'elasticloadbalancing:DescribeTargetHealth': describes('Elastic Load Balancing'),
  'lambda:GetAccountSettings': 'Lambda gives this action no resource-level permission',
  'lambda:ListEventSourceMappings': 'Lambda gives this action no resource-level permission',
};

/** @throws for an action that may not stand on `*`. */
export function wildcardReason(action: string): string {
  const reason = reasons[action];
  if (reason === undefined) throw new Error(`${action} is granted on every resource, and nothing says why.`);
  return reason;
}

/** What a wildcard within an ARN stands for, by what it follows. */
const parts: readonly (readonly [RegExp, string])[] = [
  [/:autoScalingGroup:\*:/, 'Auto Scaling puts an id of its own before the name'],
  [/:event-source-mapping:\*$/, 'ids are Lambda’s to choose; the functions they feed are held by a condition'],
  [/:execution:[\w-]+:\*$/, 'every execution of this one state machine'],
  [/:key\/\*$/, 'ids are KMS’s to choose; the alias is held by a condition'],
  [/:log-group:\/aws\/lambda\/[\w-]+\*$/, 'the log streams of this function'],
  [
    /:(instance|image|snapshot|security-group)\/\*$/,
    'ids are EC2’s to choose; the workload’s tag, or the owner, is held by a condition',
  ],
  [
    /:ec2:[\w-]+:\d{12}:\*\/\*$/,
    'Lambda makes and removes the interfaces of a function in the function’s name, on the interface, the subnet and its groups; it refuses narrower ARNs',
  ],
  [/:rule\/[\w-]+-\*$/, 'the rules of the workload’s functions begin with its name'],
  [/:db:\*$/, 'describing takes every database or none'],
  [/-kept-e\*$/, 'kept databases carry their epoch'],
  [
    /:accelerator\/\*\/listener\/\*/,
    'ids are Global Accelerator’s to choose, and the parts of an accelerator bear no tags',
  ],
  [/:og:default:\*$/, 'RDS names default option groups by engine and version'],
  [/:secret:.+-\?{6}$/, 'Secrets Manager puts six characters of its own behind the name'],
  [/^arn:aws:s3:::[\w.-]+\/\*$/, 'every object of this one bucket'],
  [/:parameter\/[\w/.-]+\*$/, 'everything under the workload’s own path'],
];

/** @throws for an ARN with a wildcard that nothing explains. */
export function partialWildcardReason(arn: string): string {
  const reason = parts.find(([pattern]) => pattern.test(arn))?.[1];
  if (reason === undefined) throw new Error(`${arn} has a wildcard, and nothing says why.`);
  return reason;
}
