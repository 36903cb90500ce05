/** Load balancers, NAT gateways, endpoints, public addresses, accelerators. */

import type { Charge, Pricers, Setting } from '../charge.ts';
import { countOf, rate, textOf, told } from '../charge.ts';
import { hoursPerMonth } from '../schedule.ts';

export const networkPricers: Pricers = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ properties }, { mode, usage }) => {
    const kind = properties.Type === 'network' ? 'nlb' : properties.Type === 'gateway' ? 'gwlb' : 'alb';
    const subnets = countOf(properties.Subnets ?? properties.SubnetMappings);
    const isPublic = properties.Scheme !== 'internal';
    const charges: Charge[] = [
      {
        component: 'load balancing',
        what: `${kind.toUpperCase()} hours`,
        rates: rate(`${kind}.hour`),
        quantity: hoursPerMonth,
        unit: 'hours',
      },
      {
        component: 'load balancing',
        what: 'capacity units',
        rates: rate(`${kind}.lcu-hour`),
        quantity: usage.albLcus * mode.share * hoursPerMonth,
        unit: 'LCU-hours',
      },
    ];
    if (isPublic && properties.IpAddressType !== 'dualstack-without-public-ipv4') {
      charges.push(addresses(subnets));
    }
    return charges;
  },
  'AWS::EC2::NatGateway': (_, { mode, usage }) => [
    { component: 'network', what: 'NAT gateway', rates: rate('nat.hour'), quantity: hoursPerMonth, unit: 'hours' },
    {
      component: 'network',
      what: 'traffic through NAT',
      rates: rate('nat.gb'),
      quantity: usage.natGb * mode.share,
      unit: 'GB',
    },
  ],
  'AWS::EC2::EIP': () => [addresses(1)],
  'AWS::EC2::VPCEndpoint': ({ properties }, { mode, usage }) => {
    const type = textOf(properties.VpcEndpointType) ?? 'Gateway';
    if (type === 'Gateway') return [];
    const zones = countOf(properties.SubnetIds);
    const service = serviceOf(properties.ServiceName);
    const kind = type === 'Interface' ? 'endpoint' : `endpoint-${type.toLowerCase()}`;
    return [
      {
        component: 'network',
        what: `endpoint for ${service} in ${told(zones)} zones`,
        rates: rate(`${kind}.hour`),
        quantity: zones * hoursPerMonth,
        unit: 'hours',
      },
      {
        component: 'network',
        what: `traffic through the endpoint for ${service}`,
        rates: rate(`${kind}.gb`),
        quantity: usage.endpointGb * mode.share,
        unit: 'GB',
      },
    ];
  },
  'AWS::GlobalAccelerator::Accelerator': (_, { usage, modes, workload }) => acceleratorCharges(workload, usage, modes),
};

/** Its hours, its two addresses, and the premium on what each Region answers through it; customers are taken to be on its continent. */
export const acceleratorCharges = (
  workload: Setting['workload'],
  usage: Setting['usage'],
  modes: Setting['modes'],
): Charge[] => [
  {
    component: 'DNS',
    what: 'accelerator',
    rates: rate('accelerator.hour'),
    quantity: hoursPerMonth,
    unit: 'hours',
    column: 'standby',
  },
  { ...addresses(2), what: '2 public IPv4 addresses of the accelerator', column: 'standby' },
  ...(['primary', 'recovery'] as const).map(
    (side): Charge => ({
      component: 'data transfer',
      what: `premium of the accelerator, answers of ${workload[side].region}`,
      rates: rate('accelerator.premium-gb'),
      quantity: usage.internetGb * modes[side].share,
      unit: 'GB',
      region: workload[side].region,
      column: 'standby',
    }),
  ),
];

/** `ssm` of `com.amazonaws.us-west-2.ssm`. */
export const serviceOf = (name: unknown): string => String(textOf(name) ?? 'a service').replace(/^.*\.([^.]+)$/, '$1');

const addresses = (count: number): Charge => ({
  component: 'network',
  what: count === 1 ? 'public IPv4 address' : `${told(count)} public IPv4 addresses`,
  rates: rate('public-ipv4.hour'),
  quantity: count * hoursPerMonth,
  unit: 'hours',
});
