/** Types that make nothing: AWS::CDK::Metadata and AWS::CloudFormation::WaitConditionHandle. */

import type { ResourceType } from '../resource-type.ts';

export const cdkMetadata: ResourceType = {
  name: 'AWS::CDK::Metadata',
  properties: { Analytics: 'update' },
  attributes: [],
  create: async (_, { physicalName }) => ({ id: physicalName(128) }),
  update: async () => undefined,
  delete: async () => {},
};

/** Used by itself as a resource that does nothing; there are no wait conditions to signal. */
export const waitConditionHandle: ResourceType = {
  name: 'AWS::CloudFormation::WaitConditionHandle',
  properties: {},
  attributes: [],
  create: async (_, { physicalName, region }) => ({
    id: `https://cloudformation-waitcondition-${region}.s3.${region}.amazonaws.com/${physicalName(128)}`,
  }),
  delete: async () => {},
};
