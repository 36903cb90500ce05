/**
 * Promoting a replica: replication ends, the server is restarted without `read_only`, and only then is it nobody's replica.
 *
 * A reader sees `available` for a moment after the request, then `modifying`, `rebooting`, `modifying`, a first backup when backups
 * were off, `available`; the source's name stays until the end. (facts/aws-model.json, rds_promote_read_replica)
 */

import type { PromoteReadReplicaCommandInput } from '@aws-sdk/client-rds';
import type { Call } from '../../contract.ts';
import { backupStep } from './automated-snapshots.ts';
import type { Rds } from './context.ts';
import { flicker, promotion } from './durations.ts';
import { invalidState } from './errors.ts';
import { refuseOthers, retention } from './input.ts';
import { needInstance, needStatus } from './lookups.ts';
import { rebootSteps } from './power.ts';
import { unlinkFromSource } from './replicas.ts';
import type { InstanceRow } from './rows.ts';
import { checkBackupWindow } from './windows.ts';
import { changeKind, type Step } from './workflow.ts';

export function promoteReplica(rds: Rds, call: Call, input: PromoteReadReplicaCommandInput): InstanceRow {
  refuseOthers('PromoteReadReplica', input, ['DBInstanceIdentifier', 'BackupRetentionPeriod', 'PreferredBackupWindow']);
  const row = needInstance(rds.core, call.region, input.DBInstanceIdentifier);
  if (row.source === undefined) throw invalidState(`DB Instance ${row.id} is not a read replica.`);
  needStatus(row, 'promoted', 'available');
  // What isn't said is 1, whatever the replica had: botocore, rds PromoteReadReplica.
  const backupRetention = retention(input.BackupRetentionPeriod ?? 1);
  const backupWindow = input.PreferredBackupWindow ? checkBackupWindow(input.PreferredBackupWindow) : row.backupWindow;
  promotionChange.begin(rds, row, { backupRetention, backupWindow });
  // The answer is ahead of what a reader sees next.
  return { ...row, status: 'modifying' };
}

interface Wanted {
  readonly backupRetention: number;
  readonly backupWindow: string;
}

export const promotionChange = changeKind('promotion', (rds, row, { backupRetention, backupWindow }: Wanted) => ({
  steps: promotionSteps(rds, row, backupRetention, backupWindow),
}));

function promotionSteps(rds: Rds, row: InstanceRow, backupRetention: number, backupWindow: string): Step[] {
  const { core, fleet } = rds;
  const { modifying, rebooting, settling } = promotion(core.timing);
  const firstBackup = backupStep(rds, row, core.timing.milliseconds('rds_promote_replica_retention_zero_extra'));
  return [
    {
      lasting: flicker,
      after: (now) => (backupRetention === now.backupRetention ? now : pendingRetention(now, backupRetention)),
    },
    {
      status: 'modifying',
      lasting: modifying,
      work: async () => {
        await (await fleet.start(row)).leave();
        await fleet.unlink(row);
      },
      after: (now) => ({ ...now, follows: false, replication: { status: 'terminated', message: '' } }),
    },
    ...rebootSteps(rds, row, rebooting),
    {
      status: 'modifying',
      lasting: settling,
      after: (now) => ({ ...now, backupRetention, backupWindow, pending: {}, wholeBackupDue: true }),
    },
    ...(row.backupRetention === 0 && backupRetention > 0 ? [firstBackup] : []),
    {
      lasting: 0,
      after: ({ sourceWas: _gone, ...now }) => {
        unlinkFromSource(rds, now);
        return { ...now, source: undefined, replication: undefined };
      },
    },
  ];
}

const pendingRetention = (row: InstanceRow, wanted: number): InstanceRow => ({
  ...row,
  pending: { ...row.pending, BackupRetentionPeriod: wanted },
});
