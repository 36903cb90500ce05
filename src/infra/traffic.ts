/**
 * Traffic: two failover alias records, neither evaluating target health, and one health check that follows the latch's alarm in the
 * recovery Region. DNS moves when, and only when, the plan moves it. Beside it a TXT record that tells Route 53's own verdict on the
 * primary Region: the watcher reads it as DNS.
 */

import { aws_route53 as route53 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Place } from './place.ts';
import { SideStack } from './place.ts';
import type { ServiceStack } from './service.ts';

export class TrafficStack extends SideStack {
  constructor(scope: Construct, place: Place, service: ServiceStack) {
    super(scope, 'traffic', place, `Pilot Light: the ${place.side} Region's part of the public name`);
    if (place.side === 'recovery') this.#recovery(service);
    else this.#primary(service);
  }

  /** The zone stands with the side that survives; its records name it, so neither Region's stack has to ask the other's. */
  #recovery(service: ServiceStack): void {
    const { workload } = this.place;
    const zone = new route53.CfnHostedZone(this, 'Zone', { name: workload.traffic.zone });
    const records = [this.#alias(service, 'SECONDARY'), this.#verdict('failed', 'SECONDARY')];
    for (const record of records) record.addResourceDependency(zone);
  }

  #primary(service: ServiceStack): void {
    const { workload, names } = this.place;
    const latch = new route53.CfnHealthCheck(this, 'LatchCheck', {
      healthCheckConfig: {
        type: 'CLOUDWATCH_METRIC',
        alarmIdentifier: { name: names.latchAlarm, region: workload.recovery.region },
        insufficientDataHealthStatus: 'LastKnownStatus',
      },
      healthCheckTags: [{ key: 'Name', value: names.latchAlarm }],
    });
    const watched = new route53.CfnHealthCheck(this, 'PrimaryCheck', {
      healthCheckConfig: {
        type: 'HTTP',
        fullyQualifiedDomainName: service.balancer.attrDnsName,
        port: 80,
        resourcePath: workload.compute.alivePath,
        requestInterval: 10,
        // Quick to doubt: it is one juror of five, and the others must agree.
        failureThreshold: 1,
      },
      healthCheckTags: [{ key: 'Name', value: `${names.prefix}-primary` }],
    });
    this.#alias(service, 'PRIMARY', latch.attrHealthCheckId);
    this.#verdict('well', 'PRIMARY', watched.attrHealthCheckId);
  }

  #alias(service: ServiceStack, failover: 'PRIMARY' | 'SECONDARY', healthCheckId?: string): route53.CfnRecordSet {
    const { workload } = this.place;
    return new route53.CfnRecordSet(this, 'PublicName', {
      hostedZoneName: `${workload.traffic.zone}.`,
      name: `${workload.traffic.name}.`,
      type: 'A',
      setIdentifier: this.place.side,
      failover,
      aliasTarget: {
        dnsName: service.balancer.attrDnsName,
        hostedZoneId: service.balancer.attrCanonicalHostedZoneId,
        evaluateTargetHealth: false,
      },
      ...(healthCheckId === undefined ? {} : { healthCheckId }),
    });
  }

  #verdict(says: 'well' | 'failed', failover: 'PRIMARY' | 'SECONDARY', healthCheckId?: string): route53.CfnRecordSet {
    const { workload, names } = this.place;
    return new route53.CfnRecordSet(this, 'Verdict', {
      hostedZoneName: `${workload.traffic.zone}.`,
      name: `${names.verdictName}.`,
      type: 'TXT',
      ttl: '5',
      setIdentifier: this.place.side,
      failover,
      resourceRecords: [`"${says}"`],
      ...(healthCheckId === undefined ? {} : { healthCheckId }),
    });
  }
}
