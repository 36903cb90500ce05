/**
 * The latch: what decides which Region customers reach. Two failover alias records, neither evaluating target health, and one health
 * check that follows an alarm in the recovery Region: DNS moves when, and only when, the plan moves it. Beside them a TXT record that
 * tells Route 53's own verdict on the primary Region: the watcher reads it as DNS.
 */

import { aws_cloudwatch as cloudwatch, aws_route53 as route53 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { usageError } from '../../kernel/errors.ts';
import type { Side } from '../../workload/config.ts';
import { frontGroup, publicName, schemeOf } from '../../workload/config.ts';
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
  latchAlarm(home);
  const records = [alias(home, names, door, 'SECONDARY'), verdict(home, names, 'failed', 'SECONDARY')];
  if (names.zoneId !== undefined) return;
  const zone = new route53.CfnHostedZone(home, 'Zone', { name: names.zone });
  for (const record of records) record.addResourceDependency(zone);
}

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
  const latch = new route53.CfnHealthCheck(home, 'Check', {
    healthCheckConfig: {
      type: 'CLOUDWATCH_METRIC',
      alarmIdentifier: { name: names.latchAlarm, region: workload.recovery.region },
      insufficientDataHealthStatus: 'LastKnownStatus',
    },
    healthCheckTags: [{ key: 'Name', value: names.latchAlarm }],
  });
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
  alias(home, publicNames, door, 'PRIMARY', latch.attrHealthCheckId);
  verdict(home, publicNames, 'well', 'PRIMARY', watched.attrHealthCheckId);
}

function alias(
  home: Home,
  names: PublicName,
  door: FrontDoor,
  failover: 'PRIMARY' | 'SECONDARY',
  healthCheckId?: string,
): route53.CfnRecordSet {
  return new route53.CfnRecordSet(home, 'PublicName', {
    ...inZone(names),
    name: `${names.name}.`,
    type: 'A',
    setIdentifier: home.place.side,
    failover,
    aliasTarget: { dnsName: door.dnsName, hostedZoneId: door.zoneId, evaluateTargetHealth: false },
    ...(healthCheckId === undefined ? {} : { healthCheckId }),
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
