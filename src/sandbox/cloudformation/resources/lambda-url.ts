/** AWS::Lambda::Url. */

import type { CreateFunctionUrlConfigCommandOutput } from '@aws-sdk/client-lambda';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { pick } from './pick.ts';

export const lambdaUrl: ResourceType = {
  name: 'AWS::Lambda::Url',
  properties: {
    AuthType: 'update',
    Cors: 'update',
    InvokeMode: 'update',
    Qualifier: 'replace',
    TargetFunctionArn: 'replace',
  },
  required: ['AuthType', 'TargetFunctionArn'],
  attributes: ['FunctionArn', 'FunctionUrl'],
  async create(properties, context) {
    const { FunctionArn = '', FunctionUrl = '' } = await context.call<CreateFunctionUrlConfigCommandOutput>(
      'lambda',
      'CreateFunctionUrlConfig',
      membersOf(properties),
    );
    return { id: FunctionArn, attributes: { FunctionArn, FunctionUrl } };
  },
  async update({ properties }, context) {
    await context.call('lambda', 'UpdateFunctionUrlConfig', membersOf(properties));
    return undefined;
  },
  async delete({ properties }, context) {
    const { FunctionName, Qualifier } = membersOf(properties);
    await unlessGone(context.call('lambda', 'DeleteFunctionUrlConfig', { FunctionName, Qualifier }));
  },
};

const membersOf = (properties: JsonObject): JsonObject => ({
  ...pick(properties, ['AuthType', 'Cors', 'InvokeMode', 'Qualifier']),
  FunctionName: asText(properties.TargetFunctionArn),
});
