/** DB snapshots: real copies of the data, kept apart from the instance and outliving it. */

import type {
  CopyDBSnapshotCommandInput,
  CreateDBSnapshotCommandInput,
  DescribeDBSnapshotsCommandInput,
  DescribeDBSnapshotsCommandOutput,
} from '@aws-sdk/client-rds';
import { AwsError, type Call, type SandboxCore } from '../../contract.ts';
import type { Backup } from '../../databases/database.ts';
import { arnOf, nameOrArn, parseArn } from './arns.ts';
import type { Rds } from './context.ts';
import { crossRegionCopy } from './durations.ts';
import { copiedEncryption } from './encryption.ts';
import { invalidValue, snapshotNotFound } from './errors.ts';
import { tell } from './events.ts';
import { identifier, refuseOthers, tagsFrom } from './input.ts';
import { needInstance, needStatus } from './lookups.ts';
import { matching, page } from './pages.ts';
import { type InstanceRow, rdsTables, type SnapshotRow, type Tags } from './rows.ts';
import { dropSnapshot, failSnapshot, finishSnapshot, putSnapshot, snapshotDirectory } from './snapshot-rows.ts';
import { snapshotShape } from './snapshot-shape.ts';
import { carryOut, changeKind, type Step } from './workflow.ts';

/** Source: facts/aws-model.json, limits.rds.concurrent_snapshot_copies_per_dest_region. */
const mostCopiesPerRegion = 20;

export function createSnapshot(rds: Rds, call: Call, input: CreateDBSnapshotCommandInput): SnapshotRow {
  refuseOthers('CreateDBSnapshot', input, ['DBInstanceIdentifier', 'DBSnapshotIdentifier', 'Tags']);
  const row = needInstance(rds.core, call.region, input.DBInstanceIdentifier);
  needStatus(row, 'snapshotted', 'available', 'stopped');
  const id = enterSnapshot(rds, row, input.DBSnapshotIdentifier, tagsFrom(input.Tags));
  snapshotChange.begin(rds, row, { id });
  return needSnapshot(rds.core, call.region, id);
}

export const snapshotChange = changeKind('snapshot', (rds, row, { id }: { readonly id: string }) => ({
  steps: [{ status: 'backing-up', ...snapshotStep(rds, row, id) }],
  end: row.status,
  failed: row.status,
  onFailure: () => failSnapshot(rds.core, row.region, id),
}));

/** The last snapshot of an instance about to be deleted, inside the time the deletion takes. */
export function finalSnapshot(rds: Rds, row: InstanceRow, id: string): () => Promise<void> {
  const step = snapshotStep(rds, row, id);
  return async () => {
    await step.work?.();
    step.after?.(row);
  };
}

/** Enters a snapshot as `creating`; answers its id. */
export function enterSnapshot({ core }: Rds, row: InstanceRow, given: string | undefined, tags: Tags): string {
  const id = newSnapshotId(core, row.region, 'DBSnapshotIdentifier', given);
  putSnapshot(core, row, id, 'manual', tags);
  tell(core, { kind: 'snapshot', region: row.region, id }, 'creatingManualSnapshot');
  return id;
}

/** The step of an instance that makes a snapshot which was entered. */
export function snapshotStep({ core, fleet }: Rds, row: InstanceRow, id: string): Step {
  const directory = snapshotDirectory(core, row.region, id);
  const wasUp = row.up;
  let backup: Backup | undefined;
  return {
    lasting: core.timing.milliseconds('rds_create_snapshot_20gb'),
    work: async () => {
      backup = await (await fleet.start(row)).backup(directory);
      if (!wasUp) await fleet.stop(row);
    },
    after: (now) => {
      finishSnapshot(core, row.region, id, backup);
      tell(core, { kind: 'snapshot', region: row.region, id }, 'manualSnapshotCreated');
      return now;
    },
  };
}

export async function copySnapshot(rds: Rds, call: Call, input: CopyDBSnapshotCommandInput): Promise<SnapshotRow> {
  const members = [
    'CopyTags',
    'KmsKeyId',
    'PreSignedUrl',
    'SourceDBSnapshotIdentifier',
    'SourceRegion',
    'Tags',
    'TargetDBSnapshotIdentifier',
  ];
  refuseOthers('CopyDBSnapshot', input, members);
  const { core } = rds;
  const { region, name } = nameOrArn(core, call.region, 'snapshot', input.SourceDBSnapshotIdentifier ?? '');
  if (!core.network.reachable(call.region, region)) {
    throw new AwsError('InternalFailure', `RDS in ${region} didn't answer. Please try again.`, { status: 500 });
  }
  const source = needSnapshot(core, region, name);
  if (source.status !== 'available') throw notAvailable(source);
  const { snapshots } = rdsTables(core, call.region);
  const copying = snapshots.values().filter(({ status, copyOf }) => status === 'creating' && copyOf !== undefined);
  if (copying.length >= mostCopiesPerRegion) {
    throw new AwsError(
      'SnapshotQuotaExceeded',
      `Cannot copy more than ${mostCopiesPerRegion} snapshots to a Region at the same time.`,
    );
  }
  const encryption = await copiedEncryption(core, call, source, input.KmsKeyId, 'snapshot');
  const id = newSnapshotId(core, call.region, 'TargetDBSnapshotIdentifier', input.TargetDBSnapshotIdentifier);
  const row = snapshots.put(id, {
    ...source,
    ...encryption,
    id,
    region: call.region,
    status: 'creating',
    type: 'manual',
    percent: 0,
    createdAt: core.clock.now(),
    tags: input.CopyTags === true ? { ...source.tags, ...tagsFrom(input.Tags) } : tagsFrom(input.Tags),
    copyOf: { arn: arnOf(core, region, 'snapshot', source.id), region },
    backup: undefined,
  });
  tell(core, about(row), region === call.region ? 'localCopyStarted' : 'copyStarted', source.id, region);
  bringCopy(rds, source, row);
  return row;
}

/** Brings the data of a snapshot to its copy, which is `creating` until then. */
function bringCopy(rds: Rds, source: SnapshotRow, row: SnapshotRow): void {
  copy(rds, source, row).catch((error: unknown) => {
    failSnapshot(rds.core, row.region, row.id);
    rds.core.log({ service: 'rds', region: row.region, text: `copying the snapshot ${source.id} failed`, error });
  });
}

/** Goes on with the copies of an earlier life; one whose source is gone has failed. */
export function copyAgain(rds: Rds, region: string): void {
  for (const row of rdsTables(rds.core, region).snapshots.values()) {
    // An automated one is a replica's: its creation brings it.
    if (row.status !== 'creating' || row.copyOf === undefined || row.type === 'automated') continue;
    const { region: from, name } = parseArn(rds.core, row.copyOf.arn);
    const source = rdsTables(rds.core, from).snapshots.get(name);
    if (source === undefined) failSnapshot(rds.core, region, row.id);
    else bringCopy(rds, source, row);
  }
}

async function copy({ core, databases }: Rds, source: SnapshotRow, row: SnapshotRow): Promise<void> {
  const lasting =
    source.region === row.region
      ? core.timing.milliseconds('rds_create_snapshot_20gb')
      : crossRegionCopy(core.timing, source.instance.allocatedStorage);
  const directory = snapshotDirectory(core, row.region, row.id);
  const began = core.clock.now();
  let backup: Backup | undefined;
  await carryOut(core, [row.region, source.region], lasting, async () => {
    if (source.backup !== undefined) backup = await databases.copy(source.backup, directory);
  });
  finishSnapshot(core, row.region, row.id, backup);
  const took = String(Math.max(1, Math.round((core.clock.now() - began) / 60_000)));
  if (source.region === row.region) tell(core, about(row), 'localCopyFinished', source.id, source.region);
  else tell(core, about(row), 'copyFinished', source.id, source.region, took);
}

const about = ({ region, id }: SnapshotRow) => ({ kind: 'snapshot', region, id }) as const;

export function deleteSnapshot(rds: Rds, call: Call, id: string | undefined): SnapshotRow {
  const row = needSnapshot(rds.core, call.region, id ?? '');
  if (row.type === 'automated') {
    // RDS's words: hashicorp/terraform-provider-aws#13800.
    throw new AwsError('InvalidDBSnapshotState', 'automated snapshots cannot be deleted.');
  }
  if (row.status === 'creating') throw notAvailable(row);
  dropSnapshot(rds, row);
  tell(rds.core, about(row), 'manualSnapshotDeleted');
  return row;
}

export function describeSnapshots(
  { core }: Rds,
  region: string,
  input: DescribeDBSnapshotsCommandInput,
): Omit<DescribeDBSnapshotsCommandOutput, '$metadata'> {
  const {
    DBSnapshotIdentifier: named,
    DBInstanceIdentifier: instance,
    DbiResourceId: resource,
    SnapshotType: type,
  } = input;
  const rows =
    named === undefined
      ? rdsTables(core, region).snapshots.values()
      : [needSnapshot(core, region, nameOrArn(core, region, 'snapshot', named).name)];
  const wanted = rows.filter(
    (row) =>
      (instance === undefined || row.instanceId === instance.toLowerCase()) &&
      (resource === undefined || row.instance.resourceId === resource) &&
      (type === undefined || row.type === type),
  );
  const filtered = matching(wanted, input.Filters, {
    'db-snapshot-id': (row) => [row.id, arnOf(core, region, 'snapshot', row.id)],
    'db-instance-id': (row) => [row.instanceId],
    'dbi-resource-id': (row) => [row.instance.resourceId],
    'snapshot-type': (row) => [row.type],
    engine: (row) => [row.instance.engine],
  });
  const { rows: shown, marker } = page(filtered, input);
  return {
    DBSnapshots: shown.map((row) => snapshotShape(core, row)),
    ...(marker === undefined ? {} : { Marker: marker }),
  };
}

export function needSnapshot(core: SandboxCore, region: string, id: string): SnapshotRow {
  const row = rdsTables(core, region).snapshots.get(id.toLowerCase());
  if (row === undefined) throw snapshotNotFound(id);
  return row;
}

export const notAvailable = (row: SnapshotRow): AwsError =>
  new AwsError('InvalidDBSnapshotState', `The snapshot ${row.id} is not available: it is ${row.status}.`);

function newSnapshotId(core: SandboxCore, region: string, member: string, given: string | undefined): string {
  if (given?.startsWith('rds:')) throw invalidValue(`The ${member} ${given} is reserved for automated snapshots.`);
  const id = identifier(member, given, 255);
  if (!rdsTables(core, region).snapshots.has(id)) return id;
  throw new AwsError(
    'DBSnapshotAlreadyExists',
    `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`,
  );
}
