/** The engine's front: starts operations on stacks and lets them run, in the Region's own time. */

import type { Principal, SandboxCore } from '../contract.ts';
import { reasonOf } from './resource-work.ts';
import type { ResponseEndpoint } from './response-endpoint.ts';
import { responseEndpoint } from './response-endpoint.ts';
import { StackRun } from './stack-run.ts';

export interface Engine {
  readonly core: SandboxCore;
  /** Runs `work` on a stack in the background, as `principal`. An operation that breaks leaves the stack in a failed state. */
  start(at: StackPlace, principal: Principal, work: (run: StackRun) => Promise<void>): void;
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
  return {
    core,
    start({ region, stackId, token }, principal, work) {
      const run = new StackRun({
        core,
        responses,
        region,
        stackId,
        principal,
        ...(token === undefined ? {} : { token }),
      });
      const done = work(run)
        .catch((error: unknown) => fail(run, error))
        .finally(() => atWork.delete(done));
      atWork.add(done);
    },
    async idle() {
      while (atWork.size > 0) await Promise.all(atWork);
    },
    close: () => responses.close(),
  };
}

/** The engine's own failure, not a resource's: said as one. */
function fail(run: StackRun, error: unknown): void {
  run.core.log({ service: 'cloudformation', region: run.region, text: `operation on ${run.stackId}`, error });
  const { status } = run.stack;
  run.status(
    status.replace(/_IN_PROGRESS$/, '_FAILED').replace(/_COMPLETE_CLEANUP_FAILED$/, '_FAILED'),
    reasonOf(run, error),
  );
}
