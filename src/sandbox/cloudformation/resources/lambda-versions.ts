/** AWS::Lambda::Version, Alias, Permission and EventInvokeConfig. */

import type { CreateAliasCommandOutput, PublishVersionCommandOutput } from '@aws-sdk/client-lambda';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { pick } from './pick.ts';

export const lambdaVersion: ResourceType = {
  name: 'AWS::Lambda::Version',
  properties: { CodeSha256: 'replace', Description: 'replace', FunctionName: 'replace' },
  required: ['FunctionName'],
  attributes: ['FunctionArn', 'Version'],
  async create(properties, context) {
    const members = pick(properties, ['CodeSha256', 'Description', 'FunctionName']);
    const answer = await context.call<PublishVersionCommandOutput>('lambda', 'PublishVersion', members);
    const id = answer.FunctionArn ?? '';
    return { id, attributes: { FunctionArn: id, Version: answer.Version ?? '' } };
  },
  async delete({ properties: { FunctionName }, attributes: { Version } }, context) {
    await unlessGone(context.call('lambda', 'DeleteFunction', { FunctionName, Qualifier: Version }));
  },
};

export const lambdaAlias: ResourceType = {
  name: 'AWS::Lambda::Alias',
  properties: {
    Description: 'update',
    FunctionName: 'replace',
    FunctionVersion: 'update',
    Name: 'replace',
    RoutingConfig: 'update',
  },
  required: ['FunctionName', 'FunctionVersion', 'Name'],
  attributes: ['AliasArn'],
  nameProperty: 'Name',
  async create(properties, context) {
    const answer = await context.call<CreateAliasCommandOutput>('lambda', 'CreateAlias', aliasMembers(properties));
    const id = answer.AliasArn ?? '';
    return { id, attributes: { AliasArn: id } };
  },
  async update({ changed, properties }, context) {
    // Weights declared no more are taken away.
    const reset = changed.has('RoutingConfig') ? { RoutingConfig: weights(properties) } : {};
    await context.call('lambda', 'UpdateAlias', { ...aliasMembers(properties), ...reset });
    return undefined;
  },
  async delete({ properties: { FunctionName, Name } }, context) {
    await unlessGone(context.call('lambda', 'DeleteAlias', { FunctionName, Name }));
  },
};

const aliasMembers = (properties: JsonObject): JsonObject => ({
  ...pick(properties, ['Description', 'FunctionName', 'FunctionVersion', 'Name']),
  ...(properties.RoutingConfig === undefined ? {} : { RoutingConfig: weights(properties) }),
});

/** Templates list weights by version; the API wants a map. */
function weights(properties: JsonObject): JsonObject {
  const list = listOf(objectOf(properties.RoutingConfig).AdditionalVersionWeights).map(objectOf);
  return {
    AdditionalVersionWeights: Object.fromEntries(
      list.map(({ FunctionVersion, FunctionWeight }) => [asText(FunctionVersion), Number(FunctionWeight)]),
    ),
  };
}

const permissionMembers = [
  'Action',
  'EventSourceToken',
  'FunctionName',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
  'Principal',
  'PrincipalOrgID',
  'SourceAccount',
  'SourceArn',
];

export const lambdaPermission: ResourceType = {
  name: 'AWS::Lambda::Permission',
  properties: Object.fromEntries(permissionMembers.map((name) => [name, 'replace' as const])),
  required: ['Action', 'FunctionName', 'Principal'],
  attributes: ['Id'],
  async create(properties, context) {
    const id = context.physicalName(100);
    await context.call('lambda', 'AddPermission', { ...pick(properties, permissionMembers), StatementId: id });
    return { id, attributes: { Id: id } };
  },
  async delete({ id, properties: { FunctionName } }, context) {
    await unlessGone(context.call('lambda', 'RemovePermission', { FunctionName, StatementId: id }));
  },
};

export const eventInvokeConfig: ResourceType = {
  name: 'AWS::Lambda::EventInvokeConfig',
  properties: {
    DestinationConfig: 'update',
    FunctionName: 'replace',
    MaximumEventAgeInSeconds: 'update',
    MaximumRetryAttempts: 'update',
    Qualifier: 'replace',
  },
  required: ['FunctionName', 'Qualifier'],
  attributes: [],
  async create(properties, context) {
    await putInvokeConfig(properties, context);
    return { id: context.physicalName(100) };
  },
  async update({ properties }, context) {
    await putInvokeConfig(properties, context);
    return undefined;
  },
  async delete({ properties: { FunctionName, Qualifier } }, context) {
    await unlessGone(
      context.call('lambda', 'DeleteFunctionEventInvokeConfig', { FunctionName, ...qualified(Qualifier) }),
    );
  },
};

const putInvokeConfig = (properties: JsonObject, { call }: ResourceContext) =>
  call('lambda', 'PutFunctionEventInvokeConfig', {
    ...pick(properties, ['DestinationConfig', 'FunctionName', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts']),
    ...qualified(properties.Qualifier),
  });

/** The unpublished version goes without a qualifier. */
const qualified = (qualifier: JsonObject[string] | undefined): object =>
  textOf(qualifier) === '$LATEST' ? {} : { Qualifier: qualifier };
