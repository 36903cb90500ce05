/** One operation at work on one stack: its record, its events, and its calls as the stack's principal. */

import type { Principal, SandboxCore } from '../contract.ts';
import { noSuchStack } from './errors.ts';
import { withoutHidden } from './parameters.ts';
import type { ResponseEndpoint } from './response-endpoint.ts';
import type { Stack, StackEvent, StackResource, StackTables } from './stack.ts';
import { stackTables } from './stack.ts';

/** The type under which a stack reports on itself. */
const stackType = 'AWS::CloudFormation::Stack';

export interface RunOptions {
  readonly core: SandboxCore;
  readonly responses: ResponseEndpoint;
  readonly region: string;
  readonly stackId: string;
  readonly principal: Principal;
  readonly token?: string;
  /** Whether an earlier life of the sandbox began it. */
  readonly resumed?: boolean;
}

export class StackRun {
  readonly core: SandboxCore;
  readonly responses: ResponseEndpoint;
  readonly region: string;
  readonly stackId: string;
  readonly principal: Principal;
  readonly resumed: boolean;
  readonly #token: string | undefined;
  readonly #tables: StackTables;
  /** Why the resources at work should stop waiting: one of their kind has failed. */
  cancelled: string | undefined;
  rollingBack = false;

  constructor(options: RunOptions) {
    this.core = options.core;
    this.responses = options.responses;
    this.region = options.region;
    this.stackId = options.stackId;
    this.principal = options.principal;
    this.resumed = options.resumed ?? false;
    this.#token = options.token;
    this.#tables = stackTables(options.core, options.region);
  }

  get stack(): Stack {
    const stack = this.#tables.stacks.get(this.stackId);
    if (stack === undefined) throw noSuchStack(this.stackId);
    return stack;
  }

  get tables(): StackTables {
    return this.#tables;
  }

  now(): number {
    return this.core.region(this.region).clock.now();
  }

  change(patch: Partial<Stack>): void {
    this.#tables.stacks.update(this.stackId, (stack) => ({ ...stack, ...patch }));
  }

  /** Sets the stack's status and says so. */
  status(status: string, reason?: string): void {
    this.#tables.stacks.update(this.stackId, ({ statusReason: _previous, ...stack }) => ({
      ...stack,
      status,
      ...(reason === undefined ? {} : { statusReason: reason }),
    }));
    const { id, name } = this.stack;
    this.event({
      logicalId: name,
      physicalId: id,
      type: stackType,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Puts a resource's record and says so. */
  resource(resource: StackResource): void {
    this.keep(resource);
    const { logicalId, physicalId, type, status, statusReason, properties } = resource;
    this.event({
      logicalId,
      ...(physicalId === undefined ? {} : { physicalId }),
      type,
      status,
      ...(statusReason === undefined ? {} : { reason: statusReason }),
      properties: JSON.stringify(withoutHidden(properties, this.stack.content.parameters)),
    });
  }

  /** Puts a resource's record without an event. */
  keep(resource: StackResource): void {
    this.#tables.stacks.update(this.stackId, (stack) => ({
      ...stack,
      resources: { ...stack.resources, [resource.logicalId]: resource },
    }));
  }

  forget(logicalId: string): void {
    this.#tables.stacks.update(this.stackId, (stack) => {
      const { [logicalId]: _, ...resources } = stack.resources;
      return { ...stack, resources };
    });
  }

  event(event: Omit<StackEvent, 'id' | 'stackId' | 'stackName' | 'timestamp' | 'token'>): void {
    const { events, stacks } = this.#tables;
    const whole: StackEvent = {
      ...event,
      id: this.core.ids.uuid(),
      stackId: this.stackId,
      stackName: stacks.get(this.stackId)?.name ?? '',
      timestamp: this.now(),
      ...(this.#token === undefined ? {} : { token: this.#token }),
    };
    events.put(this.stackId, [...(events.get(this.stackId) ?? []), whole]);
  }
}
