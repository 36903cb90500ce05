/** What a launch template may say here. Recorded as given; what would change a launch and isn't modelled is refused by name. */

import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import { AwsError } from '../../contract.ts';
import { refuseOthers } from './supported-members.ts';
import { checkUserData } from './user-data-check.ts';

/** Honoured, or without meaning where there is no hypervisor (block devices, EBS optimisation, credits, monitoring). */
const members: readonly (keyof RequestLaunchTemplateData)[] = [
  'ImageId',
  'InstanceType',
  'IamInstanceProfile',
  'SecurityGroupIds',
  'NetworkInterfaces',
  'UserData',
  'TagSpecifications',
  'MetadataOptions',
  'BlockDeviceMappings',
  'EbsOptimized',
  'Monitoring',
  'KeyName',
  'DisableApiTermination',
  'CreditSpecification',
];

const interfaceMembers = [
  'DeviceIndex',
  'Groups',
  'SubnetId',
  'AssociatePublicIpAddress',
  'DeleteOnTermination',
  'Description',
];

export function checkedTemplateData(data: RequestLaunchTemplateData | undefined): RequestLaunchTemplateData {
  if (data === undefined || Object.keys(data).length === 0) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter LaunchTemplateData');
  }
  refuseOthers('launch template', data, members);
  const interfaces = data.NetworkInterfaces ?? [];
  if (interfaces.length > 1) {
    throw new AwsError('UnsupportedOperation', 'The sandbox supports one network interface per launch template.');
  }
  for (const one of interfaces) {
    refuseOthers('launch template network interface', one, interfaceMembers);
    if ((data.SecurityGroupIds?.length ?? 0) > 0) {
      throw new AwsError(
        'InvalidParameterCombination',
        'Network interfaces and an instance-level security groups may not be specified on the same request',
      );
    }
  }
  if (
    data.UserData !== undefined &&
    Buffer.from(data.UserData, 'base64').toString('base64') !== data.UserData.replace(/\s/g, '')
  ) {
    throw new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  }
  checkUserData(data.UserData);
  return data;
}

/** The source version's data under the new: a member given replaces the whole member. */
export const mergedTemplateData = (
  source: RequestLaunchTemplateData | undefined,
  data: RequestLaunchTemplateData,
): RequestLaunchTemplateData => ({ ...source, ...data });
