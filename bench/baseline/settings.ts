/** What the baseline finds installed: its eight parameters in the recovery Region, and the replication rule it puts. */

import type { ReplicationConfiguration } from '@aws-sdk/client-s3';
import type { Clients } from '../../src/aws/clients.ts';
import type { Workload } from '../../src/workload/config.ts';
import { frontGroup } from '../../src/workload/judged.ts';
import { namesOf } from '../../src/workload/names.ts';

export const settingNames = [
  'database',
  'group',
  'launch-template',
  'image-pattern',
  'primary-bucket',
  'recovery-bucket',
  'replication-role',
  'parameter-rule',
] as const;
export type SettingName = (typeof settingNames)[number];

export const settingPath = (name: SettingName): string => `/baseline/${name}`;

export interface BaselineSettings {
  /** From the recovery bucket towards the primary one. */
  readonly replication: ReplicationConfiguration;
}

/** Installs the parameters, before anything goes wrong. */
export async function install(clients: Clients, workload: Workload): Promise<BaselineSettings> {
  const { GetBucketReplicationCommand } = await import('@aws-sdk/client-s3');
  const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
  const names = namesOf(workload);
  const [bucket = ''] = workload.buckets;
  const { name: front } = frontGroup(workload);
  const { ReplicationConfiguration: replication } = await (await clients.s3()).send(
    new GetBucketReplicationCommand({ Bucket: names.bucket(bucket, 'recovery') }),
  );
  if (replication?.Role === undefined) throw new Error('The recovery bucket has no rule to take the baseline’s from.');
  const values: Record<SettingName, string> = {
    database: names.database,
    group: names.group(front),
    'launch-template': names.group(front),
    'image-pattern': `${names.prefix}-*`,
    'primary-bucket': names.bucket(bucket, 'primary'),
    'recovery-bucket': names.bucket(bucket, 'recovery'),
    'replication-role': replication.Role,
    'parameter-rule': names.parameterRule,
  };
  const client = await clients.ssm();
  for (const name of settingNames)
    await client.send(new PutParameterCommand({ Name: settingPath(name), Value: values[name], Type: 'String' }));
  return { replication };
}
