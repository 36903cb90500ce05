/**
 * Asynchronous invocations: a queue in the function's Region, kept in a table until each event is dealt with. A failing function is
 * tried again after one minute and then two; a throttled one with growing pauses, until the event is too old. What is left over goes
 * to the failure destination or the dead-letter queue.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */

import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore, Table } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { parseArn } from '../events/arn.ts';
import { deliver } from '../events/deliver.ts';
import { assumeRole } from '../events/role-session.ts';
import { publishMetric } from '../monitoring/publish.ts';
import type { Invocations, Invoked } from './invocations.ts';
import type { FunctionKey } from './names.ts';
import { functionArn, functionNamed, lambdaTables, qualifiedKey } from './rows.ts';

interface AsyncEvent {
  readonly id: string;
  readonly key: FunctionKey;
  readonly payload: string;
  readonly clientContext?: string | undefined;
  readonly accepted: number;
  /** How often the function failed on it, and how often it was throttled. */
  readonly failures: number;
  readonly throttles: number;
  /** When it is tried again. */
  readonly due?: number;
  /** Once nothing is tried any more, and until everybody who is to hear of it has. */
  readonly ended?: Ended;
}

interface Ended {
  readonly condition: Condition;
  readonly outcome?: Invoked | undefined;
  /** How many have heard of it. */
  readonly told: number;
}

type Condition = 'RetriesExhausted' | 'EventAgeExceeded' | 'Success';

const defaults = { retries: 2, ageSeconds: 21_600 };

export class AsyncEvents {
  readonly #core: SandboxCore;
  readonly #invocations: Invocations;
  readonly #inFlight = new Set<string>();

  constructor(core: SandboxCore, invocations: Invocations) {
    this.#core = core;
    this.#invocations = invocations;
  }

  accept(
    region: string,
    key: FunctionKey,
    event: { id: string; payload: string; clientContext?: string | undefined },
  ): void {
    const accepted = this.#core.region(region).clock.now();
    this.#table(region).put(event.id, { ...event, key, accepted, failures: 0, throttles: 0 });
    this.#attempt(region, event.id);
  }

  /** What was running when the Region went dark runs again: delivery is at least once. */
  regionBack(region: string): void {
    for (const { id } of this.#table(region).values()) {
      if (!this.#inFlight.delete(`${region}/${id}`)) continue;
      this.#core.region(region).clock.after(0, () => this.#attempt(region, id));
    }
  }

  /** What an earlier life had accepted runs, or runs again, when its pause is over. */
  resume(): void {
    for (const region of this.#core.regions) {
      const { clock } = this.#core.region(region);
      for (const { id, due, ended } of this.#table(region).values()) {
        if (ended === undefined) clock.after(Math.max(0, (due ?? 0) - clock.now()), () => this.#attempt(region, id));
        else clock.after(0, () => void this.#report(region, id));
      }
    }
  }

  #table(region: string): Table<AsyncEvent> {
    return this.#core.table('lambda', region, 'async-events');
  }

  #attempt(region: string, id: string): void {
    const event = this.#table(region).get(id);
    if (event === undefined) return;
    this.#inFlight.add(`${region}/${id}`);
    this.#invocations
      .run(region, event.key, { payload: event.payload, requestId: id, clientContext: event.clientContext })
      .then(
        (outcome) => this.#ended(region, event, outcome),
        (error: unknown) => this.#notRun(region, event, error),
      )
      .catch((error: unknown) => {
        this.#core.log({
          service: 'lambda',
          region,
          text: `asynchronous event ${id} of ${event.key.name} was lost`,
          error,
        });
      });
  }

  async #ended(region: string, event: AsyncEvent, outcome: Invoked): Promise<void> {
    this.#inFlight.delete(`${region}/${event.id}`);
    if (!outcome.functionError) return this.#finish(region, event, 'Success', outcome);
    const config = lambdaTables(this.#core, region).eventConfigs.get(qualifiedKey(event.key));
    const failed = { ...event, failures: event.failures + 1 };
    if (event.failures >= (config?.MaximumRetryAttempts ?? defaults.retries)) {
      return this.#finish(region, failed, 'RetriesExhausted', outcome);
    }
    return this.#later(region, failed, 60_000 * failed.failures, outcome);
  }

  /** Throttled, or not there to be run. */
  async #notRun(region: string, event: AsyncEvent, error: unknown): Promise<void> {
    this.#inFlight.delete(`${region}/${event.id}`);
    if (codeOf(error) !== 'TooManyRequestsException' && codeOf(error) !== 'ResourceConflictException') {
      this.#table(region).delete(event.id);
      this.#core.log({ service: 'lambda', region, text: `event for ${event.key.name} dropped: ${messageOf(error)}` });
      return;
    }
    const throttled = { ...event, throttles: event.throttles + 1 };
    await this.#later(region, throttled, Math.min(1000 * 2 ** event.throttles, 300_000), undefined);
  }

  async #later(region: string, event: AsyncEvent, delay: number, outcome: Invoked | undefined): Promise<void> {
    const { clock } = this.#core.region(region);
    const config = lambdaTables(this.#core, region).eventConfigs.get(qualifiedKey(event.key));
    const age = 1000 * (config?.MaximumEventAgeInSeconds ?? defaults.ageSeconds);
    if (clock.now() + delay - event.accepted > age) return this.#finish(region, event, 'EventAgeExceeded', outcome);
    this.#table(region).put(event.id, { ...event, due: clock.now() + delay });
    clock.after(delay, () => this.#attempt(region, event.id));
  }

  async #finish(region: string, event: AsyncEvent, condition: Condition, outcome: Invoked | undefined): Promise<void> {
    this.#table(region).put(event.id, { ...event, ended: { condition, outcome, told: 0 } });
    await this.#report(region, event.id);
  }

  /** Tells the destination and the dead-letter queue how it ended, each once. */
  async #report(region: string, id: string): Promise<void> {
    const table = this.#table(region);
    const event = table.get(id);
    if (event?.ended === undefined) return;
    const { condition, outcome, told } = event.ended;
    try {
      const targets = this.#targets(region, event, condition, outcome);
      if (targets.length === 0 && condition !== 'Success') {
        publishMetric(this.#core, region, 'AWS/Lambda', 'AsyncEventsDropped', { FunctionName: event.key.name }, 1);
        const text = `asynchronous event ${id} of ${event.key.name} dropped: ${condition}`;
        this.#core.log({ service: 'lambda', region, text });
      }
      for (const [index, { target, payload }] of targets.entries()) {
        if (index < told) continue;
        const taken = () =>
          void table.update(id, (row) => ({ ...row, ended: { condition, outcome, told: index + 1 } }));
        await this.#send(region, event, target, payload, taken);
      }
    } catch (error) {
      this.#core.log({
        service: 'lambda',
        region,
        text: `the end of event ${id} of ${event.key.name} was lost`,
        error,
      });
    } finally {
      table.delete(id);
    }
  }

  #targets(
    region: string,
    event: AsyncEvent,
    condition: Condition,
    outcome: Invoked | undefined,
  ): { readonly target: string; readonly payload: string }[] {
    const config = lambdaTables(this.#core, region).eventConfigs.get(qualifiedKey(event.key));
    const { OnSuccess, OnFailure } = config?.DestinationConfig ?? {};
    const destination = (condition === 'Success' ? OnSuccess : OnFailure)?.Destination;
    const deadLetters =
      condition === 'Success' ? undefined : functionNamed(this.#core, region, event.key.name).deadLetterArn;
    return [
      ...(destination === undefined
        ? []
        : [{ target: destination, payload: this.#record(region, event, condition, outcome) }]),
      ...(deadLetters === undefined ? [] : [{ target: deadLetters, payload: event.payload }]),
    ];
  }

  async #send(
    region: string,
    event: AsyncEvent,
    destination: string,
    payload: string,
    taken: () => void,
  ): Promise<void> {
    const { role } = functionNamed(this.#core, region, event.key.name);
    const sourceArn = functionArn(this.#core, region, event.key);
    if (destination.includes(':event-bus/')) {
      const { principal } = await assumeRole(this.#core, {
        service: 'lambda',
        region,
        roleArn: role,
        sessionName: event.id,
      });
      const entry = {
        EventBusName: destination,
        Source: 'lambda',
        DetailType: 'Lambda Function Invocation Result',
        Detail: payload,
      };
      const to = parseArn(destination).region;
      await this.#core.invoke({
        service: 'events',
        operation: 'PutEvents',
        region: to,
        from: region,
        input: { Entries: [entry] },
        principal,
        onOutput: taken,
      });
      return;
    }
    await deliver(this.#core, {
      region,
      service: 'lambda',
      sourceArn,
      target: destination,
      roleArn: role,
      payload,
      id: event.id,
      taken,
    });
  }

  #record(region: string, event: AsyncEvent, condition: Condition, outcome: Invoked | undefined): string {
    const functionError = outcome?.functionError === true ? { functionError: 'Unhandled' } : {};
    return JSON.stringify({
      version: '1.0',
      timestamp: isoTime(this.#core.region(region).clock.now()),
      requestContext: {
        requestId: event.id,
        functionArn: functionArn(this.#core, region, {
          name: event.key.name,
          qualifier: event.key.qualifier ?? '$LATEST',
        }),
        condition,
        approximateInvokeCount: event.failures + (condition === 'Success' ? 1 : 0),
      },
      requestPayload: JSON.parse(event.payload) as unknown,
      ...(outcome === undefined
        ? {}
        : {
            responseContext: { statusCode: 200, executedVersion: outcome.version, ...functionError },
            responsePayload: JSON.parse(outcome.payload) as unknown,
          }),
    });
  }
}

/** Destinations and dead-letter targets the sandbox can reach. */
export const isPlayableDestination = (arn: string): boolean =>
  /^arn:aws:(sqs|sns|lambda):/.test(arn) || arn.includes(':event-bus/');
