/** The steps that a planned move has of its own: up to the commit. */

import type { Grant, StepSpec } from './step-spec.ts';
import { lease, moveAuthority, quiesceUses, readState, sql } from './uses.ts';

export const switchoverSteps = {
  OpenMove: {
    does: 'check that both Regions answer and the replica replicates, take the lock and open the run',
    function: 'gate',
    kind: 'reversible',
    pollSeconds: 5,
    deadlineSeconds: 60,
    uses: [
      ...readState,
      moveAuthority,
      { action: 'ssm:GetParameter', on: 'primaryRole', held: 'planned move' },
      { ...sql('recovery'), held: 'planned move' },
      { action: 'states:DescribeExecution', on: 'executions', held: 'abandoned run' },
    ],
  },
  AwaitReplicaCaughtUp: {
    does: 'wait until the replica holds what the primary database held a moment ago',
    function: 'database',
    kind: 'check',
    pollSeconds: 5,
    deadlineSeconds: 36_000,
    uses: [...readState, sql('primary'), sql('recovery')],
  },
  QuiescePrimary: {
    does: "stop writes in the primary Region: event sources off, the application's account locked, its sessions ended",
    function: 'barrier',
    kind: 'reversible',
    pollSeconds: 3,
    deadlineSeconds: 300,
    undo: 'let the primary Region write again',
    uses: [
      ...readState,
      lease('recovery'),
      ...quiesceUses('primary').map((grant): Grant => ({ ...grant, held: 'planned move' })),
    ],
  },
  DrainReplicaFully: {
    does: 'wait until the replica holds every transaction of the primary database, and record the set',
    function: 'database',
    kind: 'check',
    pollSeconds: 2,
    deadlineSeconds: 300,
    uses: [...readState, sql('primary'), sql('recovery')],
  },
  DrainPrimaryBuckets: {
    does: 'wait until every object of the primary buckets has reached the recovery ones',
    function: 'storage',
    kind: 'check',
    pollSeconds: 3,
    deadlineSeconds: 1800,
    uses: [
      ...readState,
      { action: 's3:ListBucketVersions', on: 'primaryBuckets', held: 'planned move' },
      { action: 's3:GetObjectVersion', on: 'primaryObjects', held: 'planned move' },
      { action: 'kms:Decrypt', on: 'bucketKeys' },
    ],
  },
  DrainParameters: {
    does: 'compare all parameters once more after writes have stopped',
    function: 'sources',
    kind: 'check',
    pollSeconds: 3,
    deadlineSeconds: 600,
    uses: [...readState, { action: 'lambda:InvokeFunction', on: 'primaryReconciler', held: 'planned move' }],
  },
} as const satisfies Record<string, StepSpec>;
