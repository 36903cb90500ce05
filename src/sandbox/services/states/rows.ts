/** What the service keeps: state machines, executions, their histories. Plain JSON; times in milliseconds of AWS time. */

import type {
  ExecutionStatus,
  LoggingConfiguration,
  StateMachineStatus,
  TracingConfiguration,
} from '@aws-sdk/client-sfn';
import type { MachineDefinition } from '../../asl/definition.ts';
import type { KeptEvent } from '../../asl/mark.ts';
import type { SandboxCore, Table } from '../../contract.ts';

/** What an execution keeps of the machine it started with, whatever becomes of the machine. */
export interface Revision {
  /** Undefined until the first update. */
  readonly revisionId: string | undefined;
  readonly text: string;
  readonly definition: MachineDefinition;
  readonly roleArn: string;
  readonly loggingConfiguration: LoggingConfiguration;
  readonly tracingConfiguration: TracingConfiguration;
  readonly updated: number;
}

export interface MachineRow {
  readonly arn: string;
  readonly name: string;
  readonly status: StateMachineStatus;
  readonly created: number;
  readonly revision: Revision;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ExecutionRow {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly revision: Revision;
  readonly status: ExecutionStatus;
  readonly input: string;
  readonly started: number;
  /** Starts of the same Region, counted: executions of one millisecond keep their order. */
  readonly number: number;
  readonly stopped?: number;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Kept one by one under `<arn>#<number>`; where an execution stands is read from them alone. */
export type HistoryRow = KeptEvent;

export interface StatesTables {
  readonly machines: Table<MachineRow>;
  readonly executions: Table<ExecutionRow>;
  readonly history: Table<HistoryRow>;
}

export const tablesOf = (core: SandboxCore, region: string): StatesTables => ({
  machines: core.table<MachineRow>('states', region, 'machines'),
  executions: core.table<ExecutionRow>('states', region, 'executions'),
  history: core.table<HistoryRow>('states', region, 'history'),
});

export const historyKey = (executionArn: string, event: number): string => `${executionArn}#${event}`;
