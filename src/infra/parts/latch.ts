/**
 * The latch: what decides which Region customers reach. By alarm: two failover alias records, neither evaluating target health, and one
 * health check that follows an alarm in the recovery Region; DNS moves when, and only when, the plan moves it. By accelerator: one alias
 * record, and an accelerator whose endpoint groups no template owns, since their dials are a failover's to turn. Beside either a TXT
 * record that tells Route 53's own verdict on the primary Region: the watcher reads it as DNS.
 */

import {
  aws_globalaccelerator as accelerators,
  aws_cloudwatch as cloudwatch,
  aws_route53 as route53,
  aws_ssm as ssm,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { usageError } from '../../kernel/errors.ts';
import type { Side } from '../../workload/judged.ts';
import { frontGroup, publicName, schemeOf } from '../../workload/judged.ts';
import { installed } from '../installed.ts';
import type { Home, PartProps } from '../part.ts';
import { Part } from '../part.ts';

/** A side's load balancer, as DNS sees it. */
export interface FrontDoor {
  readonly dnsName: string;
  /** The hosted zone id of its kind and Region, for alias records. */
  readonly zoneId: string;
}

export interface LatchProps extends PartProps {
  /** The load balancers customers are led to. `ApplicationTier` gives them as `doors`. */
  readonly doors: Readonly<Record<Side, FrontDoor>>;
}

/** Not for workloads whose `traffic.latch` is `none`. */
export class Latch extends Part {
  constructor(scope: Construct, id: string, props: LatchProps) {
    super(scope, id, props);
    const found = publicName(props.workload);
    if (found === undefined) {
      throw usageError('There is no latch to make.', {
        given: `traffic.latch: ${props.workload.traffic.latch}`,
        allowed: 'a latch other than none, with traffic.zone and traffic.name',
      });
    }
    const names: PublicName = { ...found, zoneId: props.workload.traffic.zoneId };
    recoverySide(this.homeOn('recovery'), names, props.doors.recovery);
    primarySide(this.homeOn('primary'), names, props.doors.primary);
    // Records need their zone, and a health check its alarm.
    this.sideAfter('primary');
  }
}

interface PublicName {
  readonly zone: string;
  readonly name: string;
  /** Of a zone that was there before. */
  readonly zoneId: string | undefined;
}

/** The zone stands with the side that survives; its records name it, so neither Region's stack has to ask the other's. */
function recoverySide(home: Home, names: PublicName, door: FrontDoor): void {
  const byAlarm = home.place.workload.traffic.latch === 'alarm';
  if (byAlarm) latchAlarm(home);
  const records = [
    byAlarm ? alias(home, names, door, { failover: 'SECONDARY' }) : accelerated(home, names),
    verdict(home, names, 'failed', 'SECONDARY'),
  ];
  if (names.zoneId !== undefined) return;
  const zone = new route53.CfnHostedZone(home, 'Zone', { name: names.zone });
  for (const record of records) record.addResourceDependency(zone);
}

/** Two addresses for good, whatever Region is behind them. */
function accelerated(home: Home, publicNames: PublicName): route53.CfnRecordSet {
  const { names, workload } = home.place;
  const accelerator = new accelerators.CfnAccelerator(home, 'Accelerator', { name: names.prefix, enabled: true });
  const ports = schemeOf(workload) === 'https' ? [80, 443] : [80];
  const listener = new accelerators.CfnListener(home, 'AcceleratorListener', {
    acceleratorArn: accelerator.attrAcceleratorArn,
    protocol: 'TCP',
    portRanges: ports.map((port) => ({ fromPort: port, toPort: port })),
  });
  // The primary's stack makes the endpoint groups, and can't ask this one.
  new ssm.CfnParameter(home, 'AcceleratorListenerParameter', {
    name: names.acceleratorListener,
    type: 'String',
    value: listener.attrListenerArn,
  });
  return alias(home, publicNames, { dnsName: accelerator.attrDnsName, zoneId: acceleratorZone });
}

/** The hosted zone of every accelerator. Source: Route 53 API, AliasTarget, HostedZoneId. */
const acceleratorZone = 'Z2BJ6XQ5FK7U4H';

/** Alarm while the recovery Region is the active one; without data the state stays what it was. */
function latchAlarm(home: Home): void {
  const { names } = home.place;
  new cloudwatch.CfnAlarm(home, 'Alarm', {
    alarmName: names.latchAlarm,
    alarmDescription: 'The recovery Region is the active one: the public name answers with it',
    namespace: names.latchMetric.namespace,
    metricName: names.latchMetric.name,
    dimensions: [{ name: 'Workload', value: names.latchMetric.dimension }],
    statistic: 'Maximum',
    period: 60,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: 'GreaterThanOrEqualToThreshold',
    treatMissingData: 'ignore',
  });
}

function primarySide(home: Home, publicNames: PublicName, door: FrontDoor): void {
  const { workload, names } = home.place;
  if (workload.traffic.latch === 'accelerator') installed(home, 'EndpointGroups', { Kind: 'accelerator' });
  else alias(home, publicNames, door, { failover: 'PRIMARY', healthCheckId: latchCheck(home) });
  const watched = new route53.CfnHealthCheck(home, 'PrimaryCheck', {
    healthCheckConfig: {
      // Route 53 doesn't judge the certificate, which is the public name's and not the load balancer's.
      ...(schemeOf(workload) === 'https' ? { type: 'HTTPS', port: 443, enableSni: true } : { type: 'HTTP', port: 80 }),
      fullyQualifiedDomainName: door.dnsName,
      resourcePath: frontGroup(workload).alivePath,
      requestInterval: 10,
      // Quick to doubt: it is one juror of five, and the others must agree.
      failureThreshold: 1,
    },
    healthCheckTags: [{ key: 'Name', value: `${names.prefix}-primary` }],
  });
  verdict(home, publicNames, 'well', 'PRIMARY', watched.attrHealthCheckId);
}

function latchCheck(home: Home): string {
  const { workload, names } = home.place;
  return new route53.CfnHealthCheck(home, 'Check', {
    healthCheckConfig: {
      type: 'CLOUDWATCH_METRIC',
      alarmIdentifier: { name: names.latchAlarm, region: workload.recovery.region },
      insufficientDataHealthStatus: 'LastKnownStatus',
    },
    healthCheckTags: [{ key: 'Name', value: names.latchAlarm }],
  }).attrHealthCheckId;
}

/** The public name's record; a side's own when the latch is the record itself. */
function alias(
  home: Home,
  names: PublicName,
  door: FrontDoor,
  half?: { readonly failover: 'PRIMARY' | 'SECONDARY'; readonly healthCheckId?: string },
): route53.CfnRecordSet {
  return new route53.CfnRecordSet(home, 'PublicName', {
    ...inZone(names),
    name: `${names.name}.`,
    type: 'A',
    aliasTarget: { dnsName: door.dnsName, hostedZoneId: door.zoneId, evaluateTargetHealth: false },
    ...(half === undefined ? {} : { setIdentifier: home.place.side, ...half }),
  });
}

function verdict(
  home: Home,
  names: PublicName,
  says: 'well' | 'failed',
  failover: 'PRIMARY' | 'SECONDARY',
  healthCheckId?: string,
): route53.CfnRecordSet {
  return new route53.CfnRecordSet(home, 'Verdict', {
    ...inZone(names),
    name: `${home.place.names.verdictName}.`,
    type: 'TXT',
    ttl: '5',
    setIdentifier: home.place.side,
    failover,
    resourceRecords: [`"${says}"`],
    ...(healthCheckId === undefined ? {} : { healthCheckId }),
  });
}

const inZone = ({ zone, zoneId }: PublicName) =>
  zoneId === undefined ? { hostedZoneName: `${zone}.` } : { hostedZoneId: zoneId };
