/** What the RDS cases begin with: the smallest instance, in the default VPC, gone in the end whatever state it was left in. */

import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  type DBInstance,
  DBInstanceNotFoundFault,
  DBSnapshotNotFoundFault,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  InvalidDBInstanceStateFault,
  ModifyDBInstanceCommand,
  RDSClient,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
} from '@aws-sdk/client-rds';
import type { ContractTarget } from '../../contract.ts';

export interface Rds {
  readonly client: RDSClient;
  readonly target: ContractTarget;
}

export const rdsIn = (target: ContractTarget, region = target.region): Rds => ({
  client: target.client(RDSClient, { region }),
  target,
});

export const smallest = {
  Engine: 'mysql',
  DBInstanceClass: 'db.t4g.micro',
  AllocatedStorage: 20,
  MasterUsername: 'contract',
  MasterUserPassword: 'Contract-only-1',
} as const;

/** Creates an instance and answers its name at once. */
export async function instanceOf(rds: Rds, more: Partial<CreateDBInstanceCommandInput> = {}): Promise<string> {
  const id = rds.target.name();
  await rds.client.send(
    new CreateDBInstanceCommand({ ...smallest, DBInstanceIdentifier: id, BackupRetentionPeriod: 0, ...more }),
  );
  goneAfter(rds, id);
  return id;
}

export async function available({ client, target }: Rds, id: string): Promise<DBInstance> {
  await waitUntilDBInstanceAvailable({ client, ...target.waiting }, { DBInstanceIdentifier: id });
  return described({ client }, id);
}

export async function described({ client }: Pick<Rds, 'client'>, id: string): Promise<DBInstance> {
  const { DBInstances: [instance] = [] } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
  );
  if (instance === undefined) throw new Error(`RDS answers nothing about ${id}.`);
  return instance;
}

/** What a reader who looks often sees of an instance, one entry for each change of its status, until `done`. */
export async function watched(
  { client, target }: Rds,
  id: string,
  done: (instance: DBInstance) => boolean,
): Promise<DBInstance[]> {
  const seen: DBInstance[] = [];
  const end = Date.now() + target.waiting.maxWaitTime * 1000;
  for (;;) {
    const now = await described({ client }, id);
    if (seen.at(-1)?.DBInstanceStatus !== now.DBInstanceStatus) seen.push(now);
    if (done(now)) return seen;
    if (Date.now() > end) throw new Error(`${id} went ${seen.map((one) => one.DBInstanceStatus).join(', ')}.`);
    await new Promise((resolve) => setTimeout(resolve, target.kind === 'aws' ? 2000 : 0));
  }
}

export const statuses = (seen: readonly DBInstance[]): (string | undefined)[] =>
  seen.map(({ DBInstanceStatus }) => DBInstanceStatus);

/** Asks again while the instance is busy with something else. */
export async function onceFree<T>({ target }: Pick<Rds, 'target'>, call: () => Promise<T>): Promise<T> {
  const end = Date.now() + target.waiting.maxWaitTime * 1000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof InvalidDBInstanceStateFault) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, target.waiting.minDelay * 1000));
    }
  }
}

/** Deletes it when the case is over, waits until it is gone, and takes it well when it already is. */
export function goneAfter(rds: Rds, id: string): void {
  const DBInstanceIdentifier = id;
  const { client, target } = rds;
  target.after(async () => {
    try {
      const { DeletionProtection, DBInstanceStatus } = await described(rds, id);
      if (DeletionProtection === true) {
        const open = { DBInstanceIdentifier, DeletionProtection: false, ApplyImmediately: true };
        await onceFree(rds, () => client.send(new ModifyDBInstanceCommand(open)));
      }
      if (DBInstanceStatus !== 'deleting') {
        const last = { DBInstanceIdentifier, SkipFinalSnapshot: true, DeleteAutomatedBackups: true };
        await onceFree(rds, () => client.send(new DeleteDBInstanceCommand(last)));
      }
      await waitUntilDBInstanceDeleted({ client, ...target.waiting }, { DBInstanceIdentifier });
    } catch (error) {
      if (!(error instanceof DBInstanceNotFoundFault)) throw error;
    }
  });
}

export function snapshotGoneAfter({ client, target }: Rds, DBSnapshotIdentifier: string): void {
  target.after(async () => {
    try {
      await client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }));
    } catch (error) {
      if (!(error instanceof DBSnapshotNotFoundFault)) throw error;
    }
  });
}
