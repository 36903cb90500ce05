/**
 * Modifying an instance. What RDS applies at once it applies at once; the rest happens now with `ApplyImmediately`, or in the next
 * maintenance window. Changes of the server's being (class, backups on or off, its name) restart it.
 */

import type { ModifyDBInstanceCommandInput, PendingModifiedValues } from '@aws-sdk/client-rds';
import { AwsError, type Call } from '../../contract.ts';
import { backupStep } from './automated-snapshots.ts';
import type { Rds } from './context.ts';
import { flicker, reshaping, smallChange } from './durations.ts';
import { chooseVersion, familyOf } from './engines.ts';
import { invalidCombination, invalidState, invalidValue } from './errors.ts';
import type { EventName } from './event-catalogue.ts';
import { tell } from './events.ts';
import {
  identifier,
  integer,
  password,
  recordedFrom,
  recordedMembers,
  refuseOthers,
  refusePublic,
  retention,
} from './input.ts';
import { change, findInstance, needInstance, needStatus } from './lookups.ts';
import { checkClass } from './offered-classes.ts';
import { adoptGroup } from './parameter-changes.ts';
import { parameterGroup } from './parameter-groups.ts';
import { rebootSteps } from './power.ts';
import { renameSteps } from './rename.ts';
import type { DeferredChange, InstanceRow, Recorded } from './rows.ts';
import { checkBackupWindow, checkMaintenanceWindow } from './windows.ts';
import { changeKind, type Step } from './workflow.ts';

const members = [
  'AllocatedStorage',
  'ApplyImmediately',
  'BackupRetentionPeriod',
  'CloudwatchLogsExportConfiguration',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBParameterGroupName',
  'DeletionProtection',
  'EngineVersion',
  'MasterUserPassword',
  'MultiAZ',
  'NewDBInstanceIdentifier',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
  'PubliclyAccessible',
  'VpcSecurityGroupIds',
];

export function modifyInstance(rds: Rds, call: Call, input: ModifyDBInstanceCommandInput): InstanceRow {
  refuseOthers('ModifyDBInstance', input, members, recordedMembers);
  const { core } = rds;
  const row = needInstance(core, call.region, input.DBInstanceIdentifier);
  needStatus(row, 'modified', 'available', 'storage-full');
  const secret = checkedPassword(row, input.MasterUserPassword);
  const group = checkedGroup(rds, row, input.DBParameterGroupName);
  const deferrable = deferrableChanges(rds, row, input);
  const settled = atOnce(row, input);

  const now = input.ApplyImmediately === true;
  change(core, row, (before) => ({
    ...settled,
    busy: before.busy,
    deferred: now ? {} : { ...before.deferred, ...deferrable },
    pending: {
      ...pendingFrom(now ? deferrable : { ...before.deferred, ...deferrable }),
      ...(secret && { MasterUserPassword: '****' }),
    },
  }));
  if (group !== undefined && group !== row.parameterGroup.name) adoptGroup(rds, row, group);
  modificationChange.begin(rds, row, { secret, wanted: now ? deferrable : {} });
  return needInstance(core, row.region, row.id);
}

interface Modification {
  readonly secret: string | undefined;
  readonly wanted: DeferredChange;
}

export const modificationChange = changeKind('modification', (rds, row, { secret, wanted }: Modification) => {
  const steps = [...(secret === undefined ? [] : [passwordStep(rds, row, secret)]), ...deferredSteps(rds, row, wanted)];
  return {
    steps: [{ lasting: flicker }, ...(steps.length > 0 ? steps : [{ status: 'modifying', lasting: smallChange }])],
  };
});

/** Carries out what waited for the maintenance window. */
export function applyDeferred(rds: Rds, row: InstanceRow): void {
  change(rds.core, row, (now) => ({ ...now, deferred: {} }));
  maintenanceChange.begin(rds, row, row.deferred);
}

export const maintenanceChange = changeKind('maintenance', (rds, row, wanted: DeferredChange) => ({
  steps: deferredSteps(rds, row, wanted),
}));

/** What takes effect whatever `ApplyImmediately` says. */
function atOnce(row: InstanceRow, input: ModifyDBInstanceCommandInput): InstanceRow {
  refusePublic(input.PubliclyAccessible);
  if (
    input.EngineVersion !== undefined &&
    chooseVersion(row.engine, input.EngineVersion).version !== row.engineVersion
  ) {
    throw new AwsError('UnsupportedOperation', "The sandbox doesn't upgrade engines: EngineVersion can't be changed.");
  }
  const wanted = input.BackupRetentionPeriod;
  const sameKind = wanted !== undefined && wanted > 0 && row.backupRetention > 0;
  return {
    ...row,
    deletionProtection: input.DeletionProtection ?? row.deletionProtection,
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? row.copyTagsToSnapshot,
    securityGroups: input.VpcSecurityGroupIds ?? row.securityGroups,
    backupWindow: input.PreferredBackupWindow ? checkBackupWindow(input.PreferredBackupWindow) : row.backupWindow,
    maintenanceWindow: input.PreferredMaintenanceWindow
      ? checkMaintenanceWindow(input.PreferredMaintenanceWindow)
      : row.maintenanceWindow,
    backupRetention: sameKind ? retention(wanted) : row.backupRetention,
    recorded: { ...row.recorded, ...recordedFrom(input), ...logExports(row, input) },
  };
}

function deferrableChanges(rds: Rds, row: InstanceRow, input: ModifyDBInstanceCommandInput): DeferredChange {
  const {
    BackupRetentionPeriod: kept,
    MultiAZ: multiAz,
    DBInstanceClass: wantedClass,
    AllocatedStorage: storage,
  } = input;
  if (kept === 0 && row.replicas.length > 0) {
    throw invalidState(`Automated backups can't be turned off: ${row.id} has read replicas.`);
  }
  if (wantedClass !== undefined && wantedClass !== row.class)
    checkClass(rds.core, row.region, chooseVersion(row.engine, row.engineVersion), wantedClass);
  const id = newIdentifier(rds, row, input.NewDBInstanceIdentifier);
  return {
    ...(kept !== undefined && retention(kept) > 0 !== row.backupRetention > 0 && { backupRetention: kept }),
    ...(multiAz !== undefined && multiAz !== row.multiAz && { multiAz }),
    ...(wantedClass !== undefined && wantedClass !== row.class && { class: wantedClass }),
    ...(storage !== undefined && storage !== row.allocatedStorage && { allocatedStorage: moreStorage(row, storage) }),
    ...(id !== undefined && { id }),
  };
}

function deferredSteps(rds: Rds, row: InstanceRow, wanted: DeferredChange): Step[] {
  const { timing } = rds.core;
  const reboot = () => rebootSteps(rds, row, timing.milliseconds('rds_reboot'));
  const { backupRetention: kept, multiAz, class: wantedClass, allocatedStorage, id } = wanted;
  return [
    ...(kept === undefined
      ? []
      : [{ status: 'modifying', lasting: smallChange }, ...reboot(), ...keepBackups(rds, row, kept)]),
    ...(multiAz === undefined
      ? []
      : [
          told(rds, multiAz ? 'multiAzComing' : 'multiAzGoing'),
          done(multiAz ? timing.milliseconds('rds_modify_multi_az_on') : smallChange, { multiAz }, 'MultiAZ'),
          told(rds, multiAz ? 'multiAzOn' : 'multiAzOff'),
        ]),
    ...(allocatedStorage === undefined
      ? []
      : [
          told(rds, 'storageChanging'),
          done(reshaping(timing), { allocatedStorage }, 'AllocatedStorage'),
          told(rds, 'storageChanged'),
        ]),
    ...(wantedClass === undefined
      ? []
      : [
          told(rds, 'classChanging'),
          done(reshaping(timing), { class: wantedClass }, 'DBInstanceClass'),
          ...reboot(),
          told(rds, 'classChanged'),
        ]),
    ...(id === undefined ? [] : renameSteps(rds, row, id)),
  ];
}

const done = (lasting: number, changed: Partial<InstanceRow>, pending: keyof PendingModifiedValues): Step => ({
  status: 'modifying',
  lasting,
  after: (now) => ({ ...now, ...changed, pending: without(now.pending, pending) }),
});

/** From none to some is a first backup; the reboot has gone before. */
function keepBackups(rds: Rds, row: InstanceRow, backupRetention: number): Step[] {
  const settle = (now: InstanceRow): InstanceRow => ({
    ...now,
    backupRetention,
    pending: without(now.pending, 'BackupRetentionPeriod'),
  });
  if (backupRetention === 0) return [{ lasting: 0, after: settle }, told(rds, 'backupsOff')];
  const lasting = rds.core.timing.milliseconds('rds_promote_replica_retention_zero_extra');
  return [{ lasting: 0, after: settle }, told(rds, 'backupsOn'), backupStep(rds, row, lasting)];
}

const passwordStep = (rds: Rds, row: InstanceRow, secret: string): Step => ({
  status: 'resetting-master-credentials',
  lasting: smallChange,
  work: async () => (await rds.fleet.start(row)).setPassword(row.masterUser, secret),
  after: (now) => {
    tell(rds.core, now, 'passwordReset');
    return { ...now, pending: without(now.pending, 'MasterUserPassword') };
  },
});

/** A step that takes no time and only tells. */
const told = ({ core }: Rds, name: EventName): Step => ({
  lasting: 0,
  after: (now) => {
    tell(core, now, name);
    return now;
  },
});

function pendingFrom(wanted: DeferredChange): PendingModifiedValues {
  return {
    ...(wanted.backupRetention !== undefined && { BackupRetentionPeriod: wanted.backupRetention }),
    ...(wanted.multiAz !== undefined && { MultiAZ: wanted.multiAz }),
    ...(wanted.class !== undefined && { DBInstanceClass: wanted.class }),
    ...(wanted.allocatedStorage !== undefined && { AllocatedStorage: wanted.allocatedStorage }),
    ...(wanted.id !== undefined && { DBInstanceIdentifier: wanted.id }),
  };
}

function without(pending: PendingModifiedValues, member: keyof PendingModifiedValues): PendingModifiedValues {
  const { [member]: _, ...rest } = pending;
  return rest;
}

function checkedPassword(row: InstanceRow, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (row.source !== undefined)
    throw invalidCombination("The password of a read replica is its source's: change it there.");
  return password(given);
}

function checkedGroup(rds: Rds, row: InstanceRow, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const group = parameterGroup(rds.core, row.region, given);
  const family = familyOf(chooseVersion(row.engine, row.engineVersion));
  if (group.family === family) return group.name;
  throw invalidCombination(
    `The Parameter Group ${group.name} is of the family ${group.family}; ${row.id} needs ${family}.`,
  );
}

function newIdentifier(rds: Rds, row: InstanceRow, given: string | undefined): string | undefined {
  if (given === undefined || given.toLowerCase() === row.id) return undefined;
  const id = identifier('NewDBInstanceIdentifier', given);
  if (findInstance(rds.core, row.region, id) === undefined) return id;
  throw new AwsError('DBInstanceAlreadyExists', `DB instance already exists: ${id}`);
}

function moreStorage(row: InstanceRow, wanted: number): number {
  if (wanted < row.allocatedStorage) throw invalidValue('Storage can only grow.');
  return integer('AllocatedStorage', wanted, 20, 65_536);
}

function logExports(
  row: InstanceRow,
  { CloudwatchLogsExportConfiguration: asked }: ModifyDBInstanceCommandInput,
): Recorded {
  if (asked === undefined) return {};
  const before = row.recorded.EnableCloudwatchLogsExports;
  const kept = (Array.isArray(before) ? (before as readonly string[]) : []).filter(
    (type) => !asked.DisableLogTypes?.includes(type),
  );
  return { EnableCloudwatchLogsExports: [...new Set([...kept, ...(asked.EnableLogTypes ?? [])])] };
}
