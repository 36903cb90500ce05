/** CloudWatch and Route 53: alarms, dashboards, zones, health checks. */

import type { Charge, Pricers } from '../charge.ts';
import { isOn, listOf, numberOf, rate, recordOf, textOf } from '../charge.ts';

export const watchingPricers: Pricers = {
  'AWS::CloudWatch::Alarm': ({ properties }) => {
    const metrics = listOf(properties.Metrics).filter((one) => recordOf(one).MetricStat !== undefined);
    const period = numberOf(properties.Period ?? recordOf(recordOf(metrics[0]).MetricStat).Period ?? 60);
    return [
      {
        component: 'monitoring',
        what: `alarm ${textOf(properties.AlarmName) ?? ''}`.trim(),
        rates: rate(period < 60 ? 'cloudwatch.alarm-high' : 'cloudwatch.alarm'),
        quantity: Math.max(1, metrics.length),
        unit: 'metrics',
      },
    ];
  },
  /** A policy that keeps a target makes two alarms of its own; others are triggered by alarms that stand in the template. */
  'AWS::AutoScaling::ScalingPolicy': ({ properties }) =>
    properties.TargetTrackingConfiguration === undefined
      ? []
      : [
          {
            component: 'monitoring',
            what: "target tracking's alarms",
            rates: [{ key: 'cloudwatch.alarm', approximate: true }],
            quantity: 2,
            unit: 'metrics',
          },
        ],
  'AWS::CloudWatch::CompositeAlarm': () => [
    {
      component: 'monitoring',
      what: 'composite alarm',
      rates: rate('cloudwatch.alarm-composite'),
      quantity: 1,
      unit: 'months',
    },
  ],
  'AWS::CloudWatch::Dashboard': () => [
    { component: 'monitoring', what: 'dashboard', rates: rate('cloudwatch.dashboard'), quantity: 1, unit: 'months' },
  ],
  /** The zone would be there with one Region too. */
  'AWS::Route53::HostedZone': (_, { usage }) => [
    {
      component: 'DNS',
      what: 'hosted zone',
      rates: rate('route53.zone'),
      quantity: 1,
      unit: 'months',
      column: 'workload',
    },
    {
      component: 'DNS',
      what: 'queries',
      rates: rate('route53.queries-1m'),
      quantity: usage.dnsQueries / 1e6,
      unit: 'million',
      column: 'workload',
    },
  ],
  /** Nothing has to be checked where there is nowhere to go. */
  'AWS::Route53::HealthCheck': ({ properties }) => {
    const config = recordOf(properties.HealthCheckConfig);
    const type = textOf(config.Type) ?? '';
    // An address that a template makes is AWS's; one that is written out may be anybody's.
    const elsewhere = /^HTTP|^TCP/.test(type) && isForeign(config.FullyQualifiedDomainName ?? config.IPAddress);
    const options = [
      type.startsWith('HTTPS'),
      type.endsWith('STR_MATCH'),
      numberOf(config.RequestInterval ?? 30) === 10,
      isOn(config.MeasureLatency),
    ].filter(Boolean).length;
    const where = elsewhere ? 'other' : 'aws';
    const charges: Charge[] = [
      {
        component: 'DNS',
        what: 'health check',
        rates: rate(`route53.check-${where}`),
        quantity: 1,
        unit: 'months',
        column: 'standby',
      },
    ];
    if (options > 0) {
      charges.push({
        component: 'DNS',
        what: "health check's options (HTTPS, text, fast, latency)",
        rates: rate(`route53.option-${where}`),
        quantity: options,
        unit: 'months',
        column: 'standby',
      });
    }
    return charges;
  },
  'AWS::WAFv2::WebACL': ({ properties }) => [
    { component: 'load balancing', what: 'web ACL', rates: rate('waf.acl'), quantity: 1, unit: 'months' },
    {
      component: 'load balancing',
      what: 'rules of a web ACL',
      rates: rate('waf.rule'),
      quantity: listOf(properties.Rules).length,
      unit: 'months',
    },
  ],
};

const isForeign = (address: unknown): boolean => typeof address === 'string' && !address.endsWith('.amazonaws.com');
