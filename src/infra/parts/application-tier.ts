/**
 * The application tier in both Regions: a load balancer, and behind it one or more Auto Scaling groups. Each group has the configured
 * capacity where the workload is active and none on standby, by the Region's own role.
 */

import {
  Aws,
  aws_autoscaling as autoscaling,
  aws_elasticloadbalancingv2 as balancing,
  aws_ec2 as ec2,
  Fn,
  aws_iam as iam,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Group, Side } from '../../workload/judged.ts';
import { frontGroup } from '../../workload/judged.ts';
import { acknowledge } from '../acknowledged.ts';
import { alarm } from '../alarms.ts';
import { installed } from '../installed.ts';
import type { Home, PartProps } from '../part.ts';
import { idOf, isActive, Part } from '../part.ts';
import { bothSides } from '../place.ts';
import { userData } from '../user-data.ts';
import type { FrontDoor } from './latch.ts';
import type { NetworkSide } from './network.ts';

export interface ApplicationTierProps extends PartProps {
  /** Where load balancers and instances stand. `Network` gives it as `sides`. */
  readonly network: Readonly<Record<Side, NetworkSide>>;
}

export class ApplicationTier extends Part {
  /** The load balancers, as DNS sees them. */
  readonly doors: Readonly<Record<Side, FrontDoor>>;

  constructor(scope: Construct, id: string, props: ApplicationTierProps) {
    super(scope, id, props);
    this.doors = bothSides((side) => tierIn(this.homeOn(side), props.network[side]));
  }
}

function tierIn(home: Home, network: NetworkSide): FrontDoor {
  const { workload, names, side } = home.place;
  const balancer = new balancing.CfnLoadBalancer(home, 'LoadBalancer', {
    name: names.loadBalancer,
    type: 'application',
    scheme: 'internet-facing',
    subnets: [...network.publicSubnets],
    securityGroups: [network.groups.balancer],
  });
  acknowledge(balancer, 'ELB2');
  const profile = new iam.CfnInstanceProfile(home, 'InstanceProfile', {
    instanceProfileName: `${names.prefix}-instance-${side}`,
    roles: [`${names.prefix}-instance`],
  });
  const targets = new Map<string, balancing.CfnTargetGroup>();
  for (const [name, group] of Object.entries(workload.compute)) {
    const served = group.serves === 'nothing' ? undefined : targetGroup(home, name, group, network, balancer);
    if (served !== undefined) targets.set(name, served);
    autoScalingGroup(home, name, group, network, profile, served);
  }
  listeners(home, balancer, targets);
  return { dnsName: balancer.attrDnsName, zoneId: balancer.attrCanonicalHostedZoneId };
}

function targetGroup(
  home: Home,
  name: string,
  { port, alivePath }: Group,
  network: NetworkSide,
  balancer: balancing.CfnLoadBalancer,
): balancing.CfnTargetGroup {
  const targets = new balancing.CfnTargetGroup(home, `${idOf(name)}Targets`, {
    name: home.place.names.targetGroup(name),
    vpcId: network.vpcId,
    protocol: 'HTTP',
    port,
    targetType: 'instance',
    // Alive, never ready-to-write: or Auto Scaling would kill the fleet while the database promotes.
    healthCheckPath: alivePath,
    healthCheckIntervalSeconds: 10,
    healthCheckTimeoutSeconds: 5,
    healthyThresholdCount: 2,
    unhealthyThresholdCount: 3,
    targetGroupAttributes: [{ key: 'deregistration_delay.timeout_seconds', value: '30' }],
  });
  const dimensions = {
    LoadBalancer: balancer.attrLoadBalancerFullName,
    TargetGroup: targets.attrTargetGroupFullName,
  };
  alarm(home, `${idOf(name)}UnhealthyHosts`, {
    name: `${name}-unhealthy-hosts`,
    says: `Instances fail ${alivePath} and are replaced. If it lasts, the image or the configuration is broken.`,
    metric: { namespace: 'AWS/ApplicationELB', name: 'UnHealthyHostCount', dimensions, statistic: 'Maximum' },
    when: 'at least',
    threshold: 1,
    period: 60,
    periods: 5,
  });
  alarm(home, `${idOf(name)}ServerErrors`, {
    name: `${name}-server-errors`,
    says: 'The application answers with errors of its own. The watcher decides by itself whether the Region is ill; this is for you to look.',
    metric: { namespace: 'AWS/ApplicationELB', name: 'HTTPCode_Target_5XX_Count', dimensions, statistic: 'Sum' },
    when: 'at least',
    threshold: 10,
    period: 60,
    periods: 3,
  });
  return targets;
}

/** With a certificate customers are served by HTTPS alone; plain HTTP only says so. */
function listeners(
  home: Home,
  balancer: balancing.CfnLoadBalancer,
  targets: ReadonlyMap<string, balancing.CfnTargetGroup>,
): void {
  const { workload, side } = home.place;
  const forward = (group: string): { type: string; targetGroupArn?: string }[] => [
    { type: 'forward', ...targetOf(targets.get(group)) },
  ];
  const front = forward(frontGroup(workload).name);
  const certificateArn = workload.traffic.certificates?.[side];
  const plain = new balancing.CfnListener(home, 'Listener', {
    loadBalancerArn: balancer.ref,
    port: 80,
    protocol: 'HTTP',
    defaultActions:
      certificateArn === undefined
        ? front
        : [{ type: 'redirect', redirectConfig: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } }],
  });
  const serving =
    certificateArn === undefined
      ? plain
      : new balancing.CfnListener(home, 'SecureListener', {
          loadBalancerArn: balancer.ref,
          port: 443,
          protocol: 'HTTPS',
          certificates: [{ certificateArn }],
          sslPolicy: tlsPolicy,
          defaultActions: front,
        });
  const routed = Object.entries(workload.compute).flatMap(([name, { serves }]) =>
    typeof serves === 'string' ? [] : [{ name, patterns: [...serves] }],
  );
  for (const [index, { name, patterns }] of routed.entries()) {
    new balancing.CfnListenerRule(home, `${idOf(name)}Rule`, {
      listenerArn: serving.ref,
      priority: 10 * (index + 1),
      conditions: [{ field: 'path-pattern', pathPatternConfig: { values: patterns } }],
      actions: [...forward(name)],
    });
  }
}

const targetOf = (targets: balancing.CfnTargetGroup | undefined) =>
  targets === undefined ? {} : { targetGroupArn: targets.ref };

/** TLS 1.3 and 1.2. Source: Elastic Load Balancing User Guide, "Security policies for your Application Load Balancer": the recommended one. */
const tlsPolicy = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

function autoScalingGroup(
  home: Home,
  name: string,
  { capacity, instanceTypes, serves }: Group,
  network: NetworkSide,
  profile: iam.CfnInstanceProfile,
  targets: balancing.CfnTargetGroup | undefined,
): void {
  const { names } = home.place;
  const template = new ec2.CfnLaunchTemplate(home, `${idOf(name)}LaunchTemplate`, {
    launchTemplateName: names.group(name),
    launchTemplateData: {
      // The pointer is read at each launch: a failover never makes a launch template version.
      imageId: `resolve:ssm:${names.imageParameter(name)}`,
      instanceType: instanceTypes[0] ?? '',
      iamInstanceProfile: { arn: profile.attrArn },
      securityGroupIds: [network.groups.application],
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      userData: Fn.base64(userData(home.place, name)),
    },
  });
  const version = { launchTemplateId: template.ref, version: template.attrLatestVersionNumber };
  const group = new autoscaling.CfnAutoScalingGroup(home, `${idOf(name)}Group`, {
    autoScalingGroupName: names.group(name),
    minSize: Fn.conditionIf(isActive(home).logicalId, String(capacity.min), '0').toString(),
    // Where it is active, how many it has is Auto Scaling's own, and a failover's: a template that said it would undo them.
    desiredCapacity: Fn.conditionIf(isActive(home).logicalId, Aws.NO_VALUE, '0').toString(),
    maxSize: String(capacity.max),
    vpcZoneIdentifier: [...network.privateSubnets],
    ...(instanceTypes.length === 1
      ? { launchTemplate: version }
      : { mixedInstancesPolicy: inOrder(instanceTypes, version) }),
    ...(targets === undefined ? {} : { targetGroupArns: [targets.ref] }),
    healthCheckType: serves === 'nothing' ? 'EC2' : 'ELB',
    healthCheckGracePeriod: 300,
    // Not published unless asked for; it costs nothing, and the dashboard shows it.
    metricsCollection: [{ granularity: '1Minute', metrics: ['GroupInServiceInstances'] }],
    tags: [{ key: 'Name', value: names.group(name), propagateAtLaunch: true }],
  });
  // What a failover or an operator has made of the sizes stays, unless the config changes them.
  group.cfnOptions.updatePolicy = { autoScalingScheduledAction: { ignoreUnmodifiedGroupSizeProperties: true } };
  acknowledge(group, 'AS3', ...(instanceTypes.length === 1 ? [] : (['EC26'] as const)));
  // It begins with its fewest: where it is to begin with more, that is said once.
  if (home.place.side === 'primary' && capacity.desired > capacity.min) {
    installed(home, `${idOf(name)}Capacity`, {
      Kind: 'capacity',
      Group: names.group(name),
      Desired: String(capacity.desired),
    }).addResourceDependency(group);
  }
}

/** On-demand only, in the order given: where one type has no capacity, the next is taken. */
const inOrder = (
  instanceTypes: readonly string[],
  launchTemplateSpecification: autoscaling.CfnAutoScalingGroup.LaunchTemplateSpecificationProperty,
): autoscaling.CfnAutoScalingGroup.MixedInstancesPolicyProperty => ({
  launchTemplate: {
    launchTemplateSpecification,
    overrides: instanceTypes.map((instanceType) => ({ instanceType })),
  },
  instancesDistribution: { onDemandAllocationStrategy: 'prioritized', onDemandPercentageAboveBaseCapacity: 100 },
});
