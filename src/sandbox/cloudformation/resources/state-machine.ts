/** AWS::StepFunctions::StateMachine: its definition as text, as an object or from S3, with substitutions filled in. */

import type { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type {
  CreateStateMachineCommandOutput,
  DescribeStateMachineCommandOutput,
  UpdateStateMachineCommandOutput,
} from '@aws-sdk/client-sfn';
import { validationError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { isGone, unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { objectOf, textOf } from '../resource-type.ts';
import { lowerFirst } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

export const stateMachine: ResourceType = {
  name: 'AWS::StepFunctions::StateMachine',
  properties: {
    Definition: 'update',
    DefinitionS3Location: 'update',
    DefinitionString: 'update',
    DefinitionSubstitutions: 'update',
    LoggingConfiguration: 'update',
    RoleArn: 'update',
    StateMachineName: 'replace',
    StateMachineType: 'replace',
    Tags: 'update',
    TracingConfiguration: 'update',
  },
  required: ['RoleArn'],
  attributes: ['Arn', 'Name', 'StateMachineRevisionId'],
  nameProperty: 'StateMachineName',
  tags: 'list',
  async create(properties, context) {
    const name = textOf(properties.StateMachineName) ?? context.physicalName(80);
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateStateMachineCommandOutput>('states', 'CreateStateMachine', {
      name,
      type: properties.StateMachineType,
      ...(await members(properties, context)),
      tags: tags.length > 0 ? tags.map(({ Key, Value }) => ({ key: Key, value: Value })) : undefined,
    });
    const id = answer.stateMachineArn ?? '';
    return { id, attributes: { Arn: id, Name: name, StateMachineRevisionId: 'INITIAL' } };
  },
  async update(change, context) {
    const { changed, id: stateMachineArn, properties } = change;
    let revision: string | undefined;
    if (changed.size > (changed.has('Tags') ? 1 : 0)) {
      const answer = await context.call<UpdateStateMachineCommandOutput>('states', 'UpdateStateMachine', {
        stateMachineArn,
        // What is declared no more goes back to off.
        loggingConfiguration: { level: 'OFF' },
        tracingConfiguration: { enabled: false },
        ...(await members(properties, context)),
      });
      revision = answer.revisionId;
    }
    await syncTags(change, {
      add: (tags) =>
        context.call('states', 'TagResource', {
          resourceArn: stateMachineArn,
          tags: tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
        }),
      remove: (tagKeys) => context.call('states', 'UntagResource', { resourceArn: stateMachineArn, tagKeys }),
    });
    return revision === undefined ? undefined : { attributes: { StateMachineRevisionId: revision } };
  },
  async delete({ id: stateMachineArn }, context) {
    await unlessGone(context.call('states', 'DeleteStateMachine', { stateMachineArn }));
    // It goes once its executions have ended; the name is taken until then.
    await context.until(`deletion of ${stateMachineArn}`, async () => {
      try {
        await context.call<DescribeStateMachineCommandOutput>('states', 'DescribeStateMachine', { stateMachineArn });
        return false;
      } catch (error) {
        if (isGone(error)) return true;
        throw error;
      }
    });
  },
};

async function members(properties: JsonObject, context: ResourceContext): Promise<Record<string, unknown>> {
  const { LoggingConfiguration: logging, RoleArn: roleArn, TracingConfiguration: tracing } = properties;
  return {
    definition: substituted(await definition(properties, context), objectOf(properties.DefinitionSubstitutions)),
    roleArn,
    ...(logging === undefined ? {} : { loggingConfiguration: lowerFirst(logging) }),
    ...(tracing === undefined ? {} : { tracingConfiguration: lowerFirst(tracing) }),
  };
}

async function definition(properties: JsonObject, { call }: ResourceContext): Promise<string> {
  const { Definition: whole, DefinitionS3Location: location, DefinitionString: text } = properties;
  if (whole !== undefined) return JSON.stringify(whole);
  if (text !== undefined) return asText(text);
  if (location === undefined) {
    throw validationError('A state machine needs Definition, DefinitionString or DefinitionS3Location');
  }
  const { Bucket, Key, Version } = objectOf(location);
  const answer = await call<GetObjectCommandOutput>('s3', 'GetObject', { Bucket, Key, VersionId: Version });
  const body: unknown = answer.Body;
  return body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : readText(body as Readable);
}

/** `${name}` for each declared name; other `${…}` stay as they are. Values are put in as they are inside JSON texts. */
const substituted = (text: string, values: JsonObject): string =>
  text.replace(/\$\{([\w.-]+)\}/g, (match, name: string) => {
    const value = values[name];
    return value === undefined ? match : JSON.stringify(asText(value)).slice(1, -1);
  });
