/**
 * The pollers behind enabled mappings: each receives batches with the function's own role, runs the function on them, and deletes what
 * succeeded. Several batches at a time, as AWS does it: five at first, more while messages are left, never more than the mapping's
 * `MaximumConcurrency`. Source: Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings".
 */

import type { Message } from '@aws-sdk/client-sqs';
import { sleep } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { Principal, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { matches, parsePattern } from '../events/pattern.ts';
import { assumeRole } from '../events/role-session.ts';
import type { Invocations } from './invocations.ts';
import { functionKey } from './names.ts';
import { functionNamed, lambdaTables, type MappingRow } from './rows.ts';

/** Milliseconds of AWS time before a poller tries again after an error of the queue, the role or the function's capacity. */
const pause = 5000;
/** Batches at a time to begin with. AWS adds up to 300 in a minute, up to 1,000: more than this machine has hosts for. */
const firstLanes = 5;
const mostLanes = 8;
/** Milliseconds after which lanes are added, where messages are still there. */
const growsAfter = 60_000;
/** A role session is renewed this long before it lapses. */
const renewal = 300_000;

interface Poller {
  readonly region: string;
  readonly uuid: string;
  stopped: boolean;
  lanes: number;
  grewAt: number;
  session?: { readonly principal: Principal; readonly expires: number; readonly role: string };
  queueUrl?: string;
}

export class QueuePollers {
  readonly #core: SandboxCore;
  readonly #invocations: Invocations;
  readonly #pollers = new Map<string, Poller>();

  constructor(core: SandboxCore, invocations: Invocations) {
    this.#core = core;
    this.#invocations = invocations;
  }

  start(region: string, uuid: string): void {
    this.stop(region, uuid);
    const now = this.#core.region(region).clock.now();
    const poller: Poller = { region, uuid, stopped: false, lanes: 0, grewAt: now };
    this.#pollers.set(`${region}/${uuid}`, poller);
    const mapping = lambdaTables(this.#core, region).mappings.get(uuid);
    if (mapping !== undefined) this.#widen(poller, Math.min(firstLanes, mostOf(mapping)));
  }

  #widen(poller: Poller, lanes: number): void {
    poller.grewAt = this.#core.region(poller.region).clock.now();
    while (poller.lanes < lanes) {
      poller.lanes += 1;
      void this.#poll(poller);
    }
  }

  stop(region: string, uuid: string): void {
    const poller = this.#pollers.get(`${region}/${uuid}`);
    if (poller !== undefined) poller.stopped = true;
    this.#pollers.delete(`${region}/${uuid}`);
  }

  /** What pollers waited for in a Region that went dark never comes: they are replaced when it returns. */
  regionDark(region: string): void {
    for (const poller of this.#pollers.values()) if (poller.region === region) poller.stopped = true;
  }

  regionBack(region: string): void {
    for (const poller of this.#pollers.values()) {
      if (poller.region === region) this.#core.region(region).clock.after(0, () => this.start(region, poller.uuid));
    }
  }

  close(): void {
    for (const poller of this.#pollers.values()) poller.stopped = true;
  }

  async #poll(poller: Poller): Promise<void> {
    const { region, uuid } = poller;
    while (!poller.stopped) {
      const mapping = lambdaTables(this.#core, region).mappings.get(uuid);
      if (mapping === undefined) return;
      try {
        await this.#oneBatch(poller, mapping);
      } catch (error) {
        if (poller.stopped) return;
        this.#core.log({
          service: 'lambda',
          region,
          text: `poller of ${mapping.EventSourceArn}: ${codeOf(error)}: ${messageOf(error)}`,
        });
        await sleep(this.#core.region(region).clock, pause);
      }
    }
  }

  async #oneBatch(poller: Poller, mapping: MappingRow): Promise<void> {
    const received = await this.#receive(poller, mapping);
    if (received.length === 0) return;
    this.#grow(poller, mapping, received.length);
    const wanted = filterOf(mapping);
    const batch = received.filter(wanted);
    // What the filter turns away is done with, as on AWS.
    await this.#delete(
      poller,
      mapping,
      received.filter((message) => !batch.includes(message)),
    );
    if (batch.length === 0 || poller.stopped) return;
    const payload = JSON.stringify({ Records: batch.map((message) => recordOf(message, mapping, poller.region)) });
    const key = functionKey(mapping.FunctionArn);
    const outcome = await this.#invocations.run(poller.region, key, { payload, requestId: this.#core.ids.uuid() });
    const failed = outcome.functionError
      ? new Set(batch.map(({ MessageId }) => MessageId))
      : failedItems(mapping, batch, outcome.payload);
    await this.#delete(
      poller,
      mapping,
      batch.filter(({ MessageId }) => !failed.has(MessageId)),
    );
  }

  /** A full batch is a sign of more that wait. */
  #grow(poller: Poller, mapping: MappingRow, received: number): void {
    const { clock } = this.#core.region(poller.region);
    if (received < Math.min(10, mapping.BatchSize ?? 10) || clock.now() - poller.grewAt < growsAfter) return;
    this.#widen(poller, mostOf(mapping));
  }

  /** Up to a batch of messages: those there are, or what arrives in the batching window. */
  async #receive(poller: Poller, mapping: MappingRow): Promise<Message[]> {
    const { clock } = this.#core.region(poller.region);
    const size = mapping.BatchSize ?? 10;
    const window = 1000 * (mapping.MaximumBatchingWindowInSeconds ?? 0);
    const messages = await this.#ask(poller, mapping, Math.min(size, 10), 20);
    const until = clock.now() + window;
    while (messages.length > 0 && messages.length < size && clock.now() < until && !poller.stopped) {
      const wait = Math.min(20, Math.ceil((until - clock.now()) / 1000));
      messages.push(...(await this.#ask(poller, mapping, Math.min(size - messages.length, 10), wait)));
    }
    return messages;
  }

  async #ask(poller: Poller, mapping: MappingRow, most: number, waitSeconds: number): Promise<Message[]> {
    const { Messages = [] } = await this.#sqs<{ Messages?: Message[] }>(poller, mapping, 'ReceiveMessage', {
      MaxNumberOfMessages: most,
      WaitTimeSeconds: waitSeconds,
      AttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    return [...Messages];
  }

  async #delete(poller: Poller, mapping: MappingRow, messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages
        .slice(start, start + 10)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.#sqs(poller, mapping, 'DeleteMessageBatch', { Entries });
    }
  }

  async #sqs<Output>(poller: Poller, mapping: MappingRow, operation: string, input: object): Promise<Output> {
    const { region } = poller;
    const principal = await this.#session(
      poller,
      functionNamed(this.#core, region, mapping.functionName).role,
      mapping,
    );
    const QueueName = (mapping.EventSourceArn ?? '').split(':').at(-1);
    const sqs = { service: 'sqs', region } as const;
    poller.queueUrl ??= (
      await this.#core.invoke<{ QueueUrl: string }>({
        ...sqs,
        operation: 'GetQueueUrl',
        input: { QueueName },
        principal: this.#core.as('lambda'),
      })
    ).QueueUrl;
    return this.#core.invoke<Output>({ ...sqs, operation, input: { QueueUrl: poller.queueUrl, ...input }, principal });
  }

  async #session(poller: Poller, role: string, mapping: MappingRow): Promise<Principal> {
    const known = poller.session;
    if (known !== undefined && known.role === role && known.expires - renewal > this.#core.clock.now())
      return known.principal;
    const request = { service: 'lambda', region: poller.region, roleArn: role, sessionName: mapping.functionName };
    const { principal, expires } = await assumeRole(this.#core, request);
    poller.session = { principal, expires, role };
    return principal;
  }
}

const mostOf = ({ ScalingConfig }: MappingRow): number =>
  Math.min(mostLanes, ScalingConfig?.MaximumConcurrency ?? mostLanes);

/** Lambda's record of an SQS message. */
const recordOf = (message: Message, mapping: MappingRow, region: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue, BinaryValue, DataType }]) => [
      name,
      {
        ...(StringValue === undefined ? {} : { stringValue: StringValue }),
        ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
        dataType: DataType,
      },
    ]),
  ),
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: mapping.EventSourceArn,
  awsRegion: region,
});

/** With `ReportBatchItemFailures` the function names what failed; an answer it can't have meant fails the whole batch, as on AWS. */
function failedItems(mapping: MappingRow, batch: readonly Message[], payload: string): Set<string | undefined> {
  if (mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures') !== true) return new Set();
  const everything = new Set(batch.map(({ MessageId }) => MessageId));
  const answer = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const failures = answer?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return everything;
  const named = failures.map((failure: { itemIdentifier?: string } | null) => failure?.itemIdentifier);
  return named.every((id) => everything.has(id)) ? new Set(named) : everything;
}

function filterOf({ FilterCriteria }: MappingRow): (message: Message) => boolean {
  const patterns = (FilterCriteria?.Filters ?? []).map(({ Pattern = '{}' }) => parsePattern(Pattern));
  if (patterns.length === 0) return () => true;
  return (message) => {
    const event = { messageId: message.MessageId, attributes: message.Attributes, body: parsed(message.Body ?? '') };
    return patterns.some((pattern) => matches(pattern, event));
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
