/**
 * Deliveries that are tried again: exponential backoff on a Region's clock until one arrives, is refused for good, or grows too old.
 * Each is a row until it has ended: what was accepted is delivered though the sandbox be killed in between. It isn't delivered twice
 * for that: that the target took it is kept together with what the target keeps.
 */

import type { SandboxCore, ServiceName, Table } from '../../contract.ts';
import { codeOf } from '../../contract.ts';

export interface RetryPolicy {
  readonly maximumAgeSeconds: number;
  readonly maximumAttempts: number;
}

/** EventBridge's and Scheduler's own defaults: 24 hours and 185 retries. */
export const defaultRetryPolicy: RetryPolicy = { maximumAgeSeconds: 86_400, maximumAttempts: 185 };

export interface DeliveryKind<Data> {
  /** `taken` is to be called as `Delivery.taken` is. */
  attempt(region: string, data: Data, taken: () => void): Promise<void>;
  /** Called with the last error when no attempt will follow; `taken` ends it, as its return does. */
  giveUp(
    region: string,
    data: Data,
    error: unknown,
    details: { readonly attempts: number; readonly taken: () => void },
  ): void | Promise<void>;
}

interface Waiting<Data> {
  readonly data: Data;
  readonly policy: RetryPolicy;
  /** AWS time of the next attempt, and of the first. */
  readonly due: number;
  readonly first: number;
  readonly attempts: number;
}

export class Deliveries<Data> {
  readonly #core: SandboxCore;
  readonly #service: ServiceName;
  readonly #kind: DeliveryKind<Data>;

  constructor(core: SandboxCore, service: ServiceName, kind: DeliveryKind<Data>) {
    this.#core = core;
    this.#service = service;
    this.#kind = kind;
  }

  /** Tries after `delay`, at once without one. Never throws: what goes wrong ends in `giveUp`, and what goes wrong there in the log. */
  send(region: string, data: Data, policy: RetryPolicy, delay = 0): void {
    const id = this.#core.ids.uuid();
    const due = this.#core.region(region).clock.now() + delay;
    this.#waiting(region).put(id, { data, policy, due, first: due, attempts: 0 });
    if (delay > 0) this.#arm(region, id, delay);
    // Not before the sender is done: what it changes is kept together with what it sends.
    else queueMicrotask(() => this.#attempt(region, id));
  }

  /** Goes on with what an earlier life had accepted. */
  resume(): void {
    for (const region of this.#core.regions) {
      const now = this.#core.region(region).clock.now();
      for (const [id, { due }] of this.#waiting(region).entries()) this.#arm(region, id, Math.max(0, due - now));
    }
  }

  #waiting(region: string): Table<Waiting<Data>> {
    return this.#core.table(this.#service, region, 'deliveries');
  }

  #arm(region: string, id: string, delay: number): void {
    this.#core.region(region).clock.after(delay, () => this.#attempt(region, id));
  }

  #attempt(region: string, id: string): void {
    const table = this.#waiting(region);
    const waiting = table.update(id, (row) => ({ ...row, attempts: row.attempts + 1 }));
    if (waiting === undefined) return;
    const taken = () => void table.delete(id);
    this.#kind
      .attempt(region, waiting.data, taken)
      .then(taken, (error: unknown) => this.#failed(region, id, waiting, error));
  }

  #failed(region: string, id: string, { data, policy, first, attempts }: Waiting<Data>, error: unknown): void {
    const { clock } = this.#core.region(region);
    const delay = Math.min(1000 * 2 ** (attempts - 1), 300_000) * (0.75 + 0.5 * this.#core.random.next());
    if (!this.#waiting(region).has(id)) return;
    const due = clock.now() + delay;
    const tooOld = due - first > 1000 * policy.maximumAgeSeconds;
    if (isPermanent(error) || attempts > policy.maximumAttempts || tooOld) {
      void this.#giveUp(region, id, data, error, attempts);
      return;
    }
    this.#waiting(region).update(id, (row) => ({ ...row, due }));
    this.#arm(region, id, delay);
  }

  async #giveUp(region: string, id: string, data: Data, error: unknown, attempts: number): Promise<void> {
    try {
      const taken = () => void this.#waiting(region).delete(id);
      await this.#kind.giveUp(region, data, error, { attempts, taken });
    } catch (second) {
      const text = 'a failed delivery could not be set aside';
      this.#core.log({ service: this.#service, region, text, error: second });
    } finally {
      this.#waiting(region).delete(id);
    }
  }
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
