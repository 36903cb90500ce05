/** Every step of the catalogue and what carries it out. The compiler refuses a name that is missing here, or one too many. */

import type { BuiltInStep, StepName } from '../plan/catalogue.ts';
import { fencePrimary, openPrimaryIngress, quiesce, resetPrimaryGroup } from './barrier.ts';
import { scaleIn, scaleOut } from './compute.ts';
import {
  awaitCaughtUp,
  awaitReplicaCaughtUp,
  drainFully,
  drainReplica,
  keepUnderOtherName,
  openDatabase,
  promote,
  protect,
  proveWrite,
  quoteLoss,
  reseed,
  snapshotKept,
} from './database.ts';
import { closeRun, commitPrimary, commitRecovery } from './gate.ts';
import { awaitFence, awaitLease } from './lease.ts';
import { detachReplica, openReplica, promoteReplica, proveRecoveryWrite, resetRecoveryGroup } from './open-early.ts';
import { drainParameters } from './parameters.ts';
import { bringSecretsHome, releaseSecrets, replicateSecrets } from './secrets.ts';
import { enableSources, turnUpkeepTo } from './sources.ts';
import type { Step } from './step.ts';
import { drainBuckets } from './storage.ts';
import { flipLatchTo, verifyService } from './traffic.ts';
import { unlessUnplanned } from './unplanned.ts';

/** The opening steps make the run they would be checked against: `openRun` carries them out. */
export const openingSteps = ['OpenRun', 'OpenMove', 'OpenReturn'] as const satisfies readonly BuiltInStep[];
export type OpeningStep = (typeof openingSteps)[number];
export const isOpening = (step: StepName): step is OpeningStep => (openingSteps as readonly StepName[]).includes(step);

export const steps: Readonly<Record<Exclude<BuiltInStep, OpeningStep>, Step>> = {
  QuoteLoss: quoteLoss,
  CommitRecovery: commitRecovery,
  FencePrimary: fencePrimary,
  AwaitLease: awaitLease,
  FlipLatchToRecovery: flipLatchTo('recovery'),
  ScaleOutRecovery: scaleOut('recovery'),
  TurnUpkeepToRecovery: turnUpkeepTo('recovery'),
  DrainReplica: drainReplica,
  AwaitFence: awaitFence,
  DetachReplica: detachReplica,
  OpenReplica: openReplica,
  PromoteReplica: promoteReplica,
  ProveRecoveryWrite: proveRecoveryWrite,
  StartRecoveryHeartbeat: openDatabase('recovery'),
  EnableRecoverySources: enableSources('recovery'),
  ResetRecoveryGroup: resetRecoveryGroup,
  VerifyRecovery: verifyService('recovery'),
  ProtectRecovery: protect('recovery'),
  ReleaseSecrets: releaseSecrets,
  CloseRun: closeRun,
  AwaitReplicaCaughtUp: unlessUnplanned(awaitReplicaCaughtUp),
  QuiescePrimary: unlessUnplanned(quiesce('primary')),
  DrainReplicaFully: unlessUnplanned(drainFully('primary'), drainReplica),
  DrainPrimaryBuckets: unlessUnplanned(drainBuckets('primary')),
  DrainParameters: unlessUnplanned(drainParameters),
  SnapshotOldPrimary: snapshotKept('primary'),
  RenameOldPrimary: keepUnderOtherName('primary'),
  ResetPrimaryGroup: resetPrimaryGroup,
  BringSecretsHome: bringSecretsHome,
  ReseedPrimary: reseed('primary'),
  AwaitPrimaryCaughtUp: awaitCaughtUp('primary'),
  OpenPrimaryIngress: openPrimaryIngress,
  ScaleOutPrimary: scaleOut('primary'),
  Quiesce: quiesce('recovery'),
  DrainHome: drainFully('recovery'),
  CommitPrimary: commitPrimary,
  FlipLatchToPrimary: flipLatchTo('primary'),
  TurnUpkeepToPrimary: turnUpkeepTo('primary'),
  DrainBuckets: drainBuckets('recovery'),
  PromotePrimary: promote('primary'),
  ProvePrimaryWrite: proveWrite('primary'),
  StartPrimaryHeartbeat: openDatabase('primary'),
  EnablePrimarySources: enableSources('primary'),
  VerifyPrimary: verifyService('primary'),
  ScaleInRecovery: scaleIn('recovery'),
  ReplicateSecrets: replicateSecrets,
  RenameOldRecovery: keepUnderOtherName('recovery'),
  ReseedRecovery: reseed('recovery'),
  AwaitRecoveryCaughtUp: awaitCaughtUp('recovery'),
};
