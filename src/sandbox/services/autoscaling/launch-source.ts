/** The launch template of a group: read from the request, and proved to be launchable, as AWS does on every create and update. */

import type { LaunchTemplateSpecification, MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import type { DescribeImagesCommandOutput, DescribeLaunchTemplateVersionsCommandOutput } from '@aws-sdk/client-ec2';
import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError, codeOf } from '../../contract.ts';
import { resolvedImageId } from '../ec2/image-alias.ts';
import { launchAsks } from '../ec2/run-instances.ts';
import { refuseOthers } from '../ec2/supported-members.ts';
import { validationError } from './lookup.ts';
import type { LaunchSource } from './rows.ts';

export interface SourceInput {
  readonly LaunchTemplate?: LaunchTemplateSpecification | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
}

/** The template and types a request names; undefined when it names none. */
export async function launchSource(
  core: SandboxCore,
  call: Call,
  input: SourceInput,
): Promise<LaunchSource | undefined> {
  const { LaunchTemplate: single, MixedInstancesPolicy: mixed } = input;
  if (single !== undefined && mixed !== undefined) {
    throw validationError(
      'Valid requests must contain either launchTemplate or mixedInstancesPolicy parameter, not both.',
    );
  }
  const reference = single ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
  if (reference === undefined) return undefined;
  const types = mixed === undefined ? [] : mixedTypes(mixed);
  const version = reference.Version ?? '$Default';
  const template = await templateNamed(core, call, reference, version);
  return {
    templateId: template?.LaunchTemplateId ?? '',
    templateName: template?.LaunchTemplateName ?? '',
    version,
    types,
    mixed: mixed !== undefined,
  };
}

/** Refuses a source whose image can't be launched now: the alias is read with the caller's rights. */
export async function proveLaunchable(core: SandboxCore, call: Call, source: LaunchSource): Promise<void> {
  const reference = { LaunchTemplateId: source.templateId };
  const version = await templateNamed(core, call, reference, source.version);
  const imageId = version?.LaunchTemplateData?.ImageId;
  if (imageId === undefined) throw invalidTemplate('ImageId must be specified in the launch template.');
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

/** Who gives a group a template must be able to launch from it themselves, and pass its role. */
export function sourceAsks(core: SandboxCore, call: Call, input: SourceInput, subnetId: string | undefined): Ask[] {
  const reference = input.LaunchTemplate ?? input.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  if (reference === undefined) return [];
  return launchAsks(core, call, { LaunchTemplate: reference, MinCount: 1, MaxCount: 1, SubnetId: subnetId });
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

/** Types are tried in the order given (`prioritized`, on demand): Spot isn't modelled. */
function mixedTypes(policy: MixedInstancesPolicy): string[] {
  const distribution = policy.InstancesDistribution ?? {};
  refuseOthers('mixed instances policy', policy.LaunchTemplate ?? {}, ['LaunchTemplateSpecification', 'Overrides']);
  refuseOthers('instances distribution', distribution, [
    'OnDemandAllocationStrategy',
    'OnDemandBaseCapacity',
    'OnDemandPercentageAboveBaseCapacity',
    'SpotAllocationStrategy',
  ]);
  if ((distribution.OnDemandPercentageAboveBaseCapacity ?? 100) !== 100) {
    throw new AwsError(
      'UnsupportedOperation',
      'The sandbox has no Spot instances: OnDemandPercentageAboveBaseCapacity must be 100.',
    );
  }
  return (policy.LaunchTemplate?.Overrides ?? []).flatMap((override) => {
    refuseOthers('launch template override', override, ['InstanceType']);
    return override.InstanceType ?? [];
  });
}

const invalidTemplate = (why: string): AwsError =>
  validationError(`You must use a valid fully-formed launch template. ${why}`);
