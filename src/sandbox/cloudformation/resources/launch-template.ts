/** AWS::EC2::LaunchTemplate: an update adds a version; the default version stays, as on AWS. */

import type { CreateLaunchTemplateCommandOutput, CreateLaunchTemplateVersionCommandOutput } from '@aws-sdk/client-ec2';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { pick } from './pick.ts';

export const launchTemplate: ResourceType = {
  name: 'AWS::EC2::LaunchTemplate',
  properties: {
    LaunchTemplateData: 'update',
    LaunchTemplateName: 'replace',
    TagSpecifications: 'replace',
    VersionDescription: 'update',
  },
  required: ['LaunchTemplateData'],
  attributes: ['LaunchTemplateId', 'LatestVersionNumber', 'DefaultVersionNumber'],
  nameProperty: 'LaunchTemplateName',
  async create(properties, context) {
    const answer = await context.call<CreateLaunchTemplateCommandOutput>('ec2', 'CreateLaunchTemplate', {
      ...pick(properties, ['LaunchTemplateData', 'TagSpecifications', 'VersionDescription']),
      LaunchTemplateName: textOf(properties.LaunchTemplateName) ?? context.physicalName(128),
    });
    const id = answer.LaunchTemplate?.LaunchTemplateId ?? '';
    return { id, attributes: { LaunchTemplateId: id, LatestVersionNumber: '1', DefaultVersionNumber: '1' } };
  },
  async update({ id, properties }, context) {
    const answer = await context.call<CreateLaunchTemplateVersionCommandOutput>('ec2', 'CreateLaunchTemplateVersion', {
      LaunchTemplateId: id,
      ...pick(properties, ['LaunchTemplateData', 'VersionDescription']),
    });
    return { attributes: { LatestVersionNumber: String(answer.LaunchTemplateVersion?.VersionNumber ?? '') } };
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DeleteLaunchTemplate', { LaunchTemplateId: id }));
  },
};
