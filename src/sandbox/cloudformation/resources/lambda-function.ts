/** AWS::Lambda::Function. Code comes from S3, as deployers upload it. */

import type {
  CreateFunctionCommandOutput,
  FunctionConfiguration,
  GetFunctionConfigurationCommandOutput,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../../contract.ts';
import { validationError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { objectOf, textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagMap } from './tags.ts';

/** Members of CreateFunction and UpdateFunctionConfiguration, and what an update sends when one is declared no more. */
const configuration: Readonly<Record<string, Json | undefined>> = {
  DeadLetterConfig: { TargetArn: '' },
  Description: '',
  Environment: { Variables: {} },
  EphemeralStorage: { Size: 512 },
  Handler: undefined,
  KmsKeyArn: '',
  Layers: [],
  LoggingConfig: undefined,
  MemorySize: 128,
  Role: undefined,
  Runtime: undefined,
  Timeout: 3,
  TracingConfig: { Mode: 'PassThrough' },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
};

export const lambdaFunction: ResourceType = {
  name: 'AWS::Lambda::Function',
  properties: {
    ...(Object.fromEntries(Object.keys(configuration).map((name) => [name, 'update'])) as Record<string, OnChange>),
    Architectures: 'update',
    Code: 'update',
    FunctionName: 'replace',
    ReservedConcurrentExecutions: 'update',
    Tags: 'update',
  },
  required: ['Code', 'Role'],
  attributes: ['Arn'],
  nameProperty: 'FunctionName',
  tags: 'list',
  async create(properties, context) {
    const id = textOf(properties.FunctionName) ?? context.physicalName(64);
    const tags = tagMap(properties.Tags);
    const answer = await context.call<CreateFunctionCommandOutput>('lambda', 'CreateFunction', {
      FunctionName: id,
      ...pick(properties, [...Object.keys(configuration), 'Architectures']),
      KMSKeyArn: properties.KmsKeyArn,
      KmsKeyArn: undefined,
      Code: codeOf(properties),
      Tags: Object.keys(tags).length > 0 ? tags : undefined,
    });
    const Arn = answer.FunctionArn ?? '';
    context.created(id, { Arn });
    await ready(id, context);
    if (properties.ReservedConcurrentExecutions !== undefined) await reserve(id, properties, context);
    return { id, attributes: { Arn } };
  },
  async update(change, context) {
    const { id: FunctionName, changed, properties } = change;
    if (changed.has('Code') || changed.has('Architectures')) {
      const Architectures = properties.Architectures ?? ['x86_64'];
      await context.call('lambda', 'UpdateFunctionCode', { FunctionName, ...codeOf(properties), Architectures });
      await ready(FunctionName, context);
    }
    const members = Object.keys(configuration).filter((name) => changed.has(name));
    if (members.length > 0) {
      const values = members.map((name) => [
        name === 'KmsKeyArn' ? 'KMSKeyArn' : name,
        properties[name] ?? configuration[name],
      ]);
      await context.call('lambda', 'UpdateFunctionConfiguration', { FunctionName, ...Object.fromEntries(values) });
      await ready(FunctionName, context);
    }
    if (changed.has('ReservedConcurrentExecutions')) await reserve(FunctionName, properties, context);
    await syncTags(change, {
      add: (tags) =>
        context.call('lambda', 'TagResource', {
          Resource: asText(change.attributes.Arn),
          Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
        }),
      remove: (TagKeys) =>
        context.call('lambda', 'UntagResource', { Resource: asText(change.attributes.Arn), TagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('lambda', 'DeleteFunction', { FunctionName: id }));
  },
};

function codeOf(properties: JsonObject): JsonObject {
  const { ZipFile, ImageUri, ...code } = objectOf(properties.Code);
  if (ZipFile !== undefined || ImageUri !== undefined) {
    throw validationError(
      "A function's code must be an S3 object here (an asset): ZipFile and ImageUri are not supported",
    );
  }
  return code;
}

function reserve(
  FunctionName: string,
  { ReservedConcurrentExecutions: reserved }: JsonObject,
  { call }: ResourceContext,
) {
  return reserved === undefined
    ? call('lambda', 'DeleteFunctionConcurrency', { FunctionName })
    : call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: reserved });
}

const ready = (FunctionName: string, { call, until }: ResourceContext): Promise<FunctionConfiguration> =>
  until(`function ${FunctionName}`, async () => {
    const answer = await call<GetFunctionConfigurationCommandOutput>('lambda', 'GetFunctionConfiguration', {
      FunctionName,
    });
    const {
      LastUpdateStatus: update,
      LastUpdateStatusReason: updateReason,
      State: state,
      StateReason: reason,
    } = answer;
    if (state === 'Failed' || update === 'Failed') {
      throw new AwsError(
        'NotStabilized',
        `Function ${FunctionName} failed: ${reason ?? updateReason ?? 'no reason given'}`,
      );
    }
    const settled = (state === undefined || state === 'Active') && (update === undefined || update === 'Successful');
    return settled ? answer : undefined;
  });
