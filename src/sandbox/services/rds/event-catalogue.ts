/** RDS's events: id, category and message of each that this service has occasion to tell. The source is named in `events.ts`. */

export interface EventDefinition {
  readonly id: string;
  readonly category: string;
  readonly says: string;
}

export const eventCatalogue = {
  created: event('0005', 'creation', 'DB instance created'),
  deleted: event('0003', 'deletion', 'DB instance deleted'),
  shutDown: event('0004', 'availability', 'DB instance shutdown'),
  restarted: event('0006', 'availability', 'DB instance restarted'),
  stopped: event('0087', 'notification', 'DB instance stopped'),
  started: event('0088', 'notification', 'DB instance started'),
  startedAfterLongestStop: event(
    '0154',
    'notification',
    'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
  ),
  backingUp: event('0001', 'backup', 'Backing up DB instance'),
  backedUp: event('0002', 'backup', 'Finished DB Instance backup'),
  backupsOn: event('0032', 'configuration change', 'Enabled automated backups'),
  backupsOff: event('0028', 'configuration change', 'Disabled automated backups'),
  passwordReset: event('0016', 'configuration change', 'Reset master credentials'),
  groupAdopted: event('0011', 'configuration change', 'Updated to use DBParameterGroup $1'),
  classChanging: event('0012', 'configuration change', 'Applying modification to database instance class'),
  classChanged: event('0014', 'configuration change', 'Finished applying modification to DB instance class'),
  storageChanging: event('0018', 'configuration change', 'Applying modification to allocated storage'),
  storageChanged: event('0017', 'configuration change', 'Finished applying modification to allocated storage'),
  multiAzComing: event('0024', 'configuration change', 'Applying modification to convert to a Multi-AZ DB Instance'),
  multiAzOn: event(
    '0025',
    'configuration change',
    'Finished applying modification to convert to a Multi-AZ DB Instance',
  ),
  multiAzGoing: event(
    '0030',
    'configuration change',
    'Applying modification to convert to a standard (Single-AZ) DB Instance',
  ),
  multiAzOff: event(
    '0029',
    'configuration change',
    'Finished applying modification to convert to a standard (Single-AZ) DB Instance',
  ),
  failoverStarted: event('0013', 'failover', 'Multi-AZ instance failover started.'),
  failoverCompleted: event('0049', 'failover', 'Multi-AZ instance failover completed'),
  recoveryStarted: event(
    '0020',
    'recovery',
    'Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.',
  ),
  recoveryCompleted: event('0021', 'recovery', 'Recovery of the DB instance is complete.'),
  keyUnreachable: event(
    '0418',
    'failure',
    'Amazon RDS is unable to access the KMS encryption key for database instance $1. This is likely due to the key being disabled or ' +
      'Amazon RDS being unable to access it. If this continues the database will be placed into an inaccessible state. Please refer to ' +
      'the troubleshooting section in the Amazon RDS documentation for further details.',
  ),
  keyLost: event(
    '0419',
    'availability',
    'Amazon RDS has been unable to access the KMS encryption key for database instance $1. This database will be placed into an ' +
      'inaccessible state. Please refer to the troubleshooting section in the Amazon RDS documentation for further details.',
  ),
  keyReachable: event(
    '0420',
    'failure',
    'Amazon RDS can now successfully access the KMS encryption key for database instance $1.',
  ),
  replicationStopped: event('0045', 'read replica', 'Replication has stopped.'),
  replicationResumed: event('0046', 'read replica', 'Replication for the Read Replica resumed'),
  replicationTerminated: event('0057', 'read replica', 'Replication streaming has been terminated.'),
  replicationStoppedByHand: event(
    '0062',
    'read replica',
    'Replication for the Read Replica has been manually stopped.',
  ),
  replicaFailed: event('0202', 'read replica', 'Read replica creation failed.'),
  parameterUpdated: event('0037', 'configuration change', 'Updated parameter $1 to $2 with apply method $3'),
  creatingManualSnapshot: event('0040', 'creation', 'Creating manual snapshot'),
  manualSnapshotCreated: event('0042', 'creation', 'Manual snapshot created'),
  creatingAutomatedSnapshot: event('0090', 'creation', 'Creating automated snapshot'),
  automatedSnapshotCreated: event('0091', 'creation', 'Automated snapshot created'),
  manualSnapshotDeleted: event('0041', 'deletion', 'Deleted manual snapshot'),
  copyStarted: event('0059', 'notification', 'Started copy of snapshot $1 from region $2'),
  copyFinished: event('0060', 'notification', 'Finished copy of snapshot $1 from region $2 in $3 minutes'),
  localCopyStarted: event('0196', 'notification', 'Started copy of snapshot $1 in region $2'),
  localCopyFinished: event('0197', 'notification', 'Finished copy of snapshot $1 in region $2'),
  restoredFromSnapshot: event('0043', 'restoration', 'Restored from snapshot $1'),
} as const satisfies Readonly<Record<string, EventDefinition>>;

export type EventName = keyof typeof eventCatalogue;

function event(number: string, category: string, says: string): EventDefinition {
  return { id: `RDS-EVENT-${number}`, category, says };
}
