/**
 * A mixed instances policy: read from a request over what the group has, described as AWS does with all its defaults, and what it says of
 * the order in which types are tried.
 *
 * Source: Auto Scaling API, MixedInstancesPolicy and InstancesDistribution, for defaults and for what an update may leave out.
 */

import type {
  InstancesDistribution,
  LaunchTemplateOverrides,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';
import { isInstanceType } from '../../../facts/offerings.ts';
import { builtInPrices } from '../../../facts/prices.ts';
import { AwsError } from '../../contract.ts';
import { refuseOthers } from '../ec2/supported-members.ts';
import { validationError } from './lookup.ts';
import type { DistributionRow, LaunchSource } from './rows.ts';

type Mixed = Required<Pick<LaunchSource, 'types' | 'distribution'>>;

/** `old` is what a group that is mixed already has: members that aren't given stay as they are. */
export function mixedFrom(policy: MixedInstancesPolicy, old: LaunchSource | undefined): Mixed {
  refuseOthers('mixed instances policy', policy.LaunchTemplate ?? {}, ['LaunchTemplateSpecification', 'Overrides']);
  const overrides = policy.LaunchTemplate?.Overrides;
  return {
    types: overrides === undefined ? (old?.types ?? []) : typesFrom(overrides),
    distribution: distributionFrom(policy.InstancesDistribution ?? {}, old?.distribution ?? defaults),
  };
}

export const describeDistribution = (row: DistributionRow): InstancesDistribution => ({
  OnDemandAllocationStrategy: row.onDemandStrategy,
  OnDemandBaseCapacity: row.onDemandBase,
  OnDemandPercentageAboveBaseCapacity: row.onDemandPercentage,
  SpotAllocationStrategy: row.spotStrategy,
  ...(row.spotPools === undefined ? {} : { SpotInstancePools: row.spotPools }),
  ...(row.spotMaxPrice === undefined ? {} : { SpotMaxPrice: row.spotMaxPrice }),
});

/** The types in the order they are tried in a zone; undefined is the template's own. */
export function typesToTry(region: string, { types, distribution }: LaunchSource): readonly (string | undefined)[] {
  if (types.length === 0) return [undefined];
  if (distribution?.onDemandStrategy !== 'lowest-price') return types;
  const book = builtInPrices();
  // Where a Region's price isn't known, that of the cheapest Region ranks it; a type without any price comes last.
  const price = (type: string): number =>
    (book.find(region, `ec2.${type}`) ?? book.find('us-east-1', `ec2.${type}`))?.usd ?? Number.POSITIVE_INFINITY;
  return [...types].sort((one, other) => price(one) - price(other) || types.indexOf(one) - types.indexOf(other));
}

const defaults: DistributionRow = {
  onDemandStrategy: 'prioritized',
  onDemandBase: 0,
  onDemandPercentage: 100,
  spotStrategy: 'lowest-price',
  spotPools: 2,
};

const spotStrategies = [
  'lowest-price',
  'capacity-optimized',
  'capacity-optimized-prioritized',
  'price-capacity-optimized',
];

function distributionFrom(given: InstancesDistribution, old: DistributionRow): DistributionRow {
  refuseOthers('instances distribution', given, [
    'OnDemandAllocationStrategy',
    'OnDemandBaseCapacity',
    'OnDemandPercentageAboveBaseCapacity',
    'SpotAllocationStrategy',
    'SpotInstancePools',
    'SpotMaxPrice',
  ]);
  const percentage = given.OnDemandPercentageAboveBaseCapacity ?? old.onDemandPercentage;
  if (percentage < 0 || percentage > 100) {
    throw validationError(`OnDemandPercentageAboveBaseCapacity ${percentage} must be between 0 and 100.`);
  }
  if (percentage !== 100) {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox has no Spot instances: OnDemandPercentageAboveBaseCapacity must be 100, not ${percentage}.`,
    );
  }
  const base = given.OnDemandBaseCapacity ?? old.onDemandBase;
  if (base < 0) throw validationError(`OnDemandBaseCapacity ${base} must be 0 or more.`);
  const spotStrategy = given.SpotAllocationStrategy ?? old.spotStrategy;
  if (!spotStrategies.includes(spotStrategy)) {
    throw validationError(
      `SpotAllocationStrategy '${spotStrategy}' is not valid. It must be one of: ${spotStrategies.join(', ')}.`,
    );
  }
  const { spotPools: _pools, spotMaxPrice: _price, ...kept } = old;
  const spotPools = given.SpotInstancePools ?? old.spotPools ?? 2;
  const spotMaxPrice = given.SpotMaxPrice ?? old.spotMaxPrice;
  return {
    ...kept,
    onDemandStrategy: strategyFrom(given.OnDemandAllocationStrategy) ?? old.onDemandStrategy,
    onDemandBase: base,
    onDemandPercentage: percentage,
    spotStrategy,
    // Pools are counted for the lowest price only.
    ...(spotStrategy === 'lowest-price' ? { spotPools } : {}),
    // An empty price takes an earlier one back.
    ...(spotMaxPrice === undefined || spotMaxPrice === '' ? {} : { spotMaxPrice }),
  };
}

function strategyFrom(given: string | undefined): DistributionRow['onDemandStrategy'] | undefined {
  if (given === undefined || given === 'prioritized' || given === 'lowest-price') return given;
  throw validationError(
    `OnDemandAllocationStrategy '${given}' is not valid. It must be one of: prioritized, lowest-price.`,
  );
}

/** Source: Auto Scaling API, LaunchTemplate: "Overrides", at most 40 of which may be instance types. */
const mostOverrides = 40;

function typesFrom(overrides: readonly LaunchTemplateOverrides[]): string[] {
  const types = overrides.map((override) => {
    refuseOthers('launch template override', override, ['InstanceType']);
    if (override.InstanceType === undefined) {
      throw new AwsError('UnsupportedOperation', "The sandbox's launch template override needs an InstanceType.");
    }
    return override.InstanceType;
  });
  if (types.length > mostOverrides) {
    throw validationError(`A launch template can have ${mostOverrides} overrides, not ${types.length}.`);
  }
  const unknown = types.find((type) => !isInstanceType(type));
  if (unknown !== undefined) {
    throw validationError(
      `You must use a valid fully-formed launch template. Invalid value '${unknown}' for InstanceType.`,
    );
  }
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) throw validationError(`The instance type ${twice} is given twice in the overrides.`);
  return types;
}
