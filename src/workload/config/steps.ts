/** The workload's own steps in a plan: functions of its own, run before or after a step of the product's. */

import { z } from 'zod';
import { shortName } from './fields.ts';

/** Steps that something of the workload's own may stand beside: all but those that open and close a run. */
export const anchors = [
  'QuoteLoss',
  'AwaitReplicaCaughtUp',
  'QuiescePrimary',
  'DrainReplicaFully',
  'DrainPrimaryBuckets',
  'DrainParameters',
  'CommitRecovery',
  'FencePrimary',
  'FlipLatchToRecovery',
  'ScaleOutRecovery',
  'TurnUpkeepToRecovery',
  'DrainReplica',
  'PromoteReplica',
  'ProveRecoveryWrite',
  'StartRecoveryHeartbeat',
  'EnableRecoverySources',
  'VerifyRecovery',
  'ProtectRecovery',
  'ReleaseSecrets',
  'SnapshotOldPrimary',
  'RenameOldPrimary',
  'ResetPrimaryGroup',
  'BringSecretsHome',
  'ReseedPrimary',
  'AwaitPrimaryCaughtUp',
  'OpenPrimaryIngress',
  'ScaleOutPrimary',
  'Quiesce',
  'DrainHome',
  'CommitPrimary',
  'FlipLatchToPrimary',
  'TurnUpkeepToPrimary',
  'DrainBuckets',
  'PromotePrimary',
  'ProvePrimaryWrite',
  'StartPrimaryHeartbeat',
  'EnablePrimarySources',
  'VerifyPrimary',
  'ScaleInRecovery',
  'ReplicateSecrets',
  'RenameOldRecovery',
  'ReseedRecovery',
  'AwaitRecoveryCaughtUp',
] as const;

const anchor = z.enum(anchors);

export const customStep = z
  .strictObject({
    function: shortName.describe("One of the workload's `functions`: it is run on the side that becomes active."),
    undo: shortName
      .optional()
      .describe(
        'Another of them, which takes it back when the run ends before it has committed. Default: nothing is taken back.',
      ),
    before: anchor.optional().describe('It is done before this step begins.'),
    after: anchor.optional().describe('It begins when this step is done.'),
    does: z
      .string()
      .min(1)
      .max(120)
      .optional()
      .describe('What it does, for plans, forecasts and reports. Default: that it is a step of the workload’s own.'),
    timeoutSeconds: z.int().min(1).max(50).default(30).describe('Seconds one invocation may take.'),
    everySeconds: z
      .int()
      .min(1)
      .max(300)
      .default(5)
      .describe('Seconds between invocations while it answers `done: false`.'),
    deadlineSeconds: z.int().min(1).max(3600).default(300).describe('Seconds after which it has failed.'),
    retries: z.int().min(0).max(20).default(3).describe('Failures of the function that are tried again.'),
  })
  .refine(({ before, after }) => (before === undefined) !== (after === undefined), {
    error: 'stands nowhere, or in two places',
    params: { allowed: 'either `before` or `after` a step' },
  });
