/** Which instance types a Region and its zones offer: asked for, and required of a launch. */

import type {
  DescribeInstanceTypeOfferingsCommandInput,
  DescribeInstanceTypeOfferingsCommandOutput,
  DescribeInstanceTypesCommandInput,
  DescribeInstanceTypesCommandOutput,
  InstanceTypeInfo,
  InstanceTypeOffering,
} from '@aws-sdk/client-ec2';
import {
  type InstanceTypeFacts,
  instanceTypeFacts,
  instanceTypesIn,
  isInstanceType,
} from '../../../facts/offerings.ts';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { invalidParameter } from './errors.ts';
import { matching } from './filters.ts';
import { page } from './pages.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { zoneId, zonesOf } from './zones.ts';

/**
 * Refuses a launch of a type that isn't there, isn't offered in the Region or isn't in the zone, as EC2 does.
 * Source of the texts: hashicorp/terraform-provider-aws#31754 (Region), dspace-reference-architecture-aws#100 (zone).
 */
export function checkOffered(core: SandboxCore, region: string, type: string, zone: string): void {
  const zones = checkOfferedSomewhere(core, region, type);
  if (zones.includes(zone)) return;
  throw new AwsError(
    'Unsupported',
    `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}). Please retry your request by not specifying an Availability Zone or choosing ${zones.join(', ')}.`,
  );
}

/** The same for the Region alone; answers the zones that offer the type. */
export function checkOfferedSomewhere(core: SandboxCore, region: string, type: string): readonly string[] {
  if (!isInstanceType(type)) throw invalidParameter(`Invalid value '${type}' for InstanceType.`);
  const zones = zonesOffering(core, region, type);
  if (zones.length > 0) return zones;
  throw new AwsError(
    'Unsupported',
    'The requested configuration is currently not supported. Please check the documentation for supported configurations.',
  );
}

function zonesOffering({ faults }: Pick<SandboxCore, 'faults'>, region: string, type: string): string[] {
  if (!instanceTypesIn(region).includes(type)) return [];
  const withheld = faults
    .standing('not-offered')
    .filter((fault) => fault.region === region && fault.instanceType === type);
  return zonesOf(region).filter((zone) => !withheld.some((fault) => (fault.zone ?? zone) === zone));
}

export function instanceTypeOperations(core: SandboxCore): Record<string, AnyOperation> {
  const offered = (region: string): string[] =>
    instanceTypesIn(region).filter((type) => zonesOffering(core, region, type).length > 0);

  return {
    DescribeInstanceTypeOfferings: strictOperation<
      DescribeInstanceTypeOfferingsCommandInput,
      Answer<DescribeInstanceTypeOfferingsCommandOutput>
    >({
      name: 'DescribeInstanceTypeOfferings',
      members: ['LocationType', 'Filters', 'MaxResults', 'NextToken'],
      handle(input, { region }) {
        const kind = input.LocationType ?? 'region';
        const locations = locationsOf(kind);
        const rows = instanceTypesIn(region).flatMap((type) =>
          locations(region, zonesOffering(core, region, type)).map(
            (Location): InstanceTypeOffering => ({
              InstanceType: type as InstanceTypeOffering['InstanceType'],
              LocationType: kind,
              Location,
            }),
          ),
        );
        const wanted = matching(rows, input.Filters, {
          location: (row) => row.Location,
          'instance-type': (row) => row.InstanceType,
        });
        const cut = page(wanted, input.MaxResults, input.NextToken);
        return { InstanceTypeOfferings: cut.rows, NextToken: cut.nextToken };
      },
    }),
    DescribeInstanceTypes: strictOperation<
      DescribeInstanceTypesCommandInput,
      Answer<DescribeInstanceTypesCommandOutput>
    >({
      name: 'DescribeInstanceTypes',
      members: ['InstanceTypes', 'Filters', 'MaxResults', 'NextToken'],
      handle(input, { region }) {
        const here = offered(region);
        const named: readonly string[] = input.InstanceTypes ?? [];
        const missing = named.filter((type) => !here.includes(type));
        if (missing.length > 0) {
          throw new AwsError(
            'InvalidInstanceType',
            `The following supplied instance types do not exist: [${missing.join(', ')}]`,
          );
        }
        const all = here.filter((type) => named.length === 0 || named.includes(type)).map(instanceTypeFacts);
        const rows = matching(all, input.Filters, {
          'instance-type': ({ type }) => type,
          'bare-metal': ({ bareMetal }) => String(bareMetal),
          'burstable-performance-supported': ({ burstable }) => String(burstable),
          'processor-info.supported-architecture': ({ architecture }) => architecture,
          'vcpu-info.default-vcpus': ({ vcpus }) => numberText(vcpus),
          'memory-info.size-in-mib': ({ memoryMiB }) => numberText(memoryMiB),
        });
        const cut = page(rows, input.MaxResults, input.NextToken, 100);
        return { InstanceTypes: cut.rows.map(describe), NextToken: cut.nextToken };
      },
    }),
  };
}

type Locations = (region: string, zones: readonly string[]) => string[];

function locationsOf(kind: string): Locations {
  const known: Readonly<Record<string, Locations>> = {
    region: (region, zones) => (zones.length === 0 ? [] : [region]),
    'availability-zone': (_region, zones) => [...zones],
    'availability-zone-id': (_region, zones) => zones.map(zoneId),
    outpost: () => [],
  };
  const found = known[kind];
  if (found === undefined) throw invalidParameter(`Invalid value '${kind}' for LocationType.`);
  return found;
}

const numberText = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** Numbers that don't follow from a type's name are left out, not guessed. */
const describe = ({
  type,
  vcpus,
  memoryMiB,
  architecture,
  bareMetal,
  burstable,
}: InstanceTypeFacts): InstanceTypeInfo => ({
  InstanceType: type as InstanceTypeInfo['InstanceType'],
  SupportedUsageClasses: ['on-demand'],
  BareMetal: bareMetal,
  BurstablePerformanceSupported: burstable,
  ProcessorInfo: { SupportedArchitectures: [architecture] },
  ...(vcpus === undefined ? {} : { VCpuInfo: { DefaultVCpus: vcpus } }),
  ...(memoryMiB === undefined ? {} : { MemoryInfo: { SizeInMiB: memoryMiB } }),
});
