/** Why a role may do something on `*`. Synthesis refuses a wildcard that isn't here. Source: the Service Authorization Reference. */

const describes = (service: string) => `${service} gives its Describe actions no resource-level permission`;

const reasons: Readonly<Record<string, string>> = {
  'autoscaling:DescribeAutoScalingGroups': describes('Auto Scaling'),
  'autoscaling:DescribeScalingActivities': describes('Auto Scaling'),
  'cloudwatch:PutMetricData': 'metrics have no ARN; the namespace is held by a condition',
  'ec2:CreateNetworkInterface':
    "Lambda makes the interface with the function's role, in a subnet whose id the role can't know",
  'ec2:DeleteNetworkInterface': "Lambda removes the interface with the function's role, by an id that AWS chose",
  'ec2:DescribeImages': describes('EC2'),
  'ec2:DescribeNetworkInterfaces': describes('EC2'),
  'ec2:DescribeSecurityGroups': describes('EC2'),
  'ec2:DescribeSubnets': describes('EC2'),
  'elasticloadbalancing:DescribeLoadBalancers': describes('Elastic Load Balancing'),
  'elasticloadbalancing:DescribeTargetHealth': describes('Elastic Load Balancing'),
  'lambda:ListEventSourceMappings': 'Lambda gives this action no resource-level permission',
};

/** @throws for an action that may not stand on `*`. */
export function wildcardReason(action: string): string {
  const reason = reasons[action];
  if (reason === undefined) throw new Error(`${action} is granted on every resource, and nothing says why.`);
  return reason;
}
