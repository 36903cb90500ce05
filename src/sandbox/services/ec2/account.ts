/** What EC2 says about the account itself: the Regions it has opted in to, and how many elastic addresses it may hold. */

import type {
  DescribeAccountAttributesCommandInput,
  DescribeAccountAttributesCommandOutput,
  DescribeRegionsCommandInput,
  DescribeRegionsCommandOutput,
} from '@aws-sdk/client-ec2';
import { regions } from '../../../facts/regions.ts';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { matching } from './filters.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';

export function accountOperations(core: SandboxCore): Record<string, AnyOperation> {
  const status = (region: string): string => (core.regions.includes(region) ? 'opt-in-not-required' : 'not-opted-in');
  return {
    DescribeRegions: strictOperation<DescribeRegionsCommandInput, Answer<DescribeRegionsCommandOutput>>({
      name: 'DescribeRegions',
      members: ['RegionNames', 'AllRegions', 'Filters'],
      handle({ AllRegions, Filters, RegionNames }) {
        const all = [...new Set([...core.regions, ...regions])];
        const unknown = RegionNames?.find((name) => !all.includes(name));
        if (unknown !== undefined) throw new AwsError('InvalidParameterValue', `Invalid region names: [${unknown}]`);
        const asked = all.filter(
          (name) => (RegionNames ?? all).includes(name) && (AllRegions === true || core.regions.includes(name)),
        );
        const rows = matching(asked, Filters, {
          'region-name': (name) => name,
          'opt-in-status': status,
          endpoint: (name) => `ec2.${name}.amazonaws.com`,
        });
        return {
          Regions: rows.map((name) => ({
            RegionName: name,
            Endpoint: `ec2.${name}.amazonaws.com`,
            OptInStatus: status(name),
          })),
        };
      },
    }),
    DescribeAccountAttributes: strictOperation<
      DescribeAccountAttributesCommandInput,
      Answer<DescribeAccountAttributesCommandOutput>
    >({
      name: 'DescribeAccountAttributes',
      members: ['AttributeNames'],
      handle({ AttributeNames }) {
        // Source: Amazon VPC User Guide, "Amazon VPC quotas": five elastic addresses per Region unless raised.
        const known: Readonly<Record<string, string>> = { 'vpc-max-elastic-ips': '5', 'supported-platforms': 'VPC' };
        const wanted = AttributeNames ?? Object.keys(known);
        return {
          AccountAttributes: Object.entries(known)
            .filter(([name]) => (wanted as readonly string[]).includes(name))
            .map(([AttributeName, value]) => ({ AttributeName, AttributeValues: [{ AttributeValue: value }] })),
        };
      },
    }),
  };
}
