/** EC2: instances of groups and alone, their volumes, capacity that is reserved. */

import type { Charge, Pricers, Setting } from '../charge.ts';
import { isOn, listOf, numberOf, rate, recordOf, textOf, told } from '../charge.ts';
import { hoursPerMonth } from '../schedule.ts';
import type { Resource } from '../template.ts';
import { referredTo } from '../template.ts';

export const computePricers: Pricers = {
  'AWS::AutoScaling::AutoScalingGroup': (group, setting) => {
    const launch = launchOf(group, setting.all);
    return instanceCharges(launch, instancesOf(group, setting), setting);
  },
  'AWS::EC2::Instance': ({ properties }, setting) => instanceCharges(properties, 1, setting),
  'AWS::EC2::Volume': ({ properties }) => [
    volumeCharge(textOf(properties.VolumeType) ?? 'gp2', numberOf(properties.Size), 'volume'),
  ],
  'AWS::EC2::CapacityReservation': (reservation, setting) => {
    const type = textOf(reservation.properties.InstanceType) ?? '';
    // What runs inside is charged as instances; the rest at the same price.
    const running = setting.all
      .filter(({ side, type: kind }) => side === reservation.side && kind === 'AWS::AutoScaling::AutoScalingGroup')
      .filter((group) => launchOf(group, setting.all).InstanceType === type)
      .reduce((sum, group) => sum + instancesOf(group, setting), 0);
    const empty = Math.max(0, numberOf(reservation.properties.InstanceCount) - running);
    return [
      {
        component: 'compute',
        what: `${type}, reserved and empty`,
        rates: rate(`ec2.${type}`),
        quantity: empty * hoursPerMonth,
        unit: 'hours',
      },
    ];
  },
};

/** How many instances a group runs in the setting. */
export function instancesOf(group: Resource, setting: Setting): number {
  const { mode } = setting;
  const least = Math.max(mode.leastInstances ?? 0, Math.ceil((mode.capacityShare ?? 0) * productionOf(group, setting)));
  return Math.max(declared(group, setting), least);
}

/** The capacity of a group on the side that serves. */
export function productionOf(group: Resource, setting: Setting): number {
  const active = setting.whenActive.find(({ stack, id }) => stack === group.stack && id === group.id);
  return active === undefined ? 0 : declared(active, setting);
}

/** Where a template leaves a group's size to Auto Scaling, it is what the config says it begins with. */
function declared({ properties }: Resource, { workload, names }: Setting): number {
  const { DesiredCapacity, AutoScalingGroupName, MinSize } = properties;
  if (DesiredCapacity !== undefined) return numberOf(DesiredCapacity);
  const ours = Object.entries(workload.compute).find(([name]) => names.group(name) === AutoScalingGroupName);
  return ours?.[1].capacity.desired ?? numberOf(MinSize);
}

/** What instances of a group are launched from, flat: a launch template's data, with the first preferred type. */
export function launchOf(group: Resource, all: readonly Resource[]): Readonly<Record<string, unknown>> {
  const { LaunchTemplate, LaunchConfigurationName, MixedInstancesPolicy } = group.properties;
  const mixed = recordOf(recordOf(MixedInstancesPolicy).LaunchTemplate);
  const named = recordOf(LaunchTemplate ?? mixed.LaunchTemplateSpecification);
  const id = referredTo(LaunchConfigurationName ?? named.LaunchTemplateId);
  const found = all.find((one) => one.stack === group.stack && one.id === id)?.properties ?? {};
  const data = found.LaunchTemplateData === undefined ? found : recordOf(found.LaunchTemplateData);
  const preferred = recordOf(listOf(mixed.Overrides)[0]).InstanceType;
  return preferred === undefined ? data : { ...data, InstanceType: preferred };
}

export function instanceCharges(
  launch: Readonly<Record<string, unknown>>,
  count: number,
  { usage }: Pick<Setting, 'usage'>,
): Charge[] {
  const type = textOf(launch.InstanceType) ?? '(not in the template)';
  const charges: Charge[] = [
    {
      component: 'compute',
      what: `${told(count)} × ${type}`,
      rates: rate(`ec2.${type}`),
      quantity: count * hoursPerMonth,
      unit: 'hours',
    },
  ];
  const volumes = listOf(launch.BlockDeviceMappings)
    .map((mapping) => recordOf(recordOf(mapping).Ebs))
    .filter((ebs) => ebs.VolumeSize !== undefined);
  for (const ebs of volumes) {
    charges.push(volumeCharge(textOf(ebs.VolumeType) ?? 'gp2', count * numberOf(ebs.VolumeSize), 'volumes'));
  }
  if (volumes.length === 0) charges.push(volumeCharge('gp3', count * usage.rootVolumeGb, 'root volumes'));
  if (isOn(recordOf(launch.Monitoring).Enabled)) {
    charges.push({
      component: 'monitoring',
      what: 'detailed monitoring of instances',
      rates: rate('cloudwatch.metric'),
      // Seven metrics an instance.
      quantity: 7 * count,
      unit: 'metrics',
    });
  }
  return charges;
}

const volumeCharge = (type: string, gb: number, what: string): Charge => ({
  component: 'compute',
  what: `${type} ${what}`,
  rates: rate(`ebs.${type}`),
  quantity: gb,
  unit: 'GB-months',
});
