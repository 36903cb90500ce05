/**
 * Every deployed control function: where it stands, how long it may take, what starts it. The infrastructure builds from this
 * table and from nothing else of the functions; names become `dev-dr-<key>`.
 */

import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';

export interface FunctionSpec {
  /** The export of the one bundle that handles it. */
  readonly handler:
    | 'step'
    | 'sql'
    | 'watch'
    | 'approve'
    | 'fence'
    | 'guard'
    | 'images'
    | 'parameters'
    | 'install'
    | 'tell';
  readonly sides: readonly Side[];
  /** `vpc` functions speak SQL to their own Region's database and nothing else; `api` functions call AWS and stand outside. */
  readonly stands: 'vpc' | 'api';
  readonly timeoutSeconds: number;
  readonly memory: number;
  /** Concurrency kept for it, so that a backlog of the workload can't starve the recovery. */
  readonly reserved: number;
  readonly purpose: string;
}

export const functionSpecs = {
  gate: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose: 'opens, commits and closes runs: the authority, the lock, the epoch and the role parameters',
  },
  database: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 3,
    purpose:
      'promotes, reseeds, snapshots and renames databases, and replicates their passwords; may not delete a database',
  },
  compute: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose: 'scales the groups of both sides',
  },
  sources: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose:
      'switches event sources and upkeep rules on the side that becomes active, little by little, and off on the other',
  },
  traffic: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose: 'flips the latch and verifies the service through the public name',
  },
  storage: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose: 'watches bucket replication towards the side that becomes active',
  },
  barrier: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose: 'fences the old primary inside a run, and lifts the fence when going home',
  },
  custom: {
    handler: 'step',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose: "runs the workload's own steps: functions of its own",
  },
  watch: {
    handler: 'watch',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 120,
    memory: 256,
    reserved: 2,
    purpose: 'looks at the primary Region from outside, decides, publishes the latch',
  },
  approve: {
    handler: 'approve',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 15,
    memory: 256,
    reserved: 2,
    purpose:
      'shows a person what waits for them, and takes their answer, at a public address that only signed links open',
  },
  fence: {
    handler: 'fence',
    sides: ['recovery'],
    stands: 'api',
    timeoutSeconds: 120,
    memory: 256,
    reserved: 1,
    purpose: 'pays fences owed as soon as the old primary can be reached',
  },
  guard: {
    handler: 'guard',
    sides: ['primary', 'recovery'],
    stands: 'api',
    timeoutSeconds: 120,
    memory: 256,
    reserved: 2,
    purpose: 'renews the lease under which the active side writes, as long as the state says that it is the active one',
  },
  sql: {
    handler: 'sql',
    sides: ['primary', 'recovery'],
    stands: 'vpc',
    timeoutSeconds: 30,
    memory: 256,
    // Watcher, guard and steps at once, and what of theirs was given up on and still runs.
    reserved: 6,
    purpose: "speaks SQL to its own Region's database",
  },
  images: {
    handler: 'images',
    sides: ['primary', 'recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 1,
    purpose: 'images an instance of the active side, copies the image, moves the pointer, prunes',
  },
  parameters: {
    handler: 'parameters',
    sides: ['primary', 'recovery'],
    stands: 'api',
    timeoutSeconds: 120,
    memory: 256,
    reserved: 2,
    purpose: 'copies changed parameters to the standby side, and reconciles all of them',
  },
  tell: {
    handler: 'tell',
    sides: ['primary', 'recovery'],
    stands: 'api',
    timeoutSeconds: 60,
    memory: 256,
    reserved: 2,
    purpose: 'tells webhooks what is told on its Region’s topic',
  },
  install: {
    handler: 'install',
    sides: ['primary', 'recovery'],
    stands: 'api',
    timeoutSeconds: 300,
    memory: 256,
    reserved: 1,
    purpose:
      "creates what no template may own: pointers, role parameters, the reverse replication rule, the database's own objects",
  },
} as const satisfies Record<string, FunctionSpec>;

export type FunctionName = keyof typeof functionSpecs;
export const functionNames = Object.keys(functionSpecs) as FunctionName[];

/** The functions a workload has on a side: webhooks are told, and steps of its own run, only where there are any; leases need a witness. */
export const functionsOf = ({ notifications, steps, witness }: Workload, side: Side): FunctionName[] =>
  functionNames.filter(
    (name) =>
      (functionSpecs[name].sides as readonly Side[]).includes(side) &&
      (name !== 'tell' || notifications.webhooks.length > 0) &&
      (name !== 'custom' || Object.keys(steps).length > 0) &&
      (name !== 'guard' || witness !== undefined),
  );

/** Environment of the watcher: the address of the `approve` function, where there is one. */
export const approveUrlVariable = 'APPROVE_URL';

/** Seconds between a guard's renewals: many fit into the shortest lease, so that some that fail cost nobody anything. */
export const renewEverySeconds = 5;

/** The file beside the bundle that holds the resolved workload as JSON. */
export const workloadFile = 'workload.json';
/** The bundle's own file. */
export const bundleFile = 'index.js';
