/** Delivery that is tried again: exponential backoff on a Region's clock until it arrives, is refused for good, or grows too old. */

import type { RegionRuntime, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';

export interface RetryPolicy {
  readonly maximumAgeSeconds: number;
  readonly maximumAttempts: number;
}

/** EventBridge's and Scheduler's own defaults: 24 hours and 185 retries. */
export const defaultRetryPolicy: RetryPolicy = { maximumAgeSeconds: 86_400, maximumAttempts: 185 };

export interface Retried {
  readonly region: RegionRuntime;
  readonly policy: RetryPolicy;
  attempt(): Promise<void>;
  /** Called once with the last error when no attempt will follow. */
  giveUp(error: unknown, attempts: number): void | Promise<void>;
}

/** Starts the first attempt at once. Never throws: what goes wrong ends in `giveUp`, and what goes wrong there in the log. */
export function retrying(core: SandboxCore, retried: Retried): void {
  const { region, policy } = retried;
  const started = region.clock.now();
  let attempts = 0;

  const next = (): void => {
    attempts++;
    retried.attempt().catch((error: unknown) => {
      const delay = Math.min(1000 * 2 ** (attempts - 1), 300_000) * (0.75 + 0.5 * core.random.next());
      const tooOld = region.clock.now() + delay - started > 1000 * policy.maximumAgeSeconds;
      if (isPermanent(error) || attempts > policy.maximumAttempts || tooOld) void lastWords(error);
      else region.clock.after(delay, next);
    });
  };

  const lastWords = async (error: unknown): Promise<void> => {
    try {
      await retried.giveUp(error, attempts);
    } catch (second) {
      core.log({
        service: 'events',
        region: region.name,
        text: 'a failed delivery could not be set aside',
        error: second,
      });
    }
  };

  next();
}

const permanentCodes = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'InvalidParameterValueException',
  'NotFound',
  'NotFoundException',
  'ResourceNotFoundException',
  'AWS.SimpleQueueService.NonExistentQueue',
  'QueueDoesNotExist',
  'StateMachineDoesNotExist',
  'NoSuchEntity',
  'UnsupportedOperation',
  'ValidationException',
  'ValidationError',
  'InvalidExecutionInput',
]);

/** Missing permissions and missing targets aren't tried again; throttling, outages and unreachable Regions are. */
const isPermanent = (error: unknown): boolean => permanentCodes.has(codeOf(error) ?? '');
