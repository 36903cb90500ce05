/** Operations on instances: thin; what they do is in the file named for it. */

import type {
  CreateDBInstanceCommandInput,
  CreateDBInstanceReadReplicaCommandInput,
  DBInstance,
  DeleteDBInstanceCommandInput,
  DescribeDBInstancesCommandInput,
  ModifyDBInstanceCommandInput,
  PromoteReadReplicaCommandInput,
  RebootDBInstanceCommandInput,
  RestoreDBInstanceFromDBSnapshotCommandInput,
  StartDBInstanceCommandInput,
  StopDBInstanceCommandInput,
} from '@aws-sdk/client-rds';
import { type Ask, type Call, type Operation, operation } from '../../contract.ts';
import { nameOrArn } from './arns.ts';
import { askNewInstance, askOn, askPassing } from './asks.ts';
import type { Rds } from './context.ts';
import { deleteInstance } from './deletion.ts';
import { instanceShape } from './instance-shape.ts';
import { createInstance, describeInstances } from './instances.ts';
import { findInstance } from './lookups.ts';
import { modifyInstance } from './modify.ts';
import { rebootInstance, startInstance, stopInstance } from './power.ts';
import { promoteReplica } from './promotion.ts';
import { createReplica } from './replicas.ts';
import { restoreInstance } from './restore.ts';
import { type InstanceRow, rdsTables } from './rows.ts';

export const instanceOperations = (rds: Rds) => ({
  CreateDBInstance: shown(rds, createInstance, (input: CreateDBInstanceCommandInput, call) =>
    askNewInstance(rds.core, call, 'CreateDBInstance', input),
  ),
  CreateDBInstanceReadReplica: shown(rds, createReplica, (input: CreateDBInstanceReadReplicaCommandInput, call) => {
    const given = input.SourceDBInstanceIdentifier ?? '';
    const { region, name } = nameOrArn(rds.core, call.region, 'db', given);
    const source = rds.core.regions.includes(region) ? findInstance(rds.core, region, name) : undefined;
    return [
      ...askNewInstance(rds.core, call, 'CreateDBInstanceReadReplica', input, source),
      // AWS asks again where the source is, as a call to that Region.
      askOn(rds.core, call, 'CreateDBInstanceReadReplica', 'db', given, { 'aws:RequestedRegion': region }),
    ];
  }),
  RestoreDBInstanceFromDBSnapshot: shown(
    rds,
    restoreInstance,
    (input: RestoreDBInstanceFromDBSnapshotCommandInput, call) => {
      const snapshot = rdsTables(rds.core, call.region).snapshots.get(input.DBSnapshotIdentifier?.toLowerCase() ?? '');
      return [
        ...askNewInstance(rds.core, call, 'RestoreDBInstanceFromDBSnapshot', input, snapshot?.instance),
        askOn(rds.core, call, 'RestoreDBInstanceFromDBSnapshot', 'snapshot', input.DBSnapshotIdentifier ?? ''),
      ];
    },
  ),
  DescribeDBInstances: operation(
    (input: DescribeDBInstancesCommandInput, { region }) => describeInstances(rds, region, input),
    (input, call) => [askOn(rds.core, call, 'DescribeDBInstances', 'db', input.DBInstanceIdentifier)],
  ),
  ModifyDBInstance: shown(rds, modifyInstance, (input: ModifyDBInstanceCommandInput, call) => [
    ...onInstance(rds, 'ModifyDBInstance')(input, call),
    ...(input.DBParameterGroupName === undefined
      ? []
      : [askOn(rds.core, call, 'ModifyDBInstance', 'pg', input.DBParameterGroupName)]),
    ...askPassing(input.MonitoringRoleArn),
  ]),
  DeleteDBInstance: shown(rds, deleteInstance, (input: DeleteDBInstanceCommandInput, call) => [
    ...onInstance(rds, 'DeleteDBInstance')(input, call),
    ...(input.FinalDBSnapshotIdentifier === undefined
      ? []
      : [
          ...onInstance(rds, 'CreateDBSnapshot')(input, call),
          askOn(rds.core, call, 'CreateDBSnapshot', 'snapshot', input.FinalDBSnapshotIdentifier),
        ]),
  ]),
  PromoteReadReplica: shown<PromoteReadReplicaCommandInput>(rds, promoteReplica, onInstance(rds, 'PromoteReadReplica')),
  RebootDBInstance: shown<RebootDBInstanceCommandInput>(rds, rebootInstance, onInstance(rds, 'RebootDBInstance')),
  StartDBInstance: shown<StartDBInstanceCommandInput>(rds, startInstance, onInstance(rds, 'StartDBInstance')),
  StopDBInstance: shown(rds, stopInstance, (input: StopDBInstanceCommandInput, call) => [
    ...onInstance(rds, 'StopDBInstance')(input, call),
    ...(input.DBSnapshotIdentifier === undefined
      ? []
      : [askOn(rds.core, call, 'CreateDBSnapshot', 'snapshot', input.DBSnapshotIdentifier)]),
  ]),
});

/** An operation that answers the instance it is about. */
function shown<Input>(
  rds: Rds,
  act: (rds: Rds, call: Call, input: Input) => InstanceRow | Promise<InstanceRow>,
  authorize: (input: Input, call: Call) => readonly Ask[],
): Operation<Input, { DBInstance: DBInstance }> {
  return {
    handle: async (input, call) => ({ DBInstance: instanceShape(rds.core, await act(rds, call, input)) }),
    authorize,
  };
}

const onInstance =
  ({ core }: Rds, action: string) =>
  (input: { readonly DBInstanceIdentifier: string | undefined }, call: Call): readonly Ask[] => [
    askOn(core, call, action, 'db', input.DBInstanceIdentifier ?? ''),
  ];
