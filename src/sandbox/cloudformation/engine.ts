/** The engine's front: starts operations on stacks and lets them run, in the Region's own time. */

import type { Principal, SandboxCore, Table } from '../contract.ts';
import { perform, type StackOperation } from './operation.ts';
import type { Prepared } from './prepare.ts';
import { reasonOf } from './resource-work.ts';
import type { ResponseEndpoint } from './response-endpoint.ts';
import { responseEndpoint } from './response-endpoint.ts';
import { StackRun } from './stack-run.ts';

export interface Engine {
  readonly core: SandboxCore;
  /** Runs an operation on a stack in the background, as `principal`. One that breaks leaves the stack in a failed state. */
  start(at: StackPlace, principal: Principal, operation: StackOperation, prepared?: Prepared): void;
  /** Goes on with the operations of an earlier life. */
  resume(): Promise<void>;
  /** Settles when no operation is at work. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface StackPlace {
  readonly region: string;
  readonly stackId: string;
  /** The caller's token, shown on every event of the operation. */
  readonly token?: string | undefined;
}

export function engine(core: SandboxCore): Engine {
  const responses: ResponseEndpoint = responseEndpoint(core);
  const atWork = new Set<Promise<void>>();

  const carryOut = (row: OperationRow, prepared: Prepared | undefined, resumed: boolean): void => {
    const { region, stackId, token, principal, operation } = row;
    const run = new StackRun({
      core,
      responses,
      region,
      stackId,
      principal,
      resumed,
      ...(token === undefined ? {} : { token }),
    });
    const done = perform(run, operation, prepared)
      .catch((error: unknown) => fail(run, error))
      .finally(() => {
        operationsIn(core, region).delete(stackId);
        atWork.delete(done);
      });
    atWork.add(done);
  };

  return {
    core,
    start({ region, stackId, token }, principal, operation, prepared) {
      const row = operationsIn(core, region).put(stackId, { region, stackId, token, principal, operation });
      carryOut(row, prepared, false);
    },
    async resume() {
      await responses.resume();
      for (const region of core.regions) {
        for (const row of operationsIn(core, region).values()) {
          // Nothing of a Region begins while its time stands still.
          core.region(region).clock.after(0, () => carryOut(row, undefined, true));
        }
      }
    },
    async idle() {
      while (atWork.size > 0) await Promise.all(atWork);
    },
    close: () => responses.close(),
  };
}

interface OperationRow extends StackPlace {
  readonly principal: Principal;
  readonly operation: StackOperation;
}

const operationsIn = (core: SandboxCore, region: string): Table<OperationRow> =>
  core.table<OperationRow>('cloudformation', region, 'operations');

/** The engine's own failure, not a resource's: said as one. */
function fail(run: StackRun, error: unknown): void {
  run.core.log({ service: 'cloudformation', region: run.region, text: `operation on ${run.stackId}`, error });
  const { status } = run.stack;
  run.status(
    status.replace(/_IN_PROGRESS$/, '_FAILED').replace(/_COMPLETE_CLEANUP_FAILED$/, '_FAILED'),
    reasonOf(run, error),
  );
}
