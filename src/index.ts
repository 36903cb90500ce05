/** Pilot Light's public index: the config file's types and the constructs for your own CDK app, whole and by part. */

export type { PartProps } from './infra/part.ts';
export type { ApplicationTierProps } from './infra/parts/application-tier.ts';
export { ApplicationTier } from './infra/parts/application-tier.ts';
export { DataKeys } from './infra/parts/data-keys.ts';
export type { DatabasePairProps } from './infra/parts/database-pair.ts';
export { DatabasePair } from './infra/parts/database-pair.ts';
export type { FunctionsProps } from './infra/parts/functions.ts';
export { Functions } from './infra/parts/functions.ts';
export type { FrontDoor, LatchProps } from './infra/parts/latch.ts';
export { Latch } from './infra/parts/latch.ts';
export type { ExistingNetwork, NetworkProps, NetworkSide } from './infra/parts/network.ts';
export { Network } from './infra/parts/network.ts';
export type { NoticesProps } from './infra/parts/notices.ts';
export { Notices } from './infra/parts/notices.ts';
export type { ParametersProps } from './infra/parts/parameters.ts';
export { Parameters } from './infra/parts/parameters.ts';
export { RecoveryControl } from './infra/parts/recovery-control.ts';
export type { ReplicatedBucketProps } from './infra/parts/replicated-bucket.ts';
export { ReplicatedBucket } from './infra/parts/replicated-bucket.ts';
export type { RolesProps } from './infra/parts/roles.ts';
export { Roles } from './infra/parts/roles.ts';
export type { PilotLightProps } from './infra/pilot-light.ts';
export { PilotLight } from './infra/pilot-light.ts';
export type { Workload, WorkloadConfig } from './workload/config.ts';
export { defineWorkload, workloadJsonSchema } from './workload/config.ts';
export { parseWorkload } from './workload/parse.ts';
export { readConfig } from './workload/read-config.ts';
