/**
 * What IAM is asked for RDS's calls: the action on each resource it touches, with their tags and the request's as condition keys.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon RDS".
 */

import type { Tag } from '@aws-sdk/client-rds';
import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { arnOf, nameOrArn, type ResourceKind } from './arns.ts';
import { chooseVersion, defaultOptionGroup, defaultParameterGroup, familyOf } from './engines.ts';
import { tagsFrom } from './input.ts';
import { findInstance } from './lookups.ts';
import { type InstanceRow, rdsTables, type Tags } from './rows.ts';

type Context = NonNullable<Ask['context']>;

/** A question about one resource, named or by ARN; without a name, about all of its kind. */
export function askOn(
  core: SandboxCore,
  call: Call,
  action: string,
  kind: ResourceKind,
  given: string | undefined,
  context: Context = {},
): Ask {
  const { region, name } =
    given === undefined ? { region: call.region, name: '*' } : nameOrArn(core, call.region, kind, given);
  const tags = tagsOn(core, region, kind, name);
  return {
    action: `rds:${action}`,
    resource: arnOf(core, region, kind, name),
    context: { ...resourceTags(kind, tags), ...context },
  };
}

/** The questions about making an instance: itself, and the groups it joins. */
export function askNewInstance(
  core: SandboxCore,
  call: Call,
  action: string,
  input: {
    readonly DBInstanceIdentifier?: string | undefined;
    readonly DBParameterGroupName?: string | undefined;
    readonly DBSubnetGroupName?: string | undefined;
    readonly OptionGroupName?: string | undefined;
    readonly Engine?: string | undefined;
    readonly EngineVersion?: string | undefined;
    readonly DBInstanceClass?: string | undefined;
    readonly StorageEncrypted?: boolean | undefined;
    readonly MultiAZ?: boolean | undefined;
    readonly MonitoringRoleArn?: string | undefined;
    readonly Tags?: readonly Tag[] | undefined;
  },
  like?: InstanceRow,
): Ask[] {
  const tags = requestTags(input.Tags);
  const engine = input.Engine ?? like?.engine ?? 'mysql';
  const version = chooseVersion(engine, input.EngineVersion ?? like?.engineVersion);
  const context: Context = {
    ...tags,
    'rds:DatabaseEngine': engine,
    'rds:DatabaseClass': input.DBInstanceClass ?? like?.class ?? '',
    'rds:StorageEncrypted': String(input.StorageEncrypted ?? like?.encrypted ?? false),
    'rds:MultiAz': String(input.MultiAZ ?? false),
  };
  const inherits = like?.region === call.region ? like : undefined;
  const parameterGroup =
    input.DBParameterGroupName ?? inherits?.parameterGroup.name ?? defaultParameterGroup(familyOf(version));
  const subnetGroup = input.DBSubnetGroupName ?? inherits?.subnetGroup ?? 'default';
  return [
    askOn(core, call, action, 'db', input.DBInstanceIdentifier ?? '', context),
    askOn(core, call, action, 'og', input.OptionGroupName ?? defaultOptionGroup(version), tags),
    askOn(core, call, action, 'pg', parameterGroup, tags),
    askOn(core, call, action, 'subgrp', subnetGroup, tags),
    ...askTagging(core, call, 'db', input.DBInstanceIdentifier, input.Tags),
    ...askPassing(input.MonitoringRoleArn),
  ];
}

/** Handing RDS a role to publish enhanced monitoring with. */
export const askPassing = (role: string | undefined): Ask[] =>
  role === undefined
    ? []
    : [
        {
          action: 'iam:PassRole',
          resource: role,
          context: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' },
        },
      ];

/** Whoever makes something with tags must be allowed to tag it. */
export function askTagging(
  core: SandboxCore,
  call: Call,
  kind: ResourceKind,
  name: string | undefined,
  tags: readonly Tag[] | undefined,
): Ask[] {
  if (tags === undefined || tags.length === 0) return [];
  return [askOn(core, call, 'AddTagsToResource', kind, name ?? '', requestTags(tags))];
}

export function requestTags(tags: readonly Tag[] | undefined): Context {
  const given = tagsFrom(tags);
  const keys = Object.keys(given);
  if (keys.length === 0) return {};
  return { ...prefixed('aws:RequestTag/', given), ...prefixed('rds:req-tag/', given), 'aws:TagKeys': keys };
}

/** RDS's own tag keys by kind of resource, beside the global one. */
const tagPrefixes: Record<ResourceKind, string> = {
  db: 'rds:db-tag/',
  snapshot: 'rds:snapshot-tag/',
  subgrp: 'rds:subgrp-tag/',
  pg: 'rds:pg-tag/',
  og: 'rds:og-tag/',
};

const resourceTags = (kind: ResourceKind, tags: Tags): Context => ({
  ...prefixed('aws:ResourceTag/', tags),
  ...prefixed(tagPrefixes[kind], tags),
});

const prefixed = (prefix: string, tags: Tags): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}${key}`, value]));

export function tagsOn(core: SandboxCore, region: string, kind: ResourceKind, name: string): Tags {
  if (!core.regions.includes(region)) return {};
  const tables = rdsTables(core, region);
  const found = {
    db: () => findInstance(core, region, name),
    snapshot: () => tables.snapshots.get(name),
    subgrp: () => tables.subnetGroups.get(name),
    pg: () => tables.parameterGroups.get(name),
    og: () => undefined,
  }[kind]();
  return found?.tags ?? {};
}
