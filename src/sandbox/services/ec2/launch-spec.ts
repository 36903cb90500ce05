/** What a launch asks for: the launch template's version with the request's own members over it. */

import type { RequestLaunchTemplateData, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { missingParameter } from './errors.ts';
import { resolvedImageId } from './image-alias.ts';
import { launchable } from './images.ts';
import { profileArn } from './instance-profiles.ts';
import { checkOffered } from './instance-types.ts';
import { mergedTemplateData } from './launch-template-data.ts';
import { templateOf, templateVersion } from './launch-templates.ts';
import type { ImageRow } from './machine-rows.ts';
import type { SubnetRow } from './rows.ts';
import { subnetOf } from './subnets.ts';
import type { TagMap } from './tags.ts';
import { specified } from './tags.ts';
import { checkUserData } from './user-data-check.ts';

export interface LaunchSpec {
  readonly image: ImageRow;
  readonly instanceType: string;
  readonly subnet: SubnetRow;
  readonly securityGroupIds: readonly string[];
  readonly publicAddress: boolean;
  readonly profileArn: string | undefined;
  readonly userData: string | undefined;
  readonly keyName: string | undefined;
  readonly terminationProtected: boolean;
  readonly monitoring: boolean;
  readonly tokensRequired: boolean;
  readonly encryption: { readonly encrypted: boolean; readonly kmsKeyId?: string };
  readonly instanceTags: TagMap;
  readonly volumeTags: TagMap;
  readonly interfaceTags: TagMap;
}

/** The members a launch takes from request and template alike. */
export function requestedData(
  core: SandboxCore,
  region: string,
  input: RunInstancesCommandInput,
): RequestLaunchTemplateData {
  const {
    MinCount: _min,
    MaxCount: _max,
    ClientToken: _token,
    DryRun: _dry,
    LaunchTemplate: reference,
    SubnetId: _subnet,
    ...own
  } = input;
  const given = Object.fromEntries(
    Object.entries(own).filter(([, value]) => value !== undefined),
  ) as RequestLaunchTemplateData;
  if (reference === undefined) return given;
  const { data } = templateVersion(templateOf(core, region, reference), reference.Version ?? '$Default');
  const merged = mergedTemplateData(data, given);
  // Tags add up; of the rest the request's own win.
  return { ...merged, TagSpecifications: [...(data.TagSpecifications ?? []), ...(given.TagSpecifications ?? [])] };
}

export async function launchSpec(core: SandboxCore, call: Call, input: RunInstancesCommandInput): Promise<LaunchSpec> {
  const data = requestedData(core, call.region, input);
  const [nic] = data.NetworkInterfaces ?? [];
  const subnetId = input.SubnetId ?? nic?.SubnetId;
  if (data.ImageId === undefined) throw missingParameter('ImageId');
  if (subnetId === undefined) {
    throw new AwsError(
      'VPCIdNotSpecified',
      'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.',
    );
  }
  const instanceType = data.InstanceType ?? 'm1.small';
  const subnet = subnetOf(core, call.region, subnetId);
  checkOffered(core, call.region, instanceType, subnet.zone);
  const image = launchable(core, call.region, await resolvedImageId(core, call, data.ImageId));
  checkUserData(data.UserData);
  const volume = data.BlockDeviceMappings?.find((mapping) => mapping.Ebs !== undefined)?.Ebs;
  return {
    image,
    instanceType,
    subnet,
    securityGroupIds: nic?.Groups ?? data.SecurityGroupIds ?? [],
    publicAddress: nic?.AssociatePublicIpAddress ?? subnet.mapPublicIp,
    profileArn: profileArn(core, data.IamInstanceProfile),
    userData: data.UserData?.replace(/\s/g, ''),
    keyName: data.KeyName,
    terminationProtected: data.DisableApiTermination ?? false,
    monitoring: data.Monitoring?.Enabled ?? false,
    tokensRequired: data.MetadataOptions?.HttpTokens !== 'optional',
    encryption: {
      encrypted: volume?.Encrypted ?? false,
      ...(volume?.KmsKeyId === undefined ? {} : { kmsKeyId: volume.KmsKeyId }),
    },
    instanceTags: allSpecified(data, 'instance'),
    volumeTags: allSpecified(data, 'volume'),
    interfaceTags: allSpecified(data, 'network-interface'),
  };
}

const allSpecified = (data: RequestLaunchTemplateData, type: string): TagMap =>
  Object.assign({}, ...(data.TagSpecifications ?? []).map((one) => specified([one], type)));
