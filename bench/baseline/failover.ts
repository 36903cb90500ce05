/**
 * The baseline: the failover of the public repository that this project's brief came from (Terraform, one Python Lambda per state, a
 * state machine), in its order, with its calls and its waits. It promotes, scales, turns bucket replication and parameter copying
 * round, and ends; it moves no traffic, fences nothing, checks no lag and proves no write.
 *
 * Where the original is slower than its calls, it isn't here: no function start, no state transition and no permission is counted.
 */

import type { Clients } from '../../src/aws/clients.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { sleep } from '../../src/kernel/clock.ts';
import { messageOf } from '../../src/kernel/errors.ts';
import type { BaselineSettings, SettingName } from './settings.ts';
import { settingNames, settingPath } from './settings.ts';

/** Each loop waits this long before it looks, whatever it waits for. */
const wait = 30_000;
/** A call into the dark Region hangs; its function's time-out is taken to be this. */
const patience = 60_000;

export interface BaselineRun {
  readonly states: readonly State[];
  /** What the first loop read, in turn: a status `available` right after the promotion call would end it early. */
  readonly statuses: readonly string[];
  /** Errors it went on after. */
  readonly ignored: readonly string[];
}

export interface State {
  readonly name: string;
  /** Epoch milliseconds of AWS time. */
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly primary: Clients;
  readonly recovery: Clients;
  readonly settings: BaselineSettings;
}

/** Runs to the end. @throws when a call it depends on fails. */
export async function failover({ clock, primary, recovery, settings }: Surroundings): Promise<BaselineRun> {
  const states: State[] = [];
  const statuses: string[] = [];
  const ignored: string[] = [];

  const parameters = await state('read parameters', () => readParameters(recovery));
  await Promise.all([databaseThenCompute(), storage()]);
  await state('EnableRule', () => enableRule(recovery, parameters['parameter-rule']));
  return { states, statuses, ignored };

  async function databaseThenCompute(): Promise<void> {
    await state('PromoteReadReplica', () => promote(recovery, parameters.database));
    await state('wait for the database', () =>
      loop(async () => {
        const status = await databaseStatus(recovery, parameters.database);
        statuses.push(status);
        return status === 'available';
      }),
    );
    const image = await state('DescribeImages', () => newestImage(recovery, parameters['image-pattern']));
    await state('CreateLaunchTemplateVersion', () => newVersion(recovery, parameters['launch-template'], image));
    await state('UpdateAutoScalingGroup', () => scaleOut(recovery, parameters));
    await state('wait for the group', () => loop(() => allInService(recovery, parameters.group)));
  }

  async function storage(): Promise<void> {
    await state('DeleteBucketReplication', () =>
      orGoOn('DeleteBucketReplication', (signal) => stopReplication(primary, parameters['primary-bucket'], signal)),
    );
    // The original ends in failure here when bucket configuration can't be written, as while us-east-1 is dark. Going on favours it.
    await state('PutBucketVersioning', () =>
      orGoOn('PutBucketVersioning', (signal) => enableVersioning(recovery, parameters['recovery-bucket'], signal)),
    );
    await state('PutBucketReplication', () =>
      orGoOn('PutBucketReplication', (signal) =>
        startReplication(recovery, parameters['recovery-bucket'], settings.replication, signal),
      ),
    );
  }

  async function state<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    const startedAt = clock.now();
    const value = await work();
    states.push({ name, startedAt, endedAt: clock.now() });
    return value;
  }

  async function loop(look: () => Promise<boolean>): Promise<void> {
    do await sleep(clock, wait);
    while (!(await look()));
  }

  async function orGoOn(name: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const abort = new AbortController();
    const timer = clock.after(patience, () => abort.abort(new Error(`no answer within ${patience / 1000} AWS s`)));
    try {
      await work(abort.signal);
    } catch (error) {
      ignored.push(`${name}: ${abort.signal.aborted ? messageOf(abort.signal.reason) : messageOf(error)}`);
    } finally {
      timer.cancel();
    }
  }
}

type Parameters = Readonly<Record<SettingName, string>>;

/** One GetParameter each, one after the other. */
async function readParameters(clients: Clients): Promise<Parameters> {
  const { GetParameterCommand } = await import('@aws-sdk/client-ssm');
  const client = await clients.ssm();
  const values: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: settingPath(name) }));
    values[name] = Parameter?.Value ?? '';
  }
  return values as Parameters;
}

async function promote(clients: Clients, database: string): Promise<void> {
  const { PromoteReadReplicaCommand } = await import('@aws-sdk/client-rds');
  await (await clients.rds()).send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: database }));
}

async function databaseStatus(clients: Clients, database: string): Promise<string> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
  const client = await clients.rds();
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: database }));
  return DBInstances?.[0]?.DBInstanceStatus ?? '';
}

async function newestImage(clients: Clients, pattern: string): Promise<string> {
  const { DescribeImagesCommand } = await import('@aws-sdk/client-ec2');
  const { Images = [] } = await (await clients.ec2()).send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'name', Values: [pattern] }] }),
  );
  const [newest] = Images.sort((one, other) => (other.CreationDate ?? '').localeCompare(one.CreationDate ?? ''));
  if (newest?.ImageId === undefined) throw new Error(`No image is named ${pattern}.`);
  return newest.ImageId;
}

async function newVersion(clients: Clients, template: string, image: string): Promise<void> {
  const { CreateLaunchTemplateVersionCommand } = await import('@aws-sdk/client-ec2');
  await (await clients.ec2()).send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName: template,
      SourceVersion: '$Latest',
      LaunchTemplateData: { ImageId: image },
    }),
  );
}

async function scaleOut(clients: Clients, parameters: Parameters): Promise<void> {
  const { UpdateAutoScalingGroupCommand } = await import('@aws-sdk/client-auto-scaling');
  await (await clients.autoScaling()).send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName: parameters.group,
      MinSize: 1,
      DesiredCapacity: 1,
      MaxSize: 2,
      LaunchTemplate: { LaunchTemplateName: parameters['launch-template'], Version: '$Latest' },
    }),
  );
}

async function allInService(clients: Clients, group: string): Promise<boolean> {
  const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
  const { AutoScalingGroups } = await (await clients.autoScaling()).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
  );
  return (AutoScalingGroups?.[0]?.Instances ?? []).every(({ LifecycleState }) => LifecycleState === 'InService');
}

async function stopReplication(clients: Clients, bucket: string, abortSignal: AbortSignal): Promise<void> {
  const { DeleteBucketReplicationCommand } = await import('@aws-sdk/client-s3');
  await (await clients.s3()).send(new DeleteBucketReplicationCommand({ Bucket: bucket }), { abortSignal });
}

async function enableVersioning(clients: Clients, bucket: string, abortSignal: AbortSignal): Promise<void> {
  const { PutBucketVersioningCommand } = await import('@aws-sdk/client-s3');
  const input = { Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' as const } };
  await (await clients.s3()).send(new PutBucketVersioningCommand(input), { abortSignal });
}

async function startReplication(
  clients: Clients,
  bucket: string,
  configuration: BaselineSettings['replication'],
  abortSignal: AbortSignal,
): Promise<void> {
  const { PutBucketReplicationCommand } = await import('@aws-sdk/client-s3');
  const input = { Bucket: bucket, ReplicationConfiguration: configuration };
  await (await clients.s3()).send(new PutBucketReplicationCommand(input), { abortSignal });
}

async function enableRule(clients: Clients, rule: string): Promise<void> {
  const { EnableRuleCommand } = await import('@aws-sdk/client-eventbridge');
  await (await clients.events()).send(new EnableRuleCommand({ Name: rule }));
}
