/** What a reader must know of the bill that no line of it says: what stands there and isn't priced, and which choice was taken for the price. */

import { listOf, recordOf } from './charge.ts';
import type { Subject } from './month.ts';
import { normalModes, settingsOf } from './month.ts';
import type { Resource } from './template.ts';

export function notesOf(subject: Subject): string[] {
  const { all } = settingsOf(subject, normalModes).recovery;
  const { workload } = subject;
  const sides = (['primary', 'recovery'] as const).flatMap((side) => {
    const here = all.filter((one) => one.side === side);
    return [...existingNetwork(here, workload[side]), ...zoneThere(here, subject, side)];
  });
  return [...sides, ...mixedTypes(all), ...accelerated(all)];
}

/** A VPC that no template makes: whoever made it pays for what is in it, with or without this workload. */
function existingNetwork(
  here: readonly Resource[],
  { region, network }: { readonly region: string; readonly network?: { readonly vpc: string } | undefined },
): string[] {
  const stands = here.some(({ type }) => type === 'AWS::EC2::SecurityGroup');
  if (!stands || here.some(({ type }) => type === 'AWS::EC2::VPC')) return [];
  return [
    `${region}: ${network?.vpc ?? 'the VPC'} was there before. Nothing of its own is priced: NAT gateways, endpoints, transit, flow logs`,
  ];
}

function zoneThere(here: readonly Resource[], { workload }: Subject, side: 'primary' | 'recovery'): string[] {
  const { zone, zoneId } = workload.traffic;
  if (side === 'primary' || zoneId === undefined || here.some(({ type }) => type === 'AWS::Route53::HostedZone'))
    return [];
  return [`The hosted zone ${zone ?? zoneId} was there before, and isn't priced`];
}

function mixedTypes(all: readonly Resource[]): string[] {
  const preferred = all
    .filter(({ type, side }) => type === 'AWS::AutoScaling::AutoScalingGroup' && side === 'primary')
    .flatMap(({ properties }) => {
      const overrides = listOf(recordOf(recordOf(properties.MixedInstancesPolicy).LaunchTemplate).Overrides);
      const types = overrides.map((one) => recordOf(one).InstanceType).filter((one) => typeof one === 'string');
      return types.length > 1 ? [`${types[0]} of ${types.join(', ')}`] : [];
    });
  if (preferred.length === 0) return [];
  return [`Groups that may take several types are priced at the first: ${[...new Set(preferred)].join('; ')}`];
}

function accelerated(all: readonly Resource[]): string[] {
  if (!all.some(({ type }) => type === 'AWS::GlobalAccelerator::Accelerator')) return [];
  return [
    "The accelerator's premium is the one for customers on the Region's own continent, and for answers: it is paid in the direction that carries more",
  ];
}
