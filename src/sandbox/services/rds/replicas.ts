/**
 * Read replicas: a snapshot of the source, copied and loaded, then replication from where the snapshot ended. The source shows
 * `modifying` while the snapshot is taken; the replica catches up after it has become available.
 *
 * Source of the order: RDS User Guide, "Creating a read replica in a different AWS Region".
 */

import { join } from 'node:path';
import type { CreateDBInstanceReadReplicaCommandInput } from '@aws-sdk/client-rds';
import { AwsError, type Call, type SandboxCore } from '../../contract.ts';
import type { Backup } from '../../databases/database.ts';
import { nameOrArn } from './arns.ts';
import { automatedId } from './automated-snapshots.ts';
import type { Rds } from './context.ts';
import { disturb } from './disturbances.ts';
import { replicaCreation, unlinkDelay } from './durations.ts';
import { copiedEncryption } from './encryption.ts';
import { chooseVersion, defaultParameterGroup, familyOf } from './engines.ts';
import { invalidCombination, invalidState, invalidValue } from './errors.ts';
import { tell } from './events.ts';
import { recordedFrom, recordedMembers, refuseOthers } from './input.ts';
import { draftInstance } from './instance-draft.ts';
import { change, instanceAt, isSame, needInstance, needStatus, refOf } from './lookups.ts';
import { type InstanceRef, type InstanceRow, rdsTables } from './rows.ts';
import { enterSeed, seedTaken } from './seeds.ts';
import { finishSnapshot, snapshotDirectory } from './snapshot-rows.ts';
import { changeKind, note, type Step } from './workflow.ts';

const createMembers = [
  'AvailabilityZone',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBParameterGroupName',
  'DBSubnetGroupName',
  'DeletionProtection',
  'KmsKeyId',
  'MultiAZ',
  'Port',
  'PreSignedUrl',
  'PubliclyAccessible',
  'SourceDBInstanceIdentifier',
  'SourceRegion',
  'Tags',
  'VpcSecurityGroupIds',
];

/** Source: facts/aws-model.json, limits.rds. */
const mostReplicas = 15;
const mostCreationsPerRegion = 20;
const mostInChain = 3;

export async function createReplica(
  rds: Rds,
  call: Call,
  input: CreateDBInstanceReadReplicaCommandInput,
): Promise<InstanceRow> {
  refuseOthers('CreateDBInstanceReadReplica', input, createMembers, recordedMembers);
  const { core } = rds;
  const source = replicaSource(core, call, input.SourceDBInstanceIdentifier);
  const crossRegion = source.region !== call.region;
  const version = chooseVersion(source.engine, source.engineVersion);
  const encryption = await copiedEncryption(core, call, source, input.KmsKeyId, 'read replica');
  const group =
    input.DBParameterGroupName ?? (crossRegion ? defaultParameterGroup(familyOf(version)) : source.parameterGroup.name);
  const inherited = crossRegion
    ? {}
    : { DBSubnetGroupName: source.subnetGroup, VpcSecurityGroupIds: [...source.securityGroups] };
  const drafted = await draftInstance(
    rds,
    call.region,
    // Observed on AWS: deletion protection asked for here isn't there afterwards (terraform-provider-aws#46542).
    { ...defined(inherited), ...input, DeletionProtection: false },
    {
      ...encryption,
      version,
      class: input.DBInstanceClass ?? source.class,
      port: input.Port ?? source.port,
      allocatedStorage: source.allocatedStorage,
      backupRetention: 0,
      databaseName: source.databaseName,
      masterUser: source.masterUser,
      parameterGroup: { name: group.toLowerCase(), status: 'in-sync', rebootNeeded: false },
      source: refOf(source),
    },
  );
  const row: InstanceRow = {
    ...drafted,
    backupWindow: source.backupWindow,
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? source.copyTagsToSnapshot,
    recorded: { ...shape(source, crossRegion), ...recordedFrom(input) },
  };
  needStatus(needInstance(core, source.region, source.id), 'replicated', 'available');
  rdsTables(core, call.region).instances.put(row.resourceId, row);
  change(core, source, (now) => ({ ...now, replicas: [...now.replicas, refOf(row)] }));
  const lasting = replicaCreation(core.timing, crossRegion, source.allocatedStorage);
  seedingChange.begin(rds, source, { lasting: lasting.snapshot });
  replicaChange.begin(rds, row, { source, lasting, seed: undefined });
  return row;
}

export const seedingChange = changeKind(
  'snapshot for a replica',
  (_rds, _row, { lasting }: { readonly lasting: number }) => ({ steps: [{ status: 'modifying', lasting }] }),
);

interface Seeding {
  readonly source: InstanceRow;
  readonly lasting: { readonly snapshot: number; readonly copy: number; readonly load: number };
  /** The copy it begins with, once that was taken. */
  readonly seed: Backup | undefined;
  /** Across Regions: the automated snapshot of the source that copy is. */
  readonly snapshot?: string;
}

export const replicaChange = changeKind('replica creation', (rds, replica, kept: Seeding) => {
  const { core, databases, fleet } = rds;
  const { source, lasting } = kept;
  const crossRegion = source.region !== replica.region;
  const folder = join(core.directory, 'databases', `seed-${replica.resourceId}`);
  let { seed, snapshot } = kept;
  const steps: Step[] = [
    {
      status: 'creating',
      lasting: lasting.snapshot,
      alsoIn: [source.region],
      work: async () => {
        if (crossRegion) {
          snapshot ??= automatedId(core, source);
          note(rds, replica, { snapshot });
          enterSeed(core, source, snapshot);
        }
        const directory = snapshot === undefined ? folder : snapshotDirectory(core, source.region, snapshot);
        seed = await (await fleet.start(source)).backup(directory);
        note(rds, replica, { seed });
      },
      after: (row) => {
        if (snapshot !== undefined) seedTaken(core, source.region, replica.region, snapshot, seed);
        return row;
      },
    },
    {
      lasting: lasting.copy,
      alsoIn: crossRegion ? [source.region] : [],
      work: async () => {
        if (seed !== undefined) await fleet.database(replica).restore(seed);
      },
      after: (row) => {
        if (snapshot !== undefined) finishSnapshot(core, replica.region, snapshot, seed);
        return row;
      },
    },
    { lasting: lasting.load },
    {
      lasting: 0,
      work: async () => {
        if (snapshot === undefined) await databases.discard(folder);
        await fleet.start(replica);
        await fleet.database(replica).follow(await fleet.link(source, replica), seed?.position ?? '');
        await disturb(rds, replica);
        await fleet.openDoor(replica);
      },
      after: (row) => {
        if (snapshot !== undefined) rdsTables(core, replica.region).snapshots.delete(snapshot);
        tell(core, row, 'created');
        tell(core, row, 'replicationResumed');
        return { ...row, createdAt: core.clock.now(), replication: { status: 'replicating', message: '' } };
      },
    },
  ];
  return { steps, onFailure: () => tell(core, replica, 'replicaFailed') };
});

/**
 * The other side of a link learns of its end a moment later, or when its Region is back; the source then no longer keeps binary
 * logs for the replica.
 */
export function unlinkFromSource({ core }: Rds, replica: InstanceRef & Pick<InstanceRow, 'source'>): void {
  const { source } = replica;
  if (source === undefined) return;
  core.region(source.region).clock.after(unlinkDelay, () => {
    change(core, source, (row) => ({ ...row, replicas: row.replicas.filter((one) => !isSame(one, replica)) }));
  });
}

function replicaSource(core: SandboxCore, call: Call, given: string | undefined): InstanceRow {
  if (given === undefined) throw invalidValue('The parameter SourceDBInstanceIdentifier must be provided.');
  const { region, name } = nameOrArn(core, call.region, 'db', given);
  if (!core.network.reachable(call.region, region)) {
    throw new AwsError('InternalFailure', `RDS in ${region} didn't answer. Please try again.`, { status: 500 });
  }
  const source = needInstance(core, region, name);
  needStatus(source, 'replicated', 'available');
  if (source.backupRetention === 0) {
    throw invalidState(
      'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set ' +
        'the backup retention period to a non-zero value.',
    );
  }
  if (source.replicas.length >= mostReplicas) {
    throw invalidCombination(`${source.id} already has ${mostReplicas} read replicas.`);
  }
  if (depthOf(core, source) >= mostInChain) {
    throw invalidCombination(`${source.id} is the last of a chain of ${mostInChain} read replicas.`);
  }
  const underWay = rdsTables(core, call.region)
    .instances.values()
    .filter((row) => row.status === 'creating' && row.source !== undefined && row.source.region !== call.region);
  if (region !== call.region && underWay.length >= mostCreationsPerRegion) {
    throw new AwsError(
      'InstanceQuotaExceeded',
      `At most ${mostCreationsPerRegion} cross-Region read replicas can be created in ${call.region} at the same time.`,
    );
  }
  return source;
}

/** How many replicas lie between an instance and where its data are written, itself included. */
function depthOf(core: SandboxCore, { source }: InstanceRow): number {
  const next = source === undefined ? undefined : instanceAt(core, source);
  return source === undefined ? 0 : 1 + (next === undefined ? 0 : depthOf(core, next));
}

/** A replica's storage is its source's unless said; in the same Region its option group too. */
function shape({ recorded }: InstanceRow, crossRegion: boolean): InstanceRow['recorded'] {
  const inherited = ['StorageType', 'Iops', 'StorageThroughput', ...(crossRegion ? [] : ['OptionGroupName'])];
  return Object.fromEntries(Object.entries(recorded).filter(([member]) => inherited.includes(member)));
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>;
}
