/** How a world stands, without what differs from run to run (ids, times): two runs that converged stand alike. */

import { readAuthority } from '../../../src/state/authority.ts';
import type { FenceDebt } from '../../../src/state/debts.ts';
import { readDebt } from '../../../src/state/debts.ts';
import type { StoredRun } from '../../../src/state/runs.ts';
import { readFacts } from '../../../src/state/runs.ts';
import type { Side } from '../../../src/workload/judged.ts';
import { regionOf } from '../../../src/workload/judged.ts';
import type { FailoverWorld } from './world.ts';

export async function endState(world: FailoverWorld) {
  const { base } = world;
  return world.during(
    (async () => {
      const [authority, debt, runs] = await Promise.all([
        readAuthority(base.store),
        readDebt(base.store, 'primary'),
        base.store.list<StoredRun>('run#'),
      ]);
      const { active, epoch, holder, brake } = authority;
      return {
        authority: { active, epoch, holder, brake },
        debt: debt === undefined ? undefined : plainDebt(debt),
        runs: await Promise.all(
          runs.map(async ({ id, plan, status, epoch: of, failure }) => ({
            plan,
            status,
            epoch: of,
            failure,
            facts: Object.keys(await readFacts(base.store, id)).sort(),
          })),
        ),
        led: await world.led(),
        primary: await sideOf(world, 'primary'),
        recovery: await sideOf(world, 'recovery'),
      };
    })(),
  );
}

const plainDebt = ({ side, epoch, paidAt, acknowledged }: FenceDebt) => ({
  side,
  epoch,
  paid: paidAt !== undefined,
  acknowledged: [...acknowledged].sort(),
});

async function sideOf(world: FailoverWorld, side: Side) {
  const { base, sandbox, workload } = world;
  const { names } = base;
  const region = regionOf(workload, side);
  const call = <Output>(service: string, operation: string, input: object = {}) =>
    sandbox.call<Output>(service, operation, input, region);
  const [role, groups, instances, rules, mappings, security, parameters, databases, snapshots] = await Promise.all([
    call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', { Name: names.roleParameter }),
    call<{ AutoScalingGroups: Group[] }>('autoscaling', 'DescribeAutoScalingGroups'),
    call<{ Reservations: { Instances: object[] }[] }>('ec2', 'DescribeInstances'),
    call<{ Rules: { Name: string; State: string }[] }>('events', 'ListRules'),
    call<{ EventSourceMappings: { State: string }[] }>('lambda', 'ListEventSourceMappings'),
    call<{ SecurityGroups: { IpPermissions: object[] }[] }>('ec2', 'DescribeSecurityGroups', {
      Filters: [{ Name: 'group-name', Values: [names.securityGroups.balancer] }],
    }),
    call<{ Parameters?: { ParameterName: string; ParameterValue: string }[] }>('rds', 'DescribeDBParameters', {
      DBParameterGroupName: names.databaseGroup,
      Source: 'user',
    }),
    call<{ DBInstances: Instance[] }>('rds', 'DescribeDBInstances'),
    call<{ DBSnapshots: { DBSnapshotIdentifier: string; Status: string; SnapshotType: string }[] }>(
      'rds',
      'DescribeDBSnapshots',
    ),
  ]);
  const database = world.database(side);
  return {
    role: role.Parameter.Value,
    groups: groups.AutoScalingGroups.map(({ MinSize, DesiredCapacity, MaxSize, Instances }) => ({
      MinSize,
      DesiredCapacity,
      MaxSize,
      states: (Instances ?? []).map(({ LifecycleState }) => LifecycleState).sort(),
    })),
    /** Those that were ended a while ago still show: nobody was launched in vain. */
    launched: instances.Reservations.flatMap(({ Instances }) => Instances).length,
    rules: Object.fromEntries(rules.Rules.map(({ Name, State }) => [Name, State])),
    mappings: mappings.EventSourceMappings.map(({ State }) => State),
    ingress: security.SecurityGroups[0]?.IpPermissions.length,
    parameters: (parameters.Parameters ?? []).map(({ ParameterName, ParameterValue }) => [
      ParameterName,
      ParameterValue,
    ]),
    databases: databases.DBInstances.map((one) => ({
      id: one.DBInstanceIdentifier,
      status: one.DBInstanceStatus,
      source: one.ReadReplicaSourceDBInstanceIdentifier,
      retention: one.BackupRetentionPeriod,
      pending: one.PendingModifiedValues,
    })),
    snapshots: snapshots.DBSnapshots.filter(({ SnapshotType }) => SnapshotType === 'manual').map(
      ({ DBSnapshotIdentifier, Status }) => [DBSnapshotIdentifier, Status],
    ),
    database: {
      writable: world.writable(side),
      readOnly: database?.readOnly,
      event: database?.data.event,
      heartbeatEpoch: database?.data.heartbeat?.epoch,
      users: database?.data.users,
      sessions: database?.sessions.length,
      retention: database?.retention,
      proofs: Object.keys(database?.data.proofs ?? {}).length,
    },
  };
}

interface Group {
  readonly MinSize: number;
  readonly DesiredCapacity: number;
  readonly MaxSize: number;
  readonly Instances?: { readonly LifecycleState: string }[];
}

interface Instance {
  readonly DBInstanceIdentifier: string;
  readonly DBInstanceStatus: string;
  readonly ReadReplicaSourceDBInstanceIdentifier?: string;
  readonly BackupRetentionPeriod: number;
  readonly PendingModifiedValues?: object;
}
