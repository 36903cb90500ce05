/** Pilot Light's public index: the config file's types and the constructs for your own CDK app. */

export type { PilotLightProps } from './infra/pilot-light.ts';
export { PilotLight } from './infra/pilot-light.ts';
export type { Workload, WorkloadConfig } from './workload/config.ts';
export { defineWorkload, workloadJsonSchema } from './workload/config.ts';
export { parseWorkload } from './workload/parse.ts';
export { readConfig } from './workload/read-config.ts';
