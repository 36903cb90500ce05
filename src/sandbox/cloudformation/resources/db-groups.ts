/** AWS::RDS::DBSubnetGroup and DBParameterGroup. */

import type {
  CreateDBParameterGroupCommandOutput,
  CreateDBSubnetGroupCommandOutput,
  DescribeDBParametersCommandOutput,
} from '@aws-sdk/client-rds';
import type { JsonObject } from '../json.ts';
import { asText, sameJson } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { objectOf, textOf } from '../resource-type.ts';
import { syncTags, tagList } from './tags.ts';

export const dbSubnetGroup: ResourceType = {
  name: 'AWS::RDS::DBSubnetGroup',
  properties: {
    DBSubnetGroupDescription: 'update',
    DBSubnetGroupName: 'replace',
    SubnetIds: 'update',
    Tags: 'update',
  },
  required: ['DBSubnetGroupDescription', 'SubnetIds'],
  attributes: ['Arn'],
  nameProperty: 'DBSubnetGroupName',
  tags: 'list',
  async create(properties, context) {
    const id = (textOf(properties.DBSubnetGroupName) ?? context.physicalName(255)).toLowerCase();
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateDBSubnetGroupCommandOutput>('rds', 'CreateDBSubnetGroup', {
      DBSubnetGroupName: id,
      DBSubnetGroupDescription: properties.DBSubnetGroupDescription,
      SubnetIds: properties.SubnetIds,
      Tags: tags.length > 0 ? tags : undefined,
    });
    return { id, attributes: { Arn: answer.DBSubnetGroup?.DBSubnetGroupArn ?? '' } };
  },
  async update(change, context) {
    const { id, properties } = change;
    await context.call('rds', 'ModifyDBSubnetGroup', {
      DBSubnetGroupName: id,
      DBSubnetGroupDescription: properties.DBSubnetGroupDescription,
      SubnetIds: properties.SubnetIds,
    });
    await syncRdsTags(change, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('rds', 'DeleteDBSubnetGroup', { DBSubnetGroupName: id }));
  },
};

export const dbParameterGroup: ResourceType = {
  name: 'AWS::RDS::DBParameterGroup',
  properties: {
    DBParameterGroupName: 'replace',
    Description: 'replace',
    Family: 'replace',
    Parameters: 'update',
    Tags: 'update',
  },
  required: ['Description', 'Family'],
  attributes: ['Arn'],
  nameProperty: 'DBParameterGroupName',
  tags: 'list',
  async create(properties, context) {
    const id = (textOf(properties.DBParameterGroupName) ?? context.physicalName(255)).toLowerCase();
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateDBParameterGroupCommandOutput>('rds', 'CreateDBParameterGroup', {
      DBParameterGroupName: id,
      DBParameterGroupFamily: properties.Family,
      Description: properties.Description,
      Tags: tags.length > 0 ? tags : undefined,
    });
    context.created(id);
    await setParameters(id, {}, objectOf(properties.Parameters), context);
    return { id, attributes: { Arn: answer.DBParameterGroup?.DBParameterGroupArn ?? '' } };
  },
  async update(change, context) {
    const { id, changed, previous, properties } = change;
    if (changed.has('Parameters')) {
      await setParameters(id, objectOf(previous.Parameters), objectOf(properties.Parameters), context);
    }
    await syncRdsTags(change, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('rds', 'DeleteDBParameterGroup', { DBParameterGroupName: id }));
  },
};

const syncRdsTags = (change: ResourceChange, context: ResourceContext): Promise<void> => {
  const arn = asText(change.attributes.Arn);
  return syncTags(change, {
    add: (Tags) => context.call('rds', 'AddTagsToResource', { ResourceName: arn, Tags }),
    remove: (TagKeys) => context.call('rds', 'RemoveTagsFromResource', { ResourceName: arn, TagKeys }),
  });
};

/** The API takes 20 parameters a call. */
const batch = 20;

/** Resets what is declared no more, then sends every declared value, changed or not: what was set by hand is overwritten. */
async function setParameters(
  DBParameterGroupName: string,
  before: JsonObject,
  now: JsonObject,
  context: ResourceContext,
): Promise<void> {
  if (sameJson(before, now)) return;
  const dynamic = await dynamicParameters(DBParameterGroupName, context);
  const parameter = (name: string) => ({
    ParameterName: name,
    ApplyMethod: dynamic.has(name) ? 'immediate' : 'pending-reboot',
  });
  const removed = Object.keys(before).filter((name) => now[name] === undefined);
  for (let start = 0; start < removed.length; start += batch) {
    const Parameters = removed.slice(start, start + batch).map(parameter);
    await context.call('rds', 'ResetDBParameterGroup', { DBParameterGroupName, Parameters });
  }
  const declared = Object.entries(now);
  for (let start = 0; start < declared.length; start += batch) {
    const Parameters = declared
      .slice(start, start + batch)
      .map(([name, value]) => ({ ...parameter(name), ParameterValue: asText(value) }));
    await context.call('rds', 'ModifyDBParameterGroup', { DBParameterGroupName, Parameters });
  }
}

async function dynamicParameters(DBParameterGroupName: string, { call }: ResourceContext): Promise<Set<string>> {
  const names = new Set<string>();
  for (let Marker: string | undefined; ; ) {
    const page: DescribeDBParametersCommandOutput = await call('rds', 'DescribeDBParameters', {
      DBParameterGroupName,
      Marker,
    });
    for (const { ApplyType, ParameterName } of page.Parameters ?? []) {
      if (ApplyType === 'dynamic' && ParameterName !== undefined) names.add(ParameterName);
    }
    Marker = page.Marker;
    if (Marker === undefined || Marker === '') return names;
  }
}
