/**
 * AWS::ECR::Repository, as the CDK's bootstrap stack has one: a name and its ARN. There is no registry behind it, so nothing can be
 * pushed: the service itself is refused by name.
 */

import type { ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';

export const ecrRepository: ResourceType = {
  name: 'AWS::ECR::Repository',
  properties: {
    EmptyOnDelete: 'update',
    ImageTagMutability: 'update',
    LifecyclePolicy: 'update',
    RepositoryName: 'replace',
    RepositoryPolicyText: 'update',
    Tags: 'update',
  },
  attributes: ['Arn', 'RepositoryUri'],
  nameProperty: 'RepositoryName',
  async create(properties, context) {
    const id = textOf(properties.RepositoryName) ?? context.physicalName(256).toLowerCase();
    const Arn = context.arn('ecr', `repository/${id}`);
    const [account, region] = [Arn.split(':')[4], context.region];
    return { id, attributes: { Arn, RepositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${id}` } };
  },
  update: async () => undefined,
  delete: async () => {},
};
