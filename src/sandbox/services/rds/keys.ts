/**
 * Databases whose key can't be used any more. RDS notices, warns, and two hours later stops the database: one that could be stopped by its
 * owner and has backups can be started again within seven days once its key is back; any other is lost, and only its backups are left.
 *
 * Source: RDS User Guide, "Encrypting Amazon RDS resources"; which message comes when: "Amazon RDS event categories and event messages".
 */

import { AwsError, codeOf, type SandboxCore } from '../../contract.ts';
import type { Rds } from './context.ts';
import { keyGrace, longestKeyLoss } from './durations.ts';
import { tell } from './events.ts';
import { change } from './lookups.ts';
import type { InstanceRow } from './rows.ts';
import { changeKind } from './workflow.ts';

export const recoverable = 'inaccessible-encryption-credentials-recoverable';
export const lost = 'inaccessible-encryption-credentials';

/** Throws RDS's refusal unless the key of an instance or snapshot can be used now. */
export async function needUsableKey(
  core: SandboxCore,
  encrypted: Pick<InstanceRow, 'region' | 'kmsKeyId'>,
): Promise<void> {
  if (await isUsable(core, encrypted)) return;
  throw new AwsError(
    'KMSKeyNotAccessibleFault',
    `The specified KMS key [${encrypted.kmsKeyId}] does not exist, is not enabled or you do not have permissions to access it.`,
  );
}

/** Looks after the key of one instance. */
export async function watchKey(rds: Rds, row: InstanceRow): Promise<void> {
  if (row.kmsKeyId === undefined || row.status === lost) return;
  const { core } = rds;
  const now = core.clock.now();
  if (row.status === recoverable) {
    if (row.busy === undefined && now - (row.stoppedAt ?? now) >= longestKeyLoss) {
      change(core, row, (before) => ({ ...before, status: lost }));
    }
    return;
  }
  if (await isUsable(core, row)) {
    if (row.keyGoneAt === undefined) return;
    change(core, row, ({ keyGoneAt: _found, ...before }) => before);
    tell(core, row, 'keyReachable', row.id);
  } else if (row.keyGoneAt === undefined) {
    change(core, row, (before) => ({ ...before, keyGoneAt: now }));
    tell(core, row, 'keyUnreachable', row.id);
  } else if (now - row.keyGoneAt >= keyGrace && row.busy === undefined) {
    tell(core, row, 'keyLost', row.id);
    keyLossChange.begin(rds, row, {});
  }
}

export const keyLossChange = changeKind('loss of its key', ({ core, fleet }, row) => {
  const couldBeStopped = row.source === undefined && row.replicas.length === 0;
  return {
    steps: [
      {
        lasting: 0,
        work: async () => {
          await fleet.closeDoor(row);
          await fleet.stop(row);
        },
        after: (now) => ({ ...now, stoppedAt: core.clock.now() }),
      },
    ],
    end: couldBeStopped && row.backupRetention > 0 ? recoverable : lost,
  };
});

async function isUsable(
  core: SandboxCore,
  { region, kmsKeyId: key }: Pick<InstanceRow, 'region' | 'kmsKeyId'>,
): Promise<boolean> {
  // AWS's own key can't be disabled.
  if (key === undefined || key.endsWith(':alias/aws/rds')) return true;
  try {
    const { KeyMetadata: { KeyState: state } = {} } = await core.invoke<{ KeyMetadata?: { KeyState?: string } }>({
      service: 'kms',
      operation: 'DescribeKey',
      region,
      input: { KeyId: key },
      principal: core.as('rds'),
    });
    return state === 'Enabled';
  } catch (error) {
    // A sandbox put together without KMS takes the caller's word; a key that is gone is no key.
    return codeOf(error) !== 'NotFoundException';
  }
}
