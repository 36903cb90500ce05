/** The launch template of a group: read from the request, and proved to be launchable, as AWS does on every create and update. */

import type { LaunchTemplateSpecification, MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import type {
  DescribeImagesCommandOutput,
  DescribeLaunchTemplateVersionsCommandOutput,
  RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { type AwsError, codeOf } from '../../contract.ts';
import { resolvedImageId } from '../ec2/image-alias.ts';
import { checkOfferedSomewhere } from '../ec2/instance-types.ts';
import { launchAsks } from '../ec2/run-instances.ts';
import { validationError } from './lookup.ts';
import { mixedFrom } from './mixed-policy.ts';
import type { LaunchSource } from './rows.ts';

export interface SourceInput {
  readonly LaunchTemplate?: LaunchTemplateSpecification | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
}

/** The template and types a request names, over what the group has; undefined when it names none. */
export async function launchSource(
  core: SandboxCore,
  call: Call,
  input: SourceInput,
  old: LaunchSource | undefined,
): Promise<LaunchSource | undefined> {
  const { LaunchTemplate: single, MixedInstancesPolicy: mixed } = input;
  if (single !== undefined && mixed !== undefined) {
    throw validationError(
      'Valid requests must contain either launchTemplate or mixedInstancesPolicy parameter, not both.',
    );
  }
  const reference = single ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
  const choice =
    mixed === undefined ? { types: [] } : mixedFrom(mixed, old?.distribution === undefined ? undefined : old);
  if (reference === undefined) {
    if (mixed === undefined) return undefined;
    // Who changes only how a mixed group chooses needn't repeat from what.
    if (old?.distribution === undefined) {
      throw validationError('A launch template must be specified in the MixedInstancesPolicy.');
    }
    return { ...old, ...choice };
  }
  const version = reference.Version ?? '$Default';
  const template = await templateNamed(core, call, reference, version);
  return {
    templateId: template?.LaunchTemplateId ?? '',
    templateName: template?.LaunchTemplateName ?? '',
    version,
    ...choice,
  };
}

/** Refuses a source whose image can't be launched now: the alias is read with the caller's rights. */
export async function proveLaunchable(core: SandboxCore, call: Call, source: LaunchSource): Promise<void> {
  const reference = { LaunchTemplateId: source.templateId };
  const version = await templateNamed(core, call, reference, source.version);
  const imageId = version?.LaunchTemplateData?.ImageId;
  if (imageId === undefined) throw invalidTemplate('ImageId must be specified in the launch template.');
  const type = version?.LaunchTemplateData?.InstanceType;
  // A mixed group passes over what isn't offered, at each launch.
  if (source.distribution === undefined && type !== undefined) proveOffered(core, call, type);
  try {
    const resolved = await resolvedImageId(core, call, imageId);
    const { Images: images = [] } = await core.invoke<DescribeImagesCommandOutput>({
      service: 'ec2',
      operation: 'DescribeImages',
      region: call.region,
      input: { ImageIds: [resolved] },
      principal: core.as('autoscaling'),
    });
    const state = images[0]?.State;
    if (state !== 'available')
      throw invalidTemplate(`The image id '[${resolved}]' is not available: its state is ${state}.`);
  } catch (error) {
    throw codeOf(error) === 'ValidationError'
      ? error
      : invalidTemplate(error instanceof Error ? error.message : String(error));
  }
}

function proveOffered(core: SandboxCore, call: Call, type: string): void {
  try {
    checkOfferedSomewhere(core, call.region, type);
  } catch (error) {
    throw invalidTemplate(error instanceof Error ? error.message : String(error));
  }
}

/** Who gives a group a template must be able to launch from it themselves, and pass its role. */
export function sourceAsks(core: SandboxCore, call: Call, input: SourceInput, subnetId: string | undefined): Ask[] {
  const reference = input.LaunchTemplate ?? input.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  if (reference === undefined) return [];
  const [first] = input.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  return launchAsks(core, call, {
    LaunchTemplate: reference,
    MinCount: 1,
    MaxCount: 1,
    SubnetId: subnetId,
    ...(first?.InstanceType === undefined
      ? {}
      : { InstanceType: first.InstanceType as RunInstancesCommandInput['InstanceType'] }),
  });
}

async function templateNamed(core: SandboxCore, call: Call, reference: LaunchTemplateSpecification, version: string) {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = reference;
  const answer = await core
    .invoke<DescribeLaunchTemplateVersionsCommandOutput>({
      service: 'ec2',
      operation: 'DescribeLaunchTemplateVersions',
      region: call.region,
      input: { ...(id === undefined ? { LaunchTemplateName: name } : { LaunchTemplateId: id }), Versions: [version] },
      principal: core.as('autoscaling'),
    })
    .catch((error: unknown) => {
      throw invalidTemplate(error instanceof Error ? error.message : String(error));
    });
  return answer.LaunchTemplateVersions?.[0];
}

const invalidTemplate = (why: string): AwsError =>
  validationError(`You must use a valid fully-formed launch template. ${why}`);
