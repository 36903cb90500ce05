/** What a rehearsal drives: two Regions somewhere, with a clock, faults, and nothing else. The sandbox is one; AWS can become another. */

import type { AccountClients } from '../aws/account-clients.ts';
import type { Sight } from '../engines/traffic/probe.ts';
import type { DurationName, TimingMode } from '../facts/timing.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Workload } from '../workload/config.ts';

export interface Target {
  /** `sandbox` or `aws`: a report says where its figures were measured. */
  readonly kind: 'sandbox' | 'aws';
  /** AWS time. */
  readonly clock: Clock;
  /** AWS seconds per real second right now. */
  speed(): number;
  /** Sets the ceiling of the speed; a target that can't change it ignores this. `max` skips pure waits. */
  setSpeed(speed: number | 'max'): void;
  /** Real milliseconds (monotonic) at a moment of AWS time that lies in the past of this target. */
  realTimeOf(awsMilliseconds: number): number;
  /** Clients of a Region with an administrator's credentials, calling from outside. */
  clients(region: string): AccountClients;
  /** Kills every process of a Region at once and silences everything addressed to it. Tells nobody. */
  goDark(region: string): Promise<void>;
  bringBack(region: string): Promise<void>;
  /** Makes something go wrong; what it answers lifts it again. @throws a usage error for what the target can't raise. */
  raise(fault: FaultData): Promise<() => Promise<void>>;
  /** Starts a program outside the Regions: on AWS time, resolving names as a customer does. Its stdout goes to `log`. */
  startOutside(options: {
    readonly name: string;
    readonly script: URL;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  }): Promise<OutsideProgram>;
  /** An address from inside a Region's application subnets, to look at its database as the application does. */
  databaseDoor(
    region: string,
    host: string,
  ): Promise<{ readonly host: string; readonly port: number; readonly localAddress?: string }>;
  /** How the service is seen from outside, as by a customer. */
  readonly sight: Sight;
  /** The addresses the public name has now, as a customer would be told. */
  addressesOf(name: string): Promise<readonly string[]>;
  /** What each role did and was refused until now, by name. */
  roleUses(): Promise<readonly RoleUse[]>;
  /** What a client outside needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A program outside all Regions. */
export interface OutsideProgram {
  readonly log: string;
  /** The Region whose load balancer answered the program at an address, when it asked from a port; empty for any other address. */
  regionThatAnswered(address: string, port: number): string;
  stop(): Promise<void>;
}

export interface RoleUse {
  readonly role: string;
  /** By action. `…` stands for all resources after the first hundred. */
  readonly used: readonly { readonly action: string; readonly resources: readonly string[] }[];
  readonly denied: readonly {
    readonly action: string;
    readonly resources: readonly string[];
    /** What refused it, or that nothing allows it. */
    readonly by: string;
  }[];
}

/** A fault as data: its kind and parameters, as the target knows them. Places are `primary`, `recovery` and `outside`. */
export interface FaultData {
  readonly kind: string;
  readonly [parameter: string]: unknown;
}

/**
 * What becomes of a replication that `mysql.rds_stop_replication` has stopped when its server starts again: customers report that it resumes,
 * AWS doesn't say.
 */
export type StoppedReplication = 'resumes' | 'stays';

export interface TargetOptions {
  /** `resumes` unless said. */
  readonly stoppedReplication?: StoppedReplication;
  readonly workload: Workload;
  /** The folder that paths in the config are relative to. */
  readonly baseDirectory: string;
  readonly speed: number | 'max';
  readonly seed?: number;
  /** Which of AWS's durations hold: the median, unless said. */
  readonly timing?: TimingMode;
  /** Those that take as long as one time in twenty, whatever holds for the others. */
  readonly slow?: readonly DurationName[];
}

export type TargetFactory = (options: TargetOptions) => Promise<Target>;
