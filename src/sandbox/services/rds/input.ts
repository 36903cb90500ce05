/** What RDS accepts as names, passwords and windows, and what this sandbox refuses by name. */

import type { Tag } from '@aws-sdk/client-rds';
import { AwsError } from '../../contract.ts';
import { invalidCombination, invalidValue } from './errors.ts';
import type { Recorded, Tags } from './rows.ts';

/** Refuses members that are set and stand in none of the lists: they would change behaviour, and here they wouldn't. */
export function refuseOthers(operation: string, input: object, ...supported: readonly (readonly string[])[]): void {
  const known = new Set(supported.flat());
  for (const [member, value] of Object.entries(input)) {
    if (known.has(member) || value === undefined || value === null || value === false) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox's ${operation} doesn't support the parameter ${member}. It supports: ${[...known].join(', ')}.`,
    );
  }
}

/** Members that are stored and shown, because nothing here depends on them. */
export const recordedMembers = [
  'AutoMinorVersionUpgrade',
  'BackupTarget',
  'CACertificateIdentifier',
  'DatabaseInsightsMode',
  'DedicatedLogVolume',
  'EnableCloudwatchLogsExports',
  'EnablePerformanceInsights',
  'EngineLifecycleSupport',
  'Iops',
  'LicenseModel',
  'MaxAllocatedStorage',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'NetworkType',
  'OptionGroupName',
  'PerformanceInsightsKMSKeyId',
  'PerformanceInsightsRetentionPeriod',
  'PromotionTier',
  'StorageThroughput',
  'StorageType',
] as const;

export function recordedFrom(input: object): Recorded {
  const known = new Set<string>(recordedMembers);
  const entries = Object.entries(input).filter(([member, value]) => known.has(member) && value !== undefined);
  return Object.fromEntries(entries) as Recorded;
}

export function identifier(member: string, value: string | undefined, longest = 63): string {
  const valid = value !== undefined && value.length <= longest && /^[A-Za-z](?:-?[A-Za-z0-9])*$/.test(value);
  if (valid) return value.toLowerCase();
  throw invalidValue(
    `The parameter ${member} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII ` +
      'letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  );
}

/** Names of groups may also hold dots and underscores, in RDS's words and in the defaults (`default.mysql8.0`). */
export function groupName(member: string, value: string | undefined): string {
  if (value !== undefined && /^[A-Za-z0-9][\w .-]{0,254}$/.test(value)) return value.toLowerCase();
  throw invalidValue(`The parameter ${member} is not a valid name.`);
}

export function password(value: string | undefined): string {
  if (value === undefined) throw invalidValue('The parameter MasterUserPassword must be provided.');
  if (value.length < 8) {
    throw invalidValue(
      'The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.',
    );
  }
  if (value.length > 41 || !/^[!-~]+$/.test(value) || /[/@" ]/.test(value)) {
    throw invalidValue(
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' " +
        'may be used, at most 41 of them.',
    );
  }
  return value;
}

const reserved = new Set(['rdsadmin', 'rdsrepladmin', 'root', 'mysql', 'mariadb.sys', 'public', 'admin@']);

export function masterUser(value: string | undefined): string {
  if (value === undefined) throw invalidValue('The parameter MasterUsername must be provided.');
  if (!/^[A-Za-z]\w{0,15}$/.test(value)) {
    throw invalidValue(
      'The parameter MasterUsername must be 1 to 16 letters, numbers, or underscores, first a letter.',
    );
  }
  if (reserved.has(value.toLowerCase())) {
    throw invalidValue(`MasterUsername ${value} cannot be used as it is a reserved word used by the engine`);
  }
  return value;
}

export function retention(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 35) return value;
  throw invalidValue(`Invalid backup retention period: ${value}. It must be between 0 and 35.`);
}

export function integer(member: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidValue(`Invalid value for ${member}: ${value}. It must be an integer between ${least} and ${most}.`);
}

export function tagsFrom(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

export const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** The sandbox's databases are private, as the product's are: nothing outside their Region reaches them. */
export function refusePublic(value: boolean | undefined): void {
  if (value === true) throw invalidCombination("The sandbox's databases can't be PubliclyAccessible.");
}
